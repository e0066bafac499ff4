package aws

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var minimalCloudWatch = map[string]func(*testAccount) map[string]any{
	metricAlarmToken: func(a *testAccount) map[string]any { return alarmInputs(a.topic()) },
	dashboardToken: func(*testAccount) map[string]any {
		return dashboardInputs(map[string]any{"type": "text", "properties": map[string]any{"markdown": "# Web"}})
	},
}

const dashboardToken = "aws:cloudwatch/dashboard:Dashboard"

func TestAlarmRejections(t *testing.T) {
	t.Parallel()
	const action = "arn:aws:automate:eu-west-1:ec2:"
	var rejections []rejection
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
		rejections = append(rejections, rejection{name, "ValidationError", metricAlarmToken, but(metricAlarmToken, more)})
	}
	runRejections(t, rejections)
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

func TestDashboardRejections(t *testing.T) {
	t.Parallel()
	body := func(widgets ...any) map[string]any {
		return map[string]any{"dashboardBody": dashboardInputs(widgets...)["dashboardBody"]}
	}
	text := map[string]any{"type": "text", "properties": map[string]any{"markdown": "# Web"}}
	metric := map[string]any{"type": "metric", "properties": map[string]any{
		"region": "eu-west-1", "metrics": []any{[]any{"AWS/EC2", "CPUUtilization"}},
	}}
	var rejections []rejection
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
		rejections = append(rejections, rejection{name, "InvalidParameterInput", dashboardToken, but(dashboardToken, more)})
	}
	runRejections(t, rejections)

	account := newTestAccount(t)
	account.takesOver(dashboardToken, dashboardInputs(with(text, map[string]any{"x": 0, "y": 0, "width": 24, "height": 1}), metric))
}

// TestDashboardsAreGlobal finds a dashboard of one region in another.
func TestDashboardsAreGlobal(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	dashboard := account.create(dashboardToken, minimal[dashboardToken](account))
	require.Equal(t, "arn:aws:cloudwatch::123456789012:dashboard/web", dashboard.text("dashboardArn"))
	other, err := New(account.db, nil).Region("us-east-1", nil)
	require.NoError(t, err)
	_, outputs, err := other.Read(dashboardToken, dashboard.id)
	require.NoError(t, err)
	require.NotNil(t, outputs)
}

func alarmInputs(topic created) map[string]any {
	return map[string]any{
		"name": "cpu", "namespace": "AWS/EC2", "metricName": "CPUUtilization", "statistic": "Average", "period": 60,
		"evaluationPeriods": 5, "threshold": 80, "comparisonOperator": "GreaterThanThreshold",
		"dimensions": map[string]any{"InstanceId": "i-0"}, "alarmActions": []any{topic.id},
	}
}

func dashboardInputs(widgets ...any) map[string]any {
	body, _ := json.Marshal(map[string]any{"widgets": widgets})
	return map[string]any{"dashboardName": "web", "dashboardBody": string(body)}
}

func TestCloudWatchInputsRejected(t *testing.T) {
	t.Parallel()
	six := []any{"arn:aws:sns:a", "arn:aws:sns:b", "arn:aws:sns:c", "arn:aws:sns:d", "arn:aws:sns:e", "arn:aws:sns:f"}
	runInputRejections(t, []inputRejection{
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
	})
}
