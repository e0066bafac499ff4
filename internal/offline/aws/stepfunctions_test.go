package aws

import (
	"testing"
)

var minimalStateMachine = map[string]func(*testAccount) map[string]any{
	stateMachineToken: stateMachineInputs,
}

func stateMachineInputs(a *testAccount) map[string]any {
	return map[string]any{
		"name": "invalidation", "roleArn": a.serviceRole("states").text("arn"),
		"definition": `{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn:aws:states:::a", "End": true}}}`,
	}
}

func TestStateMachineRejections(t *testing.T) {
	t.Parallel()
	definition := func(text string) func(*testAccount) map[string]any {
		return but(stateMachineToken, map[string]any{"definition": text})
	}
	logging := func(destination string) func(*testAccount) map[string]any {
		return func(a *testAccount) map[string]any {
			a.create(logGroupToken, map[string]any{"name": "states"})
			return with(stateMachineInputs(a), map[string]any{"loggingConfiguration": map[string]any{
				"level": "ERROR", "logDestination": "arn:aws:logs:eu-west-1:123456789012:log-group:" + destination,
			}})
		}
	}
	const invalid = "InvalidDefinition"
	runRejections(t, []rejection{
		{"another service's role", "AccessDeniedException", stateMachineToken, func(a *testAccount) map[string]any {
			return with(stateMachineInputs(a), map[string]any{"roleArn": a.serviceRole("events").text("arn")})
		}},
		{"a start that is not there", invalid, stateMachineToken, definition(`{"StartAt": "B", "States": {}}`)},
		{"a state of no type", invalid, stateMachineToken, definition(`{"StartAt": "A", "States": {"A": {}}}`)},
		{"a task that does nothing", invalid, stateMachineToken, definition(`{"StartAt": "A", "States": {"A": {"Type": "Task", "End": true}}}`)},
		{
			"a state that leads nowhere", invalid, stateMachineToken,
			definition(`{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn", "Next": "B"}}}`),
		},
		{"a task without an end", invalid, stateMachineToken, definition(`{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn"}}}`)},
		{"states that are a list", invalid, stateMachineToken, definition(`{"StartAt": "A", "States": []}`)},
		{"a log that is not there", "InvalidLoggingConfiguration", stateMachineToken, logging("other:*")},
		{"a log without its streams", "InvalidLoggingConfiguration", stateMachineToken, logging("states")},
		{"a log that the role may not write", "AccessDeniedException", stateMachineToken, logging("states:*")},
	})
}

func TestStateMachineInputsRejected(t *testing.T) {
	t.Parallel()
	runInputRejections(t, []inputRejection{
		{stateMachineToken, "definition", map[string]any{"definition": "start"}},
		{stateMachineToken, "type", map[string]any{"type": "SLOW"}},
	})
}
