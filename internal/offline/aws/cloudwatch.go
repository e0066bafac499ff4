package aws

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"stagecraft/internal/offline/cloud"
)

const (
	metricAlarmToken = "aws:cloudwatch/metricAlarm:MetricAlarm"
	logGroupToken    = "aws:cloudwatch/logGroup:LogGroup"
	eventRuleToken   = "aws:cloudwatch/eventRule:EventRule"
)

// cloudwatchTypes are the types of CloudWatch, CloudWatch Logs and EventBridge, which the SDK has in one module.
func cloudwatchTypes() []cloud.Type {
	return slices.Concat(alarmTypes(), logTypes(), eventTypes())
}

// ec2Action is an action on an instance that an alarm takes by itself.
var ec2Action = regexp.MustCompile(`^arn:aws:automate:[a-z0-9-]+:ec2:(recover|stop|terminate|reboot)$`)

// extendedStatistic is a percentile, a trimmed mean or the like.
const extendedStatistic = `^((p|tm|wm|tc|ts)(\d{1,2}(\.\d{1,10})?|100)|IQM` +
	`|(TM|WM|PR|TC|TS)\((\d+(\.\d+)?%?)?:(\d+(\.\d+)?%?)?\))$`

// alarmPeriod allows what an alarm may be about at once, in seconds.
func alarmPeriod(value resource.PropertyValue) string {
	if value.IsNumber() && value.NumberValue() > 0 {
		period := int(value.NumberValue())
		if period%60 == 0 || period == 10 || period == 20 || period == 30 {
			return ""
		}
	}
	return fmt.Sprintf("must be 10, 20, 30 or a multiple of 60, got %v", value)
}

func alarmTypes() []cloud.Type {
	metricQuery := []string{"dimensions", "extendedStatistic", "metricName", "namespace", "period", "statistic"}
	values := map[string]cloud.Value{
		"alarmDescription": cloud.Length(0, 1024),
		"comparisonOperator": cloud.OneOf("GreaterThanOrEqualToThreshold", "GreaterThanThreshold", "LessThanThreshold",
			"LessThanOrEqualToThreshold", "LessThanLowerOrGreaterThanUpperThreshold", "LessThanLowerThreshold",
			"GreaterThanUpperThreshold"),
		"datapointsToAlarm":                 cloud.Range(1, 10080),
		"dimensions":                        cloud.Count(0, 30),
		"evaluateLowSampleCountPercentiles": cloud.OneOf("evaluate", "ignore"),
		"evaluationPeriods":                 cloud.Range(1, 10080),
		"extendedStatistic":                 cloud.Match(extendedStatistic, "a percentile or another extended statistic"),
		"metricName":                        cloud.Length(1, 255),
		"metricQueries":                     cloud.Count(1, 20),
		"namespace":                         cloud.All(cloud.Length(1, 255), cloud.Match(`^[^:]`, "without a colon at its beginning")),
		"period":                            alarmPeriod,
		"statistic":                         cloud.OneOf("SampleCount", "Average", "Sum", "Minimum", "Maximum"),
		"treatMissingData":                  cloud.OneOf("breaching", "ignore", "missing", "notBreaching"),
	}
	conflicts := [][]string{{"statistic", "extendedStatistic"}, {"threshold", "thresholdMetricId"}}
	for _, property := range metricQuery {
		conflicts = append(conflicts, []string{"metricQueries", property})
	}
	refs := allowAlarmActions(values)
	return []cloud.Type{{
		Token:     metricAlarmToken,
		Args:      cloudwatch.MetricAlarmArgs{},
		State:     cloudwatch.MetricAlarm{},
		Service:   "CloudWatch",
		Operation: "PutMetricAlarm",
		Source: "CloudFormation resource schema AWS::CloudWatch::Alarm; CloudWatch API Reference, PutMetricAlarm, which " +
			"silently takes over an alarm of the same name, and does not look whether a topic exists: here it must, since " +
			"nobody would hear of the alarm",
		Name:      &cloud.Name{Property: "name", Max: 255},
		ID:        "${name}",
		OneOf:     [][]string{{"metricName", "metricQueries"}},
		Conflicts: conflicts,
		Values:    values,
		Computed: map[string]any{
			"actionsEnabled":   true,
			"arn":              "arn:aws:cloudwatch:${region}:${account}:alarm:${name}",
			"treatMissingData": "missing",
		},
		Replace: []string{"name"},
		Refs:    refs,
		Quota: &cloud.Quota{Limit: 5000, Error: cloud.Error{
			Code: "LimitExceeded", Message: "The maximum limit of 5000 alarms has been exceeded.",
		}},
		Check:    alarmFits,
		Delete:   keepWatchedAlarm,
		NotFound: cloud.Error{Code: "ResourceNotFound", Message: "Alarm ${value} does not exist"},
	}, {
		Token:     "aws:cloudwatch/dashboard:Dashboard",
		Args:      cloudwatch.DashboardArgs{},
		State:     cloudwatch.Dashboard{},
		Global:    true,
		Service:   "CloudWatch",
		Operation: "PutDashboard",
		Source: "CloudFormation resource schema AWS::CloudWatch::Dashboard; CloudWatch API Reference, PutDashboard, which " +
			"silently takes over a dashboard of the same name",
		Name:     &cloud.Name{Property: "dashboardName", Max: 255, Pattern: regexp.MustCompile(`^[\w-]+$`), Manual: true},
		ID:       "${dashboardName}",
		Values:   map[string]cloud.Value{"dashboardBody": cloud.JSON},
		Computed: map[string]any{"dashboardArn": "arn:aws:cloudwatch::${account}:dashboard/${dashboardName}"},
		Replace:  []string{"dashboardName"},
		Check:    dashboardFits,
		NotFound: cloud.Error{Code: "ResourceNotFound", Message: "Dashboard ${value} does not exist"},
	}}
}

