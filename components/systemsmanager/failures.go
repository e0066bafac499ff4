package systemsmanager

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ssm"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/observability"
)

// failures returns the notifications of failed windows and associations (AWS Systems Manager User Guide, "Amazon
// EventBridge event patterns and types for Systems Manager").
func failures(window *ssm.MaintenanceWindow, associations []*ssm.Association) []observability.Notification {
	associationIDs := pulumi.StringArray{}
	for _, association := range associations {
		associationIDs = append(associationIDs, association.ID().ToStringOutput())
	}
	list := []observability.Notification{{
		Name:  "window-failed",
		Event: "Maintenance Window Execution State-change Notification",
		Detail: pulumi.Map{
			"window-id": pulumi.StringArray{window.ID().ToStringOutput()},
			"status":    pulumi.ToStringArray([]string{"FAILED", "TIMED_OUT"}),
		},
		Message: "Patching in maintenance window <id> ended as <status>: see its history and the log group patching.",
		Values:  map[string]string{"id": "$.detail.window-id", "status": "$.detail.status"},
	}, {
		Name:  "association-failed",
		Event: "EC2 State Manager Association State Change",
		Detail: pulumi.Map{
			"association-id": associationIDs,
			"status":         pulumi.ToStringArray([]string{"Failed"}),
		},
		Message: "State Manager association <id> ended as <status>: see its execution history.",
		Values:  map[string]string{"id": "$.detail.association-id", "status": "$.detail.status"},
	}}
	for i := range list {
		list[i].Source = "aws.ssm"
	}
	return list
}

// alarms returns the alarms on Run Command, which patching uses (AWS Systems Manager User Guide, "Monitoring Run
// Command metrics using Amazon CloudWatch").
func alarms() []observability.Alarm {
	list := []observability.Alarm{{
		Name: "commands-failed",
		Description: "A command failed on an instance of this account and region: " +
			"see Run Command's history, and the log group patching.",
		Metric: "CommandsFailed",
	}, {
		Name: "commands-undelivered",
		Description: "A command did not reach an instance of this account and region: " +
			"see whether its SSM agent runs and gets out to the internet.",
		Metric: "CommandsDeliveryTimedOut",
	}}
	for i := range list {
		list[i].Namespace = "AWS/SSM-RunCommand"
		list[i].Statistic = "Sum"
		list[i].Threshold = 1
		list[i].Period = 300
		list[i].Periods = 1
		list[i].MissingData = "notBreaching"
	}
	return list
}
