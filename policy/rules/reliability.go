package rules

import (
	"cmp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/policyx"

	"stagecraft/policy/rule"
)

func reliability() []rule.Rule {
	return slices.Concat(
		databasesInZones(), entryInZones(), targetsServe(), groupsHeal(), cachesFailOver(), servicesSurvive(), functionsSurvive(),
	)
}

func databasesInZones() []rule.Rule {
	return []rule.Rule{{
		Name:        "rds-multi-az",
		Description: "RDS databases have a standby in a second availability zone",
		Severity:    rule.Medium,
		Theme:       rule.Reliability,
		References:  []string{"FSBP RDS.5", "WAF REL10-BP01"},
		FromStage:   2,
		Fix:         "Set multiAz to true.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       []string{rdsInstance},
		Resource:    rule.When(notReplica, rule.True("multiAz")),
	}, {
		Name:        "rds-cluster-multi-az",
		Description: "Aurora clusters have instances in two or more availability zones",
		Severity:    rule.Medium,
		Theme:       rule.Reliability,
		References:  []string{"FSBP RDS.15", "WAF REL10-BP01"},
		FromStage:   2,
		Fix:         "Add an aws.rds.ClusterInstance in another zone.",
		Level:       policyx.EnforcementLevelMandatory,
		Stack:       clustersSpanZones,
	}, {
		Name:        "rds-replicas-span-zones",
		Description: "Read replicas of a database run in two or more availability zones",
		Severity:    rule.Medium,
		Theme:       rule.Reliability,
		References:  []string{"WAF REL10-BP01"},
		FromStage:   3,
		Fix:         "Add a replica with a different availabilityZone, or set multiAz of a replica to true.",
		Level:       policyx.EnforcementLevelMandatory,
		Stack:       replicasSpanZones,
	}}
}

// clustersSpanZones excludes clusters that always span zones, and members of a global cluster, which may have no
// instances until they are needed.
func clustersSpanZones(s *rule.Stack) {
	members, sure := referring(s, s.ResourcesOfType(rdsClusterInstance), "clusterIdentifier", rdsCluster)
	for _, cluster := range s.ResourcesOfType(rdsCluster) {
		aurora := strings.HasPrefix(cluster.Get("engine").Text(), "aurora") && cluster.Get("engineMode").Text() != "serverless"
		if aurora && sure && cluster.IsUnset("globalClusterIdentifier") && inOneZone(members[cluster]) {
			cluster.Report("all instances of the cluster run in one availability zone")
		}
	}
}

// replicasSpanZones excludes replicas that refer to their source by its ARN, because they may be in another region.
func replicasSpanZones(s *rule.Stack) {
	replicas := map[any][]*rule.Resource{}
	var sources []any
	for _, replica := range s.ResourcesOfType(rdsInstance) {
		if replica.IsUnset("replicateSourceDb") || strings.HasPrefix(replica.Get("replicateSourceDb").Text(), "arn:") {
			continue
		}
		var source any = replica.Get("replicateSourceDb").Text()
		if databases, _ := s.References(replica, "replicateSourceDb", rdsInstance); len(databases) > 0 {
			source = databases[0]
		}
		if source != "" && replicas[source] == nil {
			sources = append(sources, source)
		}
		replicas[source] = append(replicas[source], replica)
	}
	spread := func(replica *rule.Resource) bool {
		return replica.Get("multiAz").Is(true) || replica.Get("multiAz").Unknown() && !replica.IsUnset("multiAz")
	}
	for _, source := range sources {
		if group := replicas[source]; inOneZone(group) && !slices.ContainsFunc(group, spread) {
			group[0].Report("all read replicas of the same source run in one availability zone")
		}
	}
}

func entryInZones() []rule.Rule {
	return []rule.Rule{{
		Name:        "lb-spans-zones",
		Description: "Load balancers use two or more availability zones",
		Severity:    rule.Medium,
		Theme:       rule.Reliability,
		References:  []string{"FSBP ELB.13", "WAF REL10-BP01"},
		FromStage:   2,
		Fix:         "Set subnets to subnets in two or more availability zones.",
		Level:       policyx.EnforcementLevelMandatory,
		Stack: func(s *rule.Stack) {
			for _, balancer := range s.ResourcesOfType(lbLoadBalancer) {
				if oneZone(s, balancer, "subnets", "") || oneZone(s, balancer, "subnetMappings", "subnetId") {
					balancer.Report("all subnets of the load balancer are in one availability zone")
				}
			}
		},
	}, {
		Name:        "lb-targets-span-zones",
		Description: "Instances behind a load balancer run in two or more availability zones",
		Severity:    rule.Medium,
		Theme:       rule.Reliability,
		References:  []string{"WAF REL10-BP01"},
		FromStage:   2,
		Fix:         "Attach an instance in another zone.",
		Level:       policyx.EnforcementLevelMandatory,
		Stack:       targetsSpanZones,
	}, {
		Name:        "cloudfront-origin-failover",
		Description: "CloudFront has a second origin for failover",
		Severity:    rule.Low,
		Theme:       rule.Reliability,
		References:  []string{"FSBP CloudFront.4", "WAF REL11-BP02"},
		FromStage:   5,
		Fix:         "Add an origin, and add a group of both origins to originGroups.",
		Level:       policyx.EnforcementLevelAdvisory,
		Types:       []string{cloudfrontDistribution},
		Resource:    rule.Set("originGroups"),
	}}
}

// targetsSpanZones evaluates target groups whose instances are attached one by one.
func targetsSpanZones(s *rule.Stack) {
	attachments, sure := referring(s, s.ResourcesOfType(lbTargetGroupAttachment), "targetGroupArn", lbTargetGroup)
	filled := map[*rule.Resource]bool{}
	for token, property := range map[string]string{
		autoscalingGroup: "targetGroupArns", ecsService: "loadBalancers", autoscalingAttachment: "lbTargetGroupArn",
	} {
		isUnset := func(r *rule.Resource) bool { return r.IsUnset(property) }
		others, known := referring(s, slices.DeleteFunc(s.ResourcesOfType(token), isUnset), property, lbTargetGroup)
		sure = sure && known
		for group := range others {
			filled[group] = true
		}
	}
	if !sure {
		return
	}
	for _, group := range s.ResourcesOfType(lbTargetGroup) {
		if !filled[group] && isOneOf("targetType", "instance", "instance")(group) && targetsInOneZone(s, attachments[group]) {
			group.Report("all targets of the group run in one availability zone")
		}
	}
}

func targetsInOneZone(s *rule.Stack, attachments []*rule.Resource) bool {
	if len(attachments) == 1 {
		return true
	}
	zones := map[string]bool{}
	for _, attachment := range attachments {
		instances, _ := s.References(attachment, "targetId", ec2Instance)
		if len(instances) != 1 {
			return false
		}
		// All instances of a subnet are in the same zone.
		zone := cmp.Or(zoneOf(instances[0]), instances[0].Get("subnetId").Text())
		if subnets := subnetsOf(s, instances[0], "subnetId", ""); len(subnets) == 1 {
			zone = cmp.Or(zoneOf(subnets[0]), zone)
		}
		if zone == "" {
			return false
		}
		zones[zone] = true
	}
	return len(zones) == 1
}
