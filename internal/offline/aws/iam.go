package aws

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"

	"stagecraft/internal/offline/cloud"
)

const (
	roleToken                 = "aws:iam/role:Role"
	rolePolicyToken           = "aws:iam/rolePolicy:RolePolicy"
	rolePolicyAttachmentToken = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
	policyToken               = "aws:iam/policy:Policy"
	instanceProfileToken      = "aws:iam/instanceProfile:InstanceProfile"
)

// managedPolicies are the AWS managed policies that the offline cloud knows (AWS Managed Policy Reference Guide).
var managedPolicies = policyARNs(
	iam.ManagedPolicyAWSCodeDeployRole,
	iam.ManagedPolicyAWSCodeDeployRoleForECS,
	iam.ManagedPolicyAWSCodeDeployRoleForLambda,
	iam.ManagedPolicyAWSLambdaBasicExecutionRole,
	iam.ManagedPolicyAWSLambdaVPCAccessExecutionRole,
	iam.ManagedPolicyAWSXRayDaemonWriteAccess,
	iam.ManagedPolicyAmazonAPIGatewayPushToCloudWatchLogs,
	iam.ManagedPolicyAmazonEC2ContainerRegistryReadOnly,
	iam.ManagedPolicyAmazonEC2RoleforAWSCodeDeploy,
	iam.ManagedPolicyAmazonECSTaskExecutionRolePolicy,
	iam.ManagedPolicyAmazonRDSEnhancedMonitoringRole,
	iam.ManagedPolicyAmazonSSMAutomationRole,
	iam.ManagedPolicyAmazonSSMMaintenanceWindowRole,
	iam.ManagedPolicyAmazonSSMManagedInstanceCore,
	iam.ManagedPolicyAmazonSSMPatchAssociation,
	iam.ManagedPolicyCloudWatchAgentServerPolicy,
	iam.ManagedPolicyReadOnlyAccess,
	iam.ManagedPolicySecurityAudit,
)

func policyARNs(policies ...iam.ManagedPolicy) *regexp.Regexp {
	quoted := make([]string, len(policies))
	for i, policy := range policies {
		quoted[i] = regexp.QuoteMeta(string(policy))
	}
	return regexp.MustCompile("^(" + strings.Join(quoted, "|") + ")$")
}

// iamName is how IAM's names look (IAM User Guide, "IAM name requirements").
func iamName(longest int) *cloud.Name {
	return &cloud.Name{Property: "name", Max: longest, Pattern: regexp.MustCompile(`^[\w+=,.@-]+$`)}
}

var iamPath = cloud.All(cloud.Length(1, 512), cloud.Match(`^/([!-\x7f]+/)?$`, "a path that begins and ends with /"))

func iamQuota(limit int, name string, per string) *cloud.Quota {
	return &cloud.Quota{Limit: limit, Per: per, Error: cloud.Error{
		Code: "LimitExceeded", Message: "Cannot exceed quota for " + name,
	}}
}

func iamNotFound(message string) cloud.Error {
	return cloud.Error{Code: "NoSuchEntity", Message: message}
}

