package aws

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

var minimalWebACL = map[string]func(*testAccount) map[string]any{
	webACLToken: webACLInputs,
	webACLLoggingToken: func(a *testAccount) map[string]any {
		return map[string]any{
			"resourceArn": a.create(webACLToken, webACLInputs(a)).text("arn"),
			"logDestinationConfigs": []any{
				a.create(logGroupToken, map[string]any{"name": "aws-waf-logs-app"}).text("arn"),
			},
		}
	},
}

func webACLInputs(*testAccount) map[string]any {
	return map[string]any{
		"name": "app", "scope": "CLOUDFRONT", "defaultAction": map[string]any{"allow": map[string]any{}},
		"visibilityConfig": visibilityInputs("app"),
		"rules":            []any{rateRuleInputs("rate", 0), managedRuleInputs("common", 1, "AWSManagedRulesCommonRuleSet")},
	}
}

func visibilityInputs(metric string) map[string]any {
	return map[string]any{"metricName": metric, "cloudwatchMetricsEnabled": true, "sampledRequestsEnabled": true}
}

func rateRuleInputs(name string, priority int) map[string]any {
	return map[string]any{
		"name": name, "priority": priority, "visibilityConfig": visibilityInputs(name),
		"action":    map[string]any{"block": map[string]any{}},
		"statement": map[string]any{"rateBasedStatement": map[string]any{"limit": 100}},
	}
}

func managedRuleInputs(name string, priority int, group string) map[string]any {
	return map[string]any{
		"name": name, "priority": priority, "visibilityConfig": visibilityInputs(name),
		"overrideAction": map[string]any{"none": map[string]any{}},
		"statement": map[string]any{
			"managedRuleGroupStatement": map[string]any{"vendorName": "AWS", "name": group},
		},
	}
}

func TestWebACLRejections(t *testing.T) {
	t.Parallel()
	const invalid, duplicate = "WAFInvalidParameterException", "WAFDuplicateItemException"
	rules := func(rules ...any) func(*testAccount) map[string]any {
		return but(webACLToken, map[string]any{"rules": rules})
	}
	var many []any
	for i := range 8 {
		many = append(many, managedRuleInputs(fmt.Sprint("common-", i), i, "AWSManagedRulesCommonRuleSet"))
	}
	runRejections(t, []rejection{
		{"no default", invalid, webACLToken, but(webACLToken, map[string]any{"defaultAction": map[string]any{}})},
		{"a priority twice", duplicate, webACLToken, rules(rateRuleInputs("a", 0), rateRuleInputs("b", 0))},
		{"a name twice", duplicate, webACLToken, rules(rateRuleInputs("a", 0), rateRuleInputs("a", 1))},
		{"no statement", invalid, webACLToken, rules(with(rateRuleInputs("a", 0), map[string]any{"statement": map[string]any{}}))},
		{"a rule without an action", invalid, webACLToken, rules(with(rateRuleInputs("a", 0), map[string]any{"action": nil}))},
		{"a group with an action", invalid, webACLToken, rules(with(managedRuleInputs("a", 0, "AWSManagedRulesCommonRuleSet"),
			map[string]any{"action": map[string]any{"block": map[string]any{}}}))},
		{"too much to evaluate", "WAFLimitsExceededException", webACLToken, rules(many...)},
		{"a header in capitals", invalid, webACLLoggingToken, but(webACLLoggingToken, map[string]any{
			"redactedFields": []any{map[string]any{"singleHeader": map[string]any{"name": "Cookie"}}},
		})},
	})
	account := newTestAccount(t)
	account.rejects(invalid, webACLToken, webACLInputs(account))
}

func TestWebACLCapacity(t *testing.T) {
	t.Parallel()
	account := newTestAccountIn(t, globalRegion)
	acl := account.create(webACLToken, webACLInputs(account))
	require.InDelta(t, 702, acl.outputs["capacity"].NumberValue(), 0)
}

func TestWebACLInputsRejected(t *testing.T) {
	t.Parallel()
	rule := func(more map[string]any) map[string]any {
		return map[string]any{"rules": []any{with(rateRuleInputs("rate", 0), more)}}
	}
	runInputRejections(t, []inputRejection{
		{webACLToken, "scope", map[string]any{"scope": "REGIONAL"}},
		{webACLToken, "rules[0].priority", rule(map[string]any{"priority": -1})},
		{webACLToken, "rules[0].statement.rateBasedStatement.limit", rule(map[string]any{
			"statement": map[string]any{"rateBasedStatement": map[string]any{"limit": 9}},
		})},
		{webACLToken, "rules[0].statement.managedRuleGroupStatement.name", map[string]any{
			"rules": []any{managedRuleInputs("a", 0, "AWSManagedRulesNothing")},
		}},
		{webACLLoggingToken, "logDestinationConfigs[0]", map[string]any{
			"logDestinationConfigs": []any{"arn:aws:logs:us-east-1:123456789012:log-group:waf"},
		}},
	})
}
