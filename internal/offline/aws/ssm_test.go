package aws

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/require"
)

var minimalSSM = map[string]func(*testAccount) map[string]any{
	parameterToken: func(*testAccount) map[string]any { return parameterInputs("/web/agent") },
	patchBaselineToken: func(*testAccount) map[string]any {
		return baselineInputs(map[string]any{"key": "CLASSIFICATION", "values": []any{"Security"}})
	},
	patchGroupToken: func(a *testAccount) map[string]any {
		return map[string]any{"patchGroup": "web", "baselineId": a.baseline().id}
	},
	maintenanceWindowToken: func(*testAccount) map[string]any { return windowInputs() },
	maintenanceWindowTargetToken: func(a *testAccount) map[string]any {
		return windowTargetInputs(a.create(maintenanceWindowToken, windowInputs()))
	},
	windowTaskToken: func(a *testAccount) map[string]any { return a.taskInputs() },
	associationToken: func(*testAccount) map[string]any {
		return associationInputs("AWS-RunPatchBaseline", map[string]any{"Operation": "Scan"})
	},
}

const (
	windowTaskToken  = "aws:ssm/maintenanceWindowTask:MaintenanceWindowTask"
	associationToken = "aws:ssm/association:Association"
)

func TestSSMInputsRejected(t *testing.T) {
	t.Parallel()
	rule := func(more map[string]any) map[string]any {
		return map[string]any{"approvalRules": []any{with(map[string]any{
			"approveAfterDays": 7, "patchFilters": []any{map[string]any{"key": "SEVERITY", "values": []any{"Critical"}}},
		}, more)}}
	}
	runInputRejections(t, []inputRejection{
		{parameterToken, "name", map[string]any{"name": "/web/a b"}},
		{parameterToken, "value", map[string]any{"value": "{}"}},
		{parameterToken, "type", map[string]any{"type": "Secret"}},
		{parameterToken, "keyId", map[string]any{"keyId": "alias/ours"}},
		{parameterToken, "tier", map[string]any{"tier": "Free"}},
		{patchBaselineToken, "name", map[string]any{"name": "a"}},
		{patchBaselineToken, "operatingSystem", map[string]any{"operatingSystem": "AMAZON_LINUX_3"}},
		{patchBaselineToken, "approvalRules[0].approveAfterDays", rule(map[string]any{"approveAfterDays": 361})},
		{patchBaselineToken, "approvalRules[0].approveUntilDate", rule(map[string]any{"approveUntilDate": "tomorrow"})},
		{patchBaselineToken, "approvalRules[0].complianceLevel", rule(map[string]any{"complianceLevel": "SEVERE"})},
		{patchBaselineToken, "approvalRules[0].patchFilters", rule(map[string]any{"patchFilters": []any{}})},
		{patchBaselineToken, "approvalRules[0].patchFilters[0].key", rule(map[string]any{
			"patchFilters": []any{map[string]any{"key": "COLOUR", "values": []any{"green"}}},
		})},
		{patchGroupToken, "patchGroup", map[string]any{"patchGroup": "a#b"}},
		{maintenanceWindowToken, "schedule", map[string]any{"schedule": "cron(0 3 * * *)"}},
		{maintenanceWindowToken, "schedule", map[string]any{"schedule": "every week"}},
		{maintenanceWindowToken, "scheduleTimezone", map[string]any{"scheduleTimezone": "Moon/Crater"}},
		{maintenanceWindowToken, "duration", map[string]any{"duration": 25}},
		{maintenanceWindowToken, "cutoff", map[string]any{"cutoff": 24}},
		{maintenanceWindowToken, "scheduleOffset", map[string]any{"scheduleOffset": 7}},
		{maintenanceWindowTargetToken, "resourceType", map[string]any{"resourceType": "SERVER"}},
		{maintenanceWindowTargetToken, "targets", map[string]any{"targets": []any{}}},
		{windowTaskToken, "taskType", map[string]any{"taskType": "SHELL"}},
		{windowTaskToken, "maxConcurrency", map[string]any{"maxConcurrency": "0"}},
		{windowTaskToken, "maxErrors", map[string]any{"maxErrors": "101%"}},
		{windowTaskToken, "cutoffBehavior", map[string]any{"cutoffBehavior": "STOP"}},
		{associationToken, "scheduleExpression", map[string]any{"scheduleExpression": "rate(15 minutes)"}},
		{associationToken, "associationName", map[string]any{"associationName": "a b c"}},
		{associationToken, "complianceSeverity", map[string]any{"complianceSeverity": "SEVERE"}},
		{associationToken, "documentVersion", map[string]any{"documentVersion": "newest"}},
		{associationToken, "instanceId", map[string]any{"instanceId": "i-0"}},
	})
}

