package rules

import (
	"cmp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/policyx"

	"stagecraft/policy/rule"
)

const (
	subnetToken      = "aws:ec2/subnet:Subnet"
	databaseToken    = "aws:rds/instance:Instance"
	clusterToken     = "aws:rds/cluster:Cluster"
	tableToken       = "aws:dynamodb/table:Table"
	bucketToken      = "aws:s3/bucket:Bucket"
	repositoryToken  = "aws:ecr/repository:Repository"
	balancerToken    = "aws:lb/loadBalancer:LoadBalancer"
	targetGroupToken = "aws:lb/targetGroup:TargetGroup"
	attachmentToken  = "aws:autoscaling/attachment:Attachment"
	scalingToken     = "aws:appautoscaling/target:Target"
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
		Types:       []string{databaseToken},
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
		Description: "Read replicas of a database stand in two or more availability zones",
		Severity:    rule.Medium,
		Theme:       rule.Reliability,
		References:  []string{"WAF REL10-BP01"},
		FromStage:   3,
		Fix:         "Add a replica whose availabilityZone is another one, or set multiAz of the replica to true.",
		Level:       policyx.EnforcementLevelMandatory,
		Stack:       replicasSpanZones,
	}}
}

// noReplica leaves out read replicas, which can be made anew from their source.
func notReplica(r *rule.Resource) bool { return isUnset("replicateSourceDb")(r) }

// clustersSpanZones leaves out clusters that are spread by themselves, and those of other regions that have no instances
// until they are needed.
func clustersSpanZones(s *rule.Stack) {
	members, sure := referring(s, s.ResourcesOfType("aws:rds/clusterInstance:ClusterInstance"), "clusterIdentifier", clusterToken)
	for _, cluster := range s.ResourcesOfType(clusterToken) {
		aurora := strings.HasPrefix(cluster.Get("engine").Text(), "aurora") && cluster.Get("engineMode").Text() != "serverless"
		if aurora && sure && cluster.IsUnset("globalClusterIdentifier") && inOneZone(members[cluster]) {
			cluster.Report("its instances stand in one availability zone")
		}
	}
}

// replicasSpanZones leaves out replicas that name their source by its ARN: they may stand in another region.
func replicasSpanZones(s *rule.Stack) {
	replicas := map[any][]*rule.Resource{}
	var sources []any
	for _, replica := range s.ResourcesOfType(databaseToken) {
		if replica.IsUnset("replicateSourceDb") || strings.HasPrefix(replica.Get("replicateSourceDb").Text(), "arn:") {
			continue
		}
		var source any = replica.Get("replicateSourceDb").Text()
		if databases, _ := s.References(replica, "replicateSourceDb", databaseToken); len(databases) > 0 {
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
			group[0].Report("all read replicas of its source stand in one availability zone")
		}
	}
}

// inOneZone tells whether instances surely stand in one zone. Which one AWS chooses is not known before the update.
func inOneZone(instances []*rule.Resource) bool {
	zones := map[string]bool{}
	for _, instance := range instances {
		zone := instance.Get("availabilityZone").Text()
		if zone == "" && len(instances) > 1 {
			return false
		}
		zones[zone] = true
	}
	return len(zones) == 1
}

func entryInZones() []rule.Rule {
	return []rule.Rule{{
		Name:        "lb-spans-zones",
		Description: "Load balancers stand in two or more availability zones",
		Severity:    rule.Medium,
		Theme:       rule.Reliability,
		References:  []string{"FSBP ELB.13", "WAF REL10-BP01"},
		FromStage:   2,
		Fix:         "Name subnets of two or more availability zones in subnets.",
		Level:       policyx.EnforcementLevelMandatory,
		Stack: func(s *rule.Stack) {
			for _, balancer := range s.ResourcesOfType(balancerToken) {
				if oneZone(s, balancer, "subnets", "") || oneZone(s, balancer, "subnetMappings", "subnetId") {
					balancer.Report("its subnets lie in one availability zone")
				}
			}
		},
	}, {
		Name:        "lb-targets-span-zones",
		Description: "Instances behind a load balancer stand in two or more availability zones",
		Severity:    rule.Medium,
		Theme:       rule.Reliability,
		References:  []string{"WAF REL10-BP01"},
		FromStage:   2,
		Fix:         "Attach an instance in another zone.",
		Level:       policyx.EnforcementLevelMandatory,
		Stack:       targetsSpanZones,
	}, {
		Name:        "cloudfront-origin-failover",
		Description: "CloudFront has a second origin for when the first one fails",
		Severity:    rule.Low,
		Theme:       rule.Reliability,
		References:  []string{"FSBP CloudFront.4", "WAF REL11-BP02"},
		FromStage:   5,
		Fix:         "Add an origin, and a group of both to originGroups.",
		Level:       policyx.EnforcementLevelAdvisory,
		Types:       []string{"aws:cloudfront/distribution:Distribution"},
		Resource:    rule.Set("originGroups"),
	}}
}

