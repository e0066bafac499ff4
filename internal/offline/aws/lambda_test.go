package aws

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/archive"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/asset"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/stretchr/testify/require"

	"stagecraft/internal/offline/cloud"
)

var minimalLambda = map[string]func(*testAccount) map[string]any{
	functionToken: plainFunction,
	permissionToken: func(a *testAccount) map[string]any {
		return map[string]any{
			"function": a.create(functionToken, functionInputs(a)).id, "action": "lambda:InvokeFunction",
			"principal": "apigateway.amazonaws.com", "statementId": "api",
		}
	},
	invocationToken: func(a *testAccount) map[string]any {
		return map[string]any{"functionName": a.create(functionToken, functionInputs(a)).id, "input": "{}"}
	},
	aliasToken: func(a *testAccount) map[string]any {
		return map[string]any{
			"name": "live", "functionName": a.create(functionToken, functionInputs(a)).id, "functionVersion": "1",
		}
	},
	provisionedConcurrencyToken: func(a *testAccount) map[string]any {
		a.create(aliasToken, map[string]any{
			"name": "live", "functionName": a.create(functionToken, plainFunction(a)).id, "functionVersion": "1",
		})
		return map[string]any{"functionName": "visits", "qualifier": "live", "provisionedConcurrentExecutions": 5}
	},
	eventInvokeConfigToken: func(a *testAccount) map[string]any {
		return map[string]any{
			"functionName": a.create(functionToken, functionInputs(a)).id, "qualifier": "1",
			"destinationConfig": map[string]any{"onFailure": map[string]any{
				"destination": "arn:aws:sqs:eu-west-1:123456789012:letters",
			}},
		}
	},
}

func plainFunction(a *testAccount) map[string]any {
	a.t.Helper()
	return map[string]any{
		"name": "visits", "role": a.serviceRole("lambda").text("arn"), "code": code("exit 1"), "runtime": "provided.al2023",
		"handler": "bootstrap", "publish": true,
	}
}

// functionInputs returns the inputs of a function that uses all features that Lambda checks.
func functionInputs(a *testAccount) map[string]any {
	a.t.Helper()
	inputs := plainFunction(a)
	a.create(rolePolicyToken, map[string]any{"name": "all", "role": "lambda", "policy": policyOf(`"Effect": "Allow",
		"Action": ["xray:PutTraceSegments", "sqs:SendMessage", "ec2:CreateNetworkInterface"], "Resource": "*"`)["policy"]})
	network := a.network("7")
	return with(inputs, map[string]any{
		"tracingConfig":    map[string]any{"mode": "Active"},
		"deadLetterConfig": map[string]any{"targetArn": a.create(queueToken, map[string]any{"name": "letters"}).text("arn")},
		"vpcConfig": map[string]any{
			"subnetIds": []any{network.subnets[0].id}, "securityGroupIds": []any{a.securityGroup(network.vpc, "visits").id},
		},
	})
}

func code(script string) *archive.Archive {
	text, err := asset.FromText(script)
	if err != nil {
		panic(err)
	}
	packed, err := archive.FromAssets(map[string]any{"bootstrap": text})
	if err != nil {
		panic(err)
	}
	return packed
}

