package systemsmanager_test

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"stagecraft/components/systemsmanager"
	"stagecraft/internal/pulumitest"
)

const (
	componentType   = "stagecraft:fleet:Fleet"
	associationType = "aws:ssm/association:Association"
	taskType        = "aws:ssm/maintenanceWindowTask:MaintenanceWindowTask"
	ruleType        = "aws:cloudwatch/eventRule:EventRule"
	targetType      = "aws:cloudwatch/eventTarget:EventTarget"
	alarmType       = "aws:cloudwatch/metricAlarm:MetricAlarm"
)

// instances is the target tag as Systems Manager's targets spell it.
var instances = []any{
	map[string]any{"key": "tag:Project", "values": []any{"shop"}}, map[string]any{"key": "tag:Stack", "values": []any{"test"}},
}

func valid() systemsmanager.Args {
	return systemsmanager.Args{
		TargetTags:       map[string]string{"Project": "shop", "Stack": "test"},
		LogRetentionDays: 30,
		AlarmTopicArn:    pulumi.String("arn:topic"),
		Tags:             pulumi.StringMap{"Stack": pulumi.String("test")},
	}
}

func run(args systemsmanager.Args) (*systemsmanager.ManagedNodes, pulumitest.Resources, error) {
	var made *systemsmanager.ManagedNodes
	resources, err := pulumitest.Run(func(ctx *pulumi.Context) (err error) {
		made, err = systemsmanager.New(ctx, "fleet", &args)
		return err
	}, nil, nil)
	return made, resources, err
}

// inputs are what a resource was asked for, without its tags.
func inputs(resource pulumitest.Resource) map[string]any {
	delete(resource.Inputs, "tags")
	return resource.Inputs
}

func TestNewPatching(t *testing.T) {
	t.Parallel()
	made, resources, err := run(valid())
	require.NoError(t, err)
	resources.RequireTags(t, map[string]string{"Stack": "test"})
	resources.RequireParents(t, componentType)
	require.Equal(t, "stagecraft-test", made.PatchGroup)

	baseline := resources.One(t, "aws:ssm/patchBaseline:PatchBaseline")
	require.Equal(t, "AMAZON_LINUX_2023", baseline.Inputs["operatingSystem"])
	require.Equal(t, []any{
		map[string]any{
			"approveAfterDays": 7.0,
			"complianceLevel":  "CRITICAL",
			"patchFilters": []any{
				map[string]any{"key": "CLASSIFICATION", "values": []any{"Security"}},
				map[string]any{"key": "SEVERITY", "values": []any{"Critical", "Important"}},
			},
		},
		map[string]any{
			"approveAfterDays": 7.0,
			"complianceLevel":  "MEDIUM",
			"patchFilters":     []any{map[string]any{"key": "CLASSIFICATION", "values": []any{"Bugfix"}}},
		},
	}, baseline.Inputs["approvalRules"])
	require.Equal(t, map[string]any{"baselineId": "fleet-id", "patchGroup": made.PatchGroup},
		resources.One(t, "aws:ssm/patchGroup:PatchGroup").Inputs)

	require.Equal(t, map[string]any{
		"description": "Patching", "schedule": "cron(0 3 ? * SUN *)", "scheduleTimezone": "Etc/UTC", "duration": 2.0, "cutoff": 1.0,
	}, inputs(resources.One(t, "aws:ssm/maintenanceWindow:MaintenanceWindow")))
	require.Equal(t, map[string]any{"windowId": "fleet-id", "resourceType": "INSTANCE", "targets": instances},
		resources.One(t, "aws:ssm/maintenanceWindowTarget:MaintenanceWindowTarget").Inputs)
	require.Equal(t, map[string]any{"namePrefix": "/stagecraft/test/fleet/patching-", "retentionInDays": 30.0},
		inputs(resources.Named(t, "aws:cloudwatch/logGroup:LogGroup", "fleet-patching")))

	require.Equal(t, map[string]any{
		"windowId":       "fleet-id",
		"taskType":       "RUN_COMMAND",
		"taskArn":        "AWS-RunPatchBaseline",
		"priority":       1.0,
		"maxConcurrency": "1",
		"maxErrors":      "0",
		"targets":        []any{map[string]any{"key": "WindowTargetIds", "values": []any{"fleet-id"}}},
		"taskInvocationParameters": map[string]any{"runCommandParameters": map[string]any{
			"parameters": []any{
				map[string]any{"name": "Operation", "values": []any{"Install"}},
				map[string]any{"name": "RebootOption", "values": []any{"RebootIfNeeded"}},
			},
			"cloudwatchConfig": map[string]any{
				"cloudwatchOutputEnabled": true, "cloudwatchLogGroupName": "/stagecraft/test/fleet/patching-1",
			},
		}},
	}, resources.One(t, taskType).Inputs)
}

