package aws

import (
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lb"

	"stagecraft/internal/offline/cloud"
)

const listenerRuleToken = "aws:lb/listenerRule:ListenerRule"

func listenerRuleType() cloud.Type {
	values := actionValues("actions")
	maps.Copy(values, map[string]cloud.Value{
		"conditions": cloud.Count(1, maxConditionValues),
		"conditions[*].hostHeader.values[*]": cloud.All(
			cloud.Length(1, 128), cloud.Match(`^[A-Za-z0-9.*?-]+$`, "a host name, in which * and ? are wildcards")),
		"conditions[*].httpHeader.httpHeaderName": cloud.Match(
			"^[0-9A-Za-z_!#$%&'*+.^`|~-]{1,40}$", "a header's name of 1 to 40 characters"),
		"conditions[*].httpHeader.values[*]":        cloud.Length(1, 128),
		"conditions[*].httpRequestMethod.values[*]": cloud.Match(`^[A-Z_-]{1,40}$`, "a method such as GET"),
		"conditions[*].pathPattern.values[*]": cloud.All(
			cloud.Length(1, 128), cloud.Match(`^[A-Za-z0-9_.$/~"'@:+&*?-]+$`, "a path, in which * and ? are wildcards")),
		"conditions[*].queryStrings[*].key":   cloud.Length(1, 128),
		"conditions[*].queryStrings[*].value": cloud.Length(1, 128),
		"conditions[*].sourceIp.values[*]":    cloud.CIDR,
		"priority":                            cloud.Range(1, maxPriority),
	})
	return cloud.Type{
		Token:     listenerRuleToken,
		Args:      lb.ListenerRuleArgs{},
		State:     lb.ListenerRule{},
		Service:   elbService,
		Operation: "CreateRule",
		Source: "CloudFormation resource schema AWS::ElasticLoadBalancingV2::ListenerRule; Elastic Load Balancing API " +
			"Reference, CreateRule and RuleCondition; Application Load Balancers guide, quotas",
		ID:       "${listenerArn}/${hex16}",
		Values:   values,
		Computed: map[string]any{"arn": "${id}"},
		Replace:  []string{"listenerArn"},
		Refs: append(
			[]cloud.Ref{{Path: "listenerArn", Type: listenerToken, OwnedBy: true}}, actionRefs("actions")...),
		Unique:   [][]string{{"listenerArn", "priority"}},
		Exists:   cloud.Error{Code: "PriorityInUse", Message: "Priority '${priority}' is currently in use"},
		Check:    validateListenerRule,
		NotFound: cloud.Error{Code: "RuleNotFound", Message: "One or more rules not found"},
	}
}

// Quotas of rules (Application Load Balancers guide, quotas). Those of values and wildcards are fixed; older accounts
// have one more wildcard.
const (
	maxRules           = 100
	maxPriority        = 50000
	maxConditionValues = 5
	maxWildcards       = 5
)

// validateListenerRule sets the ARN of a rule, and rejects rules above the quota and invalid conditions and actions.
func validateListenerRule(account cloud.Account, rule *cloud.Resource) error {
	rule.ID = strings.Replace(rule.ID, ":listener/", ":listener-rule/", 1)
	rule.Set("arn", rule.ID)
	listener, err := account.Find(listenerToken, "", rule.Text("listenerArn"))
	if err != nil {
		return err
	}
	if err := validateRuleCount(account, rule, listener.Text("loadBalancerArn")); err != nil {
		return err
	}
	if err := validateConditions(rule); err != nil {
		return err
	}
	return validateActions(account, rule, "actions", listener)
}

// validateRuleCount rejects rules above the load balancer's quota, and sets the next priority of a rule that has none
// (SDK doc).
func validateRuleCount(account cloud.Account, rule *cloud.Resource, balancerArn string) error {
	rules, err := account.List(listenerRuleToken)
	if err != nil {
		return err
	}
	others, highest := 0, 0.0
	for _, other := range rules {
		listener, err := account.Find(listenerToken, "", other.Text("listenerArn"))
		if err != nil {
			return err
		}
		if listener.Text("loadBalancerArn") == balancerArn && other.ID != rule.ID {
			others++
		}
		if listener.ID == rule.Text("listenerArn") {
			highest = max(highest, number(other, "priority"))
		}
	}
	if others >= maxRules {
		return apiError("TooManyRules", "The maximum number of rules on load balancer '%s' has been reached", balancerArn)
	}
	if number(rule, "priority") == 0 {
		rule.Set("priority", highest+1)
	}
	return nil
}

// conditionKinds are the kinds of conditions: the path of their values, and whether a rule may have several.
var conditionKinds = []struct {
	name, values string
	several      bool
}{
	{"host-header", "hostHeader.values[*]", false},
	{"http-header", "httpHeader.values[*]", true},
	{"http-request-method", "httpRequestMethod.values[*]", false},
	{"path-pattern", "pathPattern.values[*]", false},
	{"query-string", "queryStrings[*].value", true},
	{"source-ip", "sourceIp.values[*]", false},
}

func validateConditions(rule *cloud.Resource) error {
	var seen, values []string
	for _, condition := range rule.Elements("conditions") {
		count := len(seen)
		for _, kind := range conditionKinds {
			matched := condition.Texts(kind.values)
			if len(matched) == 0 {
				continue
			}
			if !kind.several && slices.Contains(seen, kind.name) {
				return apiError("ValidationError", "A rule can only have one '%s' condition", kind.name)
			}
			seen, values = append(seen, kind.name), append(values, matched...)
		}
		switch {
		case len(seen) != count+1:
			return apiError("ValidationError", "A condition must have values of one field, and has '%d'", len(seen)-count)
		case strings.EqualFold(condition.Text("httpHeader.httpHeaderName"), "Host"):
			return apiError("ValidationError", "An 'http-header' condition cannot specify the host header")
		}
	}
	all := strings.Join(values, "")
	switch {
	case len(values) > maxConditionValues:
		return apiError("ValidationError", "A rule can only have '%d' condition values", maxConditionValues)
	case strings.Count(all, "*")+strings.Count(all, "?") > maxWildcards:
		return apiError("ValidationError", "A rule can only have '%d' condition wildcards", maxWildcards)
	}
	return nil
}
