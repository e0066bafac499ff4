package aws

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/require"

	"stagecraft/internal/offline/cloud"
)

// minimalSecrets are the minimal inputs of Secrets Manager's types.
var minimalSecrets = map[string]func(*testAccount) map[string]any{
	secretToken: func(*testAccount) map[string]any { return map[string]any{"name": "login", "recoveryWindowInDays": 0} },
	secretVersionToken: func(a *testAccount) map[string]any {
		return map[string]any{"secretId": a.secret().id, "secretString": "{}"}
	},
	secretRotationToken: func(a *testAccount) map[string]any { return a.rotationInputs() },
}

func (a *testAccount) secret() created {
	a.t.Helper()
	return a.create(secretToken, map[string]any{"name": "login", "recoveryWindowInDays": 0})
}

func (a *testAccount) rotationInputs() map[string]any {
	a.t.Helper()
	function := a.create(functionToken, plainFunction(a))
	a.create(permissionToken, map[string]any{
		"function": function.id, "action": "lambda:InvokeFunction", "principal": "secretsmanager.amazonaws.com",
	})
	return map[string]any{
		"secretId":          a.secret().id,
		"rotationLambdaArn": function.text("arn"),
		"rotationRules":     map[string]any{"automaticallyAfterDays": 30},
	}
}

func TestSecretsManagerInputsRejected(t *testing.T) {
	t.Parallel()
	rules := func(more map[string]any) map[string]any { return map[string]any{"rotationRules": more} }
	runInputRejections(t, []inputRejection{
		{secretToken, "name", map[string]any{"name": "the login"}},
		{secretToken, "name", map[string]any{"namePrefix": "login"}},
		{secretToken, "description", map[string]any{"description": strings.Repeat("d", 2049)}},
		{secretToken, "recoveryWindowInDays", map[string]any{"recoveryWindowInDays": 6}},
		{secretToken, "recoveryWindowInDays", map[string]any{"recoveryWindowInDays": 31}},
		{secretVersionToken, "secretString", map[string]any{"secretString": ""}},
		{secretVersionToken, "secretString", map[string]any{"secretString": strings.Repeat("s", 65537)}},
		{secretVersionToken, "secretString", map[string]any{"secretBinary": "YQ=="}},
		{secretVersionToken, "versionStages", map[string]any{"versionStages": []any{}}},
		{secretRotationToken, "rotationLambdaArn", map[string]any{"rotationLambdaArn": "rotate"}},
		{secretRotationToken, "rotationRules.automaticallyAfterDays", rules(map[string]any{"automaticallyAfterDays": 0})},
		{secretRotationToken, "rotationRules.duration", rules(map[string]any{"duration": "25h"})},
		{secretRotationToken, "rotationRules.scheduleExpression", rules(map[string]any{"scheduleExpression": "daily"})},
	})
}

func TestSecretsManagerRejections(t *testing.T) {
	t.Parallel()
	runRejections(t, []rejection{
		{"name of a deleted secret", "InvalidRequestException", secretToken, func(a *testAccount) map[string]any {
			inputs := map[string]any{"name": "login", "recoveryWindowInDays": 7}
			require.NoError(a.t, a.Delete(secretToken, a.create(secretToken, inputs).id))
			return inputs
		}},
		{
			"rotation by nobody", "InvalidRequestException", secretRotationToken,
			but(secretRotationToken, map[string]any{"rotationLambdaArn": nil}),
		},
		{"rotation by a function that says no", "AccessDeniedException", secretRotationToken, func(a *testAccount) map[string]any {
			inputs := a.rotationInputs()
			ids, err := a.list(permissionToken)
			require.NoError(a.t, err)
			require.NoError(a.t, a.Delete(permissionToken, ids[0]))
			return inputs
		}},
		{
			"rotation at no time", "InvalidParameterException", secretRotationToken,
			but(secretRotationToken, map[string]any{"rotationRules": map[string]any{"duration": "3h"}}),
		},
		{
			"rotation at two times", "InvalidParameterException", secretRotationToken,
			but(secretRotationToken, map[string]any{"rotationRules": map[string]any{
				"automaticallyAfterDays": 30, "scheduleExpression": "rate(10 days)",
			}}),
		},
	})
}

