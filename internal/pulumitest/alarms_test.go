package pulumitest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"stagecraft/internal/pulumitest"
)

func TestAlarms(t *testing.T) {
	t.Parallel()
	alarm := func(name string, changes map[string]any) pulumitest.Resource {
		inputs := map[string]any{
			"name": "stagecraft-test-" + name, "alarmDescription": "Look.", "namespace": "AWS/EC2", "metricName": "CPUUtilization",
			"comparisonOperator": "GreaterThanOrEqualToThreshold", "threshold": 80.0, "period": 60.0, "evaluationPeriods": 5.0,
			"treatMissingData": "missing", "alarmActions": []any{"arn:topic"}, "okActions": []any{"arn:topic"},
		}
		for input, value := range changes {
			inputs[input] = value
		}
		return pulumitest.Resource{Type: "aws:cloudwatch/metricAlarm:MetricAlarm", Name: name, Inputs: inputs}
	}
	resources := pulumitest.Resources{
		alarm("cpu", map[string]any{"statistic": "Average", "dimensions": map[string]any{"b": "2", "a": "1"}}),
		alarm("latency", map[string]any{
			"extendedStatistic": "p99", "comparisonOperator": "LessThanThreshold", "threshold": 0.5, "treatMissingData": "breaching",
			"alarmActions": []any{"arn:topic", "arn:recover"}, "tags": map[string]any{"a": "b"},
		}),
		{Type: topicType, Name: "topic"},
	}
	require.Equal(t, map[string]string{
		"cpu":     "Average of AWS/EC2 CPUUtilization a=1 b=2 >= 80 in 5 x 60 s, missing data missing: arn:topic",
		"latency": "p99 of AWS/EC2 CPUUtilization < 0.5 in 5 x 60 s, missing data breaching: arn:topic arn:recover",
	}, resources.Alarms(t))
	require.Contains(t, resources[0].Inputs, "threshold", "the inputs stay as they are")
}
