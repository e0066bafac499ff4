package impact

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
)

// Risk is data that an update would lose.
type Risk struct {
	URN  resource.URN `json:"urn"`
	Type tokens.Type  `json:"type"`
	Name string       `json:"name"`
	// What is lost, and what remains of it for a while.
	What string `json:"what"`
	Left string `json:"left"`
	// Protected: the engine rejects the update because of this resource.
	Protected bool `json:"protected"`
	// First is what to do before the update, and Command what the engine then requires.
	First   string `json:"first"`
	Command string `json:"command"`
	Source  string `json:"source"`
}

// dataStore is a type of resource that stores data of its own.
type dataStore struct {
	// Data is what is lost when the resource is deleted.
	Data string
	// Exempt holds for resources without data of their own.
	Exempt condition
	// Left is what remains for a while.
	Left string
	// Guard is the property by which AWS itself rejects the deletion.
	Guard string
	// Source is the AWS document that says so.
	Source string
}

var dataStores = map[tokens.Type]dataStore{
	"aws:rds/instance:Instance": {
		Data:   "the database",
		Exempt: isSet("replicateSourceDb"), // a replica's data is its source's
		Left:   "a last snapshot, unless skipFinalSnapshot is set; automated backups go with the instance",
		Guard:  "deletionProtection",
		Source: "Amazon RDS User Guide, Deleting a DB instance",
	},
	"aws:rds/cluster:Cluster": {
		Data:   "the database",
		Left:   "a last snapshot, unless skipFinalSnapshot is set",
		Guard:  "deletionProtection",
		Source: "Amazon Aurora User Guide, Deleting Aurora DB clusters and DB instances",
	},
	"aws:dynamodb/table:Table": {
		Data:   "the table's items",
		Left:   "with point-in-time recovery a system backup, for 35 days",
		Guard:  "deletionProtectionEnabled",
		Source: "Amazon DynamoDB Developer Guide, Point-in-time recovery: deleting a table",
	},
	"aws:s3/bucketV2:BucketV2": {
		Data:   "the bucket's objects",
		Left:   "nothing: AWS rejects deleting a bucket with objects, and forceDestroy deletes them, all versions",
		Source: "Amazon S3 User Guide, Deleting a bucket",
	},
	"aws:s3/bucket:Bucket": {
		Data:   "the bucket's objects",
		Left:   "nothing: AWS rejects deleting a bucket with objects, and forceDestroy deletes them, all versions",
		Source: "Amazon S3 User Guide, Deleting a bucket",
	},
	"aws:kms/key:Key": {
		Data:   "the key: nobody can read what it encrypted any more",
		Left:   "7 to 30 days in which the deletion can be cancelled",
		Source: "AWS KMS Developer Guide, Deleting AWS KMS keys",
	},
	"aws:cloudwatch/logGroup:LogGroup": {
		Data:   "the logs",
		Exempt: isSet("skipDestroy"),
		Left:   "nothing",
		Source: "Amazon CloudWatch Logs API Reference, DeleteLogGroup",
	},
	"aws:secretsmanager/secret:Secret": {
		Data:   "the secret",
		Left:   "recoveryWindowInDays, 30 days by default, in which it can be restored",
		Source: "AWS Secrets Manager User Guide, Delete an AWS Secrets Manager secret",
	},
	"aws:ebs/volume:Volume": {
		Data:   "the volume",
		Left:   "its snapshots",
		Source: "Amazon EBS User Guide, Delete an Amazon EBS volume",
	},
	"aws:efs/fileSystem:FileSystem": {
		Data:   "the files",
		Left:   "backups in AWS Backup",
		Source: "Amazon EFS User Guide, Deleting an Amazon EFS file system",
	},
	"aws:elasticache/replicationGroup:ReplicationGroup": {
		Data:   "the cache's contents, and its automatic snapshots",
		Left:   "a last snapshot if finalSnapshotIdentifier is set",
		Source: "Amazon ElastiCache User Guide, Deleting a cluster in ElastiCache",
	},
	"aws:ecr/repository:Repository": {
		Data:   "the images",
		Left:   "nothing: AWS rejects deleting a repository with images, unless forceDelete is set",
		Source: "Amazon ECR User Guide, Deleting a private repository in Amazon ECR",
	},
	"aws:sqs/queue:Queue": {
		Data:   "the messages that nobody has received",
		Left:   "nothing",
		Source: "Amazon SQS Developer Guide, Deleting a message queue in Amazon SQS",
	},
}

