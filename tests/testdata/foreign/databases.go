package main

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/elasticache"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// databases are a database with a replica to read from, and a cache beside them, in the default VPC.
func databases(ctx *pulumi.Context) error {
	primary, err := rds.NewInstance(ctx, "primary", &rds.InstanceArgs{
		Engine: pulumi.String("mysql"), EngineVersion: pulumi.String("8.0"), InstanceClass: pulumi.String("db.t3.micro"),
		AllocatedStorage: pulumi.Int(20), DbName: pulumi.String("app"),
		Username: pulumi.String("admin"), Password: pulumi.String("correct-horse-battery"),
		BackupRetentionPeriod: pulumi.Int(1), SkipFinalSnapshot: pulumi.Bool(true),
	})
	if err != nil {
		return err
	}
	replica, err := rds.NewInstance(ctx, "replica", &rds.InstanceArgs{
		ReplicateSourceDb: primary.Identifier, InstanceClass: pulumi.String("db.t3.micro"), SkipFinalSnapshot: pulumi.Bool(true),
	})
	if err != nil {
		return err
	}
	cache, err := elasticache.NewCluster(ctx, "cache", &elasticache.ClusterArgs{
		Engine: pulumi.String("redis"), NodeType: pulumi.String("cache.t3.micro"), NumCacheNodes: pulumi.Int(1),
	})
	if err != nil {
		return err
	}
	ctx.Export("write", primary.Endpoint)
	ctx.Export("read", replica.Endpoint)
	ctx.Export("cache", cache.CacheNodes)
	return nil
}