func TestParameterRejections(t *testing.T) {
	t.Parallel()
	secure := map[string]any{"type": "SecureString"}
	var rejections []rejection
	for name, rejected := range map[string]struct {
		code string
		more map[string]any
	}{
		"no root":               {"ValidationException", map[string]any{"name": "web/agent"}},
		"nothing at its end":    {"ValidationException", map[string]any{"name": "/web/"}},
		"AWS's own name":        {"ValidationException", map[string]any{"name": "/aws/web"}},
		"Systems Manager's":     {"ValidationException", map[string]any{"name": "SSM-web"}},
		"too deep":              {"HierarchyLevelLimitExceededException", map[string]any{"name": strings.Repeat("/a", 16)}},
		"secret that is shown":  {"ValidationException", secure},
		"no value":              {"ValidationException", map[string]any{"insecureValue": ""}},
		"too long":              {"ValidationException", map[string]any{"insecureValue": strings.Repeat("a", 4097)}},
		"too long for advanced": {"ValidationException", map[string]any{"insecureValue": strings.Repeat("a", 8193), "tier": "Advanced"}},
		"another pattern":       {"ParameterPatternMismatchException", map[string]any{"allowedPattern": "^[a-z]+$"}},
		"no pattern":            {"InvalidAllowedPatternException", map[string]any{"allowedPattern": "["}},
	} {
		rejections = append(rejections, rejection{name, rejected.code, parameterToken, but(parameterToken, rejected.more)})
	}
	runRejections(t, rejections)
}

func TestParameter(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	inputs := parameterInputs("/web/agent")
	parameter := account.create(parameterToken, inputs)
	require.Equal(t, "arn:aws:ssm:eu-west-1:123456789012:parameter/web/agent", parameter.text("arn"))
	require.InDelta(t, 1, parameter.outputs["version"].NumberValue(), 0)

	for _, step := range []struct {
		more    map[string]any
		version float64
	}{
		{map[string]any{"insecureValue": "{\"a\": 1}"}, 2},
		{map[string]any{"insecureValue": "{\"a\": 1}", "tags": map[string]any{"Stack": "a"}}, 2},
	} {
		outputs, err := account.update(parameter, with(inputs, step.more))
		require.NoError(t, err)
		require.InDelta(t, step.version, outputs["version"].NumberValue(), 0)
	}

	account.create(parameterToken, with(inputs, map[string]any{"overwrite": true}))
	require.Equal(t, "arn:aws:ssm:eu-west-1:123456789012:parameter/flat", account.create(parameterToken, parameterInputs("flat")).text("arn"))
}

func TestGetParameter(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	ask := func(name string) (resource.PropertyMap, error) {
		answer, failures, err := account.Invoke(functions(), "aws:ssm/getParameter:getParameter",
			resource.NewPropertyMapFromMap(map[string]any{"name": name}))
		require.Empty(t, failures)
		return answer, err
	}
	for name, architecture := range amazonLinux {
		answer, err := ask(name)
		require.NoError(t, err)
		require.Equal(t, architecture, imageArchitecture(testRegion, answer["value"].StringValue()))
		require.Equal(t, answer["value"], answer["insecureValue"])
	}

	account.create(parameterToken, parameterInputs("/web/agent"))
	answer, err := ask("/web/agent")
	require.NoError(t, err)
	require.Equal(t, "{}", answer["value"].StringValue())

	account.create(parameterToken, map[string]any{"name": "secret", "type": "SecureString", "value": "hidden"})
	answer, err = ask("secret")
	require.NoError(t, err)
	require.Equal(t, "hidden", answer["value"].StringValue())
	require.NotContains(t, answer, resource.PropertyKey("insecureValue"))

	_, err = ask("/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-riscv")
	requireCode(t, "ParameterNotFound", err)
}