// iamTypes are global: names are unique in the account (IAM User Guide, "IAM and AWS STS quotas", for all quotas here).
func iamTypes() []cloud.Type {
	return []cloud.Type{{
		Token:     roleToken,
		Args:      iam.RoleArgs{},
		State:     iam.Role{},
		Global:    true,
		Service:   "IAM",
		Operation: "CreateRole",
		Change:    "UpdateRole",
		Source: "CloudFormation resource schema AWS::IAM::Role; IAM API Reference, CreateRole and DeleteRole. The AWS " +
			"provider takes a role out of its instance profiles before it deletes it",
		Name:      iamName(64),
		ID:        "${name}",
		Conflicts: [][]string{{"name", "namePrefix"}},
		Values: map[string]cloud.Value{
			"assumeRolePolicy":    cloud.JSON,
			"description":         cloud.All(cloud.Length(0, 1000), cloud.Match(`^[^“‘]*$`, "without typographic quotes")),
			"forceDetachPolicies": cloud.NotSimulated,
			"inlinePolicies":      cloud.NotSimulated,
			"managedPolicyArns":   cloud.NotSimulated,
			"maxSessionDuration":  cloud.Range(3600, 43200),
			"path":                iamPath,
		},
		Computed: map[string]any{
			"arn":                 "arn:aws:iam::${account}:role${path}${name}",
			"createDate":          "${now}",
			"forceDetachPolicies": false,
			"maxSessionDuration":  3600,
			"name":                "${namePrefix}${digits26}",
			"path":                "/",
			"uniqueId":            "AROA${capitals17}",
		},
		Replace: []string{"name", "namePrefix", "path"},
		Refs:    []cloud.Ref{{Path: "permissionsBoundary", Type: policyToken, By: "arn", External: managedPolicies}},
		Unique:  [][]string{{"name"}},
		Quota:   iamQuota(1000, "RolesPerAccount: 1000", ""),
		Check: func(_ cloud.Account, role *cloud.Resource) error {
			return trustPolicy(role.Text("assumeRolePolicy"))
		},
		NotFound: iamNotFound("The role with name ${value} cannot be found."),
		Exists:   cloud.Error{Code: "EntityAlreadyExists", Message: "Role with name ${name} already exists."},
		InUse:    cloud.Error{Code: "DeleteConflict", Message: "Cannot delete entity, must detach all policies first."},
	}, {
		Token:     rolePolicyToken,
		Args:      iam.RolePolicyArgs{},
		State:     iam.RolePolicy{},
		Global:    true,
		Service:   "IAM",
		Operation: "PutRolePolicy",
		Source: "CloudFormation resource schema AWS::IAM::RolePolicy; IAM API Reference, PutRolePolicy, which silently " +
			"takes over a policy of the same name",
		Name:      iamName(128),
		ID:        "${role}:${name}",
		Conflicts: [][]string{{"name", "namePrefix"}},
		Values:    map[string]cloud.Value{"policy": cloud.JSON},
		Computed:  map[string]any{"name": "${namePrefix}${digits26}"},
		Replace:   []string{"name", "namePrefix", "role"},
		Refs:      []cloud.Ref{{Path: "role", Type: roleToken, By: "name"}},
		Check:     rolePolicyFits,
		NotFound:  iamNotFound("The role policy with name ${value} cannot be found."),
	}, {
		Token:     rolePolicyAttachmentToken,
		Args:      iam.RolePolicyAttachmentArgs{},
		State:     iam.RolePolicyAttachment{},
		Global:    true,
		Service:   "IAM",
		Operation: "AttachRolePolicy",
		Source: "SDK doc; IAM API Reference, AttachRolePolicy, which takes a policy that is attached already. Of AWS's " +
			"managed policies the offline cloud knows some",
		ID:      "${role}-${digits26}",
		Replace: []string{"policyArn", "role"},
		Refs: []cloud.Ref{
			{Path: "role", Type: roleToken, By: "name"},
			{Path: "policyArn", Type: policyToken, By: "arn", External: managedPolicies},
		},
		Quota:    iamQuota(10, "PoliciesPerRole: 10", "role"),
		NotFound: iamNotFound("The attachment ${value} was not found."),
	}, {
		Token:     policyToken,
		Args:      iam.PolicyArgs{},
		State:     iam.Policy{},
		Global:    true,
		Service:   "IAM",
		Operation: "CreatePolicy",
		Change:    "CreatePolicyVersion",
		Source:    "CloudFormation resource schema AWS::IAM::ManagedPolicy; IAM API Reference, CreatePolicy",
		Name:      iamName(128),
		ID:        "arn:aws:iam::${account}:policy${path}${name}",
		Conflicts: [][]string{{"name", "namePrefix"}},
		Values: map[string]cloud.Value{
			"description": cloud.Length(0, 1000),
			"path":        iamPath,
			"policy":      cloud.JSON,
		},
		Computed: map[string]any{
			"arn":      "${id}",
			"name":     "${namePrefix}${digits26}",
			"path":     "/",
			"policyId": "ANPA${capitals17}",
		},
		Replace: []string{"description", "name", "namePrefix", "path"},
		Unique:  [][]string{{"name"}},
		Quota:   iamQuota(1500, "PoliciesPerAccount: 1500", ""),
		Check: func(_ cloud.Account, policy *cloud.Resource) error {
			if policySize(policy.Text("policy")) > 6144 {
				return refuse("LimitExceeded", "Cannot exceed quota for PolicySize: 6144")
			}
			return identityPolicy(policy.Text("policy"))
		},
		NotFound: iamNotFound("Policy ${value} does not exist or is not attachable."),
		Exists: cloud.Error{
			Code: "EntityAlreadyExists", Message: "A policy called ${name} already exists. Duplicate names are not allowed.",
		},
		InUse: cloud.Error{Code: "DeleteConflict", Message: "Cannot delete a policy attached to entities."},
	}, {
		Token:     instanceProfileToken,
		Args:      iam.InstanceProfileArgs{},
		State:     iam.InstanceProfile{},
		Global:    true,
		Service:   "IAM",
		Operation: "CreateInstanceProfile",
		Change:    "AddRoleToInstanceProfile",
		Source: "CloudFormation resource schema AWS::IAM::InstanceProfile; SDK doc; IAM API Reference, " +
			"CreateInstanceProfile. It takes as long as the AWS provider waits for it to spread",
		Name:      iamName(128),
		ID:        "${name}",
		Conflicts: [][]string{{"name", "namePrefix"}},
		Values:    map[string]cloud.Value{"path": iamPath},
		Computed: map[string]any{
			"arn":        "arn:aws:iam::${account}:instance-profile${path}${name}",
			"createDate": "${now}",
			"name":       "${namePrefix}${digits26}",
			"path":       "/",
			"uniqueId":   "AIPA${capitals17}",
		},
		Replace:  []string{"name", "namePrefix", "path"},
		Refs:     []cloud.Ref{{Path: "role", Type: roleToken, By: "name", Loose: true}},
		Unique:   [][]string{{"name"}},
		Quota:    iamQuota(1000, "InstanceProfilesPerAccount: 1000", ""),
		NotFound: iamNotFound("Instance Profile ${value} cannot be found."),
		Exists:   cloud.Error{Code: "EntityAlreadyExists", Message: "Instance Profile ${name} already exists."},
		Takes:    7 * time.Second,
	}}
}

