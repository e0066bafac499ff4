package aws

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var minimalBudget = map[string]func(*testAccount) map[string]any{
	budgetToken: func(a *testAccount) map[string]any {
		return budgetInputs(map[string]any{
			"subscriberEmailAddresses": []any{"ops@example.com"}, "subscriberSnsTopicArns": []any{a.topic().id},
		})
	},
}

const budgetToken = "aws:budgets/budget:Budget"

func TestBudgetInputsRejected(t *testing.T) {
	t.Parallel()
	mail := map[string]any{"subscriberEmailAddresses": []any{"ops@example.com"}}
	one := func(more map[string]any) map[string]any {
		return map[string]any{"notifications": []any{notification(with(mail, more))}}
	}
	six := make([]any, 6)
	for i := range six {
		six[i] = notification(with(mail, map[string]any{"threshold": i + 1}))
	}
	runInputRejections(t, []inputRejection{
		{budgetToken, "accountId", map[string]any{"accountId": "210987654321"}},
		{budgetToken, "autoAdjustData", map[string]any{"autoAdjustData": map[string]any{"autoAdjustType": "FORECAST"}}},
		{budgetToken, "budgetType", map[string]any{"budgetType": "MONEY"}},
		{budgetToken, "limitAmount", map[string]any{"limitAmount": "0"}},
		{budgetToken, "name", map[string]any{"name": "a:b"}},
		{budgetToken, "notifications", map[string]any{"notifications": six}},
		{budgetToken, "notifications[0].comparisonOperator", one(map[string]any{"comparisonOperator": "ABOVE"})},
		{budgetToken, "notifications[0].notificationType", one(map[string]any{"notificationType": "EXPECTED"})},
		{budgetToken, "notifications[0].threshold", one(map[string]any{"threshold": -1})},
		{budgetToken, "notifications[0].thresholdType", one(map[string]any{"thresholdType": "PERMILLE"})},
		{budgetToken, "timePeriodStart", map[string]any{"timePeriodStart": "2026-01-01"}},
		{budgetToken, "timeUnit", map[string]any{"timeUnit": "WEEKLY"}},
	})
}

func TestBudgetRejections(t *testing.T) {
	t.Parallel()
	const invalid, exceeded = "InvalidParameterException", "CreationLimitExceededException"
	mail := map[string]any{"subscriberEmailAddresses": []any{"ops@example.com"}}
	notifications := func(all ...any) func(*testAccount) map[string]any {
		return but(budgetToken, map[string]any{"notifications": all})
	}
	var many []any
	for _, letter := range strings.Split("abcdefghijk", "") {
		many = append(many, letter+"@example.com")
	}
	runRejections(t, []rejection{
		{"no limit", invalid, budgetToken, but(budgetToken, map[string]any{"limitAmount": nil})},
		{"costs in gigabytes", invalid, budgetToken, but(budgetToken, map[string]any{"limitUnit": "GB"})},
		{"the same notification twice", "DuplicateRecordException", budgetToken, notifications(notification(mail), notification(mail))},
		{"notification of nobody", invalid, budgetToken, notifications(notification(nil))},
		{"threshold of nothing", invalid, budgetToken, notifications(notification(with(mail, map[string]any{"threshold": 0})))},
		{"no address", invalid, budgetToken, notifications(notification(map[string]any{"subscriberEmailAddresses": []any{"ops"}}))},
		{"eleven addresses", exceeded, budgetToken, notifications(notification(map[string]any{"subscriberEmailAddresses": many}))},
		{"two topics", exceeded, budgetToken, func(a *testAccount) map[string]any {
			topic := a.topic().id
			return budgetInputs(map[string]any{"subscriberSnsTopicArns": []any{topic, topic}})
		}},
		{"forecast of a day", invalid, budgetToken, but(budgetToken, map[string]any{
			"timeUnit": "DAILY", "notifications": []any{notification(with(mail, map[string]any{"notificationType": "FORECASTED"}))},
		})},
	})
}

func TestBudget(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	inputs := map[string]any{"budgetType": "COST", "limitAmount": "12.50", "limitUnit": "USD"}
	today := time.Now().UTC().Format("2006-01-02")
	for unit, start := range map[string]string{
		"DAILY": `^` + today + `_00:00$`, "MONTHLY": `^` + today[:8] + `01_00:00$`,
		"QUARTERLY": `^` + today[:5] + `(01|04|07|10)-01_00:00$`, "ANNUALLY": `^` + today[:5] + `01-01_00:00$`,
	} {
		budget := account.create(budgetToken, with(inputs, map[string]any{
			"name": unit, "timeUnit": unit, "costTypes": map[string]any{"includeCredit": false},
		}))
		require.Equal(t, "123456789012:"+unit, budget.id)
		require.Equal(t, "arn:aws:budgets::123456789012:budget/"+unit, budget.text("arn"))
		require.Regexp(t, start, budget.text("timePeriodStart"))
		costs := budget.outputs["costTypes"].ObjectValue()
		require.False(t, costs["includeCredit"].BoolValue())
		require.True(t, costs["includeTax"].BoolValue())
	}
}

// budgetInputs returns the inputs of a budget with one notification.
func budgetInputs(subscribers map[string]any) map[string]any {
	return map[string]any{
		"name": "monthly", "budgetType": "COST", "timeUnit": "MONTHLY", "limitAmount": "100", "limitUnit": "USD",
		"notifications": []any{notification(subscribers)},
	}
}

func notification(more map[string]any) map[string]any {
	return with(map[string]any{
		"notificationType": "ACTUAL", "comparisonOperator": "GREATER_THAN", "threshold": 80, "thresholdType": "PERCENTAGE",
	}, more)
}
