package rules

import (
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/policyx"

	"stagecraft/policy/rule"
)

// networkACLs are rules for network ACLs, except the default ones, as in Security Hub.
func networkACLs() []rule.Rule {
	return []rule.Rule{{
		// Replies use ports up to 65535, which include the port of Remote Desktop.
		Name:        "ec2-network-acl-remote-ports-closed",
		Description: "Network ACLs do not open SSH and Remote Desktop to all addresses",
		Severity:    rule.Medium,
		Theme:       rule.Exposure,
		References:  []string{"FSBP EC2.21", "CIS 3.0.0 5.1", "WAF SEC05-BP02"},
		Fix: "Allow the port for the addresses that need it only, or allow all ports except 3389 with two " +
			"entries, one above and one below it.",
		Level: policyx.EnforcementLevelAdvisory,
		Types: []string{ec2NetworkACL, ec2NetworkACLRule},
		Resource: rule.ByType(map[string]rule.Check{
			ec2NetworkACL: forEach("ingress", func(r *rule.Resource, entry rule.Value) { closesRemotePorts(r, entry.Get("action"), entry.Get) }),
			ec2NetworkACLRule: rule.When(
				func(r *rule.Resource) bool { return r.Get("egress").Absent() || r.Get("egress").Is(false) },
				func(r *rule.Resource) { closesRemotePorts(r, r.Get("ruleAction"), r.Get) }),
		}),
	}, {
		Name:        "ec2-network-acl-used",
		Description: "Network ACLs belong to a subnet",
		Severity:    rule.Low,
		Theme:       rule.Exposure,
		References:  []string{"FSBP EC2.16"},
		Fix:         "Set subnetIds, or delete the network ACL.",
		Level:       policyx.EnforcementLevelAdvisory,
		Stack: func(s *rule.Stack) {
			for _, acl := range s.ResourcesOfType(ec2NetworkACL) {
				if acl.IsUnset("subnetIds") && !anyRefers(s, ec2NetworkACLAssociation, "networkAclId", acl) {
					acl.Report("no subnet uses the network ACL")
				}
			}
		},
	}}
}

// closesRemotePorts evaluates each entry by itself, and ignores entries with a higher priority.
func closesRemotePorts(r *rule.Resource, action rule.Value, get func(string) rule.Value) {
	in := ingress{
		protocol: get("protocol"), from: get("fromPort"), to: get("toPort"),
		sources: []rule.Value{get("cidrBlock"), get("ipv6CidrBlock")},
	}
	source, open := in.world()
	if open && strings.EqualFold(action.Text(), "allow") && in.carriesPorts() && slices.ContainsFunc(remotePorts, in.covers) {
		r.ReportValue(source, "the addresses that need SSH or Remote Desktop")
	}
}

func networkInterfaces() []rule.Rule {
	return []rule.Rule{{
		Name:        "ec2-one-network-interface",
		Description: "EC2 instances have one network interface, so that they do not connect two networks",
		Severity:    rule.Low,
		Theme:       rule.Exposure,
		References:  []string{"FSBP EC2.17", "WAF SEC05-BP01"},
		Fix:         "Remove the additional networkInterfaces.",
		Level:       policyx.EnforcementLevelAdvisory,
		Types:       []string{ec2Instance, ec2LaunchTemplate},
		Resource: rule.Want("networkInterfaces", "one at most", func(interfaces rule.Value) bool {
			return len(interfaces.List()) < 2
		}),
	}, {
		// A NAT or firewall instance must disable the check.
		Name:        "ec2-source-destination-check",
		Description: "Network interfaces reject traffic that is not addressed to them",
		Severity:    rule.Medium,
		Theme:       rule.Exposure,
		References:  []string{"FSBP EC2.180", "WAF SEC05-BP02"},
		Fix:         "Remove sourceDestCheck.",
		Level:       policyx.EnforcementLevelAdvisory,
		Types:       []string{ec2Instance, ec2NetworkInterface},
		Resource:    rule.Bool("sourceDestCheck", true, true),
	}, {
		// Each endpoint is billed by the hour in each zone; a NAT gateway may be enough.
		Name:        "ec2-vpc-interface-endpoints",
		Description: "VPCs reach EC2, ECR and Systems Manager through interface endpoints, not through the internet",
		Severity:    rule.Low,
		Theme:       rule.Exposure,
		References:  []string{"FSBP EC2.10", "FSBP EC2.55", "FSBP EC2.56", "FSBP EC2.57", "WAF SEC05-BP02"},
		Fix:         "Add an aws.ec2.VpcEndpoint of type Interface for each.",
		Level:       policyx.EnforcementLevelAdvisory,
		Stack:       networksHaveEndpoints,
	}}
}

func networksHaveEndpoints(s *rule.Stack) {
	endpoints := s.ResourcesOfType(ec2VPCEndpoint)
	for _, network := range s.ResourcesOfType(ec2VPC) {
		var missing []string
		for _, service := range []string{"ec2", "ecr.api", "ecr.dkr", "ssm"} {
			if !slices.ContainsFunc(endpoints, func(endpoint *rule.Resource) bool {
				name := endpoint.Get("serviceName")
				return (name.Unknown() || strings.HasSuffix(name.Text(), "."+service)) && s.MightReference(endpoint, "vpcId", network)
			}) {
				missing = append(missing, service)
			}
		}
		if len(missing) > 0 {
			network.Report("the VPC has no interface endpoint for " + strings.Join(missing, ", "))
		}
	}
}
