package rules

import (
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/policyx"

	"stagecraft/policy/rule"
)

func backup() []rule.Rule {
	return slices.Concat(databasesBackUp(), databasesStay(), storesBackUp(), resourcesStay(), deletionsWait())
}

func databasesBackUp() []rule.Rule {
	const least, most = 1, 35
	return []rule.Rule{{
		Name:        "rds-backup-retention",
		Description: "RDS databases keep backups long enough to recover from a mistake",
		Severity:    rule.Medium,
		Theme:       rule.Backup,
		References:  []string{"FSBP RDS.11", "WAF REL09-BP03"},
		Fix:         "Set backupRetentionPeriod to 7 days or more; the default of 0 disables backups.",
		Level:       policyx.EnforcementLevelMandatory,
		Parameters: map[string]rule.Parameter{
			"days": {Description: "The minimum retention of backups in days", Default: 7, Min: least, Max: most},
		},
		Types:    []string{rdsInstance},
		Resource: rule.When(notReplica, rule.AtLeast("backupRetentionPeriod", "days", 0)),
	}, {
		Name:        "rds-cluster-backup-retention",
		Description: "RDS and Aurora clusters keep backups long enough to recover from a mistake",
		Severity:    rule.Medium,
		Theme:       rule.Backup,
		References:  []string{"WAF REL09-BP03"},
		Fix:         "Set backupRetentionPeriod to 7 days or more; the default is 1.",
		Level:       policyx.EnforcementLevelMandatory,
		Parameters: map[string]rule.Parameter{
			"days": {Description: "The minimum retention of backups in days", Default: 7, Min: least, Max: most},
		},
		Types:    []string{rdsCluster},
		Resource: rule.When(isUnset("replicationSourceIdentifier"), rule.AtLeast("backupRetentionPeriod", "days", 1)),
	}, {
		Name:        "rds-copy-tags-to-snapshots",
		Description: "RDS databases copy their tags to snapshots",
		Severity:    rule.Low,
		Theme:       rule.Backup,
		References:  []string{"FSBP RDS.17"},
		Fix:         "Set copyTagsToSnapshot to true.",
		Level:       policyx.EnforcementLevelAdvisory,
		Types:       []string{rdsInstance},
		Resource:    rule.True("copyTagsToSnapshot"),
	}, {
		Name:        "rds-cluster-copy-tags-to-snapshots",
		Description: "RDS and Aurora clusters copy their tags to snapshots",
		Severity:    rule.Low,
		Theme:       rule.Backup,
		References:  []string{"FSBP RDS.16", "FSBP RDS.47", "FSBP RDS.48"},
		Fix:         "Set copyTagsToSnapshot to true.",
		Level:       policyx.EnforcementLevelAdvisory,
		Types:       []string{rdsCluster},
		Resource:    rule.True("copyTagsToSnapshot"),
	}, {
		Name:        "rds-cluster-backtrack",
		Description: "Aurora MySQL clusters can be rewound without a restore",
		Severity:    rule.Medium,
		Theme:       rule.Backup,
		References:  []string{"FSBP RDS.14", "WAF REL09-BP03"},
		Fix:         "Set backtrackWindow to a number of seconds, up to 72 hours. This replaces the cluster.",
		Level:       policyx.EnforcementLevelAdvisory,
		Types:       []string{rdsCluster},
		Resource: rule.When(isOneOf("engine", "", "aurora-mysql"), rule.Want("backtrackWindow", "1 or more", func(window rule.Value) bool {
			seconds, is := window.Number()
			return is && seconds > 0
		})),
	}}
}

