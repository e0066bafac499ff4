package observability_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"stagecraft/components/observability"
	"stagecraft/internal/pulumitest"
)

const compositeAlarmType = "aws:cloudwatch/compositeAlarm:CompositeAlarm"

// watchService creates a service alarm that looks at a number of others.
func watchService(count int, topicArn pulumi.StringInput) (pulumitest.Resources, error) {
	return pulumitest.Run(func(ctx *pulumi.Context) error {
		var list []observability.Alarm
		for n := range count {
			alarm := cpu()
			alarm.Name = fmt.Sprint(n)
			list = append(list, alarm)
		}
		alarms, err := observability.NewAlarms(ctx, "web", topic(), list)
		if err != nil {
			return err
		}
		_, err = observability.NewServiceAlarm(ctx, "service", &observability.ServiceAlarmArgs{
			Alarms: alarms, TopicArn: topicArn, Tags: tags,
		})
		return err
	}, nil, nil)
}

func TestNewServiceAlarm(t *testing.T) {
	t.Parallel()
	resources, err := watchService(2, pulumi.String("arn:topic"))
	require.NoError(t, err)
	resources.RequireParents(t, "stagecraft:observability:ServiceAlarm", metricAlarmType)
	resources.RequireTags(t, map[string]string{"tier": "observability"})
	made := resources.One(t, compositeAlarmType)
	require.Subset(t, made.Inputs, map[string]any{
		"alarmName":    "stagecraft-test-service",
		"alarmRule":    `ALARM("stagecraft-test-web-0") OR ALARM("stagecraft-test-web-1")`,
		"alarmActions": []any{"arn:topic"},
		"okActions":    []any{"arn:topic"},
	})
	// CloudWatch rejects a rule about alarms that are not there yet, and to delete them before it.
	for _, child := range resources.Names(metricAlarmType) {
		require.Contains(t, strings.Join(made.DependsOn, "\n")+"\n", metricAlarmType+"::"+child+"\n")
	}
}

func TestNewServiceAlarmRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		alarms int
		topic  pulumi.StringInput
		want   string
	}{
		"no alarm":        {0, pulumi.String("arn:topic"), "it looks at 0 alarms: CloudWatch takes 1 to 100"},
		"too many alarms": {101, pulumi.String("arn:topic"), "it looks at 101 alarms"},
		"no topic":        {1, nil, "TopicArn must be set"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resources, err := watchService(test.alarms, test.topic)
			require.ErrorContains(t, err, `service alarm "service": `+test.want)
			require.Empty(t, resources.Of(compositeAlarmType))
		})
	}
	_, err := watchService(100, pulumi.String("arn:topic"))
	require.NoError(t, err)
}
