package rules

var backupExamples = map[string]examples{
	"rds-cluster-backtrack": {
		typ:  rdsCluster,
		pass: []props{{}, {"engine": "aurora-postgresql"}, {"engine": "aurora-mysql", "backtrackWindow": 86400}},
		fail: []props{{"engine": "aurora-mysql"}, {"engine": "aurora-mysql", "backtrackWindow": 0}},
	},
	"rds-backup-retention": {
		typ: rdsInstance,
		pass: []props{
			{"backupRetentionPeriod": 7},
			{"backupRetentionPeriod": 35},
			{"replicateSourceDb": "app"},
			{"replicateSourceDb": "app", "backupRetentionPeriod": 0},
		},
		fail: []props{{}, {"backupRetentionPeriod": 0}, {"backupRetentionPeriod": 6}, {"backupRetentionPeriod": "few"}},
	},
	"rds-cluster-backup-retention": {
		typ:  rdsCluster,
		pass: []props{{"backupRetentionPeriod": 7}, {"replicationSourceIdentifier": "arn:aws:rds:eu-west-1:1:cluster:app"}},
		fail: []props{{}, {"backupRetentionPeriod": 1}},
	},
	"rds-copy-tags-to-snapshots": {
		typ:  rdsInstance,
		pass: []props{{"copyTagsToSnapshot": true}},
		fail: []props{{}, {"copyTagsToSnapshot": false}},
	},
	"rds-cluster-copy-tags-to-snapshots": {
		typ:  rdsCluster,
		pass: []props{{"copyTagsToSnapshot": true}},
		fail: []props{{}, {"copyTagsToSnapshot": false}},
	},
	"rds-deletion-protection": {
		typ:  rdsInstance,
		pass: []props{{"deletionProtection": true}, {"replicateSourceDb": "app"}},
		fail: []props{{}, {"deletionProtection": false}},
	},
	"rds-cluster-deletion-protection": {
		typ:  rdsCluster,
		pass: []props{{"deletionProtection": true}},
		fail: []props{{}, {"deletionProtection": false}},
	},
	"rds-final-snapshot": {
		typ:  rdsInstance,
		pass: []props{{}, {"skipFinalSnapshot": false}, {"replicateSourceDb": "app", "skipFinalSnapshot": true}},
		fail: []props{{"skipFinalSnapshot": true}},
	},
	"rds-cluster-final-snapshot": {
		typ:  rdsCluster,
		pass: []props{{}, {"skipFinalSnapshot": false}},
		fail: []props{{"skipFinalSnapshot": true}},
	},
	"dynamodb-point-in-time-recovery": {
		typ:  dynamodbTable,
		pass: []props{{"pointInTimeRecovery": props{"enabled": true}}},
		fail: []props{{}, {"pointInTimeRecovery": props{"enabled": false}}},
	},
	"dynamodb-deletion-protection": {
		typ:  dynamodbTable,
		pass: []props{{"deletionProtectionEnabled": true}},
		fail: []props{{}, {"deletionProtectionEnabled": false}},
	},
	"elasticache-snapshots": {
		typ:  "aws:elasticache/replicationGroup:ReplicationGroup",
		pass: []props{{"snapshotRetentionLimit": 1}, {"snapshotRetentionLimit": 35}},
		fail: []props{{}, {"snapshotRetentionLimit": 0}},
	},
	"elasticache-cluster-snapshots": {
		typ: "aws:elasticache/cluster:Cluster",
		pass: []props{
			{},
			{"engine": "memcached"},
			{"engine": "redis", "snapshotRetentionLimit": 1},
			{"replicationGroupId": "app"},
			{"engine": "redis", "replicationGroupId": "app"},
		},
		fail: []props{{"engine": "redis"}, {"engine": "valkey", "snapshotRetentionLimit": 0}},
	},
	"lb-deletion-protection": {
		typ:  "aws:alb/loadBalancer:LoadBalancer",
		pass: []props{{"enableDeletionProtection": true}},
		fail: []props{{}, {"enableDeletionProtection": false}},
	},
	"s3-no-force-destroy": {
		typ:  "aws:s3/bucketV2:BucketV2",
		pass: []props{{}, {"forceDestroy": false}},
		fail: []props{{"forceDestroy": true}},
	},
	"ecr-no-force-delete": {
		typ:  ecrRepository,
		pass: []props{{}, {"forceDelete": false}},
		fail: []props{{"forceDelete": true}},
	},
	"kms-deletion-window": {
		typ:  "aws:kms/key:Key",
		pass: []props{{}, {"deletionWindowInDays": 14}},
		fail: []props{{"deletionWindowInDays": 7}},
	},
	"secretsmanager-recovery-window": {
		typ:  "aws:secretsmanager/secret:Secret",
		pass: []props{{}, {"recoveryWindowInDays": 7}},
		fail: []props{{"recoveryWindowInDays": 0}},
	},
}

var backupStacks = map[string]stacks{
	"s3-versioning": {
		pass: [][]part{
			{},
			{bucketPart(nil), versioning("Enabled")},
			{bucketPart(nil), {typ: "aws:s3/bucketVersioning:BucketVersioning", name: "v7", props: props{
				"bucket": "data", "versioningConfiguration": props{"status": "Enabled"},
			}}},
			{{typ: s3Bucket, name: "data", props: props{"versioning": props{"enabled": true}}}},
			{bucketPart(props{"versionings": []any{props{"enabled": true}}})},
			// From a component of another stack, whose status is not known yet.
			{bucketPart(nil), {typ: "aws:s3/bucketVersioningV2:BucketVersioningV2", name: "v", from: map[string][]string{
				"bucket": {"data"}, "versioningConfiguration": {},
			}}},
			// It may apply to any bucket.
			{bucketPart(nil), {typ: "aws:s3/bucketVersioningV2:BucketVersioningV2", name: "v", from: map[string][]string{"bucket": {}}}},
		},
		fail: [][]part{
			{bucketPart(nil)},
			{{typ: s3Bucket, name: "data", props: props{"versioning": props{"enabled": false}}}},
			{bucketPart(nil), versioning("Suspended")},
			{bucketPart(nil), {typ: "aws:s3/bucketVersioningV2:BucketVersioningV2", name: "v", props: props{
				"bucket": "another", "versioningConfiguration": props{"status": "Enabled"},
			}}},
		},
	},
}

func bucketPart(more props) part {
	return part{typ: "aws:s3/bucketV2:BucketV2", name: "data", props: merged(props{"bucket": "data"}, more)}
}

func versioning(status string) part {
	return part{
		typ: "aws:s3/bucketVersioningV2:BucketVersioningV2", name: "versioning", from: map[string][]string{"bucket": {"data"}},
		props: props{"versioningConfiguration": props{"status": status}},
	}
}
