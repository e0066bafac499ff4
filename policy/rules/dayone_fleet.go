package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/policyx"

	"stagecraft/policy/rule"
)

// fleet are rules for EC2 instances: Systems Manager manages and patches them, and replaces SSH.
func fleet() []rule.Rule {
	return []rule.Rule{{
		Name:        "ec2-managed-by-ssm",
		Description: "Systems Manager manages EC2 instances: their role has AmazonSSMManagedInstanceCore",
		Severity:    rule.Medium,
		Theme:       rule.DayOne,
		References:  []string{"FSBP SSM.1", "WAF SEC06-BP03"},
		Fix:         "Set iamInstanceProfile to a profile whose role has the policy AmazonSSMManagedInstanceCore.",
		Level:       policyx.EnforcementLevelMandatory,
		Stack:       instancesManaged,
	}, {
		Name:        "ec2-patched",
		Description: "Systems Manager patches EC2 instances: an association or a maintenance window runs a patch document on targets",
		Severity:    rule.High,
		Theme:       rule.DayOne,
		References:  []string{"FSBP SSM.2", "WAF OPS05-BP05"},
		FromStage:   1,
		Fix:         "Create an SSM association, or a maintenance window task, that runs AWS-RunPatchBaseline on the instances.",
		Level:       policyx.EnforcementLevelMandatory,
		Stack: stackHas(func(s *rule.Stack) bool { return len(s.ResourcesOfType(ec2Instance, autoscalingGroup)) > 0 }, patches,
			"No association or maintenance window patches the stack's instances"),
	}, {
		Name:        "ec2-no-key-pair",
		Description: "EC2 instances have no key pair: Session Manager replaces SSH",
		Severity:    rule.Low,
		Theme:       rule.DayOne,
		References:  []string{"WAF SEC06-BP03"},
		Fix:         "Remove keyName, and use Session Manager. A changed key pair replaces the instance.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       []string{ec2Instance, ec2LaunchTemplate, ec2LaunchConfiguration},
		Resource:    rule.Want("keyName", "unset", func(value rule.Value) bool { return value.Text() == "" }),
	}, {
		Name:        "ec2-remote-ports-closed",
		Description: "Security groups do not open SSH and Remote Desktop to all addresses",
		Severity:    rule.Critical,
		Theme:       rule.DayOne,
		References:  []string{"FSBP EC2.19", "CIS 3.0.0 5.2", "CIS 3.0.0 5.3", "WAF SEC05-BP02"},
		Fix:         "Close ports 22 and 3389, and use Session Manager.",
		Level:       policyx.EnforcementLevelMandatory,
		Types: []string{
			ec2SecurityGroup, ec2DefaultSecurityGroup,
			ec2SecurityGroupRule, vpcSecurityGroupIngressRule,
		},
		Resource: remotePortsClosed,
	}}
}

// launchers are resources that launch instances from launch templates.
var launchers = []reference{
	{autoscalingGroup, "launchTemplate"},
	{autoscalingGroup, "mixedInstancesPolicy"},
	{ec2Instance, "launchTemplate"},
	{ec2Fleet, "launchTemplateConfigs"},
}

func instancesManaged(s *rule.Stack) {
	if managesAll(s) {
		return
	}
	for _, resource := range launching(s) {
		if resource.IsUnset("iamInstanceProfile") {
			resource.Report("iamInstanceProfile is not set")
			continue
		}
		used, _ := s.References(resource, "iamInstanceProfile", iamInstanceProfile)
		for _, profile := range used {
			attachedRoles, _ := s.References(profile, "role", iamRole)
			for _, role := range attachedRoles {
				if !mayBeManaged(s, role) {
					resource.Report(fmt.Sprintf("the role %q in iamInstanceProfile does not allow Systems Manager to manage the instance", role.Name))
				}
			}
		}
	}
}

// managesAll reports whether Systems Manager manages all instances of the account without an instance profile.
func managesAll(s *rule.Stack) bool {
	return slices.ContainsFunc(s.ResourcesOfType(ssmServiceSetting), func(setting *rule.Resource) bool {
		id := setting.Get("settingId")
		return id.Unknown() || strings.HasSuffix(id.Text(), "/ssm/managed-instance/default-ec2-instance-management-role")
	})
}

// launching returns the resources that set the profile of instances. A launch template counts only if something
// launches from it: EKS, for example, rejects templates with a profile.
func launching(s *rule.Stack) []*rule.Resource {
	resources := slices.DeleteFunc(s.ResourcesOfType(ec2Instance, ec2LaunchConfiguration), func(resource *rule.Resource) bool {
		return !resource.IsUnset("launchTemplate") && resource.IsUnset("iamInstanceProfile")
	})
	for _, launcher := range launchers {
		for _, user := range s.ResourcesOfType(launcher.token) {
			used, _ := s.References(user, launcher.property, ec2LaunchTemplate)
			for _, template := range used {
				if !slices.Contains(resources, template) {
					resources = append(resources, template)
				}
			}
		}
	}
	return resources
}