func TestNewAssociations(t *testing.T) {
	t.Parallel()
	_, resources, err := run(valid())
	require.NoError(t, err)
	for name, want := range map[string]map[string]any{
		"fleet-inventory": {"name": "AWS-GatherSoftwareInventory", "scheduleExpression": "rate(12 hours)"},
		"fleet-agent":     {"name": "AWS-UpdateSSMAgent", "scheduleExpression": "rate(7 days)"},
		"fleet-scan": {
			"name": "AWS-RunPatchBaseline", "scheduleExpression": "rate(1 day)", "parameters": map[string]any{"Operation": "Scan"},
		},
	} {
		want["associationName"] = "stagecraft-test-" + name
		want["targets"] = instances
		require.Equal(t, want, inputs(resources.Named(t, associationType, name)))
	}
	require.Len(t, resources.Of(associationType), 3)
}

// Patching that ran before the baseline is registered would use another one.
func TestNewPatchesAfterBaseline(t *testing.T) {
	t.Parallel()
	_, resources, err := run(valid())
	require.NoError(t, err)
	for _, patching := range append(resources.Of(associationType), resources.Of(taskType)...) {
		require.Contains(t, strings.Join(patching.DependsOn, "\n"), "aws:ssm/patchGroup:PatchGroup::fleet", patching.Name)
	}
}

func TestNewSession(t *testing.T) {
	t.Parallel()
	made, resources, err := run(valid())
	require.NoError(t, err)
	require.NotZero(t, made.SessionDocument)
	logs := resources.Named(t, "aws:cloudwatch/logGroup:LogGroup", "fleet-sessions")
	require.Equal(t, "/stagecraft/test/fleet/sessions-", logs.Inputs["namePrefix"])
	require.Equal(t, 30.0, logs.Inputs["retentionInDays"])
	document := resources.One(t, "aws:ssm/document:Document")
	require.Equal(t, "stagecraft-test-session", document.Inputs["name"])
	require.Equal(t, "Session", document.Inputs["documentType"])
	require.JSONEq(t, `{
		"schemaVersion": "1.0",
		"description": "A shell whose every line is logged",
		"sessionType": "Standard_Stream",
		"inputs": {
			"cloudWatchLogGroupName": "/stagecraft/test/fleet/sessions-1",
			"cloudWatchEncryptionEnabled": false,
			"cloudWatchStreamingEnabled": true,
			"idleSessionTimeout": "20",
			"maxSessionDuration": "240",
			"runAsEnabled": false
		}
	}`, document.Inputs["content"].(string))
}

func TestNewFailureNotifications(t *testing.T) {
	t.Parallel()
	_, resources, err := run(valid())
	require.NoError(t, err)
	for name, want := range map[string]struct{ pattern, path, template string }{
		"fleet-window-failed": {
			pattern: `{
				"source": ["aws.ssm"],
				"detail-type": ["Maintenance Window Execution State-change Notification"],
				"detail": {"window-id": ["fleet-id"], "status": ["FAILED", "TIMED_OUT"]}
			}`,
			path:     "$.detail.window-id",
			template: `"stagecraft test: Patching in maintenance window <id> ended as <status>:`,
		},
		"fleet-association-failed": {
			pattern: `{
				"source": ["aws.ssm"],
				"detail-type": ["EC2 State Manager Association State Change"],
				"detail": {
					"association-id": ["fleet-inventory-id", "fleet-agent-id", "fleet-scan-id"],
					"status": ["Failed"]
				}
			}`,
			path:     "$.detail.association-id",
			template: `"stagecraft test: State Manager association <id> ended as <status>:`,
		},
	} {
		require.JSONEq(t, want.pattern, resources.Named(t, ruleType, name).Inputs["eventPattern"].(string))
		target := resources.Named(t, targetType, name).Inputs
		require.Equal(t, name, target["rule"])
		require.Equal(t, "arn:topic", target["arn"])
		transformer := target["inputTransformer"].(map[string]any)
		require.Equal(t, map[string]any{"id": want.path, "status": "$.detail.status"}, transformer["inputPaths"])
		require.Contains(t, transformer["inputTemplate"], want.template)
	}
	require.Len(t, resources.Of(ruleType), 2)
	require.Len(t, resources.Of(targetType), 2)
}

