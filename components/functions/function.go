// Package functions creates the tier of simple operations that are executed often: functions on AWS Lambda, and the
// HTTP API that invokes them.
package functions

import (
	"cmp"
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sqs"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/observability"
	"stagecraft/components/role"
)

// aliasName is the alias of the version that clients invoke.
const aliasName = "live"

// failedRetention is for how many seconds failed events are kept: 14 days, the longest that SQS keeps a message.
const failedRetention = 14 * 24 * 60 * 60

// Args describes a function. Every field is required unless a default is named.
type Args struct {
	// Description is what the function does, in 1 to 256 characters.
	Description string
	// Archive is the path of a zip file with the program: bootstrap at its top level, for Linux on arm64, executable.
	Archive string
	// Placeholder is whether Archive only answers until a pipeline releases the function: updates then leave the code, and
	// the version that clients invoke, as they are. Default: false.
	Placeholder bool
	// MemoryMiB is the memory in MiB, 128 to 10240; Lambda assigns processing power in proportion.
	MemoryMiB int
	// TimeoutSeconds is how many seconds one execution may take, 1 to 29: API Gateway waits for 30.
	TimeoutSeconds int
	// Environment are the function's environment variables, by name. Everyone who may read the function can read them, so
	// that they must not be secret. A name has two or more letters, digits and underscores, a letter first. Default: none.
	Environment map[string]pulumi.StringInput
	// Permissions are what the function may do in AWS, beside writing its log. Default: nothing.
	Permissions []role.Statement
	// ReservedConcurrency is how many concurrent executions are reserved for the function, which are also its maximum; AWS
	// leaves 100 of the account's to all functions without a reservation. Default: 0, none reserved.
	ReservedConcurrency int
	// ProvisionedConcurrency is how many executions are kept initialized, so that no request waits for one to start; they
	// are charged all the time. It must not be above ReservedConcurrency if that is set. Default: 0, none.
	ProvisionedConcurrency int
	// LogRetentionDays is for how many days CloudWatch Logs keeps the function's log, 1 or more.
	LogRetentionDays int
	// KmsKeyArn is the KMS key that encrypts the function's variables, its log and the events that it failed at.
	// Default: nil, AWS's own keys.
	KmsKeyArn pulumi.StringInput
	// AlarmTopicArn is the SNS topic that is notified of alarms.
	AlarmTopicArn pulumi.StringInput
	// Tags are set on every resource.
	Tags pulumi.StringMap
}

// Function is a function on Lambda with its role, log, alarms, and a queue of the events that it failed at.
type Function struct {
	pulumi.ResourceState

	// FunctionName and Arn identify the function; AliasName is the alias of the version that clients invoke.
	FunctionName, Arn pulumi.StringOutput
	AliasName         string
	// LogGroup is the name of the function's log group.
	LogGroup pulumi.StringOutput
	// Alarms are the alarms for the dashboard.
	Alarms observability.Alarms

	name  string
	args  *Args
	alias *lambda.Alias
}

// New creates the function. It rejects an archive that Lambda could not start, and sizes outside of Lambda's limits.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Function, error) {
	if err := args.validate(); err != nil {
		return nil, fmt.Errorf("function %q: %w", name, err)
	}
	component := &Function{name: name, args: args, AliasName: aliasName}
	if err := ctx.RegisterComponentResource("stagecraft:functions:Function", name, component, opts...); err != nil {
		return nil, err
	}
	parent := pulumi.Parent(component)

	failedEvents, err := sqs.NewQueue(ctx, name+"-failed", args.failedEvents(), parent)
	if err != nil {
		return nil, err
	}
	function, err := component.newFunction(ctx, failedEvents, parent)
	if err != nil {
		return nil, err
	}
	if err := component.newAlias(ctx, function, failedEvents, parent); err != nil {
		return nil, err
	}
	component.Alarms, err = observability.NewAlarms(ctx, name,
		observability.AlarmsArgs{TopicArn: args.AlarmTopicArn, Tags: args.Tags}, args.alarms(function, failedEvents), parent)
	if err != nil {
		return nil, err
	}
	return component, ctx.RegisterResourceOutputs(component, pulumi.Map{
		"functionName": component.FunctionName,
		"aliasName":    pulumi.String(component.AliasName),
		"arn":          component.Arn,
		"logGroup":     component.LogGroup,
	})
}

// failedEvents returns the queue of the events that the function failed at. SQS encrypts with one key, its own or the
// given one (Amazon SQS API Reference, "CreateQueue").
func (a *Args) failedEvents() *sqs.QueueArgs {
	queue := &sqs.QueueArgs{MessageRetentionSeconds: pulumi.Int(failedRetention), Tags: a.Tags}
	if a.KmsKeyArn != nil {
		queue.KmsMasterKeyId = a.KmsKeyArn
	} else {
		queue.SqsManagedSseEnabled = pulumi.Bool(true)
	}
	return queue
}

