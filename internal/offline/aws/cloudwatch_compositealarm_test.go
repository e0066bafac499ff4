package aws

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var minimalCompositeAlarm = map[string]func(*testAccount) map[string]any{
	compositeAlarmToken: func(a *testAccount) map[string]any {
		alarm := a.create(metricAlarmToken, alarmInputs(a.topic()))
		return map[string]any{"alarmName": "service", "alarmRule": `ALARM("` + alarm.id + `")`}
	},
}

// TestWatchedAlarms checks that an alarm cannot be deleted while a composite alarm watches it.
func TestWatchedAlarms(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	alarm := account.create(metricAlarmToken, alarmInputs(account.topic()))
	byName := account.create(compositeAlarmToken, map[string]any{
		"alarmName": "by-name", "alarmRule": "NOT (ALARM(" + alarm.id + ")\n OR FALSE) AND TRUE",
	})
	byArn := account.create(compositeAlarmToken, map[string]any{
		"alarmName": "by-arn", "alarmRule": `OK("` + alarm.text("arn") + `") OR INSUFFICIENT_DATA( "` + byName.id + `" )`,
	})
	requireCode(t, "ValidationError", account.Delete(metricAlarmToken, alarm.id))
	requireCode(t, "ValidationError", account.Delete(compositeAlarmToken, byName.id))
	require.NoError(t, account.Delete(compositeAlarmToken, byArn.id))
	require.NoError(t, account.Delete(compositeAlarmToken, byName.id))
	require.NoError(t, account.Delete(metricAlarmToken, alarm.id))
}

func TestCompositeAlarmInputsRejected(t *testing.T) {
	t.Parallel()
	runInputRejections(t, []inputRejection{
		{compositeAlarmToken, "alarmRule", map[string]any{"alarmRule": strings.Repeat("a", 10241)}},
		{compositeAlarmToken, "alarmActions[0]", map[string]any{"alarmActions": []any{"alarms"}}},
	})
}

func TestCompositeAlarmRejections(t *testing.T) {
	t.Parallel()
	rule := func(rule string) func(*testAccount) map[string]any {
		return but(compositeAlarmToken, map[string]any{"alarmRule": rule})
	}
	runRejections(t, []rejection{
		{"alarm on nothing", "ValidationError", compositeAlarmToken, rule(`ALARM("missing")`)},
		{"alarm on an ARN of nothing", "ValidationError", compositeAlarmToken, rule(
			`ALARM("arn:aws:cloudwatch:eu-west-1:123456789012:alarm:missing")`)},
		{"rule that is none", "ValidationError", compositeAlarmToken, rule("cpu")},
		{"rule without an end", "ValidationError", compositeAlarmToken, rule("TRUE AND")},
		{"rule with an open end", "ValidationError", compositeAlarmToken, rule("(TRUE OR FALSE")},
		{"too many alarms", "ValidationError", compositeAlarmToken, rule(
			strings.TrimSuffix(strings.Repeat(`ALARM(cpu) OR `, 101), " OR "))},
	})
}

func TestCompositeAlarmChanges(t *testing.T) {
	t.Parallel()
	runChanges(t, []change{
		{compositeAlarmToken, "rule", false, map[string]any{"alarmRule": "TRUE"}},
		{compositeAlarmToken, "name", true, map[string]any{"alarmName": "others"}},
	})
}
