package rules

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/policyx"

	"stagecraft/policy/rule"
)

func computeLogs() []rule.Rule {
	clusters := []string{ecsCluster}
	return []rule.Rule{{
		Name:        "ecs-container-logs",
		Description: "Containers of ECS tasks write logs",
		Severity:    rule.High,
		Theme:       rule.Logging,
		References:  []string{"FSBP ECS.9", "WAF SEC04-BP01"},
		Fix:         "Set logConfiguration of each container, for example to the driver awslogs with its log group.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       []string{ecsTaskDefinition},
		Resource:    containersLog,
	}, {
		Name:        "ecs-exec-logs",
		Description: "ECS clusters log the commands of ECS Exec",
		Severity:    rule.Medium,
		Theme:       rule.Logging,
		References:  []string{"WAF SEC04-BP01"},
		Fix:         "Set configuration.executeCommandConfiguration.logging to DEFAULT or OVERRIDE.",
		Level:       policyx.EnforcementLevelAdvisory,
		Types:       clusters,
		Resource:    rule.OneOf("configuration.executeCommandConfiguration.logging", "DEFAULT", "DEFAULT", "OVERRIDE"),
	}, {
		// The account may enable it for all clusters.
		Name:        "ecs-container-insights",
		Description: "ECS clusters use Container Insights",
		Severity:    rule.Medium,
		Theme:       rule.Logging,
		References:  []string{"FSBP ECS.12", "WAF REL06-BP01"},
		Fix:         "Set the setting containerInsights to enabled or enhanced.",
		Level:       policyx.EnforcementLevelAdvisory,
		Types:       clusters,
		Resource: rule.Want("settings", "a list with containerInsights enabled or enhanced", func(settings rule.Value) bool {
			return slices.ContainsFunc(settings.List(), insights)
		}),
	}, {
		Name:        "lambda-tracing",
		Description: "Lambda functions trace requests",
		Severity:    rule.Low,
		Theme:       rule.Logging,
		References:  []string{"WAF REL06-BP07"},
		Fix:         "Set tracingConfig.mode to Active, and allow the function's role to write to X-Ray.",
		Level:       policyx.EnforcementLevelAdvisory,
		Types:       []string{lambdaFunction},
		Resource:    rule.OneOf("tracingConfig.mode", "PassThrough", "Active"),
	}, {
		Name:        "sfn-state-machine-logs",
		Description: "Step Functions state machines write logs",
		Severity:    rule.Medium,
		Theme:       rule.Logging,
		References:  []string{"FSBP StepFunctions.1", "WAF SEC04-BP01"},
		Fix:         "Set loggingConfiguration to a log group and the level ERROR or ALL.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       []string{sfnStateMachine},
		Resource:    rule.OneOf("loggingConfiguration.level", "OFF", "ERROR", "FATAL", "ALL"),
	}}
}

func insights(setting rule.Value) bool {
	name, value := setting.Get("name"), setting.Get("value")
	return name.Unknown() || name.Text() == "containerInsights" &&
		(value.Unknown() || slices.Contains([]string{"enabled", "enhanced"}, value.Text()))
}

// containersLog ignores values that are not JSON.
func containersLog(r *rule.Resource) {
	var containers []struct {
		Name             string
		LogConfiguration struct{ LogDriver string }
	}
	if !r.Get("containerDefinitions").JSON(&containers) {
		return
	}
	for _, container := range containers {
		if container.LogConfiguration.LogDriver == "" {
			r.Report(fmt.Sprintf("containerDefinitions: the container %q has no logConfiguration", container.Name))
		}
	}
}

func deliveryLogs() []rule.Rule {
	return []rule.Rule{{
		Name:        "codebuild-logs",
		Description: "CodeBuild writes build logs",
		Severity:    rule.Medium,
		Theme:       rule.Logging,
		References:  []string{"FSBP CodeBuild.4", "WAF SEC04-BP01"},
		Fix:         "Remove logsConfig.cloudwatchLogs.status, or set it to ENABLED.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       []string{codebuildProject},
		Resource: rule.When(isOneOf("logsConfig.s3Logs.status", "DISABLED", "DISABLED"),
			rule.OneOf("logsConfig.cloudwatchLogs.status", "ENABLED", "ENABLED")),
	}}
}
