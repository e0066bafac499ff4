package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/policyx"

	"stagecraft/policy/rule"
)

func cost() []rule.Rule { return slices.Concat(generations(), volumes(), storage(), capacity()) }

// oldFamilies are instance families with a cheaper and faster successor.
var oldFamilies = []string{
	"a1", "c1", "c3", "c4", "cc2", "cg1", "cr1", "g2", "g3", "hs1", "i2", "m1", "m2", "m3", "m4", "p2", "r3", "r4", "t1", "t2",
}

func generations() []rule.Rule {
	return []rule.Rule{{
		Name:        "ec2-current-generation",
		Description: "EC2 instances are of a current generation",
		Severity:    rule.Low,
		Theme:       rule.Cost,
		References:  []string{"FSBP EC2.24", "WAF COST06-BP02"},
		Fix:         "Set instanceType to a type of the successor family, such as t4g or m7g.",
		Level:       policyx.EnforcementLevelAdvisory,
		Types:       []string{ec2Instance, ec2LaunchTemplate, ec2LaunchConfiguration},
		Resource:    rule.Want("instanceType", "of a current generation", isCurrent),
	}, {
		Name:        "rds-current-generation",
		Description: "RDS databases run on instance classes of a current generation",
		Severity:    rule.Low,
		Theme:       rule.Cost,
		References:  []string{"WAF COST06-BP02"},
		Fix:         "Set instanceClass to a class of the successor family, such as db.t4g or db.m7g.",
		Level:       policyx.EnforcementLevelAdvisory,
		Types:       []string{rdsInstance, rdsClusterInstance},
		Resource:    rule.Want("instanceClass", "of a current generation", isCurrent),
	}, {
		Name:        "elasticache-current-generation",
		Description: "ElastiCache runs on node types of a current generation",
		Severity:    rule.Low,
		Theme:       rule.Cost,
		References:  []string{"WAF COST06-BP02"},
		Fix:         "Set nodeType to a type of the successor family, such as cache.t4g or cache.m7g.",
		Level:       policyx.EnforcementLevelAdvisory,
		Types:       []string{elasticacheReplicationGroup, elasticacheCluster},
		Resource:    rule.Want("nodeType", "of a current generation", isCurrent),
	}}
}

// isCurrent accepts types such as t4g.small, db.t4g.small and cache.t4g.small.
func isCurrent(value rule.Value) bool {
	parts := strings.Split(value.Text(), ".")
	return len(parts) < 2 || !slices.Contains(oldFamilies, parts[len(parts)-2])
}

