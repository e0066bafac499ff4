package aws

import (
	"regexp"

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

// iamName returns the name rules of IAM (IAM User Guide, "IAM name requirements").
func iamName(longest int) *cloud.Name {
	return &cloud.Name{Property: "name", Max: longest, Pattern: regexp.MustCompile(`^[\w+=,.@-]+$`)}
}

var iamPath = cloud.All(cloud.Length(1, 512), cloud.Match(`^/([!-\x7f]+/)?$`, "a path that begins and ends with /"))

func iamQuota(limit int, name string, per string) *cloud.Quota {
	return &cloud.Quota{Limit: limit, Scope: per, Error: cloud.Error{
		Code: "LimitExceeded", Message: "Cannot exceed quota for " + name,
	}}
}

func iamNotFound(message string) cloud.Error {
	return cloud.Error{Code: "NoSuchEntity", Message: message}
}

// iamTypes returns global types: names are unique in the account (IAM User Guide, "IAM and AWS STS quotas", for all
// quotas here).
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
		Refs:    []cloud.Ref{{Path: "permissionsBoundary", Type: policyToken, TargetProperty: "arn", External: managedPolicies}},
		Unique:  [][]string{{"name"}},
		Quota:   iamQuota(1000, "RolesPerAccount: 1000", ""),
		Check: func(_ cloud.Account, role *cloud.Resource) error {
			return validateTrustPolicy(role.Text("assumeRolePolicy"))
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
		Refs:      []cloud.Ref{{Path: "role", Type: roleToken, TargetProperty: "name"}},
		Check:     validateRolePolicy,
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
			{Path: "role", Type: roleToken, TargetProperty: "name"},
			{Path: "policyArn", Type: policyToken, TargetProperty: "arn", External: managedPolicies},
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
				return apiError("LimitExceeded", "Cannot exceed quota for PolicySize: 6144")
			}
			return validateIdentityPolicy(policy.Text("policy"))
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
		Refs:     []cloud.Ref{{Path: "role", Type: roleToken, TargetProperty: "name", Weak: true}},
		Unique:   [][]string{{"name"}},
		Quota:    iamQuota(1000, "InstanceProfilesPerAccount: 1000", ""),
		NotFound: iamNotFound("Instance Profile ${value} cannot be found."),
		Exists:   cloud.Error{Code: "EntityAlreadyExists", Message: "Instance Profile ${name} already exists."},
	}}
}
