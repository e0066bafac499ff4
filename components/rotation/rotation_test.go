package rotation_test

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"stagecraft/components/rotation"
	"stagecraft/internal/pulumitest"
)

func valid() rotation.Args {
	return rotation.Args{
		AccountID:          "123456789012",
		InstanceIdentifier: pulumi.String("app"),
		InstanceArn:        pulumi.String("arn:instance"),
		SecretArn:          pulumi.String("arn:secret"),
		LogRetentionDays:   30,
		AlarmTopicArn:      pulumi.String("arn:topic"),
		Tags:               pulumi.StringMap{"tier": pulumi.String("database")},
	}
}

// run creates a rotation that waits for another resource.
func run(args rotation.Args) (pulumitest.Resources, error) {
	return pulumitest.Run(func(ctx *pulumi.Context) error {
		replica, err := sns.NewTopic(ctx, "replica", &sns.TopicArgs{Tags: args.Tags})
		if err != nil {
			return err
		}
		args.After = []pulumi.Resource{replica}
		_, err = rotation.New(ctx, "database-rotation", &args)
		return err
	}, nil, nil)
}

// TestFunction runs the Python tests of the function.
func TestFunction(t *testing.T) {
	t.Parallel()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("python3 is not installed")
	}
	output, err := exec.CommandContext(t.Context(), python, "-B", "-m", "unittest", "rotate_test").CombinedOutput()
	require.NoError(t, err, "%s", output)
	require.Contains(t, string(output), "OK")
}

func TestNew(t *testing.T) {
	t.Parallel()
	resources, err := run(valid())
	require.NoError(t, err)
	resources.RequireTags(t, map[string]string{"tier": "database"})
	resources.RequireParents(t, "stagecraft:rotation:Rotation", "aws:sns/topic:Topic")

	function := resources.One(t, "aws:lambda/function:Function")
	require.Subset(t, function.Inputs, map[string]any{
		"runtime": "python3.13", "architectures": []any{"arm64"}, "handler": "rotate.handler", "timeout": 900.0,
		"role":          "arn:database-rotation",
		"environment":   map[string]any{"variables": map[string]any{"INSTANCE": "app"}},
		"loggingConfig": map[string]any{"logFormat": "JSON", "logGroup": "database-rotation"},
	})
	require.NotContains(t, function.Inputs, "vpcConfig")
	require.Equal(t, 30.0, resources.One(t, "aws:cloudwatch/logGroup:LogGroup").Inputs["retentionInDays"])
	require.Equal(t, map[string]any{
		"function": "database-rotation", "action": "lambda:InvokeFunction", "principal": "secretsmanager.amazonaws.com",
		"sourceAccount": "123456789012",
	}, resources.One(t, "aws:lambda/permission:Permission").Inputs)

	schedule := resources.One(t, "aws:secretsmanager/secretRotation:SecretRotation")
	require.Equal(t, map[string]any{
		"secretId": "arn:secret", "rotationLambdaArn": "arn:database-rotation", "rotateImmediately": true,
		"rotationRules": map[string]any{"automaticallyAfterDays": 30.0},
	}, schedule.Inputs)
	waitsFor := strings.Join(schedule.DependsOn, "\n")
	for _, dependency := range []string{
		"aws:lambda/permission:Permission::database-rotation", "aws:iam/rolePolicy:RolePolicy::database-rotation",
		"aws:sns/topic:Topic::replica",
	} {
		require.Contains(t, waitsFor, dependency)
	}

	alarm := resources.One(t, "aws:cloudwatch/metricAlarm:MetricAlarm")
	require.Subset(t, alarm.Inputs, map[string]any{
		"name": "stagecraft-test-database-rotation-errors", "namespace": "AWS/Lambda", "metricName": "Errors", "statistic": "Sum",
		"threshold": 1.0, "evaluationPeriods": 1.0, "treatMissingData": "notBreaching", "alarmActions": []any{"arn:topic"},
		"dimensions": map[string]any{"FunctionName": "database-rotation"},
	})
}

// TestNewPermissions checks that the function may change only one instance and one secret.
func TestNewPermissions(t *testing.T) {
	t.Parallel()
	resources, err := run(valid())
	require.NoError(t, err)
	require.JSONEq(t, `{"Version": "2012-10-17", "Statement": [
		{"Effect": "Allow", "Resource": ["arn:secret"], "Action": [
			"secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue",
			"secretsmanager:UpdateSecretVersionStage"
		]},
		{"Effect": "Allow", "Resource": ["*"], "Action": ["secretsmanager:GetRandomPassword"]},
		{"Effect": "Allow", "Resource": ["arn:instance"], "Action": ["rds:DescribeDBInstances", "rds:ModifyDBInstance"]},
		{"Effect": "Allow", "Resource": ["arn:database-rotation:*"], "Action": ["logs:CreateLogStream", "logs:PutLogEvents"]}
	]}`, resources.One(t, "aws:iam/rolePolicy:RolePolicy").Inputs["policy"].(string))
}

func TestNewRejects(t *testing.T) {
	t.Parallel()
	const unset = "AccountID, InstanceIdentifier, InstanceArn, SecretArn and AlarmTopicArn must be set"
	for name, test := range map[string]struct {
		change func(*rotation.Args)
		want   string
	}{
		"no account":        {func(a *rotation.Args) { a.AccountID = "" }, unset},
		"no identifier":     {func(a *rotation.Args) { a.InstanceIdentifier = nil }, unset},
		"no instance":       {func(a *rotation.Args) { a.InstanceArn = nil }, unset},
		"no secret":         {func(a *rotation.Args) { a.SecretArn = nil }, unset},
		"no topic":          {func(a *rotation.Args) { a.AlarmTopicArn = nil }, unset},
		"logs kept forever": {func(a *rotation.Args) { a.LogRetentionDays = 0 }, "LogRetentionDays is 0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := valid()
			test.change(&args)
			resources, err := run(args)
			require.ErrorContains(t, err, `rotation "database-rotation": `)
			require.ErrorContains(t, err, test.want)
			require.Empty(t, resources.Of("aws:lambda/function:Function"))
		})
	}
}
