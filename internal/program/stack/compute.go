package stack

import (
	"errors"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/delivery"
	"stagecraft/components/parameters"
	"stagecraft/components/web"
)

// configure tells the service what it must know of the other tiers.
func (d *deployment) configure() (err error) {
	if d.domain != nil {
		// Servers read it when they are released to: it must be there before the page comes from elsewhere.
		d.variables["ALLOWED_ORIGINS"] = pulumi.String("https://" + d.settings.Domain.Name)
	}
	d.configuration, err = parameters.New(d.ctx, "configuration", &parameters.Args{
		Values: d.variables,
		Tags:   d.tags("configuration"),
	})
	return err
}

// serve makes the web tier, where the stage has one.
func (d *deployment) serve() (err error) {
	if !d.topology.Web() {
		return nil
	}
	args := &web.Args{
		VpcID:                   d.network.VpcID,
		SubnetIDs:               d.network.PrivateSubnetIDs,
		InstanceType:            d.settings.Web.InstanceType,
		VolumeGiB:               d.settings.Web.VolumeGiB,
		DatabaseSecurityGroupID: d.database.SecurityGroupID,
		DatabaseSecretArn:       d.database.SecretArn,
		PatchGroup:              d.fleet.PatchGroup,
		LogRetentionDays:        d.settings.LogRetentionDays,
		Region:                  d.place.region,
		AlarmTopicArn:           d.topic.Arn,
		Tags:                    d.tags("web"),
	}
	if d.cache != nil {
		args.CacheSecurityGroupID, args.Permissions = d.cache.SecurityGroupID, d.cache.Access()
	}
	if d.settings.Delivery.Repository != "" {
		args.Setup = []string{delivery.AgentScript()}
	}
	if d.topology.PublicInstance {
		args.Public = &web.Public{SubnetIDs: d.network.PublicSubnetIDs}
		if d.domain != nil {
			args.Public.Domain, args.Public.Email = d.settings.Domain.Name, d.settings.Alarms.Email
		}
	}
	if spread := d.topology.Instances; spread.Zones > 0 {
		args.Placement = &web.Placement{Zones: spread.Zones, PerZone: spread.PerZone}
	}
	if d.topology.ScalingGroup {
		args.Group = d.scale()
	}
	if d.web, err = web.New(d.ctx, "web", args); err != nil {
		return err
	}
	d.serving = append(d.serving, d.web.Serving...)
	if err := d.attach(); err != nil {
		return err
	}
	d.service = append(d.service, d.web.Alarms...)
	return d.show("Web", d.web.Alarms)
}

// scale has the load balancer's traffic say how many web servers there are.
func (d *deployment) scale() *web.Group {
	size := d.settings.Web
	return &web.Group{
		Min:                 size.MinInstances,
		Max:                 size.MaxInstances,
		TargetRequests:      size.TargetRequests,
		TargetCPU:           size.TargetCPUPercent,
		TargetGroupArn:      d.balancer.TargetGroupArn,
		ResourceLabel:       d.balancer.ResourceLabel,
		DeregistrationDelay: d.balancer.DeregistrationDelay,
		ScheduledMinimum:    size.ScheduledMinimum,
		After:               d.balancer.Public.Serving,
	}
}

// attach opens the ways to and from the web tier: to its data, and from the load balancer, if there is one.
func (d *deployment) attach() error {
	err := d.database.Allow(d.ctx, "web", d.web.SecurityGroupID)
	if d.cache != nil {
		err = errors.Join(err, d.cache.Allow(d.ctx, "web", d.web.SecurityGroupID))
	}
	if !d.topology.PublicLoadBalancer {
		return err
	}
	err = errors.Join(
		err,
		d.balancer.AllowTargets(d.ctx, "targets", web.Port, d.web.SecurityGroupID),
		d.web.AllowFrom(d.ctx, "loadbalancer", d.balancer.SecurityGroupID),
	)
	for _, instance := range d.web.Instances {
		attachment, failed := d.balancer.Attach(d.ctx, instance.Name, instance.ID)
		d.balancer.Public.Serving, err = append(d.balancer.Public.Serving, attachment), errors.Join(err, failed)
	}
	d.serving = append(d.serving, d.balancer.Public.Serving...)
	for _, instance := range d.web.Instances {
		inService, failed := d.web.AwaitService(d.ctx, instance, d.balancer.TargetGroupArn, d.balancer.Public.Serving)
		d.serving, err = append(d.serving, inService), errors.Join(err, failed)
	}
	return err
}
