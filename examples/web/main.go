// Command web is a Pulumi program that creates web servers in an auto-scaling group behind a load balancer.
package main

import (
	"net/netip"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"

	"stagecraft/components/loadbalancer"
	"stagecraft/components/network"
	"stagecraft/components/observability"
	"stagecraft/components/web"
)

const logRetentionDays = 30

func main() { pulumi.Run(declare) }

func declare(ctx *pulumi.Context) error {
	account, err := aws.GetCallerIdentity(ctx, nil)
	if err != nil {
		return err
	}
	region, err := aws.GetRegion(ctx, nil)
	if err != nil {
		return err
	}
	zones, err := aws.GetAvailabilityZones(ctx, &aws.GetAvailabilityZonesArgs{
		Filters: []aws.GetAvailabilityZonesFilter{{Name: "opt-in-status", Values: []string{"opt-in-not-required"}}},
	})
	if err != nil {
		return err
	}
	tags := pulumi.ToStringMap(map[string]string{"Project": ctx.Project(), "Stack": ctx.Stack()})

	topic, err := observability.NewAlarmTopic(ctx, "alarms", &observability.AlarmTopicArgs{
		Email:     config.Require(ctx, "alarmEmail"),
		AccountID: account.AccountId,
		Tags:      tags,
	})
	if err != nil {
		return err
	}
	net, err := network.New(ctx, "network", &network.Args{
		CIDR:              netip.MustParsePrefix("10.0.0.0/16"),
		Region:            region.Name,
		AvailabilityZones: zones.Names[:2],
		NAT:               network.SingleNAT,
		LogRetentionDays:  logRetentionDays,
		AlarmTopicArn:     topic.Arn,
		Tags:              tags,
	})
	if err != nil {
		return err
	}
	balancer, err := loadbalancer.New(ctx, "loadbalancer", &loadbalancer.Args{
		AccountID:              account.AccountId,
		VpcID:                  net.VpcID,
		SubnetIDs:              net.PublicSubnetIDs,
		Public:                 &loadbalancer.Listener{}, // plain HTTP: set CertificateArn for HTTPS
		Targets:                &loadbalancer.Targets{Port: web.Port, HealthCheckPath: web.HealthPath},
		AccessLogRetentionDays: logRetentionDays,
		AlarmTopicArn:          topic.Arn,
		Tags:                   tags,
	})
	if err != nil {
		return err
	}
	servers, err := web.New(ctx, "web", &web.Args{
		VpcID:        net.VpcID,
		SubnetIDs:    net.PrivateSubnetIDs,
		InstanceType: "t4g.small",
		VolumeGiB:    20,
		Group: &web.Group{
			Min:                 2,
			Max:                 6,
			TargetRequests:      1000,
			TargetCPU:           50,
			TargetGroupArn:      balancer.TargetGroupArn,
			ResourceLabel:       balancer.ResourceLabel,
			DeregistrationDelay: balancer.DeregistrationDelay,
			After:               balancer.Public.Serving,
		},
		PatchGroup:       ctx.Project() + "-" + ctx.Stack(),
		LogRetentionDays: logRetentionDays,
		Region:           region.Name,
		AlarmTopicArn:    topic.Arn,
		Tags:             tags,
	})
	if err != nil {
		return err
	}
	if err := balancer.AllowTargets(ctx, "web", web.Port, servers.SecurityGroupID); err != nil {
		return err
	}
	if err := servers.AllowFrom(ctx, "loadbalancer", balancer.SecurityGroupID); err != nil {
		return err
	}
	ctx.Export("url", balancer.URL)
	return nil
}
