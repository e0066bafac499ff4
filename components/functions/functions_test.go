package functions_test

import (
	"archive/zip"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/archive"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"stagecraft/components/functions"
	"stagecraft/components/role"
	"stagecraft/internal/pulumitest"
)

const (
	functionType    = "aws:lambda/function:Function"
	aliasType       = "aws:lambda/alias:Alias"
	provisionedType = "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig"
	queueType       = "aws:sqs/queue:Queue"
	logGroupType    = "aws:cloudwatch/logGroup:LogGroup"
	apiType         = "aws:apigatewayv2/api:Api"
	integrationType = "aws:apigatewayv2/integration:Integration"
	permissionType  = "aws:lambda/permission:Permission"
	routeType       = "aws:apigatewayv2/route:Route"
	stageType       = "aws:apigatewayv2/stage:Stage"
)

var outputs = map[string]map[string]any{
	functionType: {"version": "1"},
	aliasType:    {"invokeArn": "arn:invoke"},
	apiType:      {"executionArn": "arn:execute"},
	stageType:    {"invokeUrl": "https://abc.execute-api.eu-west-1.amazonaws.com/"},
}

func valid(t *testing.T) functions.Args {
	t.Helper()
	path, err := filepath.Abs(placeholder)
	require.NoError(t, err)
	return functions.Args{
		Description:      "Counts visits",
		Archive:          path,
		MemoryMiB:        256,
		TimeoutSeconds:   5,
		LogRetentionDays: 30,
		AlarmTopicArn:    pulumi.String("arn:topic"),
		Tags:             pulumi.StringMap{"project": pulumi.String("stagecraft")},
	}
}

func run(args functions.Args) (pulumitest.Resources, error) {
	return pulumitest.Run(func(ctx *pulumi.Context) error {
		_, err := functions.New(ctx, "visits", &args)
		return err
	}, outputs, nil)
}

func TestNew(t *testing.T) {
	t.Parallel()
	args := valid(t)
	resources, err := run(args)
	require.NoError(t, err)
	function := resources.One(t, functionType)
	code, ok := function.Inputs["code"].(*archive.Archive)
	require.True(t, ok)
	require.Equal(t, args.Archive, code.Path)
	delete(function.Inputs, "code")
	require.Equal(t, map[string]any{
		"description":                  "Counts visits",
		"runtime":                      "provided.al2023",
		"architectures":                []any{"arm64"},
		"handler":                      "bootstrap",
		"memorySize":                   256.0,
		"timeout":                      5.0,
		"loggingConfig":                map[string]any{"logFormat": "JSON", "logGroup": "/stagecraft/test/visits-1"},
		"publish":                      true,
		"reservedConcurrentExecutions": -1.0,
		"role":                         "arn:visits",
		"tracingConfig":                map[string]any{"mode": "Active"},
		"tags":                         map[string]any{"project": "stagecraft"},
	}, function.Inputs)
	require.Empty(t, function.IgnoreChanges)
	require.True(t, strings.Contains(fmt.Sprint(function.DependsOn), "aws:iam/rolePolicy:RolePolicy::visits"),
		"Lambda asks for the role's permissions at once: %v", function.DependsOn)

	alias := resources.One(t, aliasType)
	require.Subset(t, alias.Inputs, map[string]any{"name": "live", "functionName": "visits", "functionVersion": "1"})
	require.Empty(t, alias.IgnoreChanges)
	require.Empty(t, resources.Of(provisionedType))
	resources.RequireTags(t, map[string]string{"project": "stagecraft"})
	resources.RequireParents(t, "stagecraft:functions:Function")
}

func TestFailedEvents(t *testing.T) {
	t.Parallel()
	resources, err := run(valid(t))
	require.NoError(t, err)
	require.Subset(t, resources.One(t, queueType).Inputs, map[string]any{
		"messageRetentionSeconds": 1209600.0, "sqsManagedSseEnabled": true,
	})
	require.Equal(t, map[string]any{
		"functionName": "visits", "qualifier": "live",
		"destinationConfig": map[string]any{"onFailure": map[string]any{"destination": "arn:visits-failed"}},
	}, resources.One(t, "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig").Inputs)
}

