// Command database is a Pulumi program that creates a network and a PostgreSQL database in its isolated subnets.
package main

import (
	"net/netip"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"

	"stagecraft/components/database"
	"stagecraft/components/network"
	"stagecraft/components/observability"
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
		NAT:               network.NoNAT,
		LogRetentionDays:  logRetentionDays,
		AlarmTopicArn:     topic.Arn,
		Tags:              tags,
	})
	if err != nil {
		return err
	}
	db, err := database.New(ctx, "database", &database.Args{
		AccountID:           account.AccountId,
		Region:              region.Name,
		VpcID:               net.VpcID,
		SubnetIDs:           net.IsolatedSubnetIDs,
		InstanceClass:       "db.t4g.small",
		EngineVersion:       "17",
		StorageGiB:          20,
		MaxStorageGiB:       100,
		MaxConnections:      200,
		MultiAZ:             true,
		BackupRetentionDays: 7,
		LogRetentionDays:    logRetentionDays,
		AlarmTopicArn:       topic.Arn,
		Tags:                tags,
	})
	if err != nil {
		return err
	}
	ctx.Export("endpoint", db.Endpoint)
	ctx.Export("secretArn", db.SecretArn)
	return nil
}
