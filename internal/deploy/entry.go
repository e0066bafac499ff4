package deploy

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/domain"
	"stagecraft/components/loadbalancer"
	"stagecraft/components/web"
)

// name readies the public name, if there is one. Only a load balancer can hold its certificate.
func (d *deployment) name() (err error) {
	if d.settings.Domain.Name == "" {
		return nil
	}
	d.domain, err = domain.New(d.ctx, "domain", &domain.Args{
		Name:          d.settings.Domain.Name,
		ZoneID:        d.place.hostedZoneID,
		Certificate:   d.topology.LoadBalancer,
		AlarmTopicArn: d.topic.Arn,
		Tags:          d.tags("domain"),
	})
	if err != nil || len(d.domain.Alarms) == 0 {
		return err
	}
	return d.show("Domain", d.domain.Alarms)
}

// enter makes the load balancer, which has no targets yet.
func (d *deployment) enter() (err error) {
	if !d.topology.LoadBalancer {
		return nil
	}
	args := &loadbalancer.Args{
		AccountID:              d.place.account,
		VpcID:                  d.network.VpcID,
		SubnetIDs:              d.network.PublicSubnetIDs,
		TargetPort:             web.Port,
		HealthCheckPath:        web.HealthPath,
		AccessLogRetentionDays: d.settings.LogRetentionDays,
		Ephemeral:              d.settings.Ephemeral,
		AlarmTopicArn:          d.topic.Arn,
		Tags:                   d.tags("loadbalancer"),
	}
	if d.domain != nil {
		args.CertificateArn = d.domain.CertificateArn
	}
	if d.balancer, err = loadbalancer.New(d.ctx, "loadbalancer", args); err != nil {
		return err
	}
	d.service = append(d.service, d.balancer.Alarms...)
	return d.show("Load balancer", d.balancer.Alarms)
}

// point leads users to what serves, and exports where that is.
func (d *deployment) point() error {
	switch {
	case d.balancer == nil && d.domain == nil:
		d.ctx.Export("url", d.web.URL)
		return nil
	case d.balancer == nil:
		d.ctx.Export("url", d.web.URL)
		return d.domain.PointToAddress(d.ctx, d.web.Address)
	case d.domain == nil:
		d.ctx.Export("url", d.balancer.URL)
		return nil
	default:
		d.ctx.Export("url", pulumi.String(d.domain.URL))
		return d.domain.PointToLoadBalancer(
			d.ctx, d.balancer.DNSName, d.balancer.ZoneID, pulumi.DependsOn(d.balancer.Serving))
	}
}