func TestRole(t *testing.T) {
	t.Parallel()
	args := valid(t)
	args.Permissions = []role.Statement{{
		Actions: []string{"dynamodb:GetItem"}, Resources: pulumi.ToStringArray([]string{"arn:table"}),
	}}
	resources, err := run(args)
	require.NoError(t, err)
	require.Equal(t, 30.0, resources.One(t, logGroupType).Inputs["retentionInDays"])
	require.JSONEq(t, `{"Version": "2012-10-17", "Statement": [
		{"Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": ["arn:visits:*"]},
		{"Effect": "Allow", "Action": ["xray:PutTelemetryRecords", "xray:PutTraceSegments"], "Resource": ["*"]},
		{"Effect": "Allow", "Action": ["sqs:SendMessage"], "Resource": ["arn:visits-failed"]},
		{"Effect": "Allow", "Action": ["dynamodb:GetItem"], "Resource": ["arn:table"]}
	]}`, resources.One(t, "aws:iam/rolePolicy:RolePolicy").Inputs["policy"].(string))
}

func TestOptions(t *testing.T) {
	t.Parallel()
	args := valid(t)
	args.Placeholder = true
	args.Environment = map[string]pulumi.StringInput{"VISITS_TABLE": pulumi.String("visits")}
	args.ReservedConcurrency, args.ProvisionedConcurrency = 20, 5
	resources, err := run(args)
	require.NoError(t, err)
	function := resources.One(t, functionType)
	require.Equal(t, []string{"code"}, function.IgnoreChanges)
	require.Equal(t, 20.0, function.Inputs["reservedConcurrentExecutions"])
	require.Equal(t, map[string]any{"variables": map[string]any{"VISITS_TABLE": "visits"}}, function.Inputs["environment"])
	require.Equal(t, []string{"functionVersion", "routingConfig"}, resources.One(t, aliasType).IgnoreChanges)
	require.Equal(t, map[string]any{
		"functionName": "visits", "qualifier": "live", "provisionedConcurrentExecutions": 5.0,
	}, resources.One(t, provisionedType).Inputs)
	alarms := maps.Clone(functionAlarms)
	alarms["visits-spillover"] = "Sum of AWS/Lambda ProvisionedConcurrencySpilloverInvocations FunctionName=visits Resource=visits:live " +
		">= 1 in 5 x 60 s, missing data notBreaching: arn:topic"
	require.Equal(t, alarms, resources.Alarms(t))
}

func TestAlarms(t *testing.T) {
	t.Parallel()
	resources, err := run(valid(t))
	require.NoError(t, err)
	require.Equal(t, functionAlarms, resources.Alarms(t))
}

var functionAlarms = map[string]string{
	"visits-errors":        "Sum of AWS/Lambda Errors FunctionName=visits >= 10 in 1 x 300 s, missing data notBreaching: arn:topic",
	"visits-throttles":     "Sum of AWS/Lambda Throttles FunctionName=visits >= 1 in 5 x 60 s, missing data notBreaching: arn:topic",
	"visits-duration":      "p99 of AWS/Lambda Duration FunctionName=visits >= 4000 in 5 x 60 s, missing data notBreaching: arn:topic",
	"visits-lost-events":   "Sum of AWS/Lambda DestinationDeliveryFailures FunctionName=visits >= 1 in 1 x 60 s, missing data notBreaching: arn:topic",
	"visits-failed-events": "Maximum of AWS/SQS ApproximateNumberOfMessagesVisible QueueName=visits-failed >= 1 in 1 x 60 s, missing data notBreaching: arn:topic",
}

func TestRefuses(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]func(*functions.Args){
		"AlarmTopicArn must be set":            func(a *functions.Args) { a.AlarmTopicArn = nil },
		"Description has 0 characters":         func(a *functions.Args) { a.Description = "" },
		"Description has 257 characters":       func(a *functions.Args) { a.Description = strings.Repeat("a", 257) },
		`Archive is "missing.zip"`:             func(a *functions.Args) { a.Archive = "missing.zip" },
		"MemoryMiB is 127":                     func(a *functions.Args) { a.MemoryMiB = 127 },
		"MemoryMiB is 10241":                   func(a *functions.Args) { a.MemoryMiB = 10241 },
		"TimeoutSeconds is 0":                  func(a *functions.Args) { a.TimeoutSeconds = 0 },
		"TimeoutSeconds is 30":                 func(a *functions.Args) { a.TimeoutSeconds = 30 },
		`Environment has "A-B"`:                func(a *functions.Args) { a.Environment = environment("A-B", pulumi.String("")) },
		`Environment has "TABLE"`:              func(a *functions.Args) { a.Environment = environment("TABLE", nil) },
		"ReservedConcurrency is -1":            func(a *functions.Args) { a.ReservedConcurrency = -1 },
		"ProvisionedConcurrency -1":            func(a *functions.Args) { a.ProvisionedConcurrency = -1 },
		"ReservedConcurrency allows 4 at most": func(a *functions.Args) { a.ReservedConcurrency, a.ProvisionedConcurrency = 4, 5 },
		"LogRetentionDays is 0":                func(a *functions.Args) { a.LogRetentionDays = 0 },
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			args := valid(t)
			change(&args)
			resources, err := run(args)
			require.ErrorContains(t, err, `function "visits": `)
			require.ErrorContains(t, err, want)
			require.Empty(t, resources.Of(functionType))
		})
	}
}

