package aws

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCloudWatchInputsRefused(t *testing.T) {
	t.Parallel()
	six := []any{"arn:aws:sns:a", "arn:aws:sns:b", "arn:aws:sns:c", "arn:aws:sns:d", "arn:aws:sns:e", "arn:aws:sns:f"}
	transformation := func(more map[string]any) map[string]any {
		return map[string]any{"metricTransformation": with(map[string]any{"name": "Errors", "namespace": "web", "value": "1"}, more)}
	}
	transformer := func(path string) map[string]any {
		return map[string]any{"inputTransformer": map[string]any{
			"inputPaths": map[string]any{"id": path}, "inputTemplate": "<id>",
		}}
	}
	runInputRefusals(t, []inputRefusal{
		{metricAlarmToken, "alarmActions", map[string]any{"alarmActions": six}},
		{metricAlarmToken, "okActions[0]", map[string]any{"okActions": []any{"ops@example.com"}}},
		{metricAlarmToken, "comparisonOperator", map[string]any{"comparisonOperator": "MoreThan"}},
		{metricAlarmToken, "evaluationPeriods", map[string]any{"evaluationPeriods": 0}},
		{metricAlarmToken, "extendedStatistic", map[string]any{"statistic": nil, "extendedStatistic": "p101"}},
		{metricAlarmToken, "metricName", map[string]any{"metricQueries": []any{map[string]any{"id": "m1"}}}},
		{metricAlarmToken, "metricQueries", map[string]any{"metricName": nil, "metricQueries": []any{map[string]any{"id": "m1"}}}},
		{metricAlarmToken, "namespace", map[string]any{"namespace": ":web"}},
		{metricAlarmToken, "period", map[string]any{"period": 90}},
		{metricAlarmToken, "statistic", map[string]any{"statistic": "Median"}},
		{metricAlarmToken, "statistic", map[string]any{"extendedStatistic": "p99"}},
		{metricAlarmToken, "threshold", map[string]any{"thresholdMetricId": "m1"}},
		{metricAlarmToken, "treatMissingData", map[string]any{"treatMissingData": "zero"}},
		{dashboardToken, "dashboardName", map[string]any{"dashboardName": "my dashboard"}},
		{dashboardToken, "dashboardBody", map[string]any{"dashboardBody": "{"}},
		{logGroupToken, "retentionInDays", map[string]any{"retentionInDays": 31}},
		{logGroupToken, "name", map[string]any{"name": "/web/access log"}},
		{logGroupToken, "namePrefix", map[string]any{"namePrefix": "/web/access log"}},
		{logGroupToken, "namePrefix", map[string]any{"namePrefix": strings.Repeat("p", 484)}},
		{logGroupToken, "logGroupClass", map[string]any{"logGroupClass": "CHEAP"}},
		{logGroupToken, "skipDestroy", map[string]any{"skipDestroy": true}},
		{logMetricFilterToken, "metricTransformation.defaultValue", transformation(map[string]any{"defaultValue": "none"})},
		{logMetricFilterToken, "metricTransformation.name", transformation(map[string]any{"name": "a:b"})},
		{logMetricFilterToken, "pattern", map[string]any{"pattern": strings.Repeat("a", 1025)}},
		{eventRuleToken, "eventBusName", map[string]any{"eventBusName": "other"}},
		{eventRuleToken, "eventPattern", map[string]any{"eventPattern": "{"}},
		{eventRuleToken, "scheduleExpression", map[string]any{"scheduleExpression": "rate(1 days)"}},
		{eventRuleToken, "scheduleExpression", map[string]any{"scheduleExpression": "cron(0 3 * * *)"}},
		{eventRuleToken, "isEnabled", map[string]any{"isEnabled": true, "state": "ENABLED"}},
		{eventTargetToken, "arn", map[string]any{"arn": "alarms"}},
		{eventTargetToken, "input", map[string]any{"input": "{}", "inputPath": "$.detail"}},
		{eventTargetToken, "inputTransformer.inputPaths.id", transformer("detail.id")},
	})
}