// loss is a change of a property that loses data although the resource stays.
type loss struct {
	Property  string
	Condition condition
	What      string
	Source    string
}

var losses = map[tokens.Type]loss{
	"aws:cloudwatch/logGroup:LogGroup": {
		Property:  "retentionInDays",
		Condition: lowered("retentionInDays", true),
		What:      "logs older than the new retention",
		Source:    "Amazon CloudWatch Logs User Guide, Change log data retention in CloudWatch Logs",
	},
	"aws:rds/instance:Instance": {
		Property:  "backupRetentionPeriod",
		Condition: lowered("backupRetentionPeriod", false),
		What:      "automated backups older than the new period; all of them if it is zero",
		Source:    "Amazon RDS User Guide, Backup retention period",
	},
	"aws:elasticache/replicationGroup:ReplicationGroup": {
		Property:  "snapshotRetentionLimit",
		Condition: lowered("snapshotRetentionLimit", false),
		What:      "automatic snapshots older than the new limit",
		Source:    "Amazon ElastiCache User Guide, Scheduling automatic backups",
	},
	"aws:dynamodb/table:Table": {
		Property: "pointInTimeRecovery",
		Condition: func(_, after map[string]any) bool {
			return lookUp(after, []string{"pointInTimeRecovery", "enabled"}) != true
		},
		What:   "the backups that restore the table to any second of the last 35 days",
		Source: "Amazon DynamoDB Developer Guide, Point-in-time recovery",
	},
}

// risks returns the data that the change loses.
func (c change) risks() []Risk {
	var risks []Risk
	if store, isStore := dataStores[c.Type]; isStore && c.leavesAWS() && !store.exempts(c) {
		risks = append(risks, c.deletion(store))
	}
	if loss, loses := losses[c.Type]; loses && c.Op == Update && c.changesProperty(loss.Property) && loss.Condition.holds(c) {
		risks = append(risks, Risk{
			URN: c.URN, Type: c.Type, Name: c.Name, What: loss.What, Left: "nothing", First: keepCopy, Source: loss.Source,
		})
	}
	return risks
}

// exempts reports whether the resource has no data of its own.
func (s dataStore) exempts(c change) bool { return s.Exempt != nil && s.Exempt.holds(c) }

// leavesAWS reports whether AWS deletes the resource as it was.
func (c change) leavesAWS() bool { return (c.Op == Delete || c.Op == Replace) && !c.Retained }

const keepCopy = "keep a copy of what is needed"

func (c change) deletion(store dataStore) Risk {
	risk := Risk{
		URN: c.URN, Type: c.Type, Name: c.Name, What: store.Data, Left: store.Left,
		Protected: c.Protected, First: keepCopy, Source: store.Source,
	}
	if store.Guard != "" && c.old[store.Guard] == true {
		risk.First += ", and turn off " + store.Guard + ", which makes AWS reject the deletion"
	}
	if c.Protected {
		risk.Command = unprotectCommand(c.URN)
	}
	return risk
}

// unprotectCommand returns the command that ends a resource's protection.
func unprotectCommand(urn resource.URN) string {
	return fmt.Sprintf("pulumi state unprotect '%s'", urn)
}

// createsDataStore reports whether the new resource will have data of its own.
func (c change) createsDataStore() bool {
	c.old = c.new
	store, isStore := dataStores[c.Type]
	return isStore && !store.exempts(c)
}