func TestLambdaInputsRejected(t *testing.T) {
	t.Parallel()
	logging := func(property, value string) map[string]any {
		return map[string]any{"loggingConfig": map[string]any{"logFormat": "JSON", property: value}}
	}
	runInputRejections(t, []inputRejection{
		{functionToken, "name", map[string]any{"name": "count visits"}},
		{functionToken, "code", map[string]any{"code": "exit 1"}},
		{functionToken, "code", map[string]any{"s3Bucket": "code"}},
		{functionToken, "architectures", map[string]any{"architectures": []any{"arm64", "x86_64"}}},
		{functionToken, "architectures[0]", map[string]any{"architectures": []any{"riscv"}}},
		{functionToken, "description", map[string]any{"description": strings.Repeat("a", 257)}},
		{functionToken, "ephemeralStorage.size", map[string]any{"ephemeralStorage": map[string]any{"size": 511}}},
		{functionToken, "handler", map[string]any{"handler": "boot strap"}},
		{functionToken, "layers", map[string]any{"layers": []any{"arn:aws:lambda:eu-west-1:123456789012:layer:a:1"}}},
		{functionToken, "loggingConfig.logFormat", logging("logFormat", "XML")},
		{functionToken, "loggingConfig.logGroup", logging("logGroup", "a group")},
		{functionToken, "loggingConfig.applicationLogLevel", logging("applicationLogLevel", "LOUD")},
		{functionToken, "loggingConfig.systemLogLevel", logging("systemLogLevel", "TRACE")},
		{functionToken, "memorySize", map[string]any{"memorySize": 127}},
		{functionToken, "memorySize", map[string]any{"memorySize": 10241}},
		{functionToken, "reservedConcurrentExecutions", map[string]any{"reservedConcurrentExecutions": -2}},
		{functionToken, "runtime", map[string]any{"runtime": "cobol"}},
		{functionToken, "timeout", map[string]any{"timeout": 0}},
		{functionToken, "timeout", map[string]any{"timeout": 901}},
		{functionToken, "tracingConfig.mode", map[string]any{"tracingConfig": map[string]any{"mode": "On"}}},
		{permissionToken, "action", map[string]any{"action": "s3:GetObject"}},
		{permissionToken, "principal", map[string]any{"principal": "apigateway"}},
		{permissionToken, "sourceAccount", map[string]any{"sourceAccount": "1"}},
		{permissionToken, "sourceArn", map[string]any{"sourceArn": "api"}},
		{permissionToken, "statementId", map[string]any{"statementId": "the api"}},
		{permissionToken, "functionUrlAuthType", map[string]any{"functionUrlAuthType": "PASSWORD"}},
		{aliasToken, "name", map[string]any{"name": "12"}},
		{aliasToken, "functionVersion", map[string]any{"functionVersion": "first"}},
		{aliasToken, "routingConfig", map[string]any{"routingConfig": map[string]any{
			"additionalVersionWeights": map[string]any{"2": 0.1},
		}}},
		{provisionedConcurrencyToken, "provisionedConcurrentExecutions", map[string]any{"provisionedConcurrentExecutions": 0}},
		{provisionedConcurrencyToken, "skipDestroy", map[string]any{"skipDestroy": true}},
		{eventInvokeConfigToken, "maximumEventAgeInSeconds", map[string]any{"maximumEventAgeInSeconds": 59}},
		{eventInvokeConfigToken, "maximumRetryAttempts", map[string]any{"maximumRetryAttempts": 3}},
		{eventInvokeConfigToken, "destinationConfig.onFailure.destination", map[string]any{
			"destinationConfig": map[string]any{"onFailure": map[string]any{"destination": "arn:aws:s3:::letters"}},
		}},
	})
}

func TestFunctionRejections(t *testing.T) {
	t.Parallel()
	environment := func(name, value string) map[string]any {
		return map[string]any{"environment": map[string]any{"variables": map[string]any{name: value}}}
	}
	rejections := []rejection{
		{"a role of EC2", invalidFunction, functionToken, func(a *testAccount) map[string]any {
			return with(functionInputs(a), map[string]any{"role": a.role("web").text("arn")})
		}},
		{"a bucket without the code", invalidFunction, functionToken, func(a *testAccount) map[string]any {
			return with(functionInputs(a), map[string]any{"code": nil, "s3Bucket": a.bucket("code").id, "s3Key": "visits.zip"})
		}},
		{"a group without a subnet", invalidFunction, functionToken, func(a *testAccount) map[string]any {
			return with(functionInputs(a), map[string]any{"vpcConfig": map[string]any{
				"subnetIds": []any{a.network("8").subnets[0].id}, "securityGroupIds": []any{},
			}})
		}},
		{"more concurrency than the account leaves", invalidFunction, functionToken, func(a *testAccount) map[string]any {
			inputs := functionInputs(a)
			a.create(functionToken, with(inputs, map[string]any{"name": "other", "reservedConcurrentExecutions": 500}))
			return with(inputs, map[string]any{"reservedConcurrentExecutions": 401})
		}},
	}
	for name, more := range map[string]map[string]any{
		"no runtime":                 {"runtime": nil},
		"no handler":                 {"handler": nil},
		"a runtime that has ended":   {"runtime": "nodejs14.x"},
		"levels for text":            {"loggingConfig": map[string]any{"logFormat": "Text", "systemLogLevel": "WARN"}},
		"a bucket without a key":     {"code": nil, "s3Bucket": "code"},
		"a variable of Lambda's":     environment("AWS_REGION", "eu-west-1"),
		"variables that are too big": environment("TEXT", strings.Repeat("a", 4093)),
	} {
		rejections = append(rejections, rejection{name, invalidFunction, functionToken, func(a *testAccount) map[string]any {
			a.bucket("code")
			return with(functionInputs(a), more)
		}})
	}
	rejections = append(rejections, rejection{
		"a variable that no shell has", "ValidationException", functionToken, but(functionToken, environment("A-B", "1")),
	})
	for _, need := range []string{"tracingConfig", "deadLetterConfig", "vpcConfig"} {
		rejections = append(rejections, rejection{
			"no permission for " + need, invalidFunction, functionToken,
			func(a *testAccount) map[string]any {
				all := functionInputs(a)
				poor := a.create(roleToken, roleInputs("poor", "lambda.amazonaws.com"))
				inputs := with(all, map[string]any{
					"role": poor.text("arn"), "tracingConfig": nil, "deadLetterConfig": nil, "vpcConfig": nil,
				})
				a.create(functionToken, with(inputs, map[string]any{"name": "without"}))
				return with(inputs, map[string]any{need: all[need]})
			},
		})
	}
	runRejections(t, rejections)
}