// targetsSpanZones judges groups of instances that are attached one by one.
func targetsSpanZones(s *rule.Stack) {
	attachments, sure := referring(s, s.ResourcesOfType("aws:lb/targetGroupAttachment:TargetGroupAttachment"), "targetGroupArn", targetGroupToken)
	filled := map[*rule.Resource]bool{}
	for token, property := range map[string]string{
		groupToken: "targetGroupArns", serviceToken: "loadBalancers", attachmentToken: "lbTargetGroupArn",
	} {
		isUnset := func(r *rule.Resource) bool { return r.IsUnset(property) }
		others, known := referring(s, slices.DeleteFunc(s.ResourcesOfType(token), isUnset), property, targetGroupToken)
		sure = sure && known
		for group := range others {
			filled[group] = true
		}
	}
	if !sure {
		return
	}
	for _, group := range s.ResourcesOfType(targetGroupToken) {
		if !filled[group] && isOneOf("targetType", "instance", "instance")(group) && targetsInOneZone(s, attachments[group]) {
			group.Report("its targets stand in one availability zone")
		}
	}
}

func targetsInOneZone(s *rule.Stack, attachments []*rule.Resource) bool {
	if len(attachments) == 1 {
		return true
	}
	zones := map[string]bool{}
	for _, attachment := range attachments {
		instances, _ := s.References(attachment, "targetId", instanceToken)
		if len(instances) != 1 {
			return false
		}
		// Instances of one subnet stand in one zone, whichever it is.
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

// oneZone tells whether the subnets in a list surely lie in one zone. field is where an element has its subnet, "" if it
// is one itself.
func oneZone(s *rule.Stack, r *rule.Resource, path, field string) bool {
	if list := r.Get(path); !list.Unknown() && len(list.List()) < 2 {
		return len(list.List()) == 1
	}
	zones := map[string]bool{}
	for _, subnet := range subnetsOf(s, r, path, field) {
		zones[zoneOf(subnet)] = true
	}
	return len(zones) == 1 && !zones[""]
}

// subnetsOf are the subnets in a property, none unless the stack has all of them.
func subnetsOf(s *rule.Stack, r *rule.Resource, path, field string) []*rule.Resource {
	property, _, _ := strings.Cut(path, ".")
	subnets, _ := s.References(r, property, subnetToken)
	ids := map[string]bool{}
	for _, id := range r.Get(path).List() {
		if field != "" {
			id = id.Get(field)
		}
		if id.Unknown() && slices.ContainsFunc(s.Sources(r, property), mayHoldSubnets) {
			return nil
		}
		if !id.Unknown() {
			ids[id.Text()] = true
		}
	}
	if len(subnets) < len(ids) {
		return nil
	}
	return subnets
}

// mayHoldSubnets tells whether other subnets than those of the stack may come from a source, such as a component.
func mayHoldSubnets(source *rule.Resource) bool {
	return !source.IsType(subnetToken, "aws:ec2/securityGroup:SecurityGroup", "aws:ec2/eip:Eip")
}

// zoneOf is the zone of a subnet or instance, "" if it is not known.
func zoneOf(r *rule.Resource) string {
	return cmp.Or(r.Get("availabilityZone").Text(), r.Get("availabilityZoneId").Text())
}

// referring are resources by those of a type to which a property of theirs refers. It is unsure where one may refer to
// any.
func referring(
	s *rule.Stack, resources []*rule.Resource, property, to string,
) (referrers map[*rule.Resource][]*rule.Resource, sure bool) {
	referrers, sure = map[*rule.Resource][]*rule.Resource{}, true
	for _, from := range resources {
		targets, known := s.References(from, property, to)
		sure = sure && known
		for _, target := range targets {
			referrers[target] = append(referrers[target], from)
		}
	}
	return referrers, sure
}
