// Command service is a Pulumi program that runs one container service on Fargate behind a load balancer.
package main

import (
	"net/netip"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"

	"stagecraft/components/loadbalancer"
	"stagecraft/components/network"
	"stagecraft/components/observability"
	"stagecraft/components/services"
)

const (
	image            = "public.ecr.aws/nginx/nginx-unprivileged:1.28-alpine"
	logRetentionDays = 30
)

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
		AccessLogRetentionDays: logRetentionDays,
		AlarmTopicArn:          topic.Arn,
		Tags:                   tags,
	})
	if err != nil {
		return err
	}
	cluster, err := services.NewCluster(ctx, "services", &services.ClusterArgs{
		LogRetentionDays: logRetentionDays,
		Tags:             tags,
	})
	if err != nil {
		return err
	}
	service, err := services.New(ctx, "hello", &services.Args{
		Cluster:   cluster,
		AccountID: account.AccountId,
		Region:    region.Name,
		VpcID:     net.VpcID,
		SubnetIDs: net.PrivateSubnetIDs,
		Image:     image,
		CPU:       256,
		MemoryMiB: 512,
		Route: services.Route{
			ListenerArn:     balancer.Public.Arn,
			ArnSuffix:       balancer.ArnSuffix,
			SecurityGroupID: balancer.SecurityGroupID,
			Paths:           []string{"/*"},
		},
		Scaling:          services.Scaling{Min: 2, Max: 6, Signal: services.CPU, Target: 60},
		LogRetentionDays: logRetentionDays,
		AlarmTopicArn:    topic.Arn,
		Tags:             tags,
	})
	if err != nil {
		return err
	}
	ctx.Export("url", balancer.URL)
	ctx.Export("repository", service.RepositoryURL)
	return nil
}
