package duration

import (
	"cmp"
	"slices"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"

	"stagecraft/internal/offline/aws"
	"stagecraft/internal/review/plan"
)

// quick is how long a call of AWS takes that starts nothing.
const quick = time.Second

// times are those of updates and deletes. Creates are in package aws, beside each type.
type times struct {
	update, delete time.Duration
	// updates are those of properties that take longer.
	updates map[string]time.Duration
}

// slow are the types whose updates or deletes take longer than a call. Recorded 2026-11-25.
var slow = map[string]times{
	// Amazon RDS User Guide, "Modifying an Amazon RDS DB instance", "Converting a DB instance to a Multi-AZ deployment",
	// "Deleting a DB instance": a final snapshot comes first. The guide gives no minutes; these are typical of small ones.
	"aws:rds/instance:Instance": {
		update: time.Minute, delete: 6 * time.Minute,
		updates: map[string]time.Duration{
			"multiAz": 12 * time.Minute, "instanceClass": 10 * time.Minute, "engineVersion": 15 * time.Minute,
			"allocatedStorage": 5 * time.Minute,
		},
	},
	// CloudFront Developer Guide, "Delete a distribution": it is disabled and deployed first.
	"aws:cloudfront/distribution:Distribution": {update: 5 * time.Minute, delete: 7 * time.Minute},
	// Amazon ElastiCache User Guide, "Modifying a replication group", "Deleting a replication group".
	"aws:elasticache/replicationGroup:ReplicationGroup": {update: 10 * time.Minute, delete: 8 * time.Minute},
	// Amazon VPC User Guide, "Delete a NAT gateway": it is in the state Deleting first.
	"aws:ec2/natGateway:NatGateway": {delete: time.Minute},
	// Amazon EC2 User Guide, "Terminate Amazon EC2 instances", "Change the instance type": stop and start.
	"aws:ec2/instance:Instance": {
		delete:  45 * time.Second,
		updates: map[string]time.Duration{"instanceType": 90 * time.Second},
	},
	// Amazon EC2 Auto Scaling User Guide, "Delete your Auto Scaling infrastructure": its instances go first.
	"aws:autoscaling/group:Group": {delete: 5 * time.Minute},
	// Amazon ECS Developer Guide, "Deleting an Amazon ECS service": tasks drain for the target group's deregistration delay.
	"aws:ecs/service:Service": {update: 3 * time.Minute, delete: 2 * time.Minute},
	// AWS Lambda Developer Guide, "Giving Lambda functions access to resources in an Amazon VPC": interfaces go later.
	"aws:lambda/function:Function": {update: 8 * time.Second},
	// Elastic Load Balancing User Guide, "Delete an Application Load Balancer": its interfaces go first.
	"aws:lb/loadBalancer:LoadBalancer": {delete: 20 * time.Second},
	// Amazon Route 53 Developer Guide, "How Route 53 ChangeResourceRecordSets works": changes take up to 60 seconds.
	"aws:route53/record:Record": {update: 40 * time.Second, delete: 40 * time.Second},
}

// takes is the time of a create or an update.
func takes(step plan.Step) time.Duration {
	if !step.New.Custom {
		return 0
	}
	kind := string(step.New.Type)
	switch step.Op {
	case apitype.OpCreate, apitype.OpCreateReplacement:
		if creates, known := aws.Takes(kind, step.New.Inputs); known {
			return creates
		}
		return 0 // such as a provider: nothing on AWS
	case apitype.OpUpdate:
		longest := cmp.Or(slow[kind].update, quick)
		for property, its := range slow[kind].updates {
			if slices.Contains(step.DiffReasons, property) {
				longest = max(longest, its)
			}
		}
		return longest
	default:
		return 0
	}
}

func deletes(of *apitype.ResourceV3) time.Duration {
	if !of.Custom || of.RetainOnDelete {
		return 0
	}
	return cmp.Or(slow[string(of.Type)].delete, quick)
}
