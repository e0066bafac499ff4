package aws

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/require"
)

var minimalIAM = map[string]func(*testAccount) map[string]any{
	roleToken: func(*testAccount) map[string]any { return roleInputs("web", "ec2.amazonaws.com") },
	rolePolicyToken: func(a *testAccount) map[string]any {
		return map[string]any{"name": "logs", "role": a.role("web").id, "policy": writeLogs}
	},
	rolePolicyAttachmentToken: func(a *testAccount) map[string]any {
		policy := a.create(policyToken, map[string]any{"name": "logs", "policy": writeLogs})
		return map[string]any{"role": a.role("web").id, "policyArn": policy.id}
	},
	policyToken: func(*testAccount) map[string]any { return map[string]any{"name": "logs", "policy": writeLogs} },
	instanceProfileToken: func(a *testAccount) map[string]any {
		return map[string]any{"name": "web", "role": a.role("web").id}
	},
}

func TestIAMInputsRejected(t *testing.T) {
	t.Parallel()
	runInputRejections(t, []inputRejection{
		{roleToken, "name", map[string]any{"name": "web server"}},
		{roleToken, "name", map[string]any{"namePrefix": "web"}},
		{roleToken, "assumeRolePolicy", map[string]any{"assumeRolePolicy": "{"}},
		{roleToken, "description", map[string]any{"description": "a “role”"}},
		{roleToken, "maxSessionDuration", map[string]any{"maxSessionDuration": 60}},
		{roleToken, "path", map[string]any{"path": "web"}},
		{roleToken, "forceDetachPolicies", map[string]any{"forceDetachPolicies": true}},
		{roleToken, "inlinePolicies", map[string]any{"inlinePolicies": []any{map[string]any{"name": "a"}}}},
		{roleToken, "managedPolicyArns", map[string]any{"managedPolicyArns": []any{"arn:aws:iam::aws:policy/ReadOnlyAccess"}}},
		{rolePolicyToken, "policy", map[string]any{"policy": "[]"}},
		{policyToken, "description", map[string]any{"description": strings.Repeat("a", 1001)}},
	})
}

func TestIAMRejections(t *testing.T) {
	t.Parallel()
	const sound = `"Effect": "Allow", "Action": "logs:PutLogEvents", "Resource": "*"`
	long := `"Effect": "Allow", "Action": "logs:PutLogEvents", "Resource": "arn:aws:logs:::` + strings.Repeat("a", 11000) + `"`
	rejections := []rejection{
		{
			"managed policy that AWS does not have", "NoSuchEntity", rolePolicyAttachmentToken,
			but(rolePolicyAttachmentToken, map[string]any{"policyArn": "arn:aws:iam::aws:policy/AmazonEverythingAccess"}),
		},
		{
			"boundary that does not exist", "NoSuchEntity", roleToken,
			but(roleToken, map[string]any{"permissionsBoundary": "arn:aws:iam::123456789012:policy/missing"}),
		},
		{
			"inline policies too long together", "LimitExceeded", rolePolicyToken,
			but(rolePolicyToken, policyOf(long)),
		},
		{"managed policy too long", "LimitExceeded", policyToken, but(policyToken, policyOf(long))},
		{"trust policy too long", "LimitExceeded", roleToken, but(roleToken, map[string]any{
			"assumeRolePolicy": `{"Statement": [` + strings.TrimSuffix(strings.Repeat(`{"Effect": "Allow", "Action": `+
				`"sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}},`, 40), ",") + `]}`,
		})},
		{"no statement", "MalformedPolicyDocument", policyToken, but(policyToken, map[string]any{"policy": `{"Statement": []}`})},
		{"unknown version", "MalformedPolicyDocument", policyToken, but(policyToken, map[string]any{
			"policy": `{"Version": "2020-01-01", "Statement": [{` + sound + `}]}`,
		})},
	}
	for name, statement := range map[string]string{
		"a principal":          sound + `, "Principal": "*"`,
		"no effect":            `"Action": "logs:PutLogEvents", "Resource": "*"`,
		"no action":            `"Effect": "Allow", "Resource": "*"`,
		"no resource":          `"Effect": "Allow", "Action": "logs:PutLogEvents"`,
		"an action of nobody":  `"Effect": "Allow", "Action": "PutLogEvents", "Resource": "*"`,
		"a resource of no ARN": `"Effect": "Allow", "Action": "logs:PutLogEvents", "Resource": "logs"`,
	} {
		for _, token := range []string{policyToken, rolePolicyToken} {
			rejections = append(rejections, rejection{
				"policy with " + name + " " + token, "MalformedPolicyDocument", token, but(token, policyOf(statement)),
			})
		}
	}
	for name, statement := range map[string]string{
		"a resource":        `"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": "*", "Resource": "*"`,
		"no principal":      `"Effect": "Allow", "Action": "sts:AssumeRole"`,
		"another action":    `"Effect": "Allow", "Action": "logs:PutLogEvents", "Principal": "*"`,
		"a wrong principal": `"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2"}`,
	} {
		rejections = append(rejections, rejection{
			"trust policy with " + name, "MalformedPolicyDocument", roleToken, but(roleToken, trustOf(statement)),
		})
	}
	runRejections(t, rejections)
}