func databasesStay() []rule.Rule {
	return []rule.Rule{{
		Name:        "rds-deletion-protection",
		Description: "RDS databases are protected from deletion",
		Severity:    rule.Medium,
		Theme:       rule.Backup,
		References:  []string{"FSBP RDS.8"},
		Fix:         "Set deletionProtection to true.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       []string{rdsInstance},
		Resource:    rule.When(notReplica, rule.True("deletionProtection")),
	}, {
		Name:        "rds-cluster-deletion-protection",
		Description: "RDS and Aurora clusters are protected from deletion",
		Severity:    rule.Medium,
		Theme:       rule.Backup,
		References:  []string{"FSBP RDS.7"},
		Fix:         "Set deletionProtection to true.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       []string{rdsCluster},
		Resource:    rule.True("deletionProtection"),
	}, {
		Name:        "rds-final-snapshot",
		Description: "RDS databases take a final snapshot before they are deleted",
		Severity:    rule.Medium,
		Theme:       rule.Backup,
		References:  []string{"WAF REL09-BP01"},
		Fix:         "Set finalSnapshotIdentifier, and remove skipFinalSnapshot.",
		Level:       policyx.EnforcementLevelAdvisory,
		Types:       []string{rdsInstance},
		Resource:    rule.When(notReplica, rule.False("skipFinalSnapshot", false)),
	}, {
		Name:        "rds-cluster-final-snapshot",
		Description: "RDS and Aurora clusters take a final snapshot before they are deleted",
		Severity:    rule.Medium,
		Theme:       rule.Backup,
		References:  []string{"WAF REL09-BP01"},
		Fix:         "Set finalSnapshotIdentifier, and remove skipFinalSnapshot.",
		Level:       policyx.EnforcementLevelAdvisory,
		Types:       []string{rdsCluster},
		Resource:    rule.False("skipFinalSnapshot", false),
	}}
}

func storesBackUp() []rule.Rule {
	snapshots := map[string]rule.Parameter{
		"days": {Description: "The minimum retention of snapshots in days", Default: 1, Min: 1, Max: 35},
	}
	return []rule.Rule{{
		Name:        "dynamodb-point-in-time-recovery",
		Description: "DynamoDB tables can be restored to any second of the last days",
		Severity:    rule.Medium,
		Theme:       rule.Backup,
		References:  []string{"FSBP DynamoDB.2", "WAF REL09-BP03"},
		Fix:         "Set pointInTimeRecovery.enabled to true.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       []string{dynamodbTable},
		Resource:    rule.True("pointInTimeRecovery.enabled"),
	}, {
		Name:        "elasticache-snapshots",
		Description: "ElastiCache replication groups keep daily snapshots",
		Severity:    rule.High,
		Theme:       rule.Backup,
		References:  []string{"FSBP ElastiCache.1", "WAF REL09-BP03"},
		Fix:         "Set snapshotRetentionLimit to 1 day or more.",
		Level:       policyx.EnforcementLevelMandatory,
		Parameters:  snapshots,
		Types:       []string{elasticacheReplicationGroup},
		Resource:    rule.AtLeast("snapshotRetentionLimit", "days", 0),
	}, {
		Name:        "elasticache-cluster-snapshots",
		Description: "Redis and Valkey clusters of ElastiCache keep daily snapshots",
		Severity:    rule.High,
		Theme:       rule.Backup,
		References:  []string{"FSBP ElastiCache.1", "WAF REL09-BP03"},
		Fix:         "Set snapshotRetentionLimit to 1 day or more.",
		Level:       policyx.EnforcementLevelMandatory,
		Parameters:  snapshots,
		Types:       []string{elasticacheCluster},
		Resource:    rule.When(standalone, rule.AtLeast("snapshotRetentionLimit", "days", 0)),
	}, {
		Name:        "s3-versioning",
		Description: "S3 buckets keep overwritten and deleted objects",
		Severity:    rule.Low,
		Theme:       rule.Backup,
		References:  []string{"WAF REL09-BP01"},
		Fix: "Add an aws.s3.BucketVersioning (V2 in version 6 of the provider) with the status Enabled, " +
			"and a lifecycle rule that expires old versions.",
		Level: policyx.EnforcementLevelAdvisory,
		Stack: bucketsKeepVersions,
	}}
}

