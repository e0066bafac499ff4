// Package rotation creates the rotation of an RDS instance's master password by Secrets Manager, at once and every
// month.
package rotation

import (
	_ "embed" // embeds the function's code
	"errors"
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/secretsmanager"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/observability"
	"stagecraft/components/role"
)

//go:embed rotate.py
var code string

const (
	// everyDays is the number of days between rotations.
	everyDays = 30
	// The function waits for the instance as long as Lambda allows ("Lambda quotas"), and needs little else.
	timeoutSeconds = 900
	memoryMiB      = 256
)

// Args describes the rotation. Every field is required unless a default is named.
type Args struct {
	// AccountID is the AWS account on whose behalf Secrets Manager may call the function.
	AccountID string
	// InstanceIdentifier and InstanceArn are the identifier and the ARN of the RDS instance.
	InstanceIdentifier, InstanceArn pulumi.StringInput
	// SecretArn is the secret that holds the login, {"username": …, "password": …}.
	SecretArn pulumi.StringInput
	// After are resources that must exist before the first rotation: a rotation conflicts with the creation of a replica
	// of the instance. Default: nothing.
	After []pulumi.Resource
	// LogRetentionDays is the number of days for which CloudWatch Logs keeps the function's log.
	LogRetentionDays int
	// KmsKeyArn is the KMS key that encrypts the function's variables and its log. Default: nil, AWS's own keys.
	KmsKeyArn pulumi.StringInput
	// AlarmTopicArn is the SNS topic that is notified of failed rotations.
	AlarmTopicArn pulumi.StringInput
	// Tags are the tags of every resource.
	Tags pulumi.StringMap
}

// Rotation is a function that changes a password, with its schedule and alarms.
type Rotation struct {
	pulumi.ResourceState

	// Alarms are all alarms, for the dashboard.
	Alarms observability.Alarms
}

// New creates the function and its schedule; the first rotation begins at once. It rejects arguments that are not set,
// and a retention of logs below one day.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Rotation, error) {
	if err := args.validate(); err != nil {
		return nil, fmt.Errorf("rotation %q: %w", name, err)
	}
	component := &Rotation{}
	if err := ctx.RegisterComponentResource("stagecraft:rotation:Rotation", name, component, opts...); err != nil {
		return nil, err
	}
	parent := pulumi.Parent(component)

	function, policies, err := newFunction(ctx, name, args, parent)
	if err != nil {
		return nil, err
	}
	// The documentation of Secrets Manager names aws:SourceAccount and no other condition key (AWS Secrets Manager User
	// Guide, "Lambda rotation function execution role permissions"). The function's role has access to one secret only.
	permission, err := lambda.NewPermission(ctx, name, &lambda.PermissionArgs{
		Function:      function.Name,
		Action:        pulumi.String("lambda:InvokeFunction"),
		Principal:     pulumi.String("secretsmanager.amazonaws.com"),
		SourceAccount: pulumi.String(args.AccountID),
	}, parent)
	if err != nil {
		return nil, err
	}
	_, err = secretsmanager.NewSecretRotation(ctx, name, &secretsmanager.SecretRotationArgs{
		SecretId:          args.SecretArn,
		RotationLambdaArn: function.Arn,
		RotateImmediately: pulumi.Bool(true),
		RotationRules:     secretsmanager.SecretRotationRotationRulesArgs{AutomaticallyAfterDays: pulumi.Int(everyDays)},
	}, parent, pulumi.DependsOn([]pulumi.Resource{permission}), pulumi.DependsOn(policies), pulumi.DependsOn(args.After))
	if err != nil {
		return nil, err
	}

	component.Alarms, err = observability.NewAlarms(ctx, name,
		observability.AlarmsArgs{TopicArn: args.AlarmTopicArn, Tags: args.Tags}, []observability.Alarm{{
			Name:        "errors",
			Description: "A database password was not rotated: the function's log says why. Secrets Manager tries again by itself.",
			Namespace:   "AWS/Lambda",
			Metric:      "Errors",
			Dimensions:  pulumi.StringMap{"FunctionName": function.Name},
			Statistic:   "Sum",
			Threshold:   1,
			Period:      300,
			Periods:     1,
			MissingData: "notBreaching",
		}}, parent)
	if err != nil {
		return nil, err
	}
	return component, ctx.RegisterResourceOutputs(component, pulumi.Map{"functionArn": function.Arn})
}