// allowAlarmActions adds what the actions of an alarm may be, and gives what they refer to.
func allowAlarmActions(values map[string]cloud.Value) []cloud.Ref {
	var refs []cloud.Ref
	for _, actions := range []string{"alarmActions", "okActions", "insufficientDataActions"} {
		values[actions] = cloud.Count(0, 5)
		values[actions+"[*]"] = cloud.Match("^arn:aws:", "an ARN")
		refs = append(refs, cloud.Ref{Path: actions + "[*]", Type: topicToken, By: "arn", Loose: true, External: notTopic})
	}
	return refs
}

// alarmFits refuses what PutMetricAlarm does not take together.
func alarmFits(_ cloud.Account, alarm *cloud.Resource) error {
	periods, period := number(alarm, "evaluationPeriods"), number(alarm, "period")
	window, span := 86400.0, "a day"
	if period >= 3600 {
		window, span = 7*window, "seven days"
	}
	switch {
	case alarm.Text("metricName") != "" && alarm.Text("namespace") == "":
		return refuse("ValidationError", "The parameter Namespace must be specified.")
	case alarm.Text("metricName") != "" && period == 0:
		return refuse("ValidationError", "The parameter Period must be specified.")
	case alarm.Text("metricName") != "" && alarm.Text("statistic")+alarm.Text("extendedStatistic") == "":
		return refuse("ValidationError", "Exactly one of Statistic and ExtendedStatistic must be specified.")
	case alarm.Text("threshold")+alarm.Text("thresholdMetricId") == "":
		return refuse("ValidationError", "The parameter Threshold must be specified.")
	case periods*period > window:
		return refuse("ValidationError",
			"Metrics cannot be checked across more than %s (EvaluationPeriods * Period must be <= %g).", span, window)
	case number(alarm, "datapointsToAlarm") > periods:
		return refuse("ValidationError", "DatapointsToAlarm must be less than or equal to EvaluationPeriods.")
	case alarm.Text("evaluateLowSampleCountPercentiles") != "" && alarm.Text("extendedStatistic") == "":
		return refuse("ValidationError", "EvaluateLowSampleCountPercentile is only valid for alarms on percentiles.")
	}
	return ec2ActionsFit(alarm)
}