func TestAlarmRefusals(t *testing.T) {
	t.Parallel()
	const action = "arn:aws:automate:eu-west-1:ec2:"
	var refusals []refusal
	for name, more := range map[string]map[string]any{
		"no namespace":              {"namespace": nil},
		"no period":                 {"period": nil},
		"no statistic":              {"statistic": nil},
		"no threshold":              {"threshold": nil},
		"more than a day":           {"period": 300, "evaluationPeriods": 289},
		"more than seven days":      {"period": 86400, "evaluationPeriods": 8},
		"more datapoints":           {"datapointsToAlarm": 6},
		"low samples of an average": {"evaluateLowSampleCountPercentiles": "ignore"},
		"unknown action":            {"alarmActions": []any{action + "wake"}},
		"action elsewhere":          {"alarmActions": []any{"arn:aws:automate:us-east-1:ec2:reboot"}},
		"reboot of nothing":         {"alarmActions": []any{action + "reboot"}, "dimensions": nil},
		"recovery of the CPU":       {"alarmActions": []any{action + "recover"}},
	} {
		refusals = append(refusals, refusal{name, "ValidationError", metricAlarmToken, but(metricAlarmToken, more)})
	}
	runRefusals(t, refusals)
}

func TestAlarms(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	inputs := alarmInputs(account.topic())
	for _, more := range []map[string]any{
		{"statistic": nil, "extendedStatistic": "p99.9", "evaluateLowSampleCountPercentiles": "ignore"},
		{"period": 86400, "evaluationPeriods": 7},
		{"alarmActions": []any{"arn:aws:automate:eu-west-1:ec2:reboot", "arn:aws:lambda:eu-west-1:123456789012:function:any"}},
		{"metricName": "StatusCheckFailed_System", "alarmActions": []any{"arn:aws:automate:eu-west-1:ec2:recover"}},
	} {
		account.create(metricAlarmToken, with(inputs, more))
	}
	account.create(metricAlarmToken, map[string]any{
		"metricQueries": []any{map[string]any{"id": "e1", "expression": "1", "returnData": true}}, "evaluationPeriods": 1,
		"comparisonOperator": "LessThanThreshold", "threshold": 1,
	})
	account.takesOver(metricAlarmToken, inputs)
}

func TestDashboardRefusals(t *testing.T) {
	t.Parallel()
	body := func(widgets ...any) map[string]any {
		return map[string]any{"dashboardBody": dashboardInputs(widgets...)["dashboardBody"]}
	}
	text := map[string]any{"type": "text", "properties": map[string]any{"markdown": "# Web"}}
	metric := map[string]any{"type": "metric", "properties": map[string]any{
		"region": "eu-west-1", "metrics": []any{[]any{"AWS/EC2", "CPUUtilization"}},
	}}
	var refusals []refusal
	for name, more := range map[string]map[string]any{
		"no widgets":            {"dashboardBody": "{}"},
		"no list":               {"dashboardBody": `{"widgets": {}}`},
		"too many widgets":      body(make([]any, 501)...),
		"unknown type":          body(map[string]any{"type": "picture"}),
		"beyond the grid":       body(with(text, map[string]any{"x": 20, "width": 6})),
		"left of the grid":      body(with(text, map[string]any{"x": -1})),
		"above the grid":        body(with(text, map[string]any{"y": -1})),
		"too high":              body(with(text, map[string]any{"height": 1001})),
		"metric of no region":   body(with(metric, map[string]any{"properties": map[string]any{"metrics": []any{[]any{"a", "b"}}}})),
		"metric of nothing":     body(with(metric, map[string]any{"properties": map[string]any{"region": "eu-west-1"}})),
		"text of nothing":       body(with(text, map[string]any{"properties": map[string]any{}})),
		"alarms of nothing":     body(map[string]any{"type": "alarm", "properties": map[string]any{"alarms": []any{}}}),
		"alarms more than fits": body(map[string]any{"type": "alarm", "properties": map[string]any{"alarms": strings.Split(strings.Repeat("a", 101), "")}}),
	} {
		refusals = append(refusals, refusal{name, "InvalidParameterInput", dashboardToken, but(dashboardToken, more)})
	}
	runRefusals(t, refusals)

	account := newTestAccount(t)
	account.takesOver(dashboardToken, dashboardInputs(with(text, map[string]any{"x": 0, "y": 0, "width": 24, "height": 1}), metric))
}

