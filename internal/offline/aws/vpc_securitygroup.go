package aws

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"

	"stagecraft/internal/offline/cloud"
)

const (
	securityGroupToken = "aws:ec2/securityGroup:SecurityGroup"
	ingressRuleToken   = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
	egressRuleToken    = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"

	defaultGroupName = "default"
)

// The allowed characters of names and descriptions (EC2 API Reference, CreateSecurityGroup).
const (
	groupNamePattern        = `^[a-zA-Z0-9 ._\-:/()#,@\[\]+=&;{}!$*]*$`
	groupDescriptionWording = "less than 256 characters from a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*"
)

var groupDescription = cloud.All(cloud.Length(0, 255), cloud.Match(groupNamePattern, groupDescriptionWording))

func securityGroupTypes() []cloud.Type {
	return []cloud.Type{securityGroupType(), defaultSecurityGroupType(), ingressRuleType(), egressRuleType()}
}

func securityGroupType() cloud.Type {
	rules := map[string]cloud.Value{"description": groupDescription}
	refs := []cloud.Ref{{Path: "vpcId", Type: vpcToken}}
	for _, list := range []string{"ingress", "egress"} {
		rules[list+"[*].cidrBlocks[*]"] = cloud.CIDR
		rules[list+"[*].description"] = groupDescription
		rules[list+"[*].fromPort"] = ports
		rules[list+"[*].toPort"] = ports
		refs = append(refs, cloud.Ref{Path: list + "[*].securityGroups[*]", Type: securityGroupToken})
	}
	return cloud.Type{
		Token:     securityGroupToken,
		Args:      ec2.SecurityGroupArgs{},
		State:     ec2.SecurityGroup{},
		Service:   "EC2",
		Operation: "CreateSecurityGroup",
		Source: "CloudFormation resource schema AWS::EC2::SecurityGroup; EC2 API Reference, CreateSecurityGroup; " +
			"VPC User Guide, Amazon VPC quotas",
		Name:      &cloud.Name{Property: "name", Max: 255, Pattern: regexp.MustCompile(groupNamePattern)},
		ID:        "sg-${hex17}",
		Conflicts: [][]string{{"name", "namePrefix"}},
		Values:    rules,
		Computed: map[string]any{
			"arn":                 "arn:aws:ec2:${region}:${account}:security-group/${id}",
			"description":         "Managed by Pulumi",
			"egress":              []any{},
			"ingress":             []any{},
			"name":                "${namePrefix}${digits26}",
			"ownerId":             "${account}",
			"revokeRulesOnDelete": false,
		},
		Replace: []string{"description", "name", "namePrefix", "vpcId"},
		Refs:    refs,
		Unique:  [][]string{{"vpcId", "name"}},
		Quota: &cloud.Quota{Limit: 2500, Error: cloud.Error{
			Code: "SecurityGroupLimitExceeded", Message: "The maximum number of security groups has been reached.",
		}},
		Check:    validateSecurityGroup,
		Delete:   rejectIfReferenced,
		NotFound: cloud.Error{Code: "InvalidGroup.NotFound", Message: "The security group '${value}' does not exist"},
		Exists: cloud.Error{
			Code: "InvalidGroup.Duplicate", Message: "The security group '${name}' already exists for VPC '${vpcId}'",
		},
		InUse: cloud.Error{Code: "DependencyViolation", Message: "resource ${id} has a dependent object"},
	}
}

func defaultSecurityGroupType() cloud.Type {
	return cloud.Type{
		Token:     "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
		Args:      ec2.DefaultSecurityGroupArgs{},
		State:     ec2.DefaultSecurityGroup{},
		Service:   "EC2",
		Operation: "DescribeSecurityGroups",
		Source:    "SDK doc: adopts the VPC's own group, whose rules it replaces; deleting it leaves the group as it is",
		ID:        "${vpcId.defaultSecurityGroupId}",
		Computed: map[string]any{
			"arn":         "arn:aws:ec2:${region}:${account}:security-group/${id}",
			"description": "default VPC security group",
			"egress":      []any{},
			"ingress":     []any{},
			"name":        defaultGroupName,
			"ownerId":     "${account}",
		},
		Replace:    []string{"vpcId"},
		Refs:       []cloud.Ref{{Path: "vpcId", Type: vpcToken, OwnedBy: true}},
		Check:      requireVpc,
		AfterWrite: adoptDefaultSecurityGroup,
	}
}

