package aws

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ssm"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"stagecraft/internal/offline/cloud"
)

const (
	maintenanceWindowToken       = "aws:ssm/maintenanceWindow:MaintenanceWindow"
	maintenanceWindowTargetToken = "aws:ssm/maintenanceWindowTarget:MaintenanceWindowTarget"
)

// The expressions of maintenance windows and associations (Systems Manager User Guide, "Reference: Cron and rate
// expressions for Systems Manager").
var (
	windowSchedule = cloud.Match(
		`^(rate\([1-9]\d* (minutes?|hours?|days?)\)|cron\(\S+( \S+){5,6}\)|at\(\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?\))$`,
		"cron of six or seven fields, rate or at")
	associationSchedule = cloud.Match(
		`^(rate\(([3-9]\d|[1-9]\d\d+) minutes\)|rate\([1-9]\d* (hours?|days?)\)|cron\(\S+( \S+){5}\)|at\(.+\))$`,
		"cron of six fields, at, or a rate of 30 minutes or more")
	timezone = func(value resource.PropertyValue) string {
		if value.IsString() && value.StringValue() != "" {
			if _, err := time.LoadLocation(value.StringValue()); err == nil {
				return ""
			}
		}
		return fmt.Sprintf("must be a time zone of the IANA database, got %v", value)
	}
	concurrency = cloud.Match(`^([1-9]\d*|[1-9]\d?%|100%)$`, "a number from 1, or a percentage from 1% to 100%")
	errorLimit  = cloud.Match(`^(0|[1-9]\d*|[1-9]?\d%|100%)$`, "a number, or a percentage from 0% to 100%")
)

func maintenanceTypes() []cloud.Type {
	doesNotExist := cloud.Error{Code: "DoesNotExistException", Message: "Maintenance window ${value} does not exist"}
	return []cloud.Type{{
		Token:     maintenanceWindowToken,
		Args:      ssm.MaintenanceWindowArgs{},
		State:     ssm.MaintenanceWindow{},
		Service:   "SSM",
		Operation: "CreateMaintenanceWindow",
		Change:    "UpdateMaintenanceWindow",
		Source: "CloudFormation resource schema AWS::SSM::MaintenanceWindow; Systems Manager API Reference, " +
			"CreateMaintenanceWindow. Names need not be unique",
		Name: ssmName(),
		ID:   "mw-${hex17}",
		Values: map[string]cloud.Value{
			"cutoff":           cloud.Range(0, 23),
			"description":      cloud.Length(1, 128),
			"duration":         cloud.Range(1, 24),
			"schedule":         windowSchedule,
			"scheduleOffset":   cloud.Range(1, 6),
			"scheduleTimezone": timezone,
		},
		Computed: map[string]any{"allowUnassociatedTargets": false, "enabled": true},
		Quota:    ssmQuota(50, ""),
		Check: func(_ cloud.Account, window *cloud.Resource) error {
			if number(window, "cutoff") >= number(window, "duration") {
				return apiError("ValidationException", "Maintenance window cutoff must be less than its duration.")
			}
			if window.Text("scheduleOffset") != "" && !strings.HasPrefix(window.Text("schedule"), "cron") {
				return apiError("ValidationException", "Schedule offset is only supported with cron expressions.")
			}
			return nil
		},
		NotFound: doesNotExist,
	}, {
		Token:     maintenanceWindowTargetToken,
		Args:      ssm.MaintenanceWindowTargetArgs{},
		State:     ssm.MaintenanceWindowTarget{},
		Service:   "SSM",
		Operation: "RegisterTargetWithMaintenanceWindow",
		Change:    "UpdateMaintenanceWindowTarget",
		Source: "CloudFormation resource schema AWS::SSM::MaintenanceWindowTarget; Systems Manager API Reference, " +
			"RegisterTargetWithMaintenanceWindow",
		Name:     ssmName(),
		ID:       uuid,
		Required: []string{"targets"},
		Values: map[string]cloud.Value{
			"description":       cloud.Length(1, 128),
			"ownerInformation":  cloud.Length(1, 128),
			"resourceType":      cloud.OneOf("INSTANCE", "RESOURCE_GROUP"),
			"targets":           cloud.Count(1, 5),
			"targets[*].values": cloud.Count(1, 50),
		},
		Replace: []string{"resourceType", "windowId"},
		Refs:    []cloud.Ref{{Path: "windowId", Type: maintenanceWindowToken, OwnedBy: true}},
		Quota:   ssmQuota(100, "windowId"),
		Check: func(_ cloud.Account, target *cloud.Resource) error {
			keys := instanceTarget
			if target.Text("resourceType") == "RESOURCE_GROUP" {
				keys = groupTarget
			}
			return validateTargets(target, keys)
		},
		NotFound: cloud.Error{Code: "DoesNotExistException", Message: "Maintenance window target ${value} does not exist"},
	}, {
		Token:     "aws:ssm/maintenanceWindowTask:MaintenanceWindowTask",
		Args:      ssm.MaintenanceWindowTaskArgs{},
		State:     ssm.MaintenanceWindowTask{},
		Service:   "SSM",
		Operation: "RegisterTaskWithMaintenanceWindow",
		Change:    "UpdateMaintenanceWindowTask",
		Source: "CloudFormation resource schema AWS::SSM::MaintenanceWindowTask; Systems Manager API Reference, " +
			"RegisterTaskWithMaintenanceWindow. Of the documents of AWS the offline cloud knows some, and no others",
		Name: ssmName(),
		ID:   uuid,
		Values: map[string]cloud.Value{
			"cutoffBehavior":    cloud.OneOf("CONTINUE_TASK", "CANCEL_TASK"),
			"description":       cloud.Length(1, 128),
			"maxConcurrency":    concurrency,
			"maxErrors":         errorLimit,
			"priority":          cloud.Range(0, 1000000),
			"targets":           cloud.Count(0, 5),
			"targets[*].values": cloud.Count(1, 50),
			"taskType":          cloud.OneOf("RUN_COMMAND", "AUTOMATION", "LAMBDA", "STEP_FUNCTIONS"),
			"taskInvocationParameters.runCommandParameters.timeoutSeconds": cloud.Range(30, 2592000),
		},
		Computed: map[string]any{
			"arn":            "arn:aws:ssm:${region}:${account}:windowtask/${id}",
			"maxConcurrency": "1",
			"maxErrors":      "1",
			"priority":       1,
			"windowTaskId":   "${id}",
		},
		Replace: []string{"taskType", "windowId"},
		Refs: []cloud.Ref{
			{Path: "windowId", Type: maintenanceWindowToken, OwnedBy: true},
			{Path: "serviceRoleArn", Type: roleToken, TargetProperty: "arn", Weak: true},
			{Path: "taskInvocationParameters.runCommandParameters.serviceRoleArn", Type: roleToken, TargetProperty: "arn", Weak: true},
			{
				Path: "taskInvocationParameters.runCommandParameters.notificationConfig.notificationArn", Type: topicToken,
				TargetProperty: "arn", Weak: true,
			},
			{Path: "taskInvocationParameters.runCommandParameters.outputS3Bucket", Type: bucketToken, Weak: true},
		},
		Quota:    ssmQuota(20, "windowId"),
		Check:    validateTask,
		NotFound: cloud.Error{Code: "DoesNotExistException", Message: "Maintenance window task ${value} does not exist"},
	}}
}

