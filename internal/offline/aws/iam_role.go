package aws

import (
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"

	"stagecraft/internal/offline/cloud"
)

// isAssumableBy reports whether a role's trust policy allows a service to assume it.
func isAssumableBy(role *cloud.Resource, service string) bool {
	statements, err := statementsOf(role.Text("assumeRolePolicy"))
	return err == nil && slices.ContainsFunc(statements, func(statement statement) bool {
		return statement.Effect == "Allow" && slices.Contains(statement.Principal, service) &&
			matches(statement.Action, "sts:AssumeRole")
	})
}

// hasPermission reports whether a role has a managed policy, or an inline one that allows an action.
func hasPermission(account cloud.Account, role *cloud.Resource, policy iam.ManagedPolicy, action string) (bool, error) {
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

// requireAssumable rejects a role, by its ARN, that a service cannot assume.
func requireAssumable(account cloud.Account, arn, service, code, message string) error {
	role, err := account.Find(roleToken, "arn", arn)
	if err != nil {
		return err
	}
	if !isAssumableBy(role, service) {
		return apiError(code, "%s%s", message, arn)
	}
	return nil
}