// ec2ActionsFit refuses actions on an instance by an alarm that is about none (CloudWatch User Guide, "Create alarms to
// stop, terminate, reboot, or recover an EC2 instance").
func ec2ActionsFit(alarm *cloud.Resource) error {
	for _, action := range alarm.Texts("alarmActions[*]") {
		kind, known := ec2Action.FindStringSubmatch(action), strings.HasPrefix(action, "arn:aws:automate:")
		switch {
		case !known:
			continue
		case kind == nil:
			return refuse("ValidationError", "Invalid arn syntax: %s", action)
		case !strings.HasPrefix(action, "arn:aws:automate:"+alarm.Region+":"):
			return refuse("ValidationError", "Invalid region in ARN %s: the alarm is in %s", action, alarm.Region)
		case alarm.Text("dimensions.InstanceId") == "":
			return refuse("ValidationError", "Invalid use of EC2 '%s' action. The alarm must be on a metric with the "+
				"dimension InstanceId.", kind[1])
		case kind[1] == "recover" && !slices.Contains(
			[]string{"StatusCheckFailed", "StatusCheckFailed_System"}, alarm.Text("metricName")):
			return refuse("ValidationError", "Invalid use of EC2 'recover' action. The alarm must be on the metric "+
				"StatusCheckFailed_System.")
		}
	}
	return nil
}

// The limits of a dashboard (CloudWatch API Reference, "Dashboard Body Structure and Syntax").
const (
	mostWidgets        = 500
	mostWidgetAlarms   = 100
	gridColumns        = 24
	tallestWidget      = 1000
	invalidInput       = "InvalidParameterInput"
	invalidBodyMessage = "The dashboard body is invalid, there is 1 validation error: %s"
)

// widget is what is checked of a dashboard's widget.
type widget struct {
	Type                string
	X, Y, Width, Height *int
	Properties          struct {
		Region, Markdown string
		Metrics          []any
		Alarms           []string
		Annotations      struct{ Alarms []string }
	}
}

func dashboardFits(_ cloud.Account, dashboard *cloud.Resource) error {
	var body struct{ Widgets []widget }
	if err := json.Unmarshal([]byte(dashboard.Text("dashboardBody")), &body); err != nil {
		return refuse(invalidInput, invalidBodyMessage, err)
	}
	if body.Widgets == nil {
		return refuse(invalidInput, invalidBodyMessage, "Should have required property 'widgets'")
	}
	if len(body.Widgets) > mostWidgets {
		return refuse(invalidInput, invalidBodyMessage, fmt.Sprintf("Should not have more than %d items", mostWidgets))
	}
	for i, widget := range body.Widgets {
		if wrong := widget.wrong(); wrong != "" {
			return refuse(invalidInput, invalidBodyMessage, fmt.Sprintf("/widgets/%d: %s", i, wrong))
		}
	}
	return nil
}

// wrong says what is wrong with a widget, "" if it is well.
func (w widget) wrong() string {
	x, width := 0, 6
	if w.X != nil {
		x = *w.X
	}
	if w.Width != nil {
		width = *w.Width
	}
	switch {
	case !slices.Contains([]string{"metric", "text", "log", "alarm", "explorer", "custom"}, w.Type):
		return fmt.Sprintf("type %q should be equal to one of the allowed values", w.Type)
	case x < 0 || width < 1 || x+width > gridColumns:
		return fmt.Sprintf("x and width should stay within the %d columns of the grid", gridColumns)
	case w.Y != nil && *w.Y < 0:
		return "y should not be less than 0"
	case w.Height != nil && (*w.Height < 1 || *w.Height > tallestWidget):
		return fmt.Sprintf("height should be from 1 to %d", tallestWidget)
	case w.Type == "metric" && w.Properties.Region == "":
		return "should have required property 'region'"
	case w.Type == "metric" && len(w.Properties.Metrics) == 0 && len(w.Properties.Annotations.Alarms) == 0:
		return "should match some schema: metrics or annotations.alarms"
	case w.Type == "text" && w.Properties.Markdown == "":
		return "should have required property 'markdown'"
	case w.Type == "alarm" && (len(w.Properties.Alarms) == 0 || len(w.Properties.Alarms) > mostWidgetAlarms):
		return fmt.Sprintf("alarms should have 1 to %d items", mostWidgetAlarms)
	default:
		return ""
	}
}

// logGroupName is how a log group's name looks (CloudWatch Logs API Reference, CreateLogGroup).
var logGroupName = regexp.MustCompile(`^[.\-_/#A-Za-z0-9]+$`)