func environment(name string, value pulumi.StringInput) map[string]pulumi.StringInput {
	return map[string]pulumi.StringInput{name: value}
}

func TestArchives(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		file string
		mode fs.FileMode
		want string
	}{
		"another program": {"main", 0o755, "it must hold the program bootstrap at its top level"},
		"below a folder":  {"bin/bootstrap", 0o755, "it must hold the program bootstrap at its top level"},
		"not executable":  {"bootstrap", 0o644, "bootstrap in it must be executable: `chmod 755 bootstrap` before you zip it"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := valid(t)
			args.Archive = filepath.Join(t.TempDir(), "function.zip")
			file, err := os.Create(args.Archive)
			require.NoError(t, err)
			writer := zip.NewWriter(file)
			header := &zip.FileHeader{Name: test.file}
			header.SetMode(test.mode)
			_, err = writer.CreateHeader(header)
			require.NoError(t, err)
			require.NoError(t, writer.Close())
			require.NoError(t, file.Close())
			_, err = run(args)
			require.ErrorContains(t, err, test.want)
		})
	}
	args := valid(t)
	args.Archive = t.TempDir()
	_, err := run(args)
	require.ErrorContains(t, err, "it must be a zip file, since a directory would lose the permission that makes bootstrap executable")
}

// makeAPI has two functions answer three routes.
func makeAPI(t *testing.T, change func(*functions.APIArgs)) (pulumitest.Resources, string, error) {
	t.Helper()
	functionArgs := valid(t)
	endpoint := ""
	resources, err := pulumitest.Run(func(ctx *pulumi.Context) error {
		visits, err := functions.New(ctx, "visits", &functionArgs)
		if err != nil {
			return err
		}
		other, err := functions.New(ctx, "other", &functionArgs)
		if err != nil {
			return err
		}
		args := &functions.APIArgs{
			Routes:            map[string]*functions.Function{"POST /visits": visits, "GET /visits": visits, "ANY /other/{id}": other},
			RequestsPerSecond: 100,
			Burst:             200,
			LogRetentionDays:  30,
			AlarmTopicArn:     pulumi.String("arn:topic"),
			Tags:              pulumi.StringMap{"project": pulumi.String("stagecraft")},
		}
		change(args)
		api, err := functions.NewAPI(ctx, "api", args)
		if err != nil {
			return err
		}
		api.Endpoint.ApplyT(func(host string) string {
			endpoint = host
			return host
		})
		return nil
	}, outputs, nil)
	return resources, endpoint, err
}

func TestAPI(t *testing.T) {
	t.Parallel()
	resources, endpoint, err := makeAPI(t, func(*functions.APIArgs) {})
	require.NoError(t, err)
	require.Equal(t, "abc.execute-api.eu-west-1.amazonaws.com", endpoint)
	require.Subset(t, resources.One(t, apiType).Inputs, map[string]any{"protocolType": "HTTP"})
	require.Equal(t, []string{"api-other", "api-visits"}, resources.Names(integrationType))
	require.Equal(t, map[string]any{
		"apiId": "api-id", "integrationType": "AWS_PROXY", "integrationUri": "arn:invoke", "payloadFormatVersion": "2.0",
	}, resources.Named(t, integrationType, "api-visits").Inputs)
	require.Equal(t, []string{"api-other", "api-visits"}, resources.Names(permissionType))
	require.Equal(t, map[string]any{
		"action": "lambda:InvokeFunction", "function": "visits", "qualifier": "live",
		"principal": "apigateway.amazonaws.com", "sourceArn": "arn:execute/*/*",
	}, resources.Named(t, permissionType, "api-visits").Inputs)
	for _, name := range resources.Names(permissionType) {
		require.Contains(t, strings.Join(resources.Named(t, permissionType, name).DependsOn, "\n"),
			aliasType+"::"+strings.TrimPrefix(name, "api-"), "Lambda knows the alias only once it exists")
	}
	for key, function := range map[string]string{"GET /visits": "visits", "POST /visits": "visits", "ANY /other/{id}": "other"} {
		require.Equal(t, map[string]any{
			"apiId": "api-id", "routeKey": key, "target": "integrations/api-" + function + "-id",
		}, resources.Named(t, routeType, "api "+key).Inputs)
	}
	resources.RequireTags(t, map[string]string{"project": "stagecraft"})
	resources.RequireParents(t, "stagecraft:functions:Function", "stagecraft:functions:API")
}