// bucketsKeepVersions accepts versioning in the bucket itself or in a resource of its own.
func bucketsKeepVersions(s *rule.Stack) {
	settings, sure := referring(s, s.ResourcesOfType(s3BucketVersioning), "bucket", s3Bucket)
	for _, bucket := range s.ResourcesOfType(s3Bucket) {
		keeps := func(versioning rule.Value) bool {
			return versioning.Get("enabled").Unknown() || versioning.Get("enabled").Is(true)
		}
		inline := !bucket.IsUnset("versioning") && keeps(bucket.Get("versioning")) ||
			!bucket.IsUnset("versionings") && slices.ContainsFunc(bucket.Get("versionings").List(), keeps)
		if !inline && sure && len(settings[bucket]) == 0 {
			bucket.Report("versioning is not enabled")
		}
		for _, setting := range settings[bucket] {
			rule.OneOf("versioningConfiguration.status", "", "Enabled")(setting)
		}
	}
}

func resourcesStay() []rule.Rule {
	return []rule.Rule{{
		Name:        "dynamodb-deletion-protection",
		Description: "DynamoDB tables are protected from deletion",
		Severity:    rule.Medium,
		Theme:       rule.Backup,
		References:  []string{"FSBP DynamoDB.6"},
		Fix:         "Set deletionProtectionEnabled to true.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       []string{dynamodbTable},
		Resource:    rule.True("deletionProtectionEnabled"),
	}, {
		Name:        "lb-deletion-protection",
		Description: "Load balancers are protected from deletion",
		Severity:    rule.Medium,
		Theme:       rule.Backup,
		References:  []string{"FSBP ELB.6"},
		Fix:         "Set enableDeletionProtection to true.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       []string{lbLoadBalancer},
		Resource:    rule.True("enableDeletionProtection"),
	}, {
		Name:        "s3-no-force-destroy",
		Description: "S3 buckets with objects in them are not deleted",
		Severity:    rule.Low,
		Theme:       rule.Backup,
		References:  []string{"WAF REL09-BP01"},
		Fix:         "Remove forceDestroy.",
		Level:       policyx.EnforcementLevelAdvisory,
		Types:       []string{s3Bucket},
		Resource:    rule.False("forceDestroy", false),
	}, {
		Name:        "ecr-no-force-delete",
		Description: "ECR repositories with images in them are not deleted",
		Severity:    rule.Low,
		Theme:       rule.Backup,
		References:  []string{"WAF REL09-BP01"},
		Fix:         "Remove forceDelete.",
		Level:       policyx.EnforcementLevelAdvisory,
		Types:       []string{ecrRepository},
		Resource:    rule.False("forceDelete", false),
	}}
}

func deletionsWait() []rule.Rule {
	return []rule.Rule{{
		Name:        "kms-deletion-window",
		Description: "The deletion of a KMS key, and so of everything it encrypts, can be cancelled for some time",
		Severity:    rule.Low,
		Theme:       rule.Backup,
		Fix:         "Remove deletionWindowInDays; the default is 30.",
		Level:       policyx.EnforcementLevelAdvisory,
		Parameters: map[string]rule.Parameter{
			"days": {Description: "The minimum number of days in which the deletion can be cancelled", Default: 14, Min: 7, Max: 30},
		},
		Types:    []string{kmsKey},
		Resource: rule.AtLeast("deletionWindowInDays", "days", 30),
	}, {
		Name:        "secretsmanager-recovery-window",
		Description: "The deletion of a secret can be cancelled for some time",
		Severity:    rule.Low,
		Theme:       rule.Backup,
		Fix:         "Remove recoveryWindowInDays; the default is 30.",
		Level:       policyx.EnforcementLevelAdvisory,
		Parameters: map[string]rule.Parameter{
			"days": {Description: "The minimum number of days in which the deletion can be cancelled", Default: 7, Min: 7, Max: 30},
		},
		Types:    []string{secretsmanagerSecret},
		Resource: rule.AtLeast("recoveryWindowInDays", "days", 30),
	}}
}