func logTypes() []cloud.Type {
	return []cloud.Type{{
		Token:     logGroupToken,
		Args:      cloudwatch.LogGroupArgs{},
		State:     cloudwatch.LogGroup{},
		Service:   "CloudWatch Logs",
		Operation: "CreateLogGroup",
		Change:    "PutRetentionPolicy",
		Source: "CloudFormation resource schema AWS::Logs::LogGroup; SDK doc; CloudWatch Logs User Guide, CloudWatch Logs " +
			"quotas",
		Name:      &cloud.Name{Property: "name", Max: 512, AutoMax: 255, Pattern: logGroupName},
		ID:        "${name}",
		Conflicts: [][]string{{"name", "namePrefix"}},
		Values: map[string]cloud.Value{
			"logGroupClass": cloud.OneOf("STANDARD", "INFREQUENT_ACCESS", "DELIVERY"),
			// The provider leaves room for what it adds.
			"namePrefix": cloud.All(cloud.Length(1, 483), cloud.Match(logGroupName.String(), "the beginning of a log group's name")),
			"retentionInDays": cloud.NumberIn(0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827,
				2192, 2557, 2922, 3288, 3653),
			"skipDestroy": cloud.NotSimulated,
		},
		Computed: map[string]any{
			"arn":             "arn:aws:logs:${region}:${account}:log-group:${name}",
			"logGroupClass":   "STANDARD",
			"name":            "${namePrefix}${digits26}",
			"retentionInDays": 0,
			"skipDestroy":     false,
		},
		Replace:  []string{"logGroupClass", "name", "namePrefix"},
		Unique:   [][]string{{"name"}},
		NotFound: cloud.Error{Code: "ResourceNotFoundException", Message: "The specified log group does not exist."},
		Exists: cloud.Error{
			Code: "ResourceAlreadyExistsException", Message: "The specified log group already exists",
		},
	}, {
		Token:     "aws:cloudwatch/logMetricFilter:LogMetricFilter",
		Args:      cloudwatch.LogMetricFilterArgs{},
		State:     cloudwatch.LogMetricFilter{},
		Service:   "CloudWatch Logs",
		Operation: "PutMetricFilter",
		Source: "CloudFormation resource schema AWS::Logs::MetricFilter; CloudWatch Logs API Reference, PutMetricFilter, " +
			"which silently takes over a filter of the same name. The AWS provider's id is the name alone",
		Name: &cloud.Name{Property: "name", Max: 512, AutoMax: 255, Pattern: regexp.MustCompile(`^[^:*]+$`)},
		ID:   "${logGroupName}:${name}",
		Values: map[string]cloud.Value{
			"metricTransformation.defaultValue": cloud.Match(`^-?\d+(\.\d+)?$`, "a number"),
			"metricTransformation.dimensions":   cloud.Count(1, 3),
			"metricTransformation.name":         metricWord,
			"metricTransformation.namespace":    metricWord,
			"metricTransformation.value":        cloud.Length(1, 100),
			"pattern":                           cloud.Length(0, 1024),
		},
		Replace: []string{"logGroupName", "name"},
		Refs:    []cloud.Ref{{Path: "logGroupName", Type: logGroupToken, By: "name", Part: true}},
		Quota: &cloud.Quota{Limit: 100, Per: "logGroupName", Error: cloud.Error{
			Code: "LimitExceededException", Message: "Resource limit exceeded.",
		}},
		Check: metricFilterFits,
		NotFound: cloud.Error{
			Code: "ResourceNotFoundException", Message: "The specified metric filter does not exist.",
		},
	}}
}

// metricWord is how a metric filter's metrics and namespaces look (CloudWatch Logs API Reference, MetricTransformation).
var metricWord = cloud.All(cloud.Length(1, 255), cloud.Match(`^[^:*$]+$`, "without :, * or $"))

// jsonSelector is a condition on a field of a JSON log event (CloudWatch Logs User Guide, "Filter pattern syntax").
var jsonSelector = regexp.MustCompile(`^\{\s*\(*\s*\$\.?\S+.*(=|<|>| IS | NOT EXISTS| EXISTS).*\}$`)