func TestPatchRejections(t *testing.T) {
	t.Parallel()
	filters := func(key, value string) map[string]any {
		return baselineInputs(map[string]any{"key": key, "values": []any{value}})
	}
	neither := baselineInputs(map[string]any{"key": "SEVERITY", "values": []any{"Critical"}})
	delete(neither["approvalRules"].([]any)[0].(map[string]any), "approveAfterDays")
	runRejections(t, []rejection{
		{"filter of another system", "ValidationException", patchBaselineToken, but(patchBaselineToken, filters("MSRC_SEVERITY", "Critical"))},
		{"value of another system", "ValidationException", patchBaselineToken, but(patchBaselineToken, filters("CLASSIFICATION", "SecurityUpdates"))},
		{"no approval", "ValidationException", patchBaselineToken, but(patchBaselineToken, neither)},
		{"a second baseline", "AlreadyExistsException", patchGroupToken, func(a *testAccount) map[string]any {
			a.create(patchGroupToken, map[string]any{"patchGroup": "web", "baselineId": a.baseline().id})
			return map[string]any{"patchGroup": "web", "baselineId": a.baseline().id}
		}},
	})

	account := newTestAccount(t)
	windows := account.create(patchBaselineToken, map[string]any{"approvalRules": []any{map[string]any{
		"approveUntilDate": "2026-01-31", "patchFilters": []any{map[string]any{"key": "MSRC_SEVERITY", "values": []any{"Critical"}}},
	}}})
	for _, baseline := range []string{account.baseline().id, windows.id} {
		account.create(patchGroupToken, map[string]any{"patchGroup": "web", "baselineId": baseline})
	}
}

func TestMaintenanceRejections(t *testing.T) {
	t.Parallel()
	command := func(parameters map[string]any) map[string]any {
		return map[string]any{"taskInvocationParameters": runCommand(parameters)}
	}
	runRejections(t, []rejection{
		{"cutoff after the end", "ValidationException", maintenanceWindowToken, but(maintenanceWindowToken, map[string]any{"cutoff": 2})},
		{"offset of a rate", "ValidationException", maintenanceWindowToken, but(maintenanceWindowToken, map[string]any{
			"schedule": "rate(7 days)", "scheduleOffset": 1,
		})},
		{"group as an instance", "InvalidTarget", maintenanceWindowTargetToken, but(maintenanceWindowTargetToken, map[string]any{
			"targets": []any{map[string]any{"key": "resource-groups:Name", "values": []any{"web"}}},
		})},
		{"instance as a group", "InvalidTarget", maintenanceWindowTargetToken, but(maintenanceWindowTargetToken, map[string]any{
			"resourceType": "RESOURCE_GROUP",
		})},
		{"task of tags", "InvalidTarget", windowTaskToken, but(windowTaskToken, map[string]any{"targets": tagged("Stack", "a")})},
		{"task of nothing", "ValidationException", windowTaskToken, but(windowTaskToken, map[string]any{"targets": nil})},
		{"task of a target that is not there", "DoesNotExistException", windowTaskToken, but(windowTaskToken, map[string]any{
			"targets": []any{map[string]any{"key": "WindowTargetIds", "values": []any{"missing"}}},
		})},
		{"task of another window's target", "DoesNotExistException", windowTaskToken, func(a *testAccount) map[string]any {
			return with(a.taskInputs(), map[string]any{"windowId": a.create(maintenanceWindowToken, windowInputs()).id})
		}},
		{"parameters of another type", "ValidationException", windowTaskToken, but(windowTaskToken, map[string]any{
			"taskInvocationParameters": map[string]any{"lambdaParameters": map[string]any{"payload": "{}"}},
		})},
		{"unknown document", "InvalidDocument", windowTaskToken, but(windowTaskToken, map[string]any{"taskArn": "AWS-PatchAll"})},
		{"unknown parameter", "InvalidParameters", windowTaskToken, but(windowTaskToken, command(map[string]any{
			"Operation": "Install", "Reboot": "true",
		}))},
		{"unknown value", "InvalidParameters", windowTaskToken, but(windowTaskToken, command(map[string]any{"Operation": "Patch"}))},
		{"missing parameter", "InvalidParameters", windowTaskToken, but(windowTaskToken, command(nil))},
	})
}

