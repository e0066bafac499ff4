package stack

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/domain"
	"stagecraft/components/loadbalancer"
	"stagecraft/components/originsecret"
	"stagecraft/components/web"
	"stagecraft/internal/program/stage"
)

// edge is where CloudFront answers.
type edge struct {
	// domainName and hostedZoneID are what an alias record points at.
	domainName, hostedZoneID pulumi.StringOutput
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
		Certificate:   d.topology.PublicLoadBalancer,
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
	if !d.topology.LoadBalancer() {
		return nil
	}
	args := &loadbalancer.Args{
		AccountID:              d.place.account,
		VpcID:                  d.network.VpcID,
		SubnetIDs:              d.network.PublicSubnetIDs,
		AccessLogRetentionDays: d.settings.LogRetentionDays,
		Unprotected:            !d.goal.LoadBalancer(),
		Ephemeral:              d.settings.Ephemeral,
		AlarmTopicArn:          d.topic.Arn,
		Tags:                   d.tags("loadbalancer"),
	}
	if d.topology.PublicLoadBalancer {
		args.Public = d.publicListener()
		args.Targets = &loadbalancer.Targets{Port: web.Port, HealthCheckPath: web.HealthPath}
	}
	if d.topology.EdgeLoadBalancer {
		args.CloudFront = &loadbalancer.Listener{}
		if d.api != nil {
			args.CloudFront.CertificateArn = d.api.CertificateArn
		}
	}
	if d.balancer, err = loadbalancer.New(d.ctx, "loadbalancer", args); err != nil {
		return err
	}
	d.service = append(d.service, d.balancer.Alarms...)
	if err := d.show("Load balancer", d.balancer.Alarms); err != nil || !d.topology.EdgeLoadBalancer {
		return err
	}
	d.origin, err = originsecret.New(d.ctx, "origin", &originsecret.Args{
		Version:   d.settings.Entry.OriginSecretVersion,
		Ephemeral: d.settings.Ephemeral,
		Tags:      d.tags("loadbalancer"),
	})
	return err
}

// publicListener has the certificates of the names that lead to it.
func (d *deployment) publicListener() *loadbalancer.Listener {
	listener := &loadbalancer.Listener{}
	if d.domain != nil {
		listener.CertificateArn = d.domain.CertificateArn
	}
	if d.api != nil {
		listener.OtherCertificateArns = map[string]pulumi.StringInput{"api": d.api.CertificateArn}
	}
	return listener
}

// point leads users to what serves, and exports where that is, and where the kept stage answers.
func (d *deployment) point() error {
	if d.kept.Entry != d.goal.Entry {
		d.ctx.Export("keptUrl", d.reachable(d.kept.Entry))
	}
	if err := d.pointAPI(); err != nil {
		return err
	}
	if d.domain == nil {
		d.ctx.Export("url", d.reachable(d.goal.Entry))
		return nil
	}
	served := pulumi.DependsOn(d.serving)
	if d.goal.Entry == stage.EntryInstance {
		d.ctx.Export("url", d.web.URL)
		return d.domain.PointToAddress(d.ctx, d.web.Address, served)
	}
	d.ctx.Export("url", pulumi.String(d.domain.URL))
	if d.goal.Entry == stage.EntryLoadBalancer {
		_, err := d.domain.PointToLoadBalancer(d.ctx, d.balancer.DNSName, d.balancer.ZoneID, served)
		return err
	}
	return d.domain.PointToDistribution(d.ctx, d.edge.domainName, d.edge.hostedZoneID, served)
}

// pointAPI leads the API's name, if it has one, to the load balancer: users where it is public, else CloudFront.
func (d *deployment) pointAPI() error {
	if d.api == nil {
		return nil
	}
	var answering []pulumi.Resource
	for _, listener := range []*loadbalancer.ListenerOutput{d.balancer.Public, d.balancer.CloudFront} {
		if listener != nil {
			answering = append(answering, listener.Serving...)
		}
	}
	record, err := d.api.PointToLoadBalancer(d.ctx, d.balancer.DNSName, d.balancer.ZoneID, pulumi.DependsOn(answering))
	d.serving = append(d.serving, record)
	return err
}

// reachable is where an entry answers by itself, whatever name leads there.
func (d *deployment) reachable(entry stage.Entry) pulumi.StringInput {
	switch entry {
	case stage.EntryInstance:
		return pulumi.Sprintf("http://%s", d.web.Address)
	case stage.EntryLoadBalancer:
		return d.balancer.URL
	default:
		return pulumi.Sprintf("https://%s", d.edge.domainName)
	}
}