func malformed(format string, values ...any) error {
	return refuse("MalformedPolicyDocument", format, values...)
}

// policySize is a policy's size as IAM counts it, without white space.
func policySize(document string) int { return len(strings.Join(strings.Fields(document), "")) }

// longestInline is how much all inline policies of a role may hold together, in characters.
const longestInline = 10240

func rolePolicyFits(account cloud.Account, policy *cloud.Resource) error {
	if err := identityPolicy(policy.Text("policy")); err != nil {
		return err
	}
	others, err := account.List(rolePolicyToken)
	if err != nil {
		return err
	}
	size := policySize(policy.Text("policy"))
	for _, other := range others {
		if other.Text("role") == policy.Text("role") && other.Text("name") != policy.Text("name") {
			size += policySize(other.Text("policy"))
		}
	}
	if size > longestInline {
		return refuse("LimitExceeded", "Maximum policy size of %d bytes exceeded for role %s", longestInline, policy.Text("role"))
	}
	return nil
}

// sound gives a policy's statements; one of no known version, without statements or an effect is malformed.
func sound(document string) ([]statement, error) {
	statements, err := statementsOf(document)
	if err != nil || len(statements) == 0 {
		return nil, malformed("Syntax errors in policy.")
	}
	if strings.Contains(document, `"Version"`) && !policyVersion.MatchString(document) {
		return nil, malformed("The policy must contain a valid version string")
	}
	for _, statement := range statements {
		if statement.Effect != "Allow" && statement.Effect != "Deny" {
			return nil, malformed("Syntax errors in policy.")
		}
	}
	return statements, nil
}

