package aws

import (
	"encoding/json"
	"regexp"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"

	"stagecraft/internal/offline/cloud"
)

const eventRuleToken = "aws:cloudwatch/eventRule:EventRule"

// schedule is an EventBridge schedule (Amazon EventBridge User Guide, "Setting a schedule pattern for scheduled
// rules").
var schedule = cloud.Match(`^(rate\((1 (minute|hour|day)|([2-9]|[1-9]\d+) (minutes|hours|days))\)|cron\(\S+( \S+){5}\))$`,
	"a cron expression of six fields, or a rate expression whose unit fits its number")

func eventTypes() []cloud.Type {
	limitExceeded := cloud.Error{
		Code: "LimitExceededException", Message: "The requested resource exceeds the maximum number allowed.",
	}
	return []cloud.Type{{
		Token:     eventRuleToken,
		Args:      cloudwatch.EventRuleArgs{},
		State:     cloudwatch.EventRule{},
		Service:   "EventBridge",
		Operation: "PutRule",
		Source: "CloudFormation resource schema AWS::Events::Rule; EventBridge API Reference, PutRule, which silently takes " +
			"over a rule of the same name; Amazon EventBridge User Guide, Amazon EventBridge quotas",
		Name:      &cloud.Name{Property: "name", Max: 64, Pattern: regexp.MustCompile(`^[.\-_A-Za-z0-9]+$`)},
		ID:        "${name}",
		Conflicts: [][]string{{"isEnabled", "state"}, {"name", "namePrefix"}},
		Values: map[string]cloud.Value{
			"description":        cloud.Length(0, 512),
			"eventBusName":       cloud.OneOf(defaultEventBus),
			"eventPattern":       cloud.All(cloud.JSON, cloud.Length(1, 2048)),
			"scheduleExpression": schedule,
			"state":              cloud.OneOf("ENABLED", "DISABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"),
		},
		Computed: map[string]any{
			"arn":          "arn:aws:events:${region}:${account}:rule/${name}",
			"eventBusName": defaultEventBus,
			"forceDestroy": false,
			"name":         "${namePrefix}${digits26}",
		},
		Replace:    []string{"eventBusName", "name", "namePrefix"},
		Refs:       []cloud.Ref{{Path: "roleArn", Type: roleToken, TargetProperty: "arn", Weak: true}},
		Quota:      &cloud.Quota{Limit: 300, Error: limitExceeded},
		Check:      validateEventRule,
		AfterWrite: setRuleState,
		NotFound: cloud.Error{
			Code: "ResourceNotFoundException", Message: "Rule ${value} does not exist on EventBus default.",
		},
		InUse: cloud.Error{Code: "ValidationException", Message: "Rule can't be deleted since it has targets."},
	}, {
		Token:     "aws:cloudwatch/eventTarget:EventTarget",
		Args:      cloudwatch.EventTargetArgs{},
		State:     cloudwatch.EventTarget{},
		Service:   "EventBridge",
		Operation: "PutTargets",
		Source: "SDK doc; EventBridge API Reference, PutTargets, which silently takes over a target of the same id, and does " +
			"not look whether a topic exists: here it must, since nobody would hear of the event",
		Name:      &cloud.Name{Property: "targetId", Max: 64, Pattern: regexp.MustCompile(`^[.\-_A-Za-z0-9]+$`)},
		ID:        "${rule}-${targetId}",
		Conflicts: [][]string{{"input", "inputPath", "inputTransformer"}},
		Values: map[string]cloud.Value{
			"arn":                            cloud.Match("^arn:aws:", "an ARN"),
			"eventBusName":                   cloud.OneOf(defaultEventBus),
			"inputPath":                      cloud.Match(`^\$`, "a JSON path"),
			"inputTransformer.inputPaths":    cloud.Count(0, 100),
			"inputTransformer.inputPaths.*":  cloud.Match(`^\$`, "a JSON path"),
			"inputTransformer.inputTemplate": cloud.Length(1, 8192),
		},
		Computed: map[string]any{"eventBusName": defaultEventBus, "forceDestroy": false},
		Replace:  []string{"eventBusName", "rule", "targetId"},
		Refs: []cloud.Ref{
			{Path: "rule", Type: eventRuleToken, TargetProperty: "name"},
			{Path: "arn", Type: topicToken, TargetProperty: "arn", Weak: true, External: notTopic},
			{Path: "roleArn", Type: roleToken, TargetProperty: "arn", Weak: true},
		},
		Quota: &cloud.Quota{Limit: 5, Scope: "rule", Error: limitExceeded},
		Check: validateEventTarget,
		NotFound: cloud.Error{
			Code: "ResourceNotFoundException", Message: "Target ${value} does not exist.",
		},
	}}
}

// defaultEventBus is the event bus of AWS services; others are not simulated.
const defaultEventBus = "default"

func validateEventRule(_ cloud.Account, rule *cloud.Resource) error {
	pattern := rule.Text("eventPattern")
	if pattern == "" {
		if rule.Text("scheduleExpression") == "" {
			return apiError("ValidationException", "Parameter(s) EventPattern or ScheduleExpression must be specified.")
		}
		return nil
	}
	var fields map[string]any
	if err := json.Unmarshal([]byte(pattern), &fields); err != nil || len(fields) == 0 {
		return apiError("InvalidEventPatternException", "Event pattern is not valid. Reason: Filter is not an object")
	}
	return validateEventFields(fields)
}

// setRuleState sets both properties that say whether a rule is enabled.
func setRuleState(_ cloud.Account, rule *cloud.Resource) error {
	state := rule.Text("state")
	switch {
	case rule.Text("isEnabled") == "false":
		state = "DISABLED"
	case state == "":
		state = "ENABLED"
	}
	rule.Set("state", state)
	rule.Set("isEnabled", state != "DISABLED")
	return nil
}

// validateEventFields rejects a pattern whose leaves are not lists (Amazon EventBridge User Guide, "Event pattern
// syntax").
func validateEventFields(fields map[string]any) error {
	for name, field := range fields {
		switch field := field.(type) {
		case map[string]any:
			if err := validateEventFields(field); err != nil {
				return err
			}
		case []any:
			if len(field) == 0 {
				return apiError("InvalidEventPatternException", "Event pattern is not valid. Reason: Empty arrays are not allowed")
			}
		default:
			return apiError("InvalidEventPatternException",
				"Event pattern is not valid. Reason: %q must be an object or an array", name)
		}
	}
	return nil
}

var placeholder = regexp.MustCompile(`<([\w.-]+)>`)

// validateEventTarget rejects a template with undefined placeholders, and a state machine without a role that may start
// it.
func validateEventTarget(account cloud.Account, target *cloud.Resource) error {
	for _, match := range placeholder.FindAllStringSubmatch(target.Text("inputTransformer.inputTemplate"), -1) {
		if name := match[1]; !strings.HasPrefix(name, "aws.events.") && target.Text("inputTransformer.inputPaths."+name) == "" {
			return apiError("ValidationException",
				"Invalid InputTemplate for target %s : [Placeholder <%s> is not in InputPathsMap.]", target.Text("targetId"), name)
		}
	}
	arn := target.Text("arn")
	switch {
	case !strings.HasPrefix(arn, "arn:aws:states:"):
		return nil
	case target.Text("roleArn") == "":
		return apiError("ValidationException", "RoleArn is required for target %s.", arn)
	}
	return requireAssumable(account, target.Text("roleArn"), "events.amazonaws.com", "ValidationException",
		"Provided role cannot be assumed by principal 'events.amazonaws.com': ")
}