func ingressRuleType() cloud.Type {
	return securityGroupRule(cloud.Type{
		Token:     ingressRuleToken,
		Args:      vpc.SecurityGroupIngressRuleArgs{},
		State:     vpc.SecurityGroupIngressRule{},
		Operation: "AuthorizeSecurityGroupIngress",
	})
}

func egressRuleType() cloud.Type {
	return securityGroupRule(cloud.Type{
		Token:     egressRuleToken,
		Args:      vpc.SecurityGroupEgressRuleArgs{},
		State:     vpc.SecurityGroupEgressRule{},
		Operation: "AuthorizeSecurityGroupEgress",
	})
}

// ports allows port numbers, and -1 for all ICMP types.
var ports = cloud.Range(-1, 65535)

// securityGroupRule adds the declarations that rules of both directions share.
func securityGroupRule(rule cloud.Type) cloud.Type {
	rule.Service = "EC2"
	rule.Source = "SDK doc; EC2 API Reference, AuthorizeSecurityGroupIngress; VPC User Guide, Amazon VPC quotas"
	rule.ID = "sgr-${hex17}"
	rule.OneOf = [][]string{{"cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId"}}
	rule.Values = map[string]cloud.Value{
		"cidrIpv4": cloud.CIDR, "description": groupDescription, "fromPort": ports, "toPort": ports,
		"ipProtocol": cloud.Match(`^(-1|tcp|udp|icmp|icmpv6|[0-9]{1,3})$`, "-1, tcp, udp, icmp, icmpv6 or a protocol number"),
	}
	rule.Computed = map[string]any{
		"arn":                 "arn:aws:ec2:${region}:${account}:security-group-rule/${id}",
		"securityGroupRuleId": "${id}",
	}
	rule.Replace = []string{"securityGroupId"}
	rule.Refs = []cloud.Ref{
		{Path: "securityGroupId", Type: securityGroupToken, OwnedBy: true},
		{Path: "referencedSecurityGroupId", Type: securityGroupToken, External: regexp.MustCompile(`^\d{12}/`)},
	}
	rule.Check = func(account cloud.Account, res *cloud.Resource) error {
		return validateSecurityGroupRule(account, rule.Token, res)
	}
	return rule
}

func requireVpc(_ cloud.Account, res *cloud.Resource) error {
	if res.Text("vpcId") == "" {
		return apiError("VPCIdNotSpecified", "No default VPC for this user")
	}
	return nil
}

func validateSecurityGroup(account cloud.Account, group *cloud.Resource) error {
	switch name := group.Text("name"); {
	case name == defaultGroupName:
		return apiError("InvalidParameterValue", "Cannot use reserved security group name: %s", name)
	case strings.HasPrefix(name, "sg-"):
		return apiError("InvalidParameterValue", "Value (%s) for parameter GroupName is invalid. "+
			"Group names may not be in the format sg-*.", name)
	}
	for _, list := range []string{"ingress", "egress"} {
		rules := 0
		for _, peers := range []string{"cidrBlocks", "ipv6CidrBlocks", "securityGroups"} {
			rules += len(group.Texts(list + "[*]." + peers + "[*]"))
		}
		if err := validateRuleLimit(group.Region, rules, group.Texts(list+"[*].prefixListIds[*]")); err != nil {
			return err
		}
	}
	return requireVpc(account, group)
}

