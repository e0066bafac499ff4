package aws

import (
	"testing"

	"github.com/stretchr/testify/require"
)

var minimalEventBridge = map[string]func(*testAccount) map[string]any{
	eventRuleToken: func(*testAccount) map[string]any { return ruleOf(`{"source": ["aws.ssm"]}`) },
	eventTargetToken: func(a *testAccount) map[string]any {
		return map[string]any{"rule": a.create(eventRuleToken, ruleOf(`{"source": ["aws.ssm"]}`)).id, "arn": a.topic().id}
	},
}

const eventTargetToken = "aws:cloudwatch/eventTarget:EventTarget"

func ruleOf(pattern string) map[string]any {
	return map[string]any{"name": "failures", "eventPattern": pattern}
}

func TestEventRejections(t *testing.T) {
	t.Parallel()
	const invalid = "InvalidEventPatternException"
	runRejections(t, []rejection{
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

func TestEventTargetStateMachine(t *testing.T) {
	t.Parallel()
	target := func(role string) func(*testAccount) map[string]any {
		return func(a *testAccount) map[string]any {
			inputs := with(minimal[eventTargetToken](a), map[string]any{
				"arn": a.create(stateMachineToken, stateMachineInputs(a)).text("arn"),
			})
			if role != "" {
				inputs["roleArn"] = a.serviceRole(role).text("arn")
			}
			return inputs
		}
	}
	runRejections(t, []rejection{
		{"no role", "ValidationException", eventTargetToken, target("")},
		{"another service's role", "ValidationException", eventTargetToken, target("ec2")},
	})
	account := newTestAccount(t)
	account.create(eventTargetToken, target("events")(account))
}

func TestEventBridgeInputsRejected(t *testing.T) {
	t.Parallel()
	transformer := func(path string) map[string]any {
		return map[string]any{"inputTransformer": map[string]any{
			"inputPaths": map[string]any{"id": path}, "inputTemplate": "<id>",
		}}
	}
	runInputRejections(t, []inputRejection{
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
