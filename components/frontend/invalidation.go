package frontend

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sfn"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/observability"
	"stagecraft/components/role"
)

// newInvalidation creates what brings a new page to users at once: for a new page S3 emits an EventBridge event that
// starts a state machine, which invalidates CloudFront's cache. EventBridge itself cannot call CloudFront, and a
// function would be code to maintain.
func (f *Frontend) newInvalidation(ctx *pulumi.Context) error {
	_, err := s3.NewBucketNotification(ctx, f.name, &s3.BucketNotificationArgs{
		Bucket:      f.BucketName,
		Eventbridge: pulumi.Bool(true),
	}, f.parent)
	if err != nil {
		return err
	}
	machine, err := f.newStateMachine(ctx)
	if err != nil {
		return err
	}
	rule, err := f.newEventRule(ctx, machine)
	if err != nil {
		return err
	}
	f.Alarms, err = observability.NewAlarms(ctx, f.name,
		observability.AlarmsArgs{TopicArn: f.args.AlarmTopicArn, Tags: f.args.Tags}, regionalAlarms(machine, rule), f.parent)
	return err
}

// newStateMachine creates the state machine that invalidates the cache, and retries for half an hour: CloudFront
// processes 15 invalidations with a wildcard at a time (Amazon CloudFront Developer Guide, "Quotas"). The caller's
// reference identifies an invalidation, so that a retry does not create a second one.
func (f *Frontend) newStateMachine(ctx *pulumi.Context) (*sfn.StateMachine, error) {
	logs, err := cloudwatch.NewLogGroup(ctx, f.name+"-invalidation", &cloudwatch.LogGroupArgs{
		NamePrefix:      pulumi.Sprintf("/aws/vendedlogs/states/%s-%s-%s-invalidation-", ctx.Project(), ctx.Stack(), f.name),
		RetentionInDays: pulumi.Int(f.args.LogRetentionDays),
		KmsKeyId:        f.args.KmsKeyArn,
		Tags:            f.args.Tags,
	}, f.parent)
	if err != nil {
		return nil, err
	}
	permissions, err := role.New(ctx, f.name+"-invalidation", &role.Args{
		Service:       "states.amazonaws.com",
		SourceAccount: f.args.AccountID,
		Description:   "Step Functions has CloudFront forget old pages",
		Statements: []role.Statement{
			{Actions: []string{"cloudfront:CreateInvalidation"}, Resources: pulumi.StringArray{f.DistributionArn}},
			// These take no resource (AWS Step Functions Developer Guide, "Using CloudWatch Logs to log execution history").
			{Actions: []string{
				"logs:CreateLogDelivery", "logs:DeleteLogDelivery", "logs:DescribeLogGroups", "logs:DescribeResourcePolicies",
				"logs:GetLogDelivery", "logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:UpdateLogDelivery",
			}, Resources: pulumi.StringArray{pulumi.String("*")}},
		},
		Tags: f.args.Tags,
	}, f.parent)
	if err != nil {
		return nil, err
	}
	return sfn.NewStateMachine(ctx, f.name, &sfn.StateMachineArgs{
		RoleArn:    permissions.Arn,
		Definition: pulumi.JSONMarshal(invalidation(f.DistributionID)),
		LoggingConfiguration: sfn.StateMachineLoggingConfigurationArgs{
			Level:                pulumi.String("ERROR"),
			IncludeExecutionData: pulumi.Bool(true),
			LogDestination:       pulumi.Sprintf("%s:*", logs.Arn),
		},
		Tags: f.args.Tags,
	}, f.parent, pulumi.DependsOn(permissions.Policies))
}

// invalidation returns the definition of the state machine.
func invalidation(distributionID pulumi.StringInput) pulumi.Map {
	return pulumi.Map{
		"StartAt": pulumi.String("Invalidate"),
		"States": pulumi.Map{"Invalidate": pulumi.Map{
			"Type":     pulumi.String("Task"),
			"Resource": pulumi.String("arn:aws:states:::aws-sdk:cloudfront:createInvalidation"),
			"Parameters": pulumi.Map{
				"DistributionId": distributionID,
				"InvalidationBatch": pulumi.Map{
					"CallerReference.$": pulumi.String("$$.Execution.Name"),
					"Paths":             pulumi.Map{"Quantity": pulumi.Int(1), "Items": pulumi.ToStringArray([]string{"/*"})},
				},
			},
			"Retry": pulumi.Array{pulumi.Map{
				"ErrorEquals":     pulumi.ToStringArray([]string{"States.ALL"}),
				"IntervalSeconds": pulumi.Int(60),
				"MaxAttempts":     pulumi.Int(5),
				"BackoffRate":     pulumi.Int(2),
			}},
			"End": pulumi.Bool(true),
		}},
	}
}

// newEventRule creates the rule that starts the state machine for every new file except assets, whose names are new
// too.
func (f *Frontend) newEventRule(ctx *pulumi.Context, machine *sfn.StateMachine) (*cloudwatch.EventRule, error) {
	permissions, err := role.New(ctx, f.name+"-start", &role.Args{
		Service:       "events.amazonaws.com",
		SourceAccount: f.args.AccountID,
		Description:   "EventBridge starts the invalidation of old pages",
		Statements: []role.Statement{
			{Actions: []string{"states:StartExecution"}, Resources: pulumi.StringArray{machine.Arn}},
		},
		Tags: f.args.Tags,
	}, f.parent)
	if err != nil {
		return nil, err
	}
	rule, err := cloudwatch.NewEventRule(ctx, f.name, &cloudwatch.EventRuleArgs{
		Description: pulumi.Sprintf("New pages of %s %s", ctx.Project(), ctx.Stack()),
		EventPattern: pulumi.JSONMarshal(pulumi.Map{
			"source":      pulumi.ToStringArray([]string{"aws.s3"}),
			"detail-type": pulumi.ToStringArray([]string{"Object Created"}),
			"detail": pulumi.Map{
				"bucket": pulumi.Map{"name": pulumi.StringArray{f.BucketName}},
				"object": pulumi.Map{"key": pulumi.Array{
					pulumi.Map{"anything-but": pulumi.Map{"prefix": pulumi.String(assetFolder)}},
				}},
			},
		}),
		Tags: f.args.Tags,
	}, f.parent)
	if err != nil {
		return nil, err
	}
	_, err = cloudwatch.NewEventTarget(ctx, f.name, &cloudwatch.EventTargetArgs{
		Rule:    rule.Name,
		Arn:     machine.Arn,
		RoleArn: permissions.Arn,
	}, f.parent, pulumi.DependsOn(permissions.Policies))
	return rule, err
}