// rejectIfReferenced rejects the deletion of a VPC's default group, and of a group in use by instances of an
// auto-scaling group.
func rejectIfReferenced(account cloud.Account, group *cloud.Resource) error {
	if group.Text("name") == defaultGroupName {
		return apiError("CannotDelete", "the specified group: \"%s\" name: \"default\" cannot be deleted by a user", group.ID)
	}
	instances, err := account.List(instanceToken)
	if err != nil {
		return err
	}
	for _, instance := range instances {
		if slices.Contains(instance.Texts("vpcSecurityGroupIds[*]"), group.ID) {
			return apiError("DependencyViolation", "resource %s has a dependent object", group.ID)
		}
	}
	return nil
}

// adoptDefaultSecurityGroup replaces the rules of the VPC's default group by those of the resource that adopts it.
func adoptDefaultSecurityGroup(account cloud.Account, adopted *cloud.Resource) error {
	group, err := account.Find(securityGroupToken, "", adopted.ID)
	if err != nil {
		return err
	}
	group.Outputs["ingress"], group.Outputs["egress"] = adopted.Outputs["ingress"], adopted.Outputs["egress"]
	return account.Put(securityGroupToken, group)
}

// validateSecurityGroupRule rejects an invalid port range, a group of another VPC, a duplicate rule, and rules above
// the quota.
func validateSecurityGroupRule(account cloud.Account, token string, rule *cloud.Resource) error {
	protocol, from, to := rule.Text("ipProtocol"), rule.Text("fromPort"), rule.Text("toPort")
	if (protocol == "tcp" || protocol == "udp") && (from == "" || to == "") {
		return apiError("InvalidParameterValue",
			"Invalid value for portRange. Must specify both from and to ports with TCP/UDP.")
	}
	if low, high := number(rule, "fromPort"), number(rule, "toPort"); from != "" && to != "" && low > high && high >= 0 {
		return apiError("InvalidParameterValue", "Invalid %s port range (%s:%s)", strings.ToUpper(protocol), from, to)
	}
	if err := validateRuleNetwork(account, rule); err != nil {
		return err
	}
	others, err := account.List(token)
	if err != nil {
		return err
	}
	identity := []string{
		"ipProtocol", "fromPort", "toPort", "cidrIpv4", "cidrIpv6", "prefixListId",
		"referencedSecurityGroupId",
	}
	siblings := slices.DeleteFunc(others, func(other *cloud.Resource) bool {
		return other.ID == rule.ID || other.Text("securityGroupId") != rule.Text("securityGroupId")
	})
	for _, other := range siblings {
		differs := func(property string) bool { return other.Text(property) != rule.Text(property) }
		if !slices.ContainsFunc(identity, differs) {
			return apiError("InvalidPermission.Duplicate",
				"the specified rule \"peer: %s, %s, from port: %s, to port: %s, ALLOW\" already exists",
				rulePeer(rule), strings.ToUpper(protocol), from, to)
		}
	}
	plain, lists := 0, []string{}
	for _, one := range append(siblings, rule) {
		if list := one.Text("prefixListId"); list != "" {
			lists = append(lists, list)
		} else {
			plain++
		}
	}
	return validateRuleLimit(rule.Region, plain, lists)
}

func rulePeer(rule *cloud.Resource) string {
	return fmt.Sprint(rule.Text("cidrIpv4"), rule.Text("cidrIpv6"), rule.Text("prefixListId"),
		rule.Text("referencedSecurityGroupId"))
}

func validateRuleNetwork(account cloud.Account, rule *cloud.Resource) error {
	group, err := account.Find(securityGroupToken, "", rule.Text("securityGroupId"))
	if err != nil {
		return err
	}
	other, err := account.Find(securityGroupToken, "", rule.Text("referencedSecurityGroupId"))
	if err != nil || other == nil {
		return err
	}
	if other.Text("vpcId") != group.Text("vpcId") {
		return apiError("InvalidGroup.NotFound", "You have specified two resources that belong to different networks.")
	}
	return nil
}
