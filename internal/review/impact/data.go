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
	// What is lost, and what is left of it for a while.
	What string `json:"what"`
	Left string `json:"left"`
	// Protected: the engine refuses the update for this resource's sake.
	Protected bool `json:"protected"`
	// First is what to do before going on, and Command what the engine then wants.
	First   string `json:"first"`
	Command string `json:"command"`
	Source  string `json:"source"`
}

// holding is a type of resource that keeps data of its own.
type holding struct {
	Type tokens.Type
	// Holds is what it keeps.
	Holds string
	// Unless tells one that loses nothing when it is deleted.
	Unless where
	// Left is what remains for a while.
	Left string
	// Guard is the property by which AWS itself refuses to delete it.
	Guard string
	// Source is where AWS says so.
	Source string
}

var holdings = []holding{
	{
		Type:   "aws:rds/instance:Instance",
		Holds:  "the database",
		Unless: given("replicateSourceDb"), // a replica's data is its source's
		Left:   "a last snapshot, unless skipFinalSnapshot is set; automated backups go with the instance",
		Guard:  "deletionProtection",
		Source: "Amazon RDS User Guide, Deleting a DB instance",
	},
	{
		Type:   "aws:rds/cluster:Cluster",
		Holds:  "the database",
		Left:   "a last snapshot, unless skipFinalSnapshot is set",
		Guard:  "deletionProtection",
		Source: "Amazon Aurora User Guide, Deleting Aurora DB clusters and DB instances",
	},
	{
		Type:   "aws:dynamodb/table:Table",
		Holds:  "the table's items",
		Left:   "with point-in-time recovery a system backup, for 35 days",
		Guard:  "deletionProtectionEnabled",
		Source: "Amazon DynamoDB Developer Guide, Point-in-time recovery: deleting a table",
	},
	{
		Type:   "aws:s3/bucketV2:BucketV2",
		Holds:  "the bucket's objects",
		Left:   "nothing: AWS refuses to delete a bucket with objects, and forceDestroy deletes them, all versions",
		Source: "Amazon S3 User Guide, Deleting a bucket",
	},
	{
		Type:   "aws:s3/bucket:Bucket",
		Holds:  "the bucket's objects",
		Left:   "nothing: AWS refuses to delete a bucket with objects, and forceDestroy deletes them, all versions",
		Source: "Amazon S3 User Guide, Deleting a bucket",
	},
	{
		Type:   "aws:kms/key:Key",
		Holds:  "the key: nobody can read any more what it encrypted",
		Left:   "7 to 30 days in which the deletion can be cancelled",
		Source: "AWS KMS Developer Guide, Deleting AWS KMS keys",
	},
	{
		Type:   "aws:cloudwatch/logGroup:LogGroup",
		Holds:  "the logs",
		Unless: given("skipDestroy"),
		Left:   "nothing",
		Source: "Amazon CloudWatch Logs API Reference, DeleteLogGroup",
	},
	{
		Type:   "aws:secretsmanager/secret:Secret",
		Holds:  "the secret",
		Left:   "recoveryWindowInDays, 30 days by default, in which it can be restored",
		Source: "AWS Secrets Manager User Guide, Delete an AWS Secrets Manager secret",
	},
	{
		Type:   "aws:ebs/volume:Volume",
		Holds:  "the volume",
		Left:   "snapshots that were made of it",
		Source: "Amazon EBS User Guide, Delete an Amazon EBS volume",
	},
	{
		Type:   "aws:efs/fileSystem:FileSystem",
		Holds:  "the files",
		Left:   "backups in AWS Backup",
		Source: "Amazon EFS User Guide, Deleting an Amazon EFS file system",
	},
	{
		Type:   "aws:elasticache/replicationGroup:ReplicationGroup",
		Holds:  "what the cache holds, and its automatic snapshots",
		Left:   "a last snapshot if finalSnapshotIdentifier is set",
		Source: "Amazon ElastiCache User Guide, Deleting a cluster in ElastiCache",
	},
	{
		Type:   "aws:ecr/repository:Repository",
		Holds:  "the images",
		Left:   "nothing: AWS refuses to delete a repository with images, unless forceDelete is set",
		Source: "Amazon ECR User Guide, Deleting a private repository in Amazon ECR",
	},
	{
		Type:   "aws:sqs/queue:Queue",
		Holds:  "the messages that nobody has taken",
		Left:   "nothing",
		Source: "Amazon SQS Developer Guide, Deleting a message queue in Amazon SQS",
	},
}

