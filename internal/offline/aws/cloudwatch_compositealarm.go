package aws

import (
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"

	"stagecraft/internal/offline/cloud"
)

const compositeAlarmToken = "aws:cloudwatch/compositeAlarm:CompositeAlarm"

// compositeAlarmTypes returns the type of alarms on other alarms.
func compositeAlarmTypes() []cloud.Type {
	values := map[string]cloud.Value{
		"actionsSuppressor": cloud.NotSimulated,
		"alarmDescription":  cloud.Length(0, 1024),
		"alarmRule":         cloud.Length(1, 10240),
	}
	refs := allowAlarmActions(values)
	return []cloud.Type{{
		Token:     compositeAlarmToken,
		Args:      cloudwatch.CompositeAlarmArgs{},
		State:     cloudwatch.CompositeAlarm{},
		Service:   "CloudWatch",
		Operation: "PutCompositeAlarm",
		Source: "CloudFormation resource schema AWS::CloudWatch::CompositeAlarm; SDK doc; CloudWatch API Reference, " +
			"PutCompositeAlarm, which silently takes over an alarm of the same name, and does not look whether a topic exists: " +
			"here it must, since nobody would hear of the alarm",
		Name:   &cloud.Name{Property: "alarmName", Max: 255, Manual: true},
		ID:     "${alarmName}",
		Values: values,
		Computed: map[string]any{
			"actionsEnabled": true,
			"arn":            "arn:aws:cloudwatch:${region}:${account}:alarm:${alarmName}",
		},
		Replace:  []string{"actionsEnabled", "alarmName"},
		Refs:     refs,
		Check:    validateAlarmRule,
		Delete:   rejectIfWatched,
		NotFound: cloud.Error{Code: "ResourceNotFound", Message: "Alarm ${value} does not exist"},
	}}
}

var (
	// alarmState is a condition of an alarm rule, on an alarm's name or ARN (CloudWatch API Reference,
	// PutCompositeAlarm).
	alarmState = regexp.MustCompile(`(?:ALARM|OK|INSUFFICIENT_DATA)\(\s*(?:"([^"]+)"|([^\s"()]+))\s*\)`)
	// alarmRule is an expression in which the conditions are replaced by TRUE.
	alarmRule = regexp.MustCompile(`^(NOT |\()*(TRUE|FALSE)\)*( (AND|OR) (NOT |\()*(TRUE|FALSE)\)*)*$`)
)

// mostChildren is how many alarms a composite alarm may watch (CloudWatch User Guide, "CloudWatch service quotas").
const mostChildren = 100

// watchedAlarms returns the names in an alarm rule.
func watchedAlarms(rule string) []string {
	var names []string
	for _, quoted := range alarmState.FindAllStringSubmatch(rule, -1) {
		name := quoted[1] + quoted[2]
		if _, suffix, arn := strings.Cut(name, ":alarm:"); arn {
			name = suffix
		}
		names = append(names, name)
	}
	return names
}

func validateAlarmRule(account cloud.Account, alarm *cloud.Resource) error {
	rule := alarm.Text("alarmRule")
	expression := strings.Join(strings.Fields(alarmState.ReplaceAllString(rule, "TRUE")), " ")
	if !alarmRule.MatchString(expression) || strings.Count(expression, "(") != strings.Count(expression, ")") {
		return apiError("ValidationError", "AlarmRule is not a valid expression: %s", rule)
	}
	names := watchedAlarms(rule)
	if len(names) > mostChildren {
		return apiError("ValidationError", "AlarmRule must not have more than %d alarms.", mostChildren)
	}
	var missing []string
	for _, name := range names {
		exists, err := alarmExists(account, name)
		if err != nil {
			return err
		}
		if !exists {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return apiError("ValidationError", "Could not save the composite alarm as alarms [%s] in the alarm rule do not exist",
			strings.Join(missing, ", "))
	}
	return nil
}

func alarmExists(account cloud.Account, name string) (bool, error) {
	for _, token := range []string{metricAlarmToken, compositeAlarmToken} {
		if alarm, err := account.Find(token, "", name); err != nil || alarm != nil {
			return alarm != nil, err
		}
	}
	return false, nil
}

// rejectIfWatched rejects the deletion of an alarm that a composite alarm watches.
func rejectIfWatched(account cloud.Account, alarm *cloud.Resource) error {
	composites, err := account.List(compositeAlarmToken)
	if err != nil {
		return err
	}
	for _, composite := range composites {
		if slices.Contains(watchedAlarms(composite.Text("alarmRule")), alarm.ID) {
			return apiError("ValidationError", "Cannot delete %s as there are composite alarm(s) depending on it.", alarm.ID)
		}
	}
	return nil
}