// TestIAMIsGlobal finds a role of one region in another.
func TestIAMIsGlobal(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	role := account.role("web")
	other, err := New(account.db, nil).Region("us-east-1", nil)
	require.NoError(t, err)
	_, outputs, err := other.Read(roleToken, role.id)
	require.NoError(t, err)
	require.Equal(t, "arn:aws:iam::123456789012:role/web", outputs["arn"].StringValue())
	_, _, err = other.Create(t.Context(), roleToken, "urn", role.inputs, false)
	requireCode(t, "EntityAlreadyExists", err)
}

func TestRoleOutputs(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	role := account.create(roleToken, with(roleInputs("web", "ec2.amazonaws.com"), map[string]any{"path": "/apps/"}))
	require.Equal(t, "web", role.id)
	require.Equal(t, "arn:aws:iam::123456789012:role/apps/web", role.text("arn"))
	require.Regexp(t, `^AROA[A-Z0-9]{17}$`, role.text("uniqueId"))
	require.Regexp(t, `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$`, role.text("createDate"))

	profile := account.create(instanceProfileToken, map[string]any{"role": role.id})
	require.Equal(t, "arn:aws:iam::123456789012:instance-profile/"+profile.id, profile.text("arn"))
	require.NoError(t, account.Delete(roleToken, role.id), "the AWS provider takes it out of its instance profiles")
}

func TestRoleKeepsItsPolicies(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	role := account.role("web")
	attached := account.create(rolePolicyAttachmentToken, map[string]any{
		"role": role.id, "policyArn": "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore",
	})
	requireCode(t, "DeleteConflict", account.Delete(roleToken, role.id))
	require.NoError(t, account.Delete(rolePolicyAttachmentToken, attached.id))
	require.NoError(t, account.Delete(roleToken, role.id))
}

func TestRolePolicyTakesOver(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	account.takesOver(rolePolicyToken, minimal[rolePolicyToken](account))
}

func TestInlinePoliciesAddUp(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	role := account.role("web")
	for i, code := range []string{"", "", "LimitExceeded"} {
		inputs := with(policyOf(`"Effect": "Allow", "Action": "logs:*", "Resource": "arn:aws:logs:::`+strings.Repeat("a", 4500)+`"`),
			map[string]any{"role": role.id, "name": fmt.Sprint(i)})
		if code != "" {
			account.rejects(code, rolePolicyToken, inputs)
			continue
		}
		_, _, err := account.Create(t.Context(), rolePolicyToken, urn(rolePolicyToken), resource.NewPropertyMapFromMap(inputs), false)
		require.NoError(t, err)
	}
}

// writeLogs is a policy that allows a role to write logs.
const writeLogs = `{"Version": "2012-10-17",
	"Statement": [{"Effect": "Allow", "Action": ["logs:PutLogEvents"], "Resource": "*"}]}`

func roleInputs(name, service string) map[string]any {
	return map[string]any{"name": name, "assumeRolePolicy": `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
		"Action": "sts:AssumeRole", "Principal": {"Service": "` + service + `"}}]}`}
}

func (a *testAccount) role(name string) created {
	a.t.Helper()
	return a.create(roleToken, roleInputs(name, "ec2.amazonaws.com"))
}

// serviceRole returns a role for a service, named after it.
func (a *testAccount) serviceRole(service string) created {
	a.t.Helper()
	return a.create(roleToken, roleInputs(service, service+".amazonaws.com"))
}