var policyVersion = regexp.MustCompile(`"Version"\s*:\s*"(2012-10-17|2008-10-17)"`)

var (
	iamAction   = regexp.MustCompile(`^(\*|[a-z0-9-]+:[\w*?]+)$`)
	iamResource = regexp.MustCompile(`^(\*|arn:[^:]+:[^:]*:[^:]*:[^:]*:.+)$`)
	principal   = regexp.MustCompile(`^(\*|\d{12}|arn:aws:(iam|sts)::\d{12}:.+|[a-z0-9.-]+\.amazonaws\.com)$`)
)

// identityPolicy refuses what can't be the policy of a role (IAM User Guide, "Grammar of the IAM JSON policy language").
func identityPolicy(document string) error {
	statements, err := sound(document)
	if err != nil {
		return err
	}
	for _, statement := range statements {
		actions := slices.Concat(statement.Action, statement.NotAction)
		resources := slices.Concat(statement.Resource, statement.NotResource)
		switch {
		case len(statement.Principal)+len(statement.NotPrincipal) > 0:
			return malformed("Policy document should not specify a principal.")
		case len(actions) == 0:
			return malformed("Policy statement must contain actions.")
		case len(resources) == 0:
			return malformed("Policy statement must contain resources.")
		}
		for _, action := range actions {
			if !iamAction.MatchString(action) {
				return malformed("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")
			}
		}
		for _, resource := range resources {
			if !iamResource.MatchString(resource) {
				return malformed("Resource %s must be in ARN format or \"*\".", resource)
			}
		}
	}
	return nil
}

// longestTrust is how long a role's trust policy may be, in characters.
const longestTrust = 2048

// trustPolicy refuses what can't say who assumes a role.
func trustPolicy(document string) error {
	statements, err := sound(document)
	if err != nil {
		return err
	}
	if policySize(document) > longestTrust {
		return refuse("LimitExceeded", "Cannot exceed quota for ACLSizePerRole: %d", longestTrust)
	}
	for _, statement := range statements {
		switch {
		case len(statement.Resource)+len(statement.NotResource) > 0:
			return malformed("Has prohibited field Resource")
		case len(statement.Principal) == 0:
			return malformed("Missing required field Principal")
		}
		for _, action := range statement.Action {
			if !strings.HasPrefix(action, "sts:") {
				return malformed("AssumeRole policy may only specify STS AssumeRole actions.")
			}
		}
		for _, named := range statement.Principal {
			if !principal.MatchString(named) {
				return malformed("Invalid principal in policy: %q", named)
			}
		}
	}
	return nil
}

// assumes tells whether a role lets a service assume it.
func assumes(role *cloud.Resource, service string) bool {
	statements, err := statementsOf(role.Text("assumeRolePolicy"))
	return err == nil && slices.ContainsFunc(statements, func(statement statement) bool {
		return statement.Effect == "Allow" && slices.Contains(statement.Principal, service) &&
			matches(statement.Action, "sts:AssumeRole")
	})
}

// permits tells whether a role has a managed policy, or an inline one that allows an action.
func permits(account cloud.Account, role *cloud.Resource, policy iam.ManagedPolicy, action string) (bool, error) {
	attached, err := account.List(rolePolicyAttachmentToken)
	if err != nil {
		return false, err
	}
	inline, err := account.List(rolePolicyToken)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(attached, func(attachment *cloud.Resource) bool {
		return attachment.Text("role") == role.ID && attachment.Text("policyArn") == string(policy)
	}) || slices.ContainsFunc(inline, func(inline *cloud.Resource) bool {
		statements, err := statementsOf(inline.Text("policy"))
		return err == nil && inline.Text("role") == role.ID && slices.ContainsFunc(statements, func(statement statement) bool {
			return statement.Effect == "Allow" && matches(statement.Action, action)
		})
	}), nil
}