func TestMetricFilters(t *testing.T) {
	t.Parallel()
	var refusals []refusal
	for name, more := range map[string]map[string]any{
		"open quotes":   {"pattern": `"failed`},
		"open braces":   {"pattern": "{ $.status >= 500 "},
		"no comparison": {"pattern": "{ $.status }"},
		"open brackets": {"pattern": "[ip, user"},
		"two of one kind": {"metricTransformation": map[string]any{
			"name": "Errors", "namespace": "web", "value": "1", "defaultValue": "0", "dimensions": map[string]any{"a": "$.a"},
		}},
	} {
		refusals = append(refusals, refusal{name, "InvalidParameterException", logMetricFilterToken, but(logMetricFilterToken, more)})
	}
	runRefusals(t, refusals)

	account := newTestAccount(t)
	inputs := metricFilterInputs(account.create(logGroupToken, map[string]any{"name": "/web/access"}))
	for _, pattern := range []string{"", "ERROR", `"web.service: Failed with result"`, "[ip, user, status = 5*]", `{ ($.a = "b") && ($.c EXISTS) }`} {
		account.create(logMetricFilterToken, with(inputs, map[string]any{"pattern": pattern}))
	}
	account.takesOver(logMetricFilterToken, inputs)
}

func TestEventRefusals(t *testing.T) {
	t.Parallel()
	const invalid = "InvalidEventPatternException"
	runRefusals(t, []refusal{
		{"neither pattern nor schedule", "ValidationException", eventRuleToken, but(eventRuleToken, map[string]any{"eventPattern": nil})},
		{"pattern of nothing", invalid, eventRuleToken, but(eventRuleToken, ruleOf("{}"))},
		{"pattern of a text", invalid, eventRuleToken, but(eventRuleToken, ruleOf(`{"source": "aws.ssm"}`))},
		{"pattern of an empty list", invalid, eventRuleToken, but(eventRuleToken, ruleOf(`{"detail": {"status": []}}`))},
		{"role that is not there", "NoSuchEntity", eventRuleToken, but(eventRuleToken, map[string]any{"roleArn": "arn:aws:iam::1:role/a"})},
		{"unknown placeholder", "ValidationException", eventTargetToken, but(eventTargetToken, map[string]any{
			"inputTransformer": map[string]any{"inputPaths": map[string]any{"id": "$.id"}, "inputTemplate": `"<id> is <status>"`},
		})},
	})
}

func TestEvents(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	topic := account.topic()
	rule := account.create(eventRuleToken, map[string]any{"scheduleExpression": "rate(5 minutes)", "isEnabled": false})
	require.Equal(t, "DISABLED", rule.text("state"))
	target := map[string]any{"rule": rule.id, "arn": topic.id, "inputTransformer": map[string]any{
		"inputPaths":    map[string]any{"window-id": "$.detail.window-id"},
		"inputTemplate": `"<window-id> of <aws.events.rule-name>"`,
	}}
	account.create(eventTargetToken, target)
	account.takesOver(eventTargetToken, with(target, map[string]any{"targetId": "again"}))
	account.takesOver(eventRuleToken, ruleOf(`{"source": [{"prefix": "aws."}], "detail": {"status": ["FAILED"]}}`))
}

// TestDashboardsAreGlobal finds a dashboard of one region in another.
func TestDashboardsAreGlobal(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	dashboard := account.create(dashboardToken, minimal[dashboardToken](account))
	require.Equal(t, "arn:aws:cloudwatch::123456789012:dashboard/web", dashboard.text("dashboardArn"))
	other, err := New(account.kept, nil).Region("us-east-1", nil)
	require.NoError(t, err)
	_, outputs, err := other.Read(dashboardToken, dashboard.id)
	require.NoError(t, err)
	require.NotNil(t, outputs)
}
