// Package awstimes holds how long AWS typically takes to create, update and delete resources. The offline cloud waits
// that long, and the review estimates the duration of an update by the same figures.
package awstimes

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// quick is the time of an API call that starts nothing in the background.
const quick = time.Second

// times are the times of one type; zero means quick.
type times struct {
	create, update, delete time.Duration
	// createMore is added to create for each property named here that is true.
	createMore map[string]time.Duration
	// updates are the times of changes to single properties that take longer than update.
	updates map[string]time.Duration
}

// slow lists the types that take longer than an API call. AWS's guides name the steps but rarely minutes: the figures
// are typical of small resources. Recorded 2026-11-25.
var slow = map[string]times{
	"aws:acm/certificate:Certificate":                     {create: 5 * time.Second},
	"aws:acm/certificateValidation:CertificateValidation": {create: time.Minute},
	// Amazon EC2 Auto Scaling User Guide, "Delete your Auto Scaling infrastructure": its instances go first.
	"aws:autoscaling/group:Group": {create: 10 * time.Second, delete: 5 * time.Minute},
	// CloudFront Developer Guide, "Delete a distribution": it is disabled and deployed first.
	"aws:cloudfront/distribution:Distribution": {
		create: 5 * time.Minute, update: 5 * time.Minute, delete: 7 * time.Minute,
	},
	"aws:cloudfront/function:Function": {create: 5 * time.Second},
	"aws:dynamodb/table:Table":         {create: 15 * time.Second},
	// Amazon EC2 User Guide, "Terminate Amazon EC2 instances", "Change the instance type": stop and start.
	"aws:ec2/instance:Instance": {
		create: 30 * time.Second, delete: 45 * time.Second,
		updates: map[string]time.Duration{"instanceType": 90 * time.Second},
	},
	// Amazon VPC User Guide, "Delete a NAT gateway": it is in the state Deleting first.
	"aws:ec2/natGateway:NatGateway":                             {create: 100 * time.Second, delete: time.Minute},
	"aws:ec2/vpc:Vpc":                                           {create: 3 * time.Second},
	"aws:ec2/vpcEndpoint:VpcEndpoint":                           {create: 10 * time.Second},
	"aws:ecs/cluster:Cluster":                                   {create: 10 * time.Second},
	"aws:ecs/clusterCapacityProviders:ClusterCapacityProviders": {create: 10 * time.Second},
	// Amazon ECS Developer Guide, "Deleting an Amazon ECS service": tasks drain for the target group's deregistration delay.
	"aws:ecs/service:Service": {
		create: 5 * time.Second, update: 3 * time.Minute, delete: 2 * time.Minute,
		createMore: map[string]time.Duration{"waitForSteadyState": 2 * time.Minute},
	},
	// Amazon ElastiCache User Guide, "Modifying a replication group", "Deleting a replication group".
	"aws:elasticache/replicationGroup:ReplicationGroup": {
		create: 10 * time.Minute, update: 10 * time.Minute, delete: 8 * time.Minute,
	},
	"aws:elasticache/user:User":               {create: 5 * time.Second},
	"aws:elasticache/userGroup:UserGroup":     {create: 5 * time.Second},
	"aws:iam/instanceProfile:InstanceProfile": {create: 7 * time.Second},
	// AWS Lambda Developer Guide, "Giving Lambda functions access to resources in an Amazon VPC": interfaces go later.
	"aws:lambda/function:Function":                                         {create: 8 * time.Second, update: 8 * time.Second},
	"aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig": {create: 2 * time.Minute},
	// Elastic Load Balancing User Guide, "Delete an Application Load Balancer": its interfaces go first.
	"aws:lb/loadBalancer:LoadBalancer": {create: 150 * time.Second, delete: 20 * time.Second},
	// Amazon RDS User Guide, "Modifying an Amazon RDS DB instance", "Converting a DB instance to a Multi-AZ deployment",
	// "Deleting a DB instance": a final snapshot comes first.
	"aws:rds/instance:Instance": {
		create: 8 * time.Minute, update: time.Minute, delete: 6 * time.Minute,
		createMore: map[string]time.Duration{"multiAz": 4 * time.Minute},
		updates: map[string]time.Duration{
			"multiAz": 12 * time.Minute, "instanceClass": 10 * time.Minute, "engineVersion": 15 * time.Minute,
			"allocatedStorage": 5 * time.Minute,
		},
	},
	"aws:rds/snapshot:Snapshot": {create: 2 * time.Minute},
	// Amazon Route 53 Developer Guide, "How Route 53 ChangeResourceRecordSets works": changes take up to 60 seconds.
	"aws:route53/record:Record": {create: 30 * time.Second, update: 40 * time.Second, delete: 40 * time.Second},
	"aws:route53/zone:Zone":     {create: 40 * time.Second},
	"aws:sqs/queue:Queue":       {create: 25 * time.Second},
}

// Create returns how long AWS typically takes to create a resource of a type with the given inputs. It reports false
// for types that are not AWS's.
func Create(token string, inputs map[string]any) (time.Duration, bool) {
	if !isAWS(token) {
		return 0, false
	}
	if token == "aws:lambda/invocation:Invocation" {
		return gateCall(fmt.Sprint(inputs["input"])), true
	}
	duration := cmp.Or(slow[token].create, quick)
	for property, more := range slow[token].createMore {
		if fmt.Sprint(inputs[property]) == "true" {
			duration += more
		}
	}
	return duration, true
}

// gateCall returns how long a call of the gate takes (components/gate), by its input: the first of a path's calls waits
// until servers have booted, or tasks have started.
func gateCall(input string) time.Duration {
	var event struct {
		Call    int
		Targets map[string]any
		Service map[string]any
	}
	if err := json.Unmarshal([]byte(input), &event); err != nil || event.Call != 1 {
		return quick
	}
	switch {
	case event.Service != nil:
		return 2 * time.Minute
	case event.Targets != nil:
		return 4 * time.Minute
	default:
		return 10 * time.Second
	}
}

// Update returns how long AWS typically takes to change the given properties of a resource of a type in place. It
// reports false for types that are not AWS's.
func Update(token string, properties []string) (time.Duration, bool) {
	if !isAWS(token) {
		return 0, false
	}
	duration := cmp.Or(slow[token].update, quick)
	for _, property := range properties {
		duration = max(duration, slow[token].updates[property])
	}
	return duration, true
}

// Delete returns how long AWS typically takes to delete a resource of a type. It reports false for types that are not
// AWS's.
func Delete(token string) (time.Duration, bool) {
	if !isAWS(token) {
		return 0, false
	}
	return cmp.Or(slow[token].delete, quick), true
}

func isAWS(token string) bool { return strings.HasPrefix(token, "aws:") }