// mayBeManaged reports whether a policy of a role allows Systems Manager to manage instances, or an unknown one may.
func mayBeManaged(s *rule.Stack, role *rule.Resource) bool {
	grants := func(policy rule.Value) bool { return policy.Unknown() || allowsManagement(policy.Text()) }
	if !role.IsUnset("managedPolicyArns") && slices.ContainsFunc(role.Get("managedPolicyArns").List(), grants) {
		return true
	}
	inline := func(inlinePolicy rule.Value) bool { return grants(inlinePolicy.Get("policy")) }
	if !role.IsUnset("inlinePolicies") && slices.ContainsFunc(role.Get("inlinePolicies").List(), inline) {
		return true
	}
	for _, attached := range []struct{ token, role, policy string }{
		{iamRolePolicyAttachment, "role", "policyArn"},
		{iamPolicyAttachment, "roles", "policyArn"},
		{iamRolePolicy, "role", "policy"},
	} {
		for _, attachment := range s.ResourcesOfType(attached.token) {
			if roles, sure := s.References(attachment, attached.role, role.Type); sure && !slices.Contains(roles, role) {
				continue
			}
			document := attachment.Get(attached.policy)
			if custom, _ := s.References(attachment, attached.policy, iamPolicy); len(custom) > 0 {
				document = custom[0].Get("policy")
			}
			if grants(document) {
				return true
			}
		}
	}
	return false
}

// allowsManagement accepts the ARN of a policy or a policy document.
func allowsManagement(policy string) bool {
	return slices.ContainsFunc([]string{
		"AmazonSSMManagedInstanceCore", "AmazonSSMManagedEC2InstanceDefaultPolicy", "AmazonEC2RoleforSSM",
		"ssm:UpdateInstanceInformation", "ssm:*",
	}, func(part string) bool { return strings.Contains(policy, part) })
}

// patches reports whether the stack runs a patch document on targets.
func patches(s *rule.Stack) bool {
	if len(s.ResourcesOfType(ssmQuicksetupConfigurationManager)) > 0 {
		return true
	}
	for _, runs := range []struct {
		token, document string
		targets         []string
	}{
		{ssmAssociation, "name", []string{"targets", "instanceId"}},
		{ssmMaintenanceWindowTask, "taskArn", []string{"targets"}},
	} {
		for _, resource := range s.ResourcesOfType(runs.token) {
			document := resource.Get(runs.document)
			aims := slices.ContainsFunc(runs.targets, func(targets string) bool { return !resource.IsUnset(targets) })
			if aims && (document.Unknown() || strings.Contains(document.Text(), "Patch")) {
				return true
			}
		}
	}
	return false
}

// opening lists the properties that contain the ports and addresses of a security group rule.
type opening struct{ protocol, from, to, ipv4, ipv6 string }

var (
	classicOpening = opening{"protocol", "fromPort", "toPort", "cidrBlocks", "ipv6CidrBlocks"}
	ruleOpening    = opening{"ipProtocol", "fromPort", "toPort", "cidrIpv4", "cidrIpv6"}
)

func remotePortsClosed(r *rule.Resource) {
	switch r.Type {
	case vpcSecurityGroupIngressRule:
		ruleOpening.evaluate(r, "", r.Get)
	case ec2SecurityGroupRule:
		if r.Get("type").Text() == "ingress" {
			classicOpening.evaluate(r, "", r.Get)
		}
	default:
		for _, ingress := range r.Get("ingress").List() {
			classicOpening.evaluate(r, ingress.Path+".", ingress.Get)
		}
	}
}

// evaluate reports the first range that contains all addresses. A rule may have fewer properties than listed, and a
// path starts with the path of the rule.
func (o opening) evaluate(r *rule.Resource, path string, get func(string) rule.Value) {
	port := o.remotePort(get)
	if port == 0 {
		return
	}
	for _, ranges := range []string{o.ipv4, o.ipv6} {
		for _, addresses := range get(ranges).List() {
			if strings.HasSuffix(addresses.Text(), "/0") {
				r.Report(fmt.Sprintf("%s%s opens port %[4]d to %[3]s: it must not be open to all addresses", path, ranges, addresses, port))
				return
			}
		}
	}
}

// remotePort returns the open port of SSH or Remote Desktop, or 0 if neither is known to be open.
func (o opening) remotePort(get func(string) rule.Value) int {
	protocol := get(o.protocol).Text()
	from, fromKnown := get(o.from).Number()
	to, toKnown := get(o.to).Number()
	all := slices.Contains([]string{"-1", "all"}, protocol)
	for _, port := range []int{22, 3389} {
		if all || slices.Contains([]string{"tcp", "6", "udp", "17"}, strings.ToLower(protocol)) && fromKnown && toKnown &&
			from <= float64(port) && float64(port) <= to {
			return port
		}
	}
	return 0
}