func TestWindowTakesItsTargetsAndTasks(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	task := account.create(windowTaskToken, account.taskInputs())
	require.Equal(t, task.id, task.text("windowTaskId"))
	require.NoError(t, account.Delete(maintenanceWindowToken, task.text("windowId")))
	require.False(t, account.exists(task))
	left, err := account.list(maintenanceWindowTargetToken)
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestAssociations(t *testing.T) {
	t.Parallel()
	runRejections(t, []rejection{
		{"unknown document", "InvalidDocument", associationToken, but(associationToken, map[string]any{"name": "AWS-PatchAll"})},
		{"unknown parameter", "InvalidParameters", associationToken, but(associationToken, map[string]any{
			"parameters": map[string]any{"Operation": "Scan", "Reboot": "true"},
		})},
		{"missing parameter", "InvalidParameters", associationToken, but(associationToken, map[string]any{"parameters": nil})},
		{"unknown target", "InvalidTarget", associationToken, but(associationToken, map[string]any{
			"targets": []any{map[string]any{"key": "Name", "values": []any{"web"}}},
		})},
		{"only at the rate", "ValidationException", associationToken, but(associationToken, map[string]any{"applyOnlyAtCronInterval": true})},
	})

	account := newTestAccount(t)
	for name, parameters := range map[string]map[string]any{
		"AWS-GatherSoftwareInventory": nil, "AWS-UpdateSSMAgent": nil,
		"AmazonCloudWatch-ManageAgent": {"action": "configure", "mode": "ec2", "optionalConfigurationLocation": "/web/agent"},
	} {
		association := account.create(associationToken, associationInputs(name, parameters))
		require.Equal(t, association.id, association.text("associationId"))
		require.Equal(t, "$DEFAULT", association.text("documentVersion"))
	}
}

func parameterInputs(name string) map[string]any {
	return map[string]any{"name": name, "type": "String", "insecureValue": "{}"}
}

func baselineInputs(filters ...any) map[string]any {
	return map[string]any{"name": "security", "operatingSystem": "AMAZON_LINUX_2023", "approvalRules": []any{
		map[string]any{"approveAfterDays": 7, "patchFilters": filters},
	}}
}

func (a *testAccount) baseline() created {
	a.t.Helper()
	return a.create(patchBaselineToken, baselineInputs(map[string]any{"key": "SEVERITY", "values": []any{"Critical"}}))
}

func windowInputs() map[string]any {
	return map[string]any{
		"name": "patching", "schedule": "cron(0 3 ? * SUN *)", "scheduleTimezone": "Etc/UTC", "duration": 2, "cutoff": 1,
	}
}

func tagged(key, value string) []any {
	return []any{map[string]any{"key": "tag:" + key, "values": []any{value}}}
}

func windowTargetInputs(window created) map[string]any {
	return map[string]any{
		"name": "web", "windowId": window.id, "resourceType": "INSTANCE", "targets": tagged("Stack", "test"),
	}
}

// taskInputs returns the inputs of a task that patches the targets of a window.
func (a *testAccount) taskInputs() map[string]any {
	a.t.Helper()
	window := a.create(maintenanceWindowToken, windowInputs())
	target := a.create(maintenanceWindowTargetToken, windowTargetInputs(window))
	return map[string]any{
		"name": "patching", "windowId": window.id, "taskType": "RUN_COMMAND", "taskArn": "AWS-RunPatchBaseline",
		"targets":                  []any{map[string]any{"key": "WindowTargetIds", "values": []any{target.id}}},
		"taskInvocationParameters": runCommand(map[string]any{"Operation": "Install"}),
	}
}

func runCommand(parameters map[string]any) map[string]any {
	var list []any
	for name, value := range parameters {
		list = append(list, map[string]any{"name": name, "values": []any{value}})
	}
	return map[string]any{"runCommandParameters": map[string]any{"parameters": list}}
}

func associationInputs(document string, parameters map[string]any) map[string]any {
	return map[string]any{
		"name": document, "scheduleExpression": "rate(1 day)", "targets": tagged("Stack", "test"), "parameters": parameters,
	}
}
