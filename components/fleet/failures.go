package fleet

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ssm"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/observability"
)

// failureRule is an EventBridge rule that tells people of a failure.
type failureRule struct {
	name     string
	resource *cloudwatch.EventRule
}

// newFailureNotifications tells the alarm topic, in words, when this stack's window or associations fail (AWS Systems
// Manager User Guide, "Amazon EventBridge event patterns and types for Systems Manager").
func newFailureNotifications(
	ctx *pulumi.Context, name string, args *Args,
	window *ssm.MaintenanceWindow, associations []*ssm.Association, parent pulumi.ResourceOption,
) ([]failureRule, error) {
	associationIDs := pulumi.StringArray{}
	for _, association := range associations {
		associationIDs = append(associationIDs, association.ID().ToStringOutput())
	}
	var rules []failureRule
	for _, failure := range []struct {
		name, event, idKey string
		ids                pulumi.StringArray
		statuses           []string
		message            string
	}{{
		name:     "window-failed",
		event:    "Maintenance Window Execution State-change Notification",
		idKey:    "window-id",
		ids:      pulumi.StringArray{window.ID().ToStringOutput()},
		statuses: []string{"FAILED", "TIMED_OUT"},
		message:  "Patching in maintenance window <id> ended as <status>: see its history and the log group patching.",
	}, {
		name:     "association-failed",
		event:    "EC2 State Manager Association State Change",
		idKey:    "association-id",
		ids:      associationIDs,
		statuses: []string{"Failed"},
		message:  "State Manager association <id> ended as <status>: see its execution history.",
	}} {
		rule, err := cloudwatch.NewEventRule(ctx, name+"-"+failure.name, &cloudwatch.EventRuleArgs{
			Description: pulumi.Sprintf("%s of %s %s", failure.event, ctx.Project(), ctx.Stack()),
			EventPattern: pulumi.JSONMarshal(pulumi.Map{
				"source":      pulumi.ToStringArray([]string{"aws.ssm"}),
				"detail-type": pulumi.ToStringArray([]string{failure.event}),
				"detail": pulumi.Map{
					failure.idKey: failure.ids,
					"status":      pulumi.ToStringArray(failure.statuses),
				},
			}),
			Tags: args.Tags,
		}, parent)
		if err != nil {
			return nil, err
		}
		_, err = cloudwatch.NewEventTarget(ctx, name+"-"+failure.name, &cloudwatch.EventTargetArgs{
			Rule: rule.Name,
			Arn:  args.AlarmTopicArn,
			InputTransformer: cloudwatch.EventTargetInputTransformerArgs{
				InputPaths: pulumi.StringMap{
					"id":     pulumi.String("$.detail." + failure.idKey),
					"status": pulumi.String("$.detail.status"),
				},
				InputTemplate: pulumi.Sprintf("\"%s %s: %s\"", ctx.Project(), ctx.Stack(), failure.message),
			},
		}, parent)
		if err != nil {
			return nil, err
		}
		rules = append(rules, failureRule{name: failure.name, resource: rule})
	}
	return rules, nil
}

// alarms watch Run Command, which patching uses, and the delivery of the notifications (AWS Systems Manager User Guide,
// "Monitoring Run Command metrics using Amazon CloudWatch"; Amazon EventBridge User Guide, "Monitoring Amazon
// EventBridge").
func alarms(rules []failureRule) []observability.Alarm {
	list := []observability.Alarm{{
		Name: "commands-failed",
		Description: "A command failed on an instance of this account and region: " +
			"see Run Command's history, and the log group patching.",
		Namespace: "AWS/SSM-RunCommand",
		Metric:    "CommandsFailed",
	}, {
		Name: "commands-undelivered",
		Description: "A command did not reach an instance of this account and region: " +
			"see whether its SSM agent runs and gets out to the internet.",
		Namespace: "AWS/SSM-RunCommand",
		Metric:    "CommandsDeliveryTimedOut",
	}}
	for _, rule := range rules {
		list = append(list, observability.Alarm{
			Name:        rule.name + "-untold",
			Description: "A failure could not be told: see whether the alarm topic lets EventBridge publish, and what failed.",
			Namespace:   "AWS/Events",
			Metric:      "FailedInvocations",
			Dimensions:  pulumi.StringMap{"RuleName": rule.resource.Name},
		})
	}
	for i := range list {
		list[i].Statistic = "Sum"
		list[i].Threshold = 1
		list[i].Period = 300
		list[i].Periods = 1
		list[i].MissingData = "notBreaching"
	}
	return list
}