// The keys by which instances, the resources of a group, and the targets of a task are found (Systems Manager API
// Reference, "Target").
var (
	instanceTarget = regexp.MustCompile(`^(InstanceIds|tag:.+|tag-key)$`)
	groupTarget    = regexp.MustCompile(`^resource-groups:(Name|ResourceTypeFilters)$`)
	taskTarget     = regexp.MustCompile(`^(InstanceIds|WindowTargetIds)$`)
	anyTarget      = regexp.MustCompile(
		`^(InstanceIds|tag:.+|tag-key|resource-groups:(Name|ResourceTypeFilters)|ResourceGroup|ParameterValues)$`)
)

// taskParameters are the task types by their properties.
var taskParameters = map[string]string{
	"automationParameters": "AUTOMATION", "lambdaParameters": "LAMBDA", "runCommandParameters": "RUN_COMMAND",
	"stepFunctionsParameters": "STEP_FUNCTIONS",
}

func validateTask(account cloud.Account, task *cloud.Resource) error {
	if err := validateTargets(task, taskTarget); err != nil {
		return err
	}
	for _, target := range task.Elements("targets") {
		if target.Text("key") != "WindowTargetIds" {
			continue
		}
		for _, id := range target.Texts("values[*]") {
			registered, err := account.Find(maintenanceWindowTargetToken, "", id)
			if err != nil {
				return err
			}
			if registered == nil || registered.Text("windowId") != task.Text("windowId") {
				return apiError("DoesNotExistException", "Maintenance window target %s does not exist in maintenance window %s",
					id, task.Text("windowId"))
			}
		}
	}
	kind := task.Text("taskType")
	if value := task.Outputs["taskInvocationParameters"]; value.IsObject() {
		for property := range value.ObjectValue() {
			if taskParameters[string(property)] != kind {
				return apiError("ValidationException", "%s are not valid for a task of the type %s", property, kind)
			}
		}
	}
	if kind != "RUN_COMMAND" {
		return nil
	}
	if len(task.Elements("targets")) == 0 {
		return apiError("ValidationException", "Targets are required for a task of the type RUN_COMMAND")
	}
	return validateRunCommand(task)
}

func validateRunCommand(task *cloud.Resource) error {
	values := map[string]string{}
	command := task.Outputs["taskInvocationParameters"]
	if command.IsObject() && command.ObjectValue()["runCommandParameters"].IsObject() {
		run := &cloud.Resource{Outputs: command.ObjectValue()["runCommandParameters"].ObjectValue()}
		for _, parameter := range run.Elements("parameters") {
			values[parameter.Text("name")] = parameter.Text("values[*]")
		}
	}
	return validateDocumentParameters(task.Text("taskArn"), values)
}