// validate reports the first thing that is wrong with the arguments.
func (a *Args) validate() error {
	if a.AccountID == "" || a.InstanceIdentifier == nil || a.InstanceArn == nil || a.SecretArn == nil || a.AlarmTopicArn == nil {
		return errors.New("AccountID, InstanceIdentifier, InstanceArn, SecretArn and AlarmTopicArn must be set")
	}
	if a.LogRetentionDays < 1 {
		return fmt.Errorf("LogRetentionDays is %d: it must be 1 or more, because 0 keeps logs forever", a.LogRetentionDays)
	}
	return nil
}

// newFunction creates the function, outside of any network, and returns it with the policies of its role.
func newFunction(
	ctx *pulumi.Context, name string, args *Args, parent pulumi.ResourceOption,
) (*lambda.Function, []pulumi.Resource, error) {
	logs, err := cloudwatch.NewLogGroup(ctx, name, &cloudwatch.LogGroupArgs{
		RetentionInDays: pulumi.Int(args.LogRetentionDays),
		KmsKeyId:        args.KmsKeyArn,
		Tags:            args.Tags,
	}, parent)
	if err != nil {
		return nil, nil, err
	}
	execution, err := role.New(ctx, name, &role.Args{
		Service:     "lambda.amazonaws.com",
		Description: "Changes the master password of one database, and keeps it in its secret",
		Statements:  statements(args, logs.Arn),
		Tags:        args.Tags,
	}, parent)
	if err != nil {
		return nil, nil, err
	}
	function, err := lambda.NewFunction(ctx, name, &lambda.FunctionArgs{
		KmsKeyArn:     args.KmsKeyArn,
		Description:   pulumi.String("Rotates the master password of an RDS instance, for Secrets Manager"),
		Runtime:       lambda.RuntimePython3d13,
		Architectures: pulumi.ToStringArray([]string{"arm64"}),
		Handler:       pulumi.String("rotate.handler"),
		Code:          pulumi.NewAssetArchive(map[string]any{"rotate.py": pulumi.NewStringAsset(code)}),
		Role:          execution.Arn,
		Timeout:       pulumi.Int(timeoutSeconds),
		MemorySize:    pulumi.Int(memoryMiB),
		Environment: lambda.FunctionEnvironmentArgs{Variables: pulumi.StringMap{
			"INSTANCE": args.InstanceIdentifier,
		}},
		LoggingConfig: lambda.FunctionLoggingConfigArgs{LogFormat: pulumi.String("JSON"), LogGroup: logs.Name},
		Tags:          args.Tags,
	}, parent, pulumi.DependsOn(execution.Policies))
	return function, execution.Policies, err
}

// statements returns the statements that allow the function to change one instance and one secret. The action that
// generates a password supports no resource.
func statements(args *Args, logGroupArn pulumi.StringOutput) []role.Statement {
	return []role.Statement{{
		Actions: []string{
			"secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue",
			"secretsmanager:UpdateSecretVersionStage",
		},
		Resources: pulumi.StringArray{args.SecretArn},
	}, {
		Actions:   []string{"secretsmanager:GetRandomPassword"},
		Resources: pulumi.ToStringArray([]string{"*"}),
	}, {
		Actions:   []string{"rds:DescribeDBInstances", "rds:ModifyDBInstance"},
		Resources: pulumi.StringArray{args.InstanceArn},
	}, {
		Actions:   []string{"logs:CreateLogStream", "logs:PutLogEvents"},
		Resources: pulumi.StringArray{pulumi.Sprintf("%s:*", logGroupArn)},
	}}
}