func TestPermissionAndAliasRejections(t *testing.T) {
	t.Parallel()
	const missing = "ResourceNotFoundException"
	runRejections(t, []rejection{
		{"permission for $LATEST", invalidFunction, permissionToken, but(permissionToken, map[string]any{"qualifier": "$LATEST"})},
		{"permission for no alias", missing, permissionToken, but(permissionToken, map[string]any{"qualifier": "live"})},
		{"permission for no version", missing, permissionToken, but(permissionToken, map[string]any{"qualifier": "2"})},
		{"permission for another's ARN", missing, permissionToken, but(permissionToken, map[string]any{
			"function": "arn:aws:lambda:eu-west-1:123456789012:function:missing",
		})},
		{"alias of no version", missing, aliasToken, but(aliasToken, map[string]any{"functionVersion": "2"})},
	})
}

func TestPermissions(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	alias := account.create(aliasToken, minimal[aliasToken](account))
	const arn = "arn:aws:lambda:eu-west-1:123456789012:function:visits"
	require.Equal(t, arn+":live", alias.id)
	require.Equal(t, "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/"+alias.id+"/invocations", alias.text("invokeArn"))
	for i, qualifier := range []any{"live", "1", nil} {
		account.create(permissionToken, map[string]any{
			"function": arn, "qualifier": qualifier, "action": "lambda:InvokeFunction", "principal": "events.amazonaws.com",
			"statementId": string(rune('a' + i)),
		})
	}
	require.NoError(t, account.Delete(functionToken, "visits"))
	require.False(t, account.exists(alias))
}

func TestFunctionOutputs(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	inputs := functionInputs(account)
	inputs["publish"] = false
	function := account.create(functionToken, inputs)
	const arn = "arn:aws:lambda:eu-west-1:123456789012:function:visits"
	require.Equal(t, arn, function.text("arn"))
	require.Equal(t, arn+":$LATEST", function.text("qualifiedArn"))
	require.Equal(t, "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/"+arn+":$LATEST/invocations",
		function.text("qualifiedInvokeArn"))
	require.Equal(t, "/aws/lambda/visits", function.outputs["loggingConfig"].ObjectValue()["logGroup"].StringValue())
	require.Regexp(t, `^[A-Za-z0-9+/]{43}=$`, function.text("codeSha256"))
	require.Greater(t, function.outputs["sourceCodeSize"].NumberValue(), 100.0)
	for _, subnet := range (&cloud.Resource{Outputs: function.outputs}).Texts("vpcConfig.subnetIds[*]") {
		requireCode(t, "DependencyViolation", account.Delete(subnetToken, subnet))
	}
}

// TestFunctionVersions checks that only changes of the function publish a version.
func TestFunctionVersions(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	inputs := functionInputs(account)
	function := account.create(functionToken, inputs)
	hash := function.text("codeSha256")
	for _, step := range []struct {
		property string
		value    any
		version  string
		sameCode bool
	}{
		{"tags", map[string]any{"a": "b"}, "1", true},
		{"reservedConcurrentExecutions", 10, "1", true},
		{"memorySize", 256, "2", true},
		{"code", code("exit 2"), "3", false},
		{"publish", false, "3", true},
	} {
		inputs[step.property] = step.value
		foreseen, err := account.Update(functionToken, function.id, urn(functionToken), function.outputs,
			resource.NewPropertyMapFromMap(inputs), true)
		require.NoError(t, err)
		require.True(t, foreseen["version"].IsComputed())
		outputs, err := account.update(function, inputs)
		require.NoError(t, err)
		require.Equal(t, step.version, outputs["version"].StringValue(), step.property)
		require.Equal(t, step.sameCode, outputs["codeSha256"].StringValue() == hash, step.property)
		hash = outputs["codeSha256"].StringValue()
	}
}

