package impact

import "github.com/pulumi/pulumi/sdk/v3/go/common/tokens"

const rdsSettings = "Amazon RDS User Guide, Settings for DB instances"

var databaseFacts = map[tokens.Type][]fact{
	"aws:rds/instance:Instance": {
		{
			Ops:        []Op{Update},
			Properties: []string{"multiAz"},
			Level:      None,
			Reason:     "no downtime; writes may be slower while AWS creates or deletes the standby",
			Source:     "Amazon RDS User Guide, Converting a DB instance to a Multi-AZ deployment for Amazon RDS",
		},
		{
			Ops:        []Op{Update},
			Properties: []string{"instanceClass"},
			Condition:  equals("multiAz", true),
			Level:      Brief,
			Lasts:      "60 to 120 seconds",
			Reason:     "AWS resizes the standby and fails over to it",
			Source:     "Amazon RDS User Guide, Failing over a Multi-AZ DB instance for Amazon RDS",
		},
		{
			Ops:        []Op{Update},
			Properties: []string{"instanceClass"},
			Level:      Minutes,
			Lasts:      "some minutes",
			Reason:     "without a standby the database stops until it has started on the new class",
			Source:     rdsSettings,
		},
		{
			Ops:        []Op{Update},
			Properties: []string{"engineVersion"},
			Level:      Minutes,
			Lasts:      "some minutes; a major version longer",
			Reason:     "AWS upgrades primary and standby at the same time, so that Multi-AZ does not help",
			Source:     "Amazon RDS User Guide, Upgrades of the RDS for PostgreSQL DB engine",
		},
		{
			Ops:        []Op{Update},
			Properties: []string{"backupRetentionPeriod"},
			Condition:  turnsOnOrOff("backupRetentionPeriod"),
			Level:      Brief,
			Lasts:      "seconds to minutes",
			Reason:     "turning automated backups on or off restarts the database",
			Source:     rdsSettings,
		},
		{
			Ops:        []Op{Update},
			Properties: []string{"port", "dbSubnetGroupName", "networkType"},
			Level:      Minutes,
			Lasts:      "some minutes",
			Reason:     "the database restarts, and has another address afterwards",
			Source:     rdsSettings,
		},
		{
			Ops:        []Op{Update},
			Properties: []string{"storageType"},
			Level:      Brief,
			Lasts:      "seconds to minutes, and only to or from magnetic storage",
			Reason:     "slower afterwards, while AWS moves the data",
			Source:     rdsSettings,
		},
		{
			Ops:        []Op{Update},
			Properties: []string{"allocatedStorage", "iops", "storageThroughput"},
			Level:      None,
			Reason:     "no downtime; slower while AWS optimizes the storage, which cannot be changed again for six hours",
			Source:     rdsSettings,
		},
		{
			Ops:        []Op{Update},
			Properties: []string{"parameterGroupName"},
			Level:      None,
			Reason:     "static parameters wait for the next restart",
			Source:     rdsSettings,
		},
		{
			Ops: []Op{Update},
			Properties: []string{
				"applyImmediately", "autoMinorVersionUpgrade", "backupRetentionPeriod", "backupWindow", "copyTagsToSnapshot",
				"deletionProtection", "enabledCloudwatchLogsExports", "finalSnapshotIdentifier", "iamDatabaseAuthenticationEnabled",
				"maintenanceWindow", "maxAllocatedStorage", "monitoringInterval", "monitoringRoleArn", "password",
				"performanceInsightsEnabled", "performanceInsightsRetentionPeriod", "skipFinalSnapshot", "vpcSecurityGroupIds",
			},
			Source: rdsSettings,
		},
		{
			Ops:       []Op{Delete},
			Condition: isSet("replicateSourceDb"),
			Level:     Brief,
			Lasts:     "seconds",
			Reason:    "queries that the replica is answering fail; new ones go to the targets that the reader's name then has",
			Source:    "Amazon RDS User Guide, Working with DB instance read replicas",
		},
		{
			Ops:       []Op{Replace},
			Condition: isSet("replicateSourceDb"),
			Level:     Minutes,
			Lasts:     "until the new replica has caught up",
			Reason:    "the other replicas, or the primary, answer meanwhile if the reader's name includes them",
			Source:    "Amazon RDS User Guide, Working with DB instance read replicas",
		},
		{
			Ops:    []Op{Delete, Replace},
			Level:  Permanent,
			Reason: "the database is gone; its successor is a new, empty one",
			Source: "Amazon RDS User Guide, Deleting a DB instance",
		},
	},
	"aws:rds/parameterGroup:ParameterGroup": {
		{
			Ops:    []Op{Update},
			Level:  None,
			Reason: "dynamic parameters change at once, static ones wait for the next restart",
			Source: "Amazon RDS User Guide, Overview of parameter groups",
		},
	},
	"aws:dynamodb/table:Table": {
		{
			Ops:    []Op{Update},
			Source: "AWS::DynamoDB::Table in the CloudFormation Template Reference",
		},
		{
			Ops:    []Op{Delete, Replace},
			Level:  Permanent,
			Reason: "the table is gone; its successor is a new, empty one",
			Source: "Amazon DynamoDB API Reference, DeleteTable",
		},
	},
}
