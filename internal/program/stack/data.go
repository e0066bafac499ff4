package stack

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/cache"
	"stagecraft/components/database"
	"stagecraft/components/network"
	"stagecraft/internal/program/stage"
)

// lay makes the network.
func (d *deployment) lay() (err error) {
	d.network, err = network.New(d.ctx, "network", &network.Args{
		CIDR:              d.settings.Network.CIDR,
		Region:            d.place.region,
		AvailabilityZones: d.place.zones,
		NAT:               d.nat(),
		LogRetentionDays:  d.settings.LogRetentionDays,
		AlarmTopicArn:     d.topic.Arn,
		Tags:              d.tags("network"),
	})
	if err != nil {
		return err
	}
	return d.show("Network", d.network.Alarms)
}

// nat is the stage's own, unless the settings save gateways and their Elastic IPs.
func (d *deployment) nat() network.NAT {
	if d.settings.Network.SingleNAT && d.topology.NAT == stage.NATPerZone {
		return network.SingleNAT
	}
	return network.NAT(d.topology.NAT)
}

// store makes the database.
func (d *deployment) store() (err error) {
	size := d.settings.Database
	d.database, err = database.New(d.ctx, "database", &database.Args{
		AccountID:           d.place.account,
		Region:              d.place.region,
		VpcID:               d.network.VpcID,
		SubnetIDs:           d.network.IsolatedSubnetIDs,
		InstanceClass:       size.InstanceClass,
		EngineVersion:       size.EngineVersion,
		StorageGiB:          size.StorageGiB,
		MaxStorageGiB:       size.MaxStorageGiB,
		MaxConnections:      size.MaxConnections,
		MultiAZ:             d.topology.StandbyDatabase,
		ReplicaZones:        d.topology.ReplicaZones,
		AvailabilityZones:   d.place.zones,
		ReplicaClass:        size.ReplicaClass,
		BackupRetentionDays: size.BackupRetentionDays,
		LogRetentionDays:    d.settings.LogRetentionDays,
		ApplyImmediately:    size.ApplyImmediately,
		Ephemeral:           d.settings.Ephemeral,
		AlarmTopicArn:       d.topic.Arn,
		Tags:                d.tags("database"),
	})
	if err != nil {
		return err
	}
	d.variables["DATABASE_WRITER"] = d.database.Endpoint
	d.variables["DATABASE_READER"] = d.database.Reader
	d.variables["DATABASE_NAME"] = pulumi.String(database.Name)
	d.variables["DATABASE_SECRET_ARN"] = d.database.SecretArn
	d.ctx.Export("databaseEndpoint", d.database.Endpoint)
	d.ctx.Export("databaseReader", d.database.Reader)
	d.ctx.Export("databaseReplicaEndpoints", d.database.ReplicaEndpoints)
	d.ctx.Export("databaseSecretArn", d.database.SecretArn)
	d.service = append(d.service, d.database.WriterAlarms...)
	return d.show("Database", d.database.Alarms)
}

// accelerate makes the cache before the database.
func (d *deployment) accelerate() (err error) {
	if !d.topology.Cache {
		return nil
	}
	d.cache, err = cache.New(d.ctx, "cache", &cache.Args{
		VpcID:            d.network.VpcID,
		SubnetIDs:        d.network.IsolatedSubnetIDs,
		NodeType:         d.settings.Cache.NodeType,
		SnapshotDays:     d.settings.Cache.SnapshotDays,
		LogRetentionDays: d.settings.LogRetentionDays,
		Ephemeral:        d.settings.Ephemeral || !d.goal.Cache,
		AlarmTopicArn:    d.topic.Arn,
		Tags:             d.tags("cache"),
	})
	if err != nil {
		return err
	}
	d.variables["CACHE_ENDPOINT"] = d.cache.Endpoint
	d.variables["CACHE_NAME"] = d.cache.ReplicationGroupID
	d.variables["CACHE_USER"] = d.cache.UserName
	d.ctx.Export("cacheEndpoint", d.cache.Endpoint)
	// Its alarms are none of the service's: without a cache, the database answers.
	return d.show("Cache", d.cache.Alarms)
}