// newFunction creates the function itself, its log and its role.
func (f *Function) newFunction(
	ctx *pulumi.Context, failedEvents *sqs.Queue, parent pulumi.ResourceOption,
) (*lambda.Function, error) {
	args := f.args
	logs, err := cloudwatch.NewLogGroup(ctx, f.name, &cloudwatch.LogGroupArgs{
		NamePrefix:      pulumi.Sprintf("/%s/%s/%s-", ctx.Project(), ctx.Stack(), f.name),
		RetentionInDays: pulumi.Int(args.LogRetentionDays),
		KmsKeyId:        args.KmsKeyArn,
		Tags:            args.Tags,
	}, parent)
	if err != nil {
		return nil, err
	}
	execution, err := role.New(ctx, f.name, &role.Args{
		Service:     "lambda.amazonaws.com",
		Description: "What the function " + f.name + " may do",
		Statements:  args.statements(logs.Arn, failedEvents.Arn),
		Tags:        args.Tags,
	}, parent)
	if err != nil {
		return nil, err
	}

	// Lambda checks the role's permissions when the function is created.
	options := []pulumi.ResourceOption{parent, pulumi.DependsOn(execution.Policies)}
	if args.Placeholder {
		options = append(options, pulumi.IgnoreChanges([]string{"code"}))
	}
	function, err := lambda.NewFunction(ctx, f.name, &lambda.FunctionArgs{
		Description:   pulumi.String(args.Description),
		Code:          pulumi.NewFileArchive(args.Archive),
		Runtime:       lambda.RuntimeCustomAL2023,
		Architectures: pulumi.ToStringArray([]string{"arm64"}),
		Handler:       pulumi.String(handler),
		MemorySize:    pulumi.Int(args.MemoryMiB),
		Timeout:       pulumi.Int(args.TimeoutSeconds),
		Environment:   args.environment(),
		KmsKeyArn:     args.KmsKeyArn,
		LoggingConfig: lambda.FunctionLoggingConfigArgs{LogFormat: pulumi.String("JSON"), LogGroup: logs.Name},
		Publish:       pulumi.Bool(true),
		// -1 is Lambda's word for none.
		ReservedConcurrentExecutions: pulumi.Int(cmp.Or(args.ReservedConcurrency, -1)),
		Role:                         execution.Arn,
		TracingConfig:                lambda.FunctionTracingConfigArgs{Mode: pulumi.String("Active")},
		Tags:                         args.Tags,
	}, options...)
	if err != nil {
		return nil, err
	}
	f.FunctionName, f.Arn, f.LogGroup = function.Name, function.Arn, logs.Name
	return function, nil
}

// environment returns the function's variables, nil without any, as Lambda returns it.
func (a *Args) environment() lambda.FunctionEnvironmentPtrInput {
	if len(a.Environment) == 0 {
		return nil
	}
	return lambda.FunctionEnvironmentArgs{Variables: pulumi.StringMap(a.Environment)}
}

// statements returns the permissions of every function, and those of this one.
func (a *Args) statements(logGroupArn, failedEventsArn pulumi.StringInput) []role.Statement {
	return append([]role.Statement{{
		Actions:   []string{"logs:CreateLogStream", "logs:PutLogEvents"},
		Resources: pulumi.StringArray{pulumi.Sprintf("%s:*", logGroupArn)},
	}, {
		// X-Ray's actions take no resource (Service Authorization Reference, "Actions, resources, and condition keys for AWS
		// X-Ray").
		Actions:   []string{"xray:PutTelemetryRecords", "xray:PutTraceSegments"},
		Resources: pulumi.ToStringArray([]string{"*"}),
	}, {
		Actions:   []string{"sqs:SendMessage"},
		Resources: pulumi.StringArray{failedEventsArn},
	}}, a.Permissions...)
}

// newAlias creates the alias of the version that clients invoke. Events that the version fails at go to the queue.
func (f *Function) newAlias(
	ctx *pulumi.Context, function *lambda.Function, failedEvents *sqs.Queue, parent pulumi.ResourceOption,
) error {
	options := []pulumi.ResourceOption{parent}
	if f.args.Placeholder {
		// A deployment moves the alias, at first for a part of the requests.
		options = append(options, pulumi.IgnoreChanges([]string{"functionVersion", "routingConfig"}))
	}
	alias, err := lambda.NewAlias(ctx, f.name, &lambda.AliasArgs{
		Name:            pulumi.String(aliasName),
		Description:     pulumi.String("What clients invoke"),
		FunctionName:    function.Name,
		FunctionVersion: function.Version,
	}, options...)
	if err != nil {
		return err
	}
	f.alias = alias
	_, err = lambda.NewFunctionEventInvokeConfig(ctx, f.name, &lambda.FunctionEventInvokeConfigArgs{
		FunctionName: function.Name,
		Qualifier:    alias.Name,
		DestinationConfig: lambda.FunctionEventInvokeConfigDestinationConfigArgs{
			OnFailure: lambda.FunctionEventInvokeConfigDestinationConfigOnFailureArgs{Destination: failedEvents.Arn},
		},
	}, parent)
	if err != nil || f.args.ProvisionedConcurrency == 0 {
		return err
	}
	_, err = lambda.NewProvisionedConcurrencyConfig(ctx, f.name, &lambda.ProvisionedConcurrencyConfigArgs{
		FunctionName:                    function.Name,
		Qualifier:                       alias.Name,
		ProvisionedConcurrentExecutions: pulumi.Int(f.args.ProvisionedConcurrency),
	}, parent)
	return err
}
