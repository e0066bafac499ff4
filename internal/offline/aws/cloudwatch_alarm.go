package aws

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"stagecraft/internal/offline/cloud"
)

const metricAlarmToken = "aws:cloudwatch/metricAlarm:MetricAlarm"

// ec2Action matches the actions that an alarm performs on an instance.
var ec2Action = regexp.MustCompile(`^arn:aws:automate:[a-z0-9-]+:ec2:(recover|stop|terminate|reboot)$`)

// extendedStatistic matches percentiles, trimmed means and similar statistics.
const extendedStatistic = `^((p|tm|wm|tc|ts)(\d{1,2}(\.\d{1,10})?|100)|IQM` +
	`|(TM|WM|PR|TC|TS)\((\d+(\.\d+)?%?)?:(\d+(\.\d+)?%?)?\))$`

// alarmPeriod allows the periods of an alarm, in seconds.
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
		Check:    validateAlarm,
		Delete:   rejectIfWatched,
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
		Check:    validateDashboard,
		NotFound: cloud.Error{Code: "ResourceNotFound", Message: "Dashboard ${value} does not exist"},
	}}
}

// allowAlarmActions adds the allowed values of an alarm's actions, and returns their references.
func allowAlarmActions(values map[string]cloud.Value) []cloud.Ref {
	var refs []cloud.Ref
	for _, actions := range []string{"alarmActions", "okActions", "insufficientDataActions"} {
		values[actions] = cloud.Count(0, 5)
		values[actions+"[*]"] = cloud.Match("^arn:aws:", "an ARN")
		refs = append(refs, cloud.Ref{Path: actions + "[*]", Type: topicToken, TargetProperty: "arn", Weak: true, External: notTopic})
	}
	return refs
}

// validateAlarm rejects combinations that PutMetricAlarm rejects.
func validateAlarm(_ cloud.Account, alarm *cloud.Resource) error {
	periods, period := number(alarm, "evaluationPeriods"), number(alarm, "period")
	window, span := 86400.0, "a day"
	if period >= 3600 {
		window, span = 7*window, "seven days"
	}
	switch {
	case alarm.Text("metricName") != "" && alarm.Text("namespace") == "":
		return apiError("ValidationError", "The parameter Namespace must be specified.")
	case alarm.Text("metricName") != "" && period == 0:
		return apiError("ValidationError", "The parameter Period must be specified.")
	case alarm.Text("metricName") != "" && alarm.Text("statistic")+alarm.Text("extendedStatistic") == "":
		return apiError("ValidationError", "Exactly one of Statistic and ExtendedStatistic must be specified.")
	case alarm.Text("threshold")+alarm.Text("thresholdMetricId") == "":
		return apiError("ValidationError", "The parameter Threshold must be specified.")
	case periods*period > window:
		return apiError("ValidationError",
			"Metrics cannot be checked across more than %s (EvaluationPeriods * Period must be <= %g).", span, window)
	case number(alarm, "datapointsToAlarm") > periods:
		return apiError("ValidationError", "DatapointsToAlarm must be less than or equal to EvaluationPeriods.")
	case alarm.Text("evaluateLowSampleCountPercentiles") != "" && alarm.Text("extendedStatistic") == "":
		return apiError("ValidationError", "EvaluateLowSampleCountPercentile is only valid for alarms on percentiles.")
	}
	return validateEC2Actions(alarm)
}

// validateEC2Actions rejects actions on an instance by an alarm without an instance dimension (CloudWatch User Guide,
// "Create alarms to stop, terminate, reboot, or recover an EC2 instance").
func validateEC2Actions(alarm *cloud.Resource) error {
	for _, action := range alarm.Texts("alarmActions[*]") {
		kind, known := ec2Action.FindStringSubmatch(action), strings.HasPrefix(action, "arn:aws:automate:")
		switch {
		case !known:
			continue
		case kind == nil:
			return apiError("ValidationError", "Invalid arn syntax: %s", action)
		case !strings.HasPrefix(action, "arn:aws:automate:"+alarm.Region+":"):
			return apiError("ValidationError", "Invalid region in ARN %s: the alarm is in %s", action, alarm.Region)
		case alarm.Text("dimensions.InstanceId") == "":
			return apiError("ValidationError", "Invalid use of EC2 '%s' action. The alarm must be on a metric with the "+
				"dimension InstanceId.", kind[1])
		case kind[1] == "recover" && !slices.Contains(
			[]string{"StatusCheckFailed", "StatusCheckFailed_System"}, alarm.Text("metricName")):
			return apiError("ValidationError", "Invalid use of EC2 'recover' action. The alarm must be on the metric "+
				"StatusCheckFailed_System.")
		}
	}
	return nil
}
