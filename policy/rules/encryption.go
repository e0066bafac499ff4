package rules

import (
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/policyx"

	"stagecraft/policy/rule"
)

func encryption() []rule.Rule {
	return slices.Concat(
		disksAtRest(), servicesAtRest(), buildsAtRest(), keys(),
		databasesInTransit(), cachesInTransit(), bucketsInTransit(), edgeInTransit(), loadBalancersInTransit(), servicesInTransit(),
		snapshots(),
	)
}

func disksAtRest() []rule.Rule {
	return []rule.Rule{{
		Name:        "rds-storage-encrypted",
		Description: "RDS databases encrypt their storage",
		Severity:    rule.High,
		Theme:       rule.Encryption,
		References:  []string{"FSBP RDS.3", "CIS 3.0.0 2.3.1", "WAF SEC08-BP02"},
		Fix:         "Set storageEncrypted to true. An existing database must be restored from an encrypted copy of a snapshot.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       []string{rdsInstance},
		Resource:    rule.When(ownsStorage, rule.True("storageEncrypted")),
	}, {
		Name:        "rds-cluster-storage-encrypted",
		Description: "RDS and Aurora clusters encrypt their storage",
		Severity:    rule.High,
		Theme:       rule.Encryption,
		References:  []string{"FSBP RDS.27", "WAF SEC08-BP02"},
		Fix:         "Set storageEncrypted to true. An existing cluster must be restored from a snapshot.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       []string{rdsCluster},
		Resource:    encryptsCluster,
	}, {
		Name:        "ec2-instance-volumes-encrypted",
		Description: "EC2 instances encrypt the volumes that they are launched with",
		Severity:    rule.Medium,
		Theme:       rule.Encryption,
		References:  []string{"FSBP EC2.3", "WAF SEC08-BP02"},
		Fix:         "Set encrypted to true. This replaces the instance.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       []string{ec2Instance},
		Resource:    rule.All(rule.When(ownsRoot, rule.True("rootBlockDevice.encrypted")), forEach("ebsBlockDevices", encryptsVolume)),
	}, {
		Name:        "ec2-launch-template-volumes-encrypted",
		Description: "Launch templates encrypt the volumes of instances",
		Severity:    rule.Medium,
		Theme:       rule.Encryption,
		References:  []string{"FSBP EC2.181", "WAF SEC08-BP02"},
		Fix:         "Add the root device and all others to blockDeviceMappings, with ebs.encrypted set to true.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       []string{ec2LaunchTemplate},
		Resource:    rule.All(rule.Set("blockDeviceMappings"), forEach("blockDeviceMappings", encryptsMapping)),
	}, {
		Name:        "ebs-volume-encrypted",
		Description: "EBS volumes are encrypted",
		Severity:    rule.Medium,
		Theme:       rule.Encryption,
		References:  []string{"FSBP EC2.3", "WAF SEC08-BP02"},
		Fix:         "Set encrypted to true. An existing volume must be restored from an encrypted copy of a snapshot.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       []string{ebsVolume},
		Resource:    rule.True("encrypted"),
	}, {
		Name:        "ebs-encrypted-by-default",
		Description: "The account encrypts EBS volumes by default",
		Severity:    rule.Medium,
		Theme:       rule.Encryption,
		References:  []string{"FSBP EC2.7", "CIS 3.0.0 2.2.1", "WAF SEC08-BP02"},
		Fix:         "Set enabled to true, or remove it.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       []string{ebsEncryptionByDefault},
		Resource:    rule.Bool("enabled", true, true),
	}, {
		Name:        "efs-encrypted",
		Description: "EFS file systems are encrypted",
		Severity:    rule.Medium,
		Theme:       rule.Encryption,
		References:  []string{"FSBP EFS.1", "FSBP EFS.8", "CIS 3.0.0 2.4.1", "WAF SEC08-BP02"},
		Fix:         "Set encrypted to true. This replaces the file system.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       []string{efsFileSystem},
		Resource:    rule.True("encrypted"),
	}}
}

// ownsStorage excludes replicas in the same region, which inherit encryption from their source.
func ownsStorage(r *rule.Resource) bool { return r.Get("replicateSourceDb").Absent() }

// encryptsCluster accounts for Aurora Serverless v1 clusters, which are encrypted by default.
func encryptsCluster(r *rule.Resource) {
	mode := r.Get("engineMode")
	if !mode.Unknown() || !r.Get("storageEncrypted").Absent() {
		rule.Bool("storageEncrypted", true, mode.Text() == "serverless")(r)
	}
}

// ownsRoot excludes instances whose launch template defines the root volume.
func ownsRoot(r *rule.Resource) bool {
	return r.Get("launchTemplate").Absent() || !r.Get("rootBlockDevice").Absent()
}

// encryptsVolume accepts volumes from snapshots: they inherit encryption, and may not set it.
func encryptsVolume(r *rule.Resource, volume rule.Value) {
	if volume.Get("snapshotId").Absent() {
		requireValue(r, volume.Get("encrypted"), "true", isTrue)
	}
}

// encryptsMapping accepts mappings without an EBS volume, such as instance store and suppressed devices.
func encryptsMapping(r *rule.Resource, mapping rule.Value) {
	if ebs := mapping.Get("ebs"); !ebs.Absent() {
		encryptsVolume(r, ebs)
	}
}