func volumes() []rule.Rule {
	return []rule.Rule{{
		Name:        "ebs-gp3",
		Description: "EBS volumes are of type gp3, which costs less than gp2",
		Severity:    rule.Low,
		Theme:       rule.Cost,
		References:  []string{"WAF COST06-BP02"},
		Fix:         "Set type to gp3. Large volumes also need iops and throughput to stay as fast as before.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       []string{ebsVolume},
		Resource:    rule.Want("type", "gp3", func(value rule.Value) bool { return !isGP2(value) && !value.Absent() }),
		Remediation: func(r *rule.Resource) bool {
			return (r.Get("type").Absent() || isGP2(r.Get("type"))) && toGP3(r, "type", "size")
		},
	}, {
		Name:        "ec2-root-volume-gp3",
		Description: "Root volumes of EC2 instances are of type gp3, which costs less than gp2",
		Severity:    rule.Low,
		Theme:       rule.Cost,
		References:  []string{"WAF COST06-BP02"},
		Fix:         "Set rootBlockDevice.volumeType to gp3. Large volumes also need iops and throughput to stay as fast as before.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       []string{ec2Instance, ec2LaunchConfiguration},
		Resource:    rule.Want("rootBlockDevice.volumeType", "gp3", func(value rule.Value) bool { return !isGP2(value) }),
		Remediation: func(r *rule.Resource) bool {
			return isGP2(r.Get("rootBlockDevice.volumeType")) && toGP3(r, "rootBlockDevice.volumeType", "rootBlockDevice.volumeSize")
		},
	}, {
		Name:        "ec2-volumes-gp3",
		Description: "Additional volumes of EC2 instances are of type gp3, which costs less than gp2",
		Severity:    rule.Low,
		Theme:       rule.Cost,
		References:  []string{"WAF COST06-BP02"},
		Fix:         "Set volumeType to gp3. This replaces the instance, unless the volume is an aws.ebs.Volume.",
		Level:       policyx.EnforcementLevelAdvisory,
		Types:       []string{ec2Instance, ec2LaunchConfiguration},
		Resource: forEach("ebsBlockDevices", func(r *rule.Resource, device rule.Value) {
			kind := device.Get("volumeType")
			requireValue(r, kind, "gp3", func(rule.Value) bool { return !isGP2(kind) && !kind.Absent() })
		}),
	}, {
		Name:        "ec2-launch-template-gp3",
		Description: "Launch templates use volumes of type gp3, which costs less than gp2",
		Severity:    rule.Low,
		Theme:       rule.Cost,
		References:  []string{"WAF COST06-BP02"},
		Fix:         "Set ebs.volumeType to gp3.",
		Level:       policyx.EnforcementLevelAdvisory,
		Types:       []string{ec2LaunchTemplate},
		Resource: forEach("blockDeviceMappings", func(r *rule.Resource, mapping rule.Value) {
			requireValue(r, mapping.Get("ebs.volumeType"), "gp3", func(value rule.Value) bool { return !isGP2(value) })
		}),
	}, {
		Name:        "rds-gp3",
		Description: "RDS databases use storage of type gp3, which is faster than gp2 at the same price",
		Severity:    rule.Low,
		Theme:       rule.Cost,
		References:  []string{"WAF COST06-BP02"},
		Fix:         "Set storageType to gp3.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       []string{rdsInstance},
		Resource:    rule.When(slowStorage, func(r *rule.Resource) { r.ReportValue(r.Get("storageType"), "gp3") }),
		Remediation: func(r *rule.Resource) bool { return slowStorage(r) && toGP3(r, "storageType", "allocatedStorage") },
	}}
}

func isGP2(value rule.Value) bool { return value.Text() == "gp2" }

// slowStorage reports whether a database uses gp2, which is the default unless iops is set or the storage is a copy of
// a source.
func slowStorage(r *rule.Resource) bool {
	own := isUnset("iops")(r) && notReplica(r) && isUnset("snapshotIdentifier")(r) && r.Get("restoreToPointInTime").Absent()
	return isGP2(r.Get("storageType")) || r.Get("storageType").Absent() && own
}

// smallGiB is the size up to which gp2 is never faster than gp3 without extra iops and throughput.
const smallGiB = 170

// toGP3 does not change volumes that gp3 might make slower.
func toGP3(r *rule.Resource, path, size string) bool {
	if gib, is := r.Get(size).Number(); !r.Get(size).Absent() && !(is && gib <= smallGiB) {
		return false
	}
	r.Set(path, property.New("gp3"))
	return true
}

func storage() []rule.Rule {
	return []rule.Rule{{
		Name:        "s3-incomplete-uploads-end",
		Description: "S3 buckets have a lifecycle rule that removes incomplete uploads, which are invisible but billed",
		Severity:    rule.Low,
		Theme:       rule.Cost,
		References:  []string{"FSBP S3.13"},
		Fix: "Add an aws.s3.BucketLifecycleConfiguration (V2 in version 6 of the provider) with a rule " +
			"that sets abortIncompleteMultipartUpload.",
		Level: policyx.EnforcementLevelAdvisory,
		Stack: bucketsEndUploads,
	}, {
		Name:        "ecr-lifecycle-policy",
		Description: "ECR repositories expire old images",
		Severity:    rule.Medium,
		Theme:       rule.Cost,
		References:  []string{"FSBP ECR.3"},
		Fix:         "Add an aws.ecr.LifecyclePolicy.",
		Level:       policyx.EnforcementLevelMandatory,
		Stack: func(s *rule.Stack) {
			policies, sure := referring(s, s.ResourcesOfType(ecrLifecyclePolicy), "repository", ecrRepository)
			for _, repository := range s.ResourcesOfType(ecrRepository) {
				if sure && len(policies[repository]) == 0 {
					repository.Report("no lifecycle policy expires its images")
				}
			}
		},
	}}
}

