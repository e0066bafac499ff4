package stack

import (
	"errors"
	"maps"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/cache"
	"stagecraft/components/database"
)

// dataStores are the relational database and the cache; cache is nil where the stage has none.
type dataStores struct {
	database *database.Database
	cache    *cache.Cache
}

func newDataStores(ctx *pulumi.Context, in inputs, base foundation) (data dataStores, err error) {
	if data.database, err = newDatabase(ctx, in, base); err != nil {
		return data, err
	}
	data.cache, err = newCache(ctx, in, base)
	return data, err
}

func newDatabase(ctx *pulumi.Context, in inputs, base foundation) (*database.Database, error) {
	size := in.settings.Database
	return database.New(ctx, "database", &database.Args{
		AccountID:           in.account,
		Region:              in.region,
		VpcID:               base.network.VpcID,
		SubnetIDs:           base.network.IsolatedSubnetIDs,
		InstanceClass:       size.InstanceClass,
		EngineVersion:       size.EngineVersion,
		StorageGiB:          size.StorageGiB,
		MaxStorageGiB:       size.MaxStorageGiB,
		MaxConnections:      size.MaxConnections,
		MultiAZ:             in.topology.StandbyDatabase,
		ReplicaZones:        in.topology.ReplicaZones,
		AvailabilityZones:   in.zones,
		ReplicaClass:        size.ReplicaClass,
		BackupRetentionDays: size.BackupRetentionDays,
		LogRetentionDays:    in.settings.LogRetentionDays,
		ApplyImmediately:    size.ApplyImmediately,
		Ephemeral:           in.settings.Ephemeral,
		KmsKeyArn:           base.keyArn(),
		AlarmTopicArn:       base.topic.Arn,
		Tags:                in.tags("database"),
	})
}

// newCache declares the cache before the database, or returns nil where the stage has none.
func newCache(ctx *pulumi.Context, in inputs, base foundation) (*cache.Cache, error) {
	if !in.topology.Cache {
		return nil, nil
	}
	return cache.New(ctx, "cache", &cache.Args{
		VpcID:            base.network.VpcID,
		SubnetIDs:        base.network.IsolatedSubnetIDs,
		NodeType:         in.settings.Cache.NodeType,
		SnapshotDays:     in.settings.Cache.SnapshotDays,
		LogRetentionDays: in.settings.LogRetentionDays,
		Ephemeral:        in.settings.Ephemeral || !in.goal.Cache,
		KmsKeyArn:        base.keyArn(),
		AlarmTopicArn:    base.topic.Arn,
		Tags:             in.tags("cache"),
	})
}

// variables returns the environment variables by which a service finds its data stores, by name.
func (d dataStores) variables() map[string]pulumi.StringInput {
	variables := map[string]pulumi.StringInput{
		"DATABASE_WRITER":     d.database.Endpoint,
		"DATABASE_READER":     d.database.Reader,
		"DATABASE_NAME":       pulumi.String(database.Name),
		"DATABASE_SECRET_ARN": d.database.SecretArn,
	}
	if d.cache != nil {
		maps.Copy(variables, map[string]pulumi.StringInput{
			"CACHE_ENDPOINT": d.cache.Endpoint,
			"CACHE_NAME":     d.cache.ReplicationGroupID,
			"CACHE_USER":     d.cache.UserName,
		})
	}
	return variables
}

// allow lets a client's security group connect to the data stores that it uses.
func (d dataStores) allow(
	ctx *pulumi.Context, client string, securityGroupID pulumi.StringInput, usesDatabase, usesCache bool,
) error {
	var errs []error
	if usesDatabase {
		errs = append(errs, d.database.Allow(ctx, client, securityGroupID))
	}
	if usesCache && d.cache != nil {
		errs = append(errs, d.cache.Allow(ctx, client, securityGroupID))
	}
	return errors.Join(errs...)
}
