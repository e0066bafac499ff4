package observability_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"stagecraft/components/observability"
	"stagecraft/internal/pulumitest"
)

const (
	eventRuleType   = "aws:cloudwatch/eventRule:EventRule"
	eventTargetType = "aws:cloudwatch/eventTarget:EventTarget"
)

func stopped() observability.Notification {
	return observability.Notification{
		Name:    "stopped",
		Event:   "EC2 Instance State-change Notification",
		Source:  "aws.ec2",
		Detail:  pulumi.Map{"state": pulumi.ToStringArray([]string{"stopped"})},
		Message: "Instance <id> stopped.",
		Values:  map[string]string{"id": "$.detail.instance-id"},
	}
}

func notify(
	args observability.AlarmsArgs, notifications ...observability.Notification,
) (observability.Alarms, pulumitest.Resources, error) {
	var alarms observability.Alarms
	resources, err := pulumitest.Run(func(ctx *pulumi.Context) (err error) {
		alarms, err = observability.NewNotifications(ctx, "web", args, notifications)
		return err
	}, nil, nil)
	return alarms, resources, err
}

func TestNewNotifications(t *testing.T) {
	t.Parallel()
	started := stopped()
	started.Name = "started"
	alarms, resources, err := notify(topic(), stopped(), started)
	require.NoError(t, err)
	resources.RequireTags(t, map[string]string{"tier": "observability"})
	require.Len(t, alarms, 2)
	require.Equal(t, []string{"web-started", "web-stopped"}, resources.Names(eventRuleType))

	rule := resources.Named(t, eventRuleType, "web-stopped").Inputs
	require.Equal(t, "EC2 Instance State-change Notification of stagecraft test", rule["description"])
	require.JSONEq(t, `{
		"source": ["aws.ec2"], "detail-type": ["EC2 Instance State-change Notification"], "detail": {"state": ["stopped"]}
	}`, rule["eventPattern"].(string))
	require.Equal(t, map[string]any{
		"rule": "web-stopped",
		"arn":  "arn:topic",
		"inputTransformer": map[string]any{
			"inputPaths":    map[string]any{"id": "$.detail.instance-id"},
			"inputTemplate": `"stagecraft test: Instance <id> stopped."`,
		},
	}, resources.Named(t, eventTargetType, "web-stopped").Inputs)
	require.Subset(t, resources.Named(t, metricAlarmType, "web-stopped-untold").Inputs, map[string]any{
		"namespace": "AWS/Events", "metricName": "FailedInvocations", "dimensions": map[string]any{"RuleName": "web-stopped"},
		"statistic": "Sum", "threshold": 1.0, "period": 300.0, "evaluationPeriods": 1.0, "treatMissingData": "notBreaching",
		"alarmActions": []any{"arn:topic"},
	})
}

func TestNewNotificationsRefuses(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*observability.Notification){
		"no name":    func(n *observability.Notification) { n.Name = "" },
		"no event":   func(n *observability.Notification) { n.Event = "" },
		"no source":  func(n *observability.Notification) { n.Source = "" },
		"no detail":  func(n *observability.Notification) { n.Detail = nil },
		"no message": func(n *observability.Notification) { n.Message = "" },
		"no values":  func(n *observability.Notification) { n.Values = nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bad := stopped()
			change(&bad)
			_, resources, err := notify(topic(), stopped(), bad)
			require.ErrorContains(t, err, `of "web": it must have a Name, an Event, a Source, a Detail, a Message and Values`)
			require.Empty(t, resources.Of(eventRuleType), "a good notification before a bad one")
		})
	}
	quoting := stopped()
	quoting.Message = `Instance "<id>" stopped.`
	_, resources, err := notify(topic(), quoting)
	require.ErrorContains(t, err, `notification "stopped" of "web": its Message holds a double quote`)
	require.Empty(t, resources.Of(eventRuleType))
	_, resources, err = notify(observability.AlarmsArgs{}, stopped())
	require.ErrorContains(t, err, `of "web": TopicArn must be set`)
	require.Empty(t, resources.Of(eventRuleType))
}