// bucketsEndUploads accepts lifecycle rules in the bucket itself or in a resource of its own.
func bucketsEndUploads(s *rule.Stack) {
	configurations, sure := referring(
		s, s.ResourcesOfType(s3BucketLifecycleConfiguration), "bucket", s3Bucket,
	)
	inline := func(lifecycle rule.Value) bool {
		return isSet(lifecycle.Get("abortIncompleteMultipartUploadDays")) && !lifecycle.Get("enabled").Is(false)
	}
	beside := func(lifecycle rule.Value) bool {
		return isSet(lifecycle.Get("abortIncompleteMultipartUpload.daysAfterInitiation")) && lifecycle.Get("status").Text() != "Disabled"
	}
	for _, bucket := range s.ResourcesOfType(s3Bucket) {
		rules := bucket.Get("lifecycleRules")
		ends := !bucket.IsUnset("lifecycleRules") && slices.ContainsFunc(rules.List(), inline)
		for _, configuration := range configurations[bucket] {
			ends = ends || slices.ContainsFunc(configuration.Get("rules").List(), beside)
		}
		if !ends && sure {
			bucket.Report("no lifecycle rule removes incomplete uploads")
		}
	}
}

func capacity() []rule.Rule {
	return []rule.Rule{{
		Name:        "dynamodb-scales",
		Description: "DynamoDB tables are billed per request, or scale their provisioned capacity",
		Severity:    rule.Medium,
		Theme:       rule.Cost,
		References:  []string{"FSBP DynamoDB.1", "WAF COST09-BP03"},
		Fix:         "Set billingMode to PAY_PER_REQUEST, or add an aws.appautoscaling.Target for reads and one for writes.",
		Level:       policyx.EnforcementLevelMandatory,
		Stack:       tablesScale,
	}, {
		Name:        "ec2-one-nat-gateway",
		Description: "A VPC has one NAT gateway at most, up to the stage at which each zone should have its own",
		Severity:    rule.Low,
		Theme:       rule.Cost,
		References:  []string{"WAF COST06-BP02"},
		FromStage:   1,
		Fix:         "Route the private subnets of all zones to one NAT gateway.",
		Level:       policyx.EnforcementLevelAdvisory,
		Parameters: map[string]rule.Parameter{
			"stage": {Description: "The stage from which each zone may have its own NAT gateway", Default: 4, Min: 1, Max: 5},
		},
		Stack: oneGateway,
	}}
}

func tablesScale(s *rule.Stack) {
	targets, sure := scaling(s, "dynamodb", dynamodbTable)
	for _, table := range s.ResourcesOfType(dynamodbTable) {
		mode := table.Get("billingMode")
		if !sure || !mode.Absent() && mode.Text() != "PROVISIONED" {
			continue
		}
		scales := map[string]bool{}
		for _, target := range targets[table] {
			scales[target.Get("scalableDimension").Text()] = true
		}
		for _, direction := range []string{"Read", "Write"} {
			// A target whose dimension is not known yet may cover either direction.
			if !scales["dynamodb:table:"+direction+"CapacityUnits"] && !scales[""] {
				table.Report(fmt.Sprintf("billingMode is %s, and no scaling target covers %ss", mode, strings.ToLower(direction)))
			}
		}
	}
}

func oneGateway(s *rule.Stack) {
	gateways := map[*rule.Resource]int{}
	for _, gateway := range s.ResourcesOfType(ec2NatGateway) {
		if float64(s.Stage) >= gateway.Parameter("stage") {
			return
		}
		subnets := subnetsOf(s, gateway, "subnetId", "")
		if len(subnets) != 1 {
			continue
		}
		networks, _ := s.References(subnets[0], "vpcId", ec2VPC)
		for _, network := range networks {
			if gateways[network]++; gateways[network] == 2 {
				network.Report("the VPC has more than one NAT gateway")
			}
		}
	}
}
