package impact

import "github.com/pulumi/pulumi/sdk/v3/go/common/tokens"

const cacheScaling = "Amazon ElastiCache User Guide, Online vertical scaling by modifying node type"

var cacheFacts = map[tokens.Type][]fact{
	"aws:elasticache/replicationGroup:ReplicationGroup": {
		{
			Ops:        []Op{Update},
			Properties: []string{"nodeType"},
			Level:      Brief,
			Lasts:      "seconds",
			Reason:     "AWS synchronizes new nodes and switches to them; connections to the old ones break",
			Source:     cacheScaling,
		},
		{
			Ops:        []Op{Update},
			Properties: []string{"engineVersion", "engine"},
			Condition:  equals("automaticFailoverEnabled", true),
			Level:      Brief,
			Lasts:      "seconds",
			Reason:     "AWS upgrades the replicas and fails over to one",
			Source:     "Amazon ElastiCache User Guide, Upgrading engine versions",
		},
		{
			Ops:        []Op{Update},
			Properties: []string{"engineVersion", "engine"},
			Level:      Minutes,
			Lasts:      "some minutes",
			Reason:     "without a replica the cache does not answer during the upgrade",
			Source:     "Amazon ElastiCache User Guide, Upgrading engine versions",
		},
		{
			Ops: []Op{Update},
			Properties: []string{
				"applyImmediately", "automaticFailoverEnabled", "autoMinorVersionUpgrade", "description", "finalSnapshotIdentifier",
				"logDeliveryConfigurations", "maintenanceWindow", "multiAzEnabled", "notificationTopicArn", "numCacheClusters",
				"parameterGroupName", "securityGroupIds", "snapshotRetentionLimit", "snapshotWindow", "userGroupIds",
			},
			Source: "Amazon ElastiCache API Reference, ModifyReplicationGroup",
		},
		{
			Ops:    []Op{Delete, Replace},
			Level:  Brief,
			Lasts:  "until the service works without it",
			Reason: "the cache no longer answers, and the database answers in its place",
			Source: "Amazon ElastiCache User Guide, Deleting a cluster in ElastiCache",
		},
	},
}
