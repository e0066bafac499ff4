package aws

import (
	"strings"
	"testing"
)

var minimalLogs = map[string]func(*testAccount) map[string]any{
	logGroupToken: func(*testAccount) map[string]any { return map[string]any{"name": "/web/access", "retentionInDays": 30} },
	logMetricFilterToken: func(a *testAccount) map[string]any {
		return metricFilterInputs(a.create(logGroupToken, map[string]any{"name": "/web/access"}))
	},
}

const logMetricFilterToken = "aws:cloudwatch/logMetricFilter:LogMetricFilter"

func metricFilterInputs(group created) map[string]any {
	return map[string]any{
		"name": "errors", "logGroupName": group.id, "pattern": "{ $.status >= 500 }",
		"metricTransformation": map[string]any{"name": "Errors", "namespace": "web", "value": "1", "defaultValue": "0"},
	}
}

func TestMetricFilters(t *testing.T) {
	t.Parallel()
	var rejections []rejection
	for name, more := range map[string]map[string]any{
		"open quotes":   {"pattern": `"failed`},
		"open braces":   {"pattern": "{ $.status >= 500 "},
		"no comparison": {"pattern": "{ $.status }"},
		"open brackets": {"pattern": "[ip, user"},
		"two of one kind": {"metricTransformation": map[string]any{
			"name": "Errors", "namespace": "web", "value": "1", "defaultValue": "0", "dimensions": map[string]any{"a": "$.a"},
		}},
	} {
		rejections = append(rejections, rejection{name, "InvalidParameterException", logMetricFilterToken, but(logMetricFilterToken, more)})
	}
	runRejections(t, rejections)

	account := newTestAccount(t)
	inputs := metricFilterInputs(account.create(logGroupToken, map[string]any{"name": "/web/access"}))
	for _, pattern := range []string{"", "ERROR", `"web.service: Failed with result"`, "[ip, user, status = 5*]", `{ ($.a = "b") && ($.c EXISTS) }`} {
		account.create(logMetricFilterToken, with(inputs, map[string]any{"pattern": pattern}))
	}
	account.takesOver(logMetricFilterToken, inputs)
}

func TestLogsInputsRejected(t *testing.T) {
	t.Parallel()
	transformation := func(more map[string]any) map[string]any {
		return map[string]any{"metricTransformation": with(map[string]any{"name": "Errors", "namespace": "web", "value": "1"}, more)}
	}
	runInputRejections(t, []inputRejection{
		{logGroupToken, "retentionInDays", map[string]any{"retentionInDays": 31}},
		{logGroupToken, "name", map[string]any{"name": "/web/access log"}},
		{logGroupToken, "namePrefix", map[string]any{"namePrefix": "/web/access log"}},
		{logGroupToken, "namePrefix", map[string]any{"namePrefix": strings.Repeat("p", 484)}},
		{logGroupToken, "logGroupClass", map[string]any{"logGroupClass": "CHEAP"}},
		{logGroupToken, "skipDestroy", map[string]any{"skipDestroy": true}},
		{logMetricFilterToken, "metricTransformation.defaultValue", transformation(map[string]any{"defaultValue": "none"})},
		{logMetricFilterToken, "metricTransformation.name", transformation(map[string]any{"name": "a:b"})},
		{logMetricFilterToken, "pattern", map[string]any{"pattern": strings.Repeat("a", 1025)}},
	})
}