func metricFilterFits(_ cloud.Account, filter *cloud.Resource) error {
	pattern := strings.TrimSpace(filter.Text("pattern"))
	quotes := strings.Count(pattern, `"`) - strings.Count(pattern, `\"`)
	switch {
	case quotes%2 != 0,
		strings.HasPrefix(pattern, "{") && !jsonSelector.MatchString(pattern),
		strings.HasPrefix(pattern, "[") != strings.HasSuffix(pattern, "]"):
		return refuse("InvalidParameterException", "Invalid filter pattern: %s", pattern)
	case filter.Text("metricTransformation.defaultValue") != "" &&
		len(filter.Texts("metricTransformation.dimensions.*")) > 0:
		return refuse("InvalidParameterException", "Invalid metric transformation: dimensions and default value are "+
			"mutually exclusive properties.")
	}
	return nil
}

// schedule is an EventBridge schedule (Amazon EventBridge User Guide, "Setting a schedule pattern for scheduled rules").
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
		Replace: []string{"eventBusName", "name", "namePrefix"},
		Refs:    []cloud.Ref{{Path: "roleArn", Type: roleToken, By: "arn", Loose: true}},
		Quota:   &cloud.Quota{Limit: 300, Error: limitExceeded},
		Check:   eventRuleFits,
		Make:    enableRule,
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
			{Path: "rule", Type: eventRuleToken, By: "name"},
			{Path: "arn", Type: topicToken, By: "arn", Loose: true, External: notTopic},
			{Path: "roleArn", Type: roleToken, By: "arn", Loose: true},
		},
		Quota: &cloud.Quota{Limit: 5, Per: "rule", Error: limitExceeded},
		Check: eventTargetFits,
		NotFound: cloud.Error{
			Code: "ResourceNotFoundException", Message: "Target ${value} does not exist.",
		},
	}}
}

// defaultEventBus is the one to which AWS services send; the offline cloud knows no other.
const defaultEventBus = "default"

func eventRuleFits(_ cloud.Account, rule *cloud.Resource) error {
	pattern := rule.Text("eventPattern")
	if pattern == "" {
		if rule.Text("scheduleExpression") == "" {
			return refuse("ValidationException", "Parameter(s) EventPattern or ScheduleExpression must be specified.")
		}
		return nil
	}
	var fields map[string]any
	if err := json.Unmarshal([]byte(pattern), &fields); err != nil || len(fields) == 0 {
		return refuse("InvalidEventPatternException", "Event pattern is not valid. Reason: Filter is not an object")
	}
	return eventFieldsFit(fields)
}

// enableRule tells whether a rule is on in both of the properties that can say so.
func enableRule(_ cloud.Account, rule *cloud.Resource) error {
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

// eventFieldsFit refuses a pattern whose leaves are no lists (Amazon EventBridge User Guide, "Event pattern syntax").
func eventFieldsFit(fields map[string]any) error {
	for name, field := range fields {
		switch field := field.(type) {
		case map[string]any:
			if err := eventFieldsFit(field); err != nil {
				return err
			}
		case []any:
			if len(field) == 0 {
				return refuse("InvalidEventPatternException", "Event pattern is not valid. Reason: Empty arrays are not allowed")
			}
		default:
			return refuse("InvalidEventPatternException",
				"Event pattern is not valid. Reason: %q must be an object or an array", name)
		}
	}
	return nil
}

var placeholder = regexp.MustCompile(`<([\w.-]+)>`)

// eventTargetFits refuses a template with names that nothing stands for, and a state machine that EventBridge has no
// role to start.
func eventTargetFits(account cloud.Account, target *cloud.Resource) error {
	for _, found := range placeholder.FindAllStringSubmatch(target.Text("inputTransformer.inputTemplate"), -1) {
		if name := found[1]; !strings.HasPrefix(name, "aws.events.") && target.Text("inputTransformer.inputPaths."+name) == "" {
			return refuse("ValidationException",
				"Invalid InputTemplate for target %s : [Placeholder <%s> is not in InputPathsMap.]", target.Text("targetId"), name)
		}
	}
	arn := target.Text("arn")
	switch {
	case !strings.HasPrefix(arn, "arn:aws:states:"):
		return nil
	case target.Text("roleArn") == "":
		return refuse("ValidationException", "RoleArn is required for target %s.", arn)
	}
	return assumable(account, target.Text("roleArn"), "events.amazonaws.com", "ValidationException",
		"Provided role cannot be assumed by principal 'events.amazonaws.com': ")
}