func TestAPIStage(t *testing.T) {
	t.Parallel()
	resources, _, err := makeAPI(t, func(*functions.APIArgs) {})
	require.NoError(t, err)
	stage := resources.One(t, stageType).Inputs
	require.Subset(t, stage, map[string]any{
		"apiId": "api-id", "name": "$default", "autoDeploy": true,
		"defaultRouteSettings": map[string]any{"throttlingBurstLimit": 200.0, "throttlingRateLimit": 100.0},
	})
	settings := stage["accessLogSettings"].(map[string]any)
	require.Equal(t, "arn:api-access", settings["destinationArn"])
	var format map[string]string
	require.NoError(t, json.Unmarshal([]byte(settings["format"].(string)), &format))
	require.Equal(t, "$context.requestId", format["requestId"])
	require.Equal(t, "$context.status", format["status"])
	require.Subset(t, resources.Named(t, logGroupType, "api-access").Inputs, map[string]any{
		"namePrefix": "/aws/vendedlogs/stagecraft/test/api/access-", "retentionInDays": 30.0,
	})
	alarms := resources.Alarms(t)
	maps.DeleteFunc(alarms, func(name, _ string) bool { return !strings.HasPrefix(name, "api-") })
	require.Equal(t, map[string]string{
		"api-5xx":     "Sum of AWS/ApiGateway 5xx ApiId=api-id >= 10 in 1 x 300 s, missing data notBreaching: arn:topic",
		"api-latency": "p99 of AWS/ApiGateway Latency ApiId=api-id >= 1000 in 5 x 60 s, missing data notBreaching: arn:topic",
	}, alarms)
}

func TestAPIRefuses(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]func(*functions.APIArgs){
		"AlarmTopicArn must be set": func(a *functions.APIArgs) { a.AlarmTopicArn = nil },
		"it must have Routes":       func(a *functions.APIArgs) { a.Routes = nil },
		`Routes has "/visits"`:      func(a *functions.APIArgs) { a.Routes["/visits"] = a.Routes["GET /visits"] },
		`Routes has "FETCH /a"`:     func(a *functions.APIArgs) { a.Routes["FETCH /a"] = a.Routes["GET /visits"] },
		`no function for "GET /a"`:  func(a *functions.APIArgs) { a.Routes["GET /a"] = nil },
		"RequestsPerSecond is 0":    func(a *functions.APIArgs) { a.RequestsPerSecond = 0 },
		"Burst 0":                   func(a *functions.APIArgs) { a.Burst = 0 },
		"LogRetentionDays is 0":     func(a *functions.APIArgs) { a.LogRetentionDays = 0 },
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			resources, _, err := makeAPI(t, change)
			require.ErrorContains(t, err, `API "api": `)
			require.ErrorContains(t, err, want)
			require.Empty(t, resources.Of(apiType))
		})
	}
}

// TestTakesLimits accepts the least and the greatest values.
func TestTakesLimits(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*functions.Args){
		"least": func(a *functions.Args) {
			a.Description, a.MemoryMiB, a.TimeoutSeconds, a.LogRetentionDays = "a", 128, 1, 1
			a.ReservedConcurrency, a.ProvisionedConcurrency = 1, 1
		},
		"most": func(a *functions.Args) {
			a.Description, a.MemoryMiB, a.TimeoutSeconds = strings.Repeat("a", 256), 10240, 29
		},
		"provisioned without a reserve": func(a *functions.Args) { a.ProvisionedConcurrency = 5 },
		"a reserve only":                func(a *functions.Args) { a.ReservedConcurrency = 5 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := valid(t)
			change(&args)
			_, err := run(args)
			require.NoError(t, err)
		})
	}
	_, _, err := makeAPI(t, func(a *functions.APIArgs) { a.RequestsPerSecond, a.Burst, a.LogRetentionDays = 1, 1, 1 })
	require.NoError(t, err)
}
