// Package gate creates the gate before every move of users: a function that an update calls, and that fails the update
// unless the path that users are about to take serves them as well as today's.
package gate

import (
	_ "embed" // embeds the function's code
	"errors"
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/observability"
	"stagecraft/components/role"
)

//go:embed gate.py
var code string

const (
	// Handler is the function's entry point.
	Handler = "gate.handler"
	// callSeconds is how long one call waits. A synchronous call is one idle connection, which the network between may
	// close after some minutes: what takes longer is several calls in a row, of which only the last one fails.
	callSeconds = 240
	// timeoutSeconds leaves the function time to end its last attempt.
	timeoutSeconds = callSeconds + 60
	memoryMiB      = 256
)

// Args describes the gate. Every field is required unless a default is named.
type Args struct {
	// AccountID and Region are the stack's.
	AccountID, Region string
	// LogRetentionDays is the number of days for which CloudWatch Logs keeps the function's log, 1 or more.
	LogRetentionDays int
	// KmsKeyArn is the KMS key that encrypts the function and its log. Default: nil, AWS's own key.
	KmsKeyArn pulumi.StringInput
	// AlarmTopicArn is the SNS topic that is notified when the gate rejects a path.
	AlarmTopicArn pulumi.StringInput
	// Tags are the tags of every resource.
	Tags pulumi.StringMap
}

// Gate is the function, which runs outside of any network and costs nothing at rest.
type Gate struct {
	pulumi.ResourceState

	// Alarms are all alarms, for the dashboard.
	Alarms observability.Alarms

	functionName pulumi.StringOutput
	policies     []pulumi.Resource
}

// New creates the gate. It rejects arguments that are not set, and a retention of logs below one day.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Gate, error) {
	if err := args.validate(); err != nil {
		return nil, fmt.Errorf("gate %q: %w", name, err)
	}
	component := &Gate{}
	if err := ctx.RegisterComponentResource("stagecraft:gate:Gate", name, component, opts...); err != nil {
		return nil, err
	}
	parent := pulumi.Parent(component)
	function, err := component.newFunction(ctx, name, args, parent)
	if err != nil {
		return nil, err
	}
	component.functionName = function.Name
	component.Alarms, err = observability.NewAlarms(ctx, name,
		observability.AlarmsArgs{TopicArn: args.AlarmTopicArn, Tags: args.Tags}, []observability.Alarm{{
			Name:        "errors",
			Description: "An update was stopped before users were moved: the update's output and the function's log say why.",
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
	return component, ctx.RegisterResourceOutputs(component, pulumi.Map{"functionName": function.Name})
}

func (a *Args) validate() error {
	if a.AccountID == "" || a.Region == "" || a.AlarmTopicArn == nil {
		return errors.New("AccountID, Region and AlarmTopicArn must be set")
	}
	if a.LogRetentionDays < 1 {
		return fmt.Errorf("LogRetentionDays is %d: it must be 1 or more, because 0 keeps logs forever", a.LogRetentionDays)
	}
	return nil
}

func (g *Gate) newFunction(
	ctx *pulumi.Context, name string, args *Args, parent pulumi.ResourceOption,
) (*lambda.Function, error) {
	logs, err := cloudwatch.NewLogGroup(ctx, name, &cloudwatch.LogGroupArgs{
		RetentionInDays: pulumi.Int(args.LogRetentionDays), KmsKeyId: args.KmsKeyArn, Tags: args.Tags,
	}, parent)
	if err != nil {
		return nil, err
	}
	execution, err := role.New(ctx, name, &role.Args{
		Service:     "lambda.amazonaws.com",
		Description: "Reads the health of what users are about to be routed to",
		Statements:  statements(args, logs.Arn),
		Tags:        args.Tags,
	}, parent)
	if err != nil {
		return nil, err
	}
	g.policies = execution.Policies
	return lambda.NewFunction(ctx, name, &lambda.FunctionArgs{
		Description:   pulumi.String("Stops an update before it routes users to what does not serve"),
		Runtime:       lambda.RuntimePython3d13,
		Architectures: pulumi.ToStringArray([]string{"arm64"}),
		Handler:       pulumi.String(Handler),
		Code:          pulumi.NewAssetArchive(map[string]any{"gate.py": pulumi.NewStringAsset(code)}),
		Role:          execution.Arn,
		Timeout:       pulumi.Int(timeoutSeconds),
		MemorySize:    pulumi.Int(memoryMiB),
		KmsKeyArn:     args.KmsKeyArn,
		LoggingConfig: lambda.FunctionLoggingConfigArgs{LogFormat: pulumi.String("JSON"), LogGroup: logs.Name},
		Tags:          args.Tags,
	}, parent, pulumi.DependsOn(execution.Policies))
}

// statements returns the statements that allow the function to read health, and nothing else. The first three actions
// support no resource (Service Authorization Reference, "Actions, resources, and condition keys for Elastic Load
// Balancing V2", "… for Amazon EC2 Auto Scaling", "… for Amazon Elastic Container Service").
func statements(args *Args, logGroupArn pulumi.StringOutput) []role.Statement {
	return []role.Statement{{
		Actions: []string{
			"elasticloadbalancing:DescribeTargetHealth", "autoscaling:DescribeAutoScalingGroups", "ecs:DescribeTaskDefinition",
		},
		Resources: pulumi.ToStringArray([]string{"*"}),
	}, {
		Actions:   []string{"ecs:DescribeServices"},
		Resources: pulumi.ToStringArray([]string{fmt.Sprintf("arn:aws:ecs:%s:%s:service/*", args.Region, args.AccountID)}),
	}, {
		Actions:   []string{"cloudfront:GetDistribution"},
		Resources: pulumi.ToStringArray([]string{fmt.Sprintf("arn:aws:cloudfront::%s:distribution/*", args.AccountID)}),
	}, {
		Actions:   []string{"logs:CreateLogStream", "logs:PutLogEvents"},
		Resources: pulumi.StringArray{pulumi.Sprintf("%s:*", logGroupArn)},
	}}
}

// Require creates the calls that prove a path, and returns the last of them: what routes users to the path must depend
// on it. They are made in the first update, and again when the path or its triggers change; options say what they wait
// for. A call that fails leaves nothing in the state (aws_lambda_invocation of the AWS provider), so that the next
// update calls again. Require rejects a path that demands nothing.
func (g *Gate) Require(ctx *pulumi.Context, name string, path *Path, opts ...pulumi.ResourceOption) (pulumi.Resource, error) {
	if err := path.validate(); err != nil {
		return nil, fmt.Errorf("path %q: %w", name, err)
	}
	calls := (path.Minutes*60 + callSeconds - 1) / callSeconds
	opts = append(opts, pulumi.Parent(g), pulumi.DependsOn(g.policies))
	var last pulumi.Resource
	for i := range calls {
		event := path.event()
		event["seconds"], event["call"], event["last"] = pulumi.Int(callSeconds), pulumi.Int(i+1), pulumi.Bool(i == calls-1)
		options := opts
		if last != nil {
			options = append(options[:len(options):len(options)], pulumi.DependsOn([]pulumi.Resource{last}))
		}
		invocation, err := lambda.NewInvocation(ctx, fmt.Sprintf("%s-serves-%d", name, i+1), &lambda.InvocationArgs{
			FunctionName: g.functionName,
			Input:        pulumi.JSONMarshal(event),
			Triggers:     path.Triggers,
		}, options...)
		if err != nil {
			return nil, err
		}
		last = invocation
	}
	return last, nil
}
