package deploy

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/domain"
	"stagecraft/components/loadbalancer"
	"stagecraft/components/origin"
	"stagecraft/components/web"
)

// edge is where CloudFront answers.
type edge struct {
	// domainName and hostedZoneID are what an alias record points at, and url is where it answers without a domain.
	domainName, hostedZoneID, url pulumi.StringOutput
	// serving is what must exist before users come.
	serving []pulumi.Resource
}

// name readies the public names, if there are any: the service's own and, beside a page that comes from elsewhere, the
// API's. Only load balancers and CloudFront can hold their certificates. The name keeps its certificate at the load
// balancer as long as that is public: for some time after it has moved, clients still come the old way.
func (d *deployment) name() (err error) {
	if d.settings.Domain.Name == "" {
		return nil
	}
	args := &domain.Args{
		Name:          d.settings.Domain.Name,
		ZoneID:        d.place.hostedZoneID,
		Certificate:   d.topology.LoadBalancer && !d.topology.EdgeOnly,
		AlarmTopicArn: d.topic.Arn,
		Tags:          d.tags("domain"),
	}
	if d.topology.Frontend {
		args.Distribution = &d.global
	}
	if d.domain, err = domain.New(d.ctx, "domain", args); err != nil {
		return err
	}
	alarms := d.domain.Alarms
	if d.topology.Frontend {
		d.api, err = domain.New(d.ctx, "domain-api", &domain.Args{
			Name:          d.apiName(),
			ZoneID:        d.place.hostedZoneID,
			Certificate:   true,
			AlarmTopicArn: d.topic.Arn,
			Tags:          d.tags("domain"),
		})
		if err != nil {
			return err
		}
		alarms = append(alarms, d.api.Alarms...)
	}
	if len(d.domain.GlobalAlarms) > 0 {
		d.showGlobally("Domain at CloudFront", d.domain.GlobalAlarms)
	}
	if len(alarms) == 0 {
		return nil
	}
	return d.show("Domain", alarms)
}

// apiName is the API's own name, where the page comes from elsewhere.
func (d *deployment) apiName() string { return "api." + d.settings.Domain.Name }

// enter makes the load balancer, which has no targets yet.
func (d *deployment) enter() (err error) {
	if !d.topology.LoadBalancer {
		return nil
	}
	args := &loadbalancer.Args{
		AccountID:              d.place.account,
		VpcID:                  d.network.VpcID,
		SubnetIDs:              d.network.PublicSubnetIDs,
		CloudFrontOnly:         d.topology.EdgeOnly,
		AccessLogRetentionDays: d.settings.LogRetentionDays,
		Ephemeral:              d.settings.Ephemeral,
		AlarmTopicArn:          d.topic.Arn,
		Tags:                   d.tags("loadbalancer"),
	}
	if d.topology.Web.Zones > 0 {
		args.Targets = &loadbalancer.Targets{Port: web.Port, HealthCheckPath: web.HealthPath}
	}
	d.certify(args)
	if d.balancer, err = loadbalancer.New(d.ctx, "loadbalancer", args); err != nil {
		return err
	}
	d.service = append(d.service, d.balancer.Alarms...)
	if err := d.show("Load balancer", d.balancer.Alarms); err != nil || !d.topology.EdgeOnly {
		return err
	}
	d.origin, err = origin.New(d.ctx, "origin", &origin.Args{
		Version:   d.settings.Entry.OriginSecretVersion,
		Ephemeral: d.settings.Ephemeral,
		Tags:      d.tags("loadbalancer"),
	})
	return err
}

// certify gives the load balancer the certificates of the names that lead to it.
func (d *deployment) certify(args *loadbalancer.Args) {
	switch {
	case d.api == nil && d.domain == nil:
	case d.api == nil:
		args.CertificateArn = d.domain.CertificateArn
	case d.domain.CertificateArn == nil:
		args.CertificateArn = d.api.CertificateArn
	default:
		args.CertificateArn = d.domain.CertificateArn
		args.OtherCertificateArns = map[string]pulumi.StringInput{"api": d.api.CertificateArn}
	}
}

// point leads users to what serves, and exports where that is.
func (d *deployment) point() error {
	if err := d.pointAPI(); err != nil {
		return err
	}
	switch {
	case d.domain == nil:
		d.ctx.Export("url", d.url())
		return nil
	case d.edge != nil:
		d.ctx.Export("url", pulumi.String(d.domain.URL))
		return d.domain.PointToDistribution(
			d.ctx, d.edge.domainName, d.edge.hostedZoneID, pulumi.DependsOn(d.edge.serving))
	case d.balancer != nil:
		d.ctx.Export("url", pulumi.String(d.domain.URL))
		return d.domain.PointToLoadBalancer(
			d.ctx, d.balancer.DNSName, d.balancer.ZoneID, pulumi.DependsOn(d.balancer.Serving))
	default:
		d.ctx.Export("url", d.web.URL)
		return d.domain.PointToAddress(d.ctx, d.web.Address)
	}
}

// pointAPI leads the API's name, if it has one, to the load balancer: users where it is public, else CloudFront.
func (d *deployment) pointAPI() error {
	if d.api == nil {
		return nil
	}
	return d.api.PointToLoadBalancer(d.ctx, d.balancer.DNSName, d.balancer.ZoneID, pulumi.DependsOn(d.balancer.Serving))
}

// url is where the service answers without a domain.
func (d *deployment) url() pulumi.StringInput {
	switch {
	case d.edge != nil:
		return d.edge.url
	case d.balancer != nil:
		return d.balancer.URL
	default:
		return d.web.URL
	}
}