// loss is a change of a property that drops data, though the resource stays.
type loss struct {
	Type     tokens.Type
	Property string
	When     where
	What     string
	Source   string
}

var losses = []loss{
	{
		Type:     "aws:cloudwatch/logGroup:LogGroup",
		Property: "retentionInDays",
		When:     lowered("retentionInDays", true),
		What:     "logs that are older than the new retention",
		Source:   "Amazon CloudWatch Logs User Guide, Change log data retention in CloudWatch Logs",
	},
	{
		Type:     "aws:rds/instance:Instance",
		Property: "backupRetentionPeriod",
		When:     lowered("backupRetentionPeriod", false),
		What:     "automated backups that are older than the new period; all of them if it is zero",
		Source:   "Amazon RDS User Guide, Backup retention period",
	},
	{
		Type:     "aws:elasticache/replicationGroup:ReplicationGroup",
		Property: "snapshotRetentionLimit",
		When:     lowered("snapshotRetentionLimit", false),
		What:     "automatic snapshots that are older than the new limit",
		Source:   "Amazon ElastiCache User Guide, Scheduling automatic backups",
	},
	{
		Type:     "aws:dynamodb/table:Table",
		Property: "pointInTimeRecovery",
		When: func(_, after map[string]any) bool {
			return lookUp(after, []string{"pointInTimeRecovery", "enabled"}) != true
		},
		What:   "the backups by which the table can go back to any second of the last 35 days",
		Source: "Amazon DynamoDB Developer Guide, Point-in-time recovery",
	},
}

// risks is what the change loses.
func (c change) risks() []Risk {
	var found []Risk
	for _, fact := range holdings {
		if fact.Type == c.Type && c.gone() && !fact.spares(c) {
			found = append(found, c.deletion(fact))
		}
	}
	for _, fact := range losses {
		if fact.Type == c.Type && c.Op == Update && c.changes(fact.Property) && fact.When.holds(c) {
			found = append(found, Risk{
				URN: c.URN, Type: c.Type, Name: c.Name, What: fact.What, Left: "nothing", First: keepCopy, Source: fact.Source,
			})
		}
	}
	return found
}

// spares tells whether the resource is one that holds nothing of its own.
func (h holding) spares(its change) bool { return h.Unless != nil && h.Unless.holds(its) }

// gone tells whether what exists is deleted from AWS.
func (c change) gone() bool { return (c.Op == Delete || c.Op == Replace) && !c.Retained }

const keepCopy = "keep a copy of what is needed"

func (c change) deletion(fact holding) Risk {
	risk := Risk{
		URN: c.URN, Type: c.Type, Name: c.Name, What: fact.Holds, Left: fact.Left,
		Protected: c.Protected, First: keepCopy, Source: fact.Source,
	}
	if fact.Guard != "" && c.old[fact.Guard] == true {
		risk.First += ", and turn off " + fact.Guard + ", by which AWS refuses to delete it"
	}
	if c.Protected {
		risk.Command = unprotect(c.URN)
	}
	return risk
}

// unprotect is how a person lets a resource go.
func unprotect(urn resource.URN) string { return fmt.Sprintf("pulumi state unprotect '%s'", urn) }

// holds tells whether the resource, once made, will keep data of its own.
func (c change) holds() bool {
	c.old = c.new
	for _, fact := range holdings {
		if fact.Type == c.Type && !fact.spares(c) {
			return true
		}
	}
	return false
}