func servicesAtRest() []rule.Rule {
	return []rule.Rule{{
		Name:        "sns-topic-encrypted",
		Description: "SNS topics encrypt messages with a KMS key",
		Severity:    rule.Low,
		Theme:       rule.Encryption,
		References:  []string{"WAF SEC08-BP02"},
		Fix: "Set kmsMasterKeyId to a key whose policy allows the topic's publishers to use it. The policy " +
			"of alias/aws/sns does not allow CloudWatch.",
		Level:    policyx.EnforcementLevelAdvisory,
		Types:    []string{snsTopic},
		Resource: rule.Set("kmsMasterKeyId"),
	}, {
		Name:        "sqs-queue-encrypted",
		Description: "SQS queues encrypt messages",
		Severity:    rule.Medium,
		Theme:       rule.Encryption,
		References:  []string{"FSBP SQS.1", "WAF SEC08-BP02"},
		Fix:         "Remove sqsManagedSseEnabled, or set kmsMasterKeyId.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       []string{sqsQueue},
		Resource:    rule.When(isUnset("kmsMasterKeyId"), rule.Bool("sqsManagedSseEnabled", true, true)),
	}, {
		Name:        "dynamodb-table-kms-key",
		Description: "DynamoDB tables are encrypted with a KMS key of the account, so that CloudTrail records its use",
		Severity:    rule.Low,
		Theme:       rule.Encryption,
		References:  []string{"WAF SEC08-BP02"},
		Fix:         "Set serverSideEncryption.enabled to true.",
		Level:       policyx.EnforcementLevelAdvisory,
		Types:       []string{dynamodbTable},
		Resource:    rule.True("serverSideEncryption.enabled"),
	}, {
		Name:        "elasticache-encrypted-at-rest",
		Description: "ElastiCache replication groups encrypt stored data",
		Severity:    rule.Medium,
		Theme:       rule.Encryption,
		References:  []string{"FSBP ElastiCache.4", "WAF SEC08-BP02"},
		Fix:         "Set atRestEncryptionEnabled to true. This replaces the replication group.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       []string{elasticacheReplicationGroup},
		Resource:    rule.When(ownsCache, encryptsCache),
	}, {
		Name:        "cloudtrail-encrypted-with-kms",
		Description: "CloudTrail encrypts its logs with a KMS key",
		Severity:    rule.Medium,
		Theme:       rule.Encryption,
		References:  []string{"FSBP CloudTrail.2", "CIS 3.0.0 3.5", "WAF SEC08-BP02"},
		Fix:         "Set kmsKeyId to a key whose policy allows CloudTrail to use it. The key costs about one US dollar a month.",
		Level:       policyx.EnforcementLevelAdvisory,
		Types:       []string{cloudtrailTrail},
		Resource:    rule.Set("kmsKeyId"),
	}}
}

func buildsAtRest() []rule.Rule {
	return []rule.Rule{{
		Name:        "codebuild-artifacts-encrypted",
		Description: "CodeBuild encrypts artifacts",
		Severity:    rule.Medium,
		Theme:       rule.Encryption,
		References:  []string{"WAF SEC08-BP02"},
		Fix:         "Remove encryptionDisabled.",
		Level:       policyx.EnforcementLevelAdvisory,
		Types:       []string{codebuildProject},
		Resource: rule.All(
			rule.When(isOneOf("artifacts.type", "", "S3", "CODEPIPELINE"), rule.False("artifacts.encryptionDisabled", false)),
			forEach("secondaryArtifacts", func(r *rule.Resource, artifact rule.Value) {
				requireValue(r, artifact.Get("encryptionDisabled"), "false", isFalse)
			}),
		),
	}, {
		Name:        "codebuild-s3-logs-encrypted",
		Description: "CodeBuild encrypts logs in S3",
		Severity:    rule.Low,
		Theme:       rule.Encryption,
		References:  []string{"FSBP CodeBuild.3", "WAF SEC08-BP02"},
		Fix:         "Remove encryptionDisabled.",
		Level:       policyx.EnforcementLevelAdvisory,
		Types:       []string{codebuildProject},
		Resource:    rule.False("logsConfig.s3Logs.encryptionDisabled", false),
	}, {
		Name:        "codebuild-report-group-encrypted",
		Description: "CodeBuild encrypts reports that it exports to S3",
		Severity:    rule.Medium,
		Theme:       rule.Encryption,
		References:  []string{"FSBP CodeBuild.7", "WAF SEC08-BP02"},
		Fix:         "Remove encryptionDisabled.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       []string{codebuildReportGroup},
		Resource:    rule.False("exportConfig.s3Destination.encryptionDisabled", false),
	}}
}

// ownsCache excludes secondary groups of a global datastore, which inherit encryption from the primary.
func ownsCache(r *rule.Resource) bool { return isUnset("globalReplicationGroupId")(r) }

// encryptsCache accounts for defaults: Valkey is encrypted, and Redis, the default engine, is not.
func encryptsCache(r *rule.Resource) {
	engine := r.Get("engine")
	if !engine.Unknown() || !r.Get("atRestEncryptionEnabled").Absent() {
		rule.Bool("atRestEncryptionEnabled", true, engine.Text() == "valkey")(r)
	}
}