func TestSecretOutputs(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	secret := account.create(secretToken, map[string]any{"name": "login"})
	require.Regexp(t, "^arn:aws:secretsmanager:eu-west-1:123456789012:secret:login-[a-z0-9]{6}$", secret.id)
	require.Equal(t, secret.id, secret.text("arn"))
	require.InDelta(t, 30, secret.outputs["recoveryWindowInDays"].NumberValue(), 0)

	version := account.create(secretVersionToken, map[string]any{"secretId": secret.id, "secretString": "{}"})
	require.Equal(t, secret.id+"|"+version.text("versionId"), version.id)
	require.Equal(t, secret.id, version.text("arn"))
}

// TestSecretVersions checks that each new version receives the labels that it requests.
func TestSecretVersions(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	secret := account.secret()
	put := func(stages ...any) created {
		inputs := map[string]any{"secretId": secret.id, "secretString": "{}"}
		if len(stages) > 0 {
			inputs["versionStages"] = stages
		}
		return account.create(secretVersionToken, inputs)
	}
	first, second, third := put("initial"), put(), put("AWSPENDING")
	fourth := put("AWSPENDING", "AWSCURRENT")
	for want, version := range map[string]created{
		"initial": first, "AWSPREVIOUS": second, "": third, "AWSPENDING AWSCURRENT": fourth,
	} {
		_, outputs, err := account.Read(secretVersionToken, version.id)
		require.NoError(t, err)
		require.Equal(t, want, strings.Join((&cloud.Resource{Outputs: outputs}).Texts("versionStages[*]"), " "))
	}
	require.Equal(t, "AWSCURRENT", first.outputs["versionStages"].ArrayValue()[0].StringValue(), "the first one is current")

	require.NoError(t, account.Delete(secretToken, secret.id))
	require.False(t, account.exists(fourth), "versions go with their secret")
}

func TestRandomPassword(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	for name, test := range map[string]struct {
		args map[string]any
		want string
		code string
	}{
		"default":        {want: `^[!-~]{32}$`},
		"length":         {args: map[string]any{"passwordLength": 8}, want: `^[!-~]{8}$`},
		"no punctuation": {args: map[string]any{"excludePunctuation": true}, want: `^[A-Za-z0-9]{32}$`},
		"numbers only": {
			args: map[string]any{"excludePunctuation": true, "excludeLowercase": true, "excludeUppercase": true}, want: `^\d{32}$`,
		},
		"but some": {
			args: map[string]any{
				"excludePunctuation": true, "excludeLowercase": true, "excludeUppercase": true, "excludeCharacters": "02468",
			},
			want: `^[13579]{32}$`,
		},
		"one of each": {
			args: map[string]any{"requireEachIncludedType": true, "passwordLength": 4}, want: `^[a-z][A-Z][0-9][^A-Za-z0-9]$`,
		},
		"spaces too": {
			args: map[string]any{
				"excludePunctuation": true, "excludeLowercase": true, "excludeUppercase": true, "excludeNumbers": true,
				"includeSpace": true,
			},
			want: `^ {32}$`,
		},
		"too long": {args: map[string]any{"passwordLength": 4097}, code: "InvalidParameterException"},
		"too short for one of each": {
			args: map[string]any{"requireEachIncludedType": true, "passwordLength": 3}, code: "InvalidParameterException",
		},
		"nothing left": {
			args: map[string]any{
				"excludePunctuation": true, "excludeLowercase": true, "excludeUppercase": true, "excludeNumbers": true,
			},
			code: "InvalidParameterException",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ask := func() (resource.PropertyMap, error) {
				answer, failures, err := account.Invoke(functions(), "aws:secretsmanager/getRandomPassword:getRandomPassword",
					resource.NewPropertyMapFromMap(test.args))
				require.Empty(t, failures)
				return answer, err
			}
			one, err := ask()
			if test.code != "" {
				requireCode(t, test.code, err)
				return
			}
			require.NoError(t, err)
			require.Regexp(t, test.want, one["randomPassword"].StringValue())
			for argument, value := range resource.NewPropertyMapFromMap(test.args) {
				require.Equal(t, value, one[argument])
			}
		})
	}
}

func TestSecretsManagerChanges(t *testing.T) {
	t.Parallel()
	runChanges(t, []change{
		{secretToken, "description", false, map[string]any{"description": "of the database"}},
		{secretToken, "name", true, map[string]any{"name": "other"}},
		{secretVersionToken, "value", true, map[string]any{"secretString": "new"}},
		{secretVersionToken, "labels", false, map[string]any{"versionStages": []any{"AWSCURRENT", "initial"}}},
		{secretRotationToken, "schedule", false, map[string]any{"rotationRules": map[string]any{"automaticallyAfterDays": 7}}},
		{secretRotationToken, "secret", true, map[string]any{"secretId": "arn:other"}},
	})
}