// TestCodeIsWhatItHolds checks that archives are stored unchanged and compared by their content.
func TestCodeIsWhatItHolds(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	inputs := functionInputs(account)
	path := filepath.Join(t.TempDir(), "code")
	require.NoError(t, os.MkdirAll(path, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(path, "bootstrap"), []byte("exit 1"), 0o600))
	packed, err := archive.FromPath(path)
	require.NoError(t, err)
	inputs["code"] = packed
	function := account.create(functionToken, inputs)

	state, outputs, err := account.Read(functionToken, function.id)
	require.NoError(t, err)
	for _, properties := range []resource.PropertyMap{state, outputs} {
		require.True(t, properties["code"].IsArchive())
		require.Equal(t, path, properties["code"].ArchiveValue().Path)
	}
	for script, changes := range map[string]plugin.DiffChanges{"exit 1": plugin.DiffNone, "exit 2": plugin.DiffSome} {
		changed := maps.Clone(inputs)
		changed["code"] = code(script)
		diff, err := account.Diff(functionToken, function.inputs, account.check(functionToken, changed))
		require.NoError(t, err)
		require.Equal(t, changes, diff.Changes, script)
		require.Empty(t, diff.ReplaceKeys)
	}

	inputs["code"], inputs["name"] = &archive.Archive{Path: path + "-missing"}, "missing"
	_, _, err = account.Create(t.Context(), functionToken, urn(functionToken), resource.NewPropertyMapFromMap(inputs), false)
	require.ErrorContains(t, err, "unable to load the function's code")
}

func TestCodeInS3(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	object := account.create(objectToken, map[string]any{
		"bucket": account.bucket("code").id, "key": "visits.zip", "content": "zip",
	})
	function := account.create(functionToken, with(functionInputs(account), map[string]any{
		"code": nil, "s3Bucket": object.text("bucket"), "s3Key": object.text("key"),
	}))
	require.NotEmpty(t, function.text("sourceCodeHash"))
}

func TestLambdaRejections(t *testing.T) {
	t.Parallel()
	provisioned := func(function map[string]any, version string, more map[string]any) func(*testAccount) map[string]any {
		return func(a *testAccount) map[string]any {
			a.create(functionToken, with(plainFunction(a), function))
			a.create(aliasToken, map[string]any{"name": "live", "functionName": "visits", "functionVersion": version})
			return with(map[string]any{
				"functionName": "visits", "qualifier": "live", "provisionedConcurrentExecutions": 5,
			}, more)
		}
	}
	runRejections(t, []rejection{
		{
			"concurrency of no alias", "ResourceNotFoundException", provisionedConcurrencyToken,
			provisioned(nil, "1", map[string]any{"qualifier": "missing"}),
		},
		{"concurrency of no version", invalidFunction, provisionedConcurrencyToken, provisioned(nil, "$LATEST", nil)},
		{
			"concurrency beyond the reserved", invalidFunction, provisionedConcurrencyToken,
			provisioned(map[string]any{"reservedConcurrentExecutions": 4}, "1", nil),
		},
		{
			"concurrency beyond the account's", invalidFunction, provisionedConcurrencyToken,
			provisioned(nil, "1", map[string]any{"provisionedConcurrentExecutions": 901}),
		},
		{
			"destination of no alias", "ResourceNotFoundException", eventInvokeConfigToken,
			but(eventInvokeConfigToken, map[string]any{"qualifier": "missing"}),
		},
		{
			"destination that the role may not send to", invalidFunction, eventInvokeConfigToken,
			func(a *testAccount) map[string]any {
				return map[string]any{
					"functionName":      a.create(functionToken, plainFunction(a)).id,
					"destinationConfig": map[string]any{"onFailure": map[string]any{"destination": a.topic().text("arn")}},
				}
			},
		},
	})
}