func TestNewAlarms(t *testing.T) {
	t.Parallel()
	made, resources, err := run(valid())
	require.NoError(t, err)
	type metric struct {
		namespace, name string
		dimensions      any
	}
	want := map[string]metric{
		"fleet-commands-failed":      {"AWS/SSM-RunCommand", "CommandsFailed", nil},
		"fleet-commands-undelivered": {"AWS/SSM-RunCommand", "CommandsDeliveryTimedOut", nil},
		"fleet-window-failed-untold": {
			"AWS/Events", "FailedInvocations", map[string]any{"RuleName": "fleet-window-failed"},
		},
		"fleet-association-failed-untold": {
			"AWS/Events", "FailedInvocations", map[string]any{"RuleName": "fleet-association-failed"},
		},
	}
	got := map[string]metric{}
	for _, alarm := range resources.Of(alarmType) {
		got[alarm.Name] = metric{
			alarm.Inputs["namespace"].(string), alarm.Inputs["metricName"].(string), alarm.Inputs["dimensions"],
		}
		require.Equal(t, "stagecraft-test-"+alarm.Name, alarm.Inputs["name"])
		require.Subset(t, alarm.Inputs, map[string]any{
			"statistic": "Sum", "threshold": 1.0, "comparisonOperator": "GreaterThanOrEqualToThreshold",
			"period": 300.0, "evaluationPeriods": 1.0, "treatMissingData": "notBreaching", "alarmActions": []any{"arn:topic"},
		})
	}
	require.Equal(t, want, got)
	require.Len(t, made.Alarms, len(want))
}

func TestNewRejects(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*systemsmanager.Args)
		want   string
	}{
		"no tags":  {func(a *systemsmanager.Args) { a.TargetTags, a.PatchedTags = nil, map[string]string{"Kind": "fixed"} }, "TargetTags has 0 tags"},
		"no key":   {func(a *systemsmanager.Args) { a.TargetTags[""] = "test" }, `the tag "" is "test"`},
		"no value": {func(a *systemsmanager.Args) { a.PatchedTags = map[string]string{"Kind": ""} }, `the tag "Kind" is ""`},
		"too many tags": {func(a *systemsmanager.Args) {
			a.PatchedTags = map[string]string{"a": "1", "b": "2", "c": "3", "d": "4"}
		}, "with PatchedTags 6"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := valid()
			test.change(&args)
			_, resources, err := run(args)
			require.ErrorContains(t, err, `fleet "fleet": `)
			require.ErrorContains(t, err, test.want)
			require.Empty(t, resources.Of(componentType))
		})
	}
}

// TestPatchedTags patches only the instances with further tags, one at a time.
func TestPatchedTags(t *testing.T) {
	t.Parallel()
	args := valid()
	args.PatchedTags = map[string]string{"Kind": "fixed"}
	_, resources, err := run(args)
	require.NoError(t, err)
	require.Equal(t, append([]any{map[string]any{"key": "tag:Kind", "values": []any{"fixed"}}}, instances...),
		resources.One(t, "aws:ssm/maintenanceWindowTarget:MaintenanceWindowTarget").Inputs["targets"])
	task := resources.One(t, "aws:ssm/maintenanceWindowTask:MaintenanceWindowTask").Inputs
	require.Equal(t, "AWS-RunPatchBaseline", task["taskArn"])
	require.Equal(t, "1", task["maxConcurrency"])
}
