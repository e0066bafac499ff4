package pulumitest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// comparisons are CloudWatch's comparison operators in symbols.
var comparisons = map[any]string{
	"GreaterThanOrEqualToThreshold": ">=",
	"GreaterThanThreshold":          ">",
	"LessThanOrEqualToThreshold":    "<=",
	"LessThanThreshold":             "<",
}

// Alarms returns the CloudWatch alarms on metrics by logical name, each as a row of all its inputs but description and
// tags: statistic, metric and dimensions, comparison and threshold, periods, what missing data counts as, and whom it
// notifies. An alarm that is not named PROJECT-STACK-NAME, or that does not report its end to the topic of its actions,
// fails the test.
func (r Resources) Alarms(t testing.TB) map[string]string {
	t.Helper()
	rows := map[string]string{}
	for _, alarm := range r.Of("aws:cloudwatch/metricAlarm:MetricAlarm") {
		rows[alarm.Name] = alarmRow(t, alarm)
	}
	return rows
}

func alarmRow(t testing.TB, alarm Resource) string {
	t.Helper()
	inputs := maps.Clone(alarm.Inputs)
	take := func(name string) any {
		value := inputs[name]
		delete(inputs, name)
		return value
	}
	require.NotEmpty(t, take("alarmDescription"), alarm.Name)
	take("tags")
	require.Equal(t, Project+"-"+Stack+"-"+alarm.Name, take("name"))
	statistic, percentile := take("statistic"), take("extendedStatistic")
	if statistic == nil {
		statistic = percentile
	}
	dimensions, _ := take("dimensions").(map[string]any)
	actions, _ := take("alarmActions").([]any)
	require.NotEmpty(t, actions, alarm.Name)
	require.Equal(t, actions[:1], take("okActions"), "%s reports its end to its topic", alarm.Name)
	operator := take("comparisonOperator")
	require.Contains(t, comparisons, operator, alarm.Name)
	row := fmt.Sprintf("%v of %v %v%s %s %v in %v x %v s, missing data %v: %s",
		statistic, take("namespace"), take("metricName"), words(dimensions), comparisons[operator], take("threshold"),
		take("evaluationPeriods"), take("period"), take("treatMissingData"), strings.Trim(fmt.Sprint(actions), "[]"))
	require.Empty(t, inputs, "%s has inputs that its row does not show", alarm.Name)
	return row
}

// words are dimensions as " name=value", sorted.
func words(dimensions map[string]any) string {
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(dimensions)) {
		fmt.Fprintf(&text, " %s=%v", name, dimensions[name])
	}
	return text.String()
}
