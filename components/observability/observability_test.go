package observability_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"stagecraft/components/observability"
	"stagecraft/internal/pulumitest"
)

const (
	topicType       = "aws:sns/topic:Topic"
	policyType      = "aws:sns/topicPolicy:TopicPolicy"
	metricAlarmType = "aws:cloudwatch/metricAlarm:MetricAlarm"
	dashboardType   = "aws:cloudwatch/dashboard:Dashboard"
)

var tags = pulumi.StringMap{"tier": pulumi.String("observability")}

func TestNewAlarmTopic(t *testing.T) {
	t.Parallel()
	// The policy's ARN is the topic's: this one differs to show which of the two is given out.
	outputs := map[string]map[string]any{policyType: {"arn": "arn:topic-with-policy"}}
	var arn string
	resources, err := pulumitest.Run(func(ctx *pulumi.Context) error {
		topic, err := observability.NewAlarmTopic(ctx, "alarms", &observability.AlarmTopicArgs{
			Email:     "ops@example.com",
			AccountID: "123456789012",
			Tags:      tags,
		})
		if err != nil {
			return err
		}
		topic.Arn.ApplyT(func(value string) string {
			arn = value
			return value
		})
		return nil
	}, outputs, nil)
	require.NoError(t, err)
	require.Equal(t, "arn:topic-with-policy", arn, "services must not learn of the topic before they may publish")
	resources.RequireTags(t, map[string]string{"tier": "observability"})
	resources.RequireParents(t, "stagecraft:observability:AlarmTopic")

	require.Equal(t, "stagecraft test alarms", resources.One(t, topicType).Inputs["displayName"])
	require.Equal(t, map[string]any{"topic": "arn:alarms", "protocol": "email", "endpoint": "ops@example.com"},
		resources.One(t, "aws:sns/topicSubscription:TopicSubscription").Inputs)

	policy := resources.One(t, policyType)
	require.Equal(t, "arn:alarms", policy.Inputs["arn"])
	require.JSONEq(t, `{
		"Version": "2012-10-17",
		"Statement": [{
			"Sid": "NotifyingServicesOfThisAccount",
			"Effect": "Allow",
			"Principal": {"Service": [
				"cloudwatch.amazonaws.com", "budgets.amazonaws.com", "events.rds.amazonaws.com", "costalerts.amazonaws.com"
			]},
			"Action": "sns:Publish",
			"Resource": "arn:alarms",
			"Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}}
		}, {
			"Sid": "EventBridge",
			"Effect": "Allow",
			"Principal": {"Service": ["events.amazonaws.com"]},
			"Action": "sns:Publish",
			"Resource": "arn:alarms"
		}, {
			"Sid": "ElastiCacheOfThisAccount",
			"Effect": "Allow",
			"Principal": {"AWS": "*"},
			"Action": "sns:Publish",
			"Resource": "arn:alarms",
			"Condition": {"StringEquals": {"aws:SourceOwner": "123456789012"}}
		}]
	}`, policy.Inputs["policy"].(string))
}

func TestNewAlarmTopicRefuses(t *testing.T) {
	t.Parallel()
	for name, args := range map[string]observability.AlarmTopicArgs{
		"no e-mail":  {AccountID: "123456789012"},
		"no account": {Email: "ops@example.com"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resources, err := pulumitest.Run(func(ctx *pulumi.Context) error {
				_, err := observability.NewAlarmTopic(ctx, "alarms", &args)
				return err
			}, nil, nil)
			require.ErrorContains(t, err, `alarm topic "alarms": Email and AccountID must be set`)
			require.Empty(t, resources.Of(topicType))
		})
	}
}

// cpu is an alarm with nothing but what must be set.
func cpu() observability.Alarm {
	return observability.Alarm{Name: "cpu", Description: "Too busy.", Namespace: "AWS/EC2", Metric: "CPUUtilization"}
}

func makeAlarms(args observability.AlarmsArgs, alarms ...observability.Alarm) (pulumitest.Resources, error) {
	return pulumitest.Run(func(ctx *pulumi.Context) error {
		_, err := observability.NewAlarms(ctx, "web", args, alarms)
		return err
	}, nil, nil)
}

func topic() observability.AlarmsArgs {
	return observability.AlarmsArgs{TopicArn: pulumi.String("arn:topic"), Tags: tags}
}

func TestNewAlarms(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*observability.Alarm)
		// want lays these over what an alarm is by default; nil takes a property away.
		want map[string]any
	}{
		"defaults": {func(*observability.Alarm) {}, nil},
		"own": {func(a *observability.Alarm) {
			a.Dimensions = pulumi.StringMap{"InstanceId": pulumi.String("i-1")}
			a.Comparison, a.Statistic, a.MissingData = "LessThanThreshold", "Sum", "breaching"
			a.Threshold, a.Period, a.Periods = 1.5, 300, 2
		}, map[string]any{
			"dimensions":         map[string]any{"InstanceId": "i-1"},
			"comparisonOperator": "LessThanThreshold", "statistic": "Sum", "treatMissingData": "breaching",
			"threshold": 1.5, "period": 300.0, "evaluationPeriods": 2.0,
		}},
		"percentile": {
			func(a *observability.Alarm) { a.Statistic = "p99" },
			map[string]any{"statistic": nil, "extendedStatistic": "p99"},
		},
		"further action": {
			func(a *observability.Alarm) { a.Actions = pulumi.ToStringArray([]string{"arn:recover"}) },
			map[string]any{"alarmActions": []any{"arn:topic", "arn:recover"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			alarm := cpu()
			test.change(&alarm)
			resources, err := makeAlarms(topic(), alarm)
			require.NoError(t, err)

			want := map[string]any{
				"name":               "stagecraft-test-web-cpu",
				"alarmDescription":   "Too busy.",
				"namespace":          "AWS/EC2",
				"metricName":         "CPUUtilization",
				"comparisonOperator": "GreaterThanOrEqualToThreshold",
				"statistic":          "Average",
				"threshold":          0.0,
				"period":             60.0,
				"evaluationPeriods":  5.0,
				"treatMissingData":   "missing",
				"alarmActions":       []any{"arn:topic"},
				"okActions":          []any{"arn:topic"},
				"tags":               map[string]any{"tier": "observability"},
			}
			for property, value := range test.want {
				if want[property] = value; value == nil {
					delete(want, property)
				}
			}
			made := resources.One(t, metricAlarmType)
			require.Equal(t, "web-cpu", made.Name)
			require.Equal(t, want, made.Inputs)
		})
	}
}

func TestNewAlarmsRefuses(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*observability.Alarm){
		"no name":        func(a *observability.Alarm) { a.Name = "" },
		"no description": func(a *observability.Alarm) { a.Description = "" },
		"no namespace":   func(a *observability.Alarm) { a.Namespace = "" },
		"no metric":      func(a *observability.Alarm) { a.Metric = "" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bad := cpu()
			change(&bad)
			resources, err := makeAlarms(topic(), cpu(), bad)
			require.ErrorContains(t, err, `of "web": Name, Description, Namespace and Metric must be set`)
			require.Empty(t, resources.Of(metricAlarmType), "a good alarm before a bad one")
		})
	}
	_, err := makeAlarms(observability.AlarmsArgs{}, cpu())
	require.ErrorContains(t, err, `alarms of "web": TopicArn must be set`)
}

// widget is what the tests read of a dashboard's body.
type widget struct {
	Type                string
	X, Y, Width, Height int
	Properties          struct {
		Title, Markdown, Region, View string
		Alarms                        []string
		Annotations                   struct{ Alarms []string }
	}
}

// show creates a dashboard with one section for each number of alarms.
func show(region string, alarmsOf ...int) (pulumitest.Resources, error) {
	return pulumitest.Run(func(ctx *pulumi.Context) error {
		var sections []observability.Section
		for i, count := range alarmsOf {
			title := fmt.Sprintf("tier%d", i)
			var alarms []observability.Alarm
			for n := range count {
				alarm := cpu()
				alarm.Name = fmt.Sprint(n)
				alarms = append(alarms, alarm)
			}
			made, err := observability.NewAlarms(ctx, title, topic(), alarms)
			if err != nil {
				return err
			}
			sections = append(sections, observability.Section{Title: title, Alarms: made})
		}
		_, err := observability.NewDashboard(ctx, "dashboard", &observability.DashboardArgs{
			Region:   region,
			Sections: sections,
		})
		return err
	}, nil, nil)
}

func TestNewDashboard(t *testing.T) {
	t.Parallel()
	for name, alarmsOf := range map[string][]int{
		"one":             {1},
		"full rows":       {3, 6},
		"rows with room":  {1, 2, 4, 5, 7},
		"a full status":   {50, 50},
		"a second status": {60, 60, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resources, err := show("eu-central-1", alarmsOf...)
			require.NoError(t, err)
			resources.RequireParents(t, "stagecraft:observability:Dashboard", metricAlarmType)
			dashboard := resources.One(t, dashboardType)
			require.Equal(t, "stagecraft-test", dashboard.Inputs["dashboardName"])

			var body struct{ Widgets []widget }
			require.NoError(t, json.Unmarshal([]byte(dashboard.Inputs["dashboardBody"].(string)), &body))
			requireLayout(t, body.Widgets)
			requireShown(t, body.Widgets, alarmsOf)
		})
	}
}

// requireLayout fails the test if widgets leave the grid of 24 columns, or cover each other.
func requireLayout(t *testing.T, widgets []widget) {
	t.Helper()
	taken := map[[2]int]string{}
	for _, w := range widgets {
		name := w.Type + " " + w.Properties.Title + w.Properties.Markdown
		require.Positive(t, w.Width, name)
		require.Positive(t, w.Height, name)
		require.GreaterOrEqual(t, w.X, 0, name)
		require.LessOrEqual(t, w.X+w.Width, 24, name)
		for x := w.X; x < w.X+w.Width; x++ {
			for y := w.Y; y < w.Y+w.Height; y++ {
				require.Empty(t, taken[[2]int{x, y}], "under %s at %d, %d", name, x, y)
				taken[[2]int{x, y}] = name
			}
		}
	}
}

// requireShown fails the test unless the state of all alarms comes first, and then each section's title with a graph
// of each of its alarms below it.
func requireShown(t *testing.T, widgets []widget, alarmsOf []int) {
	t.Helper()
	var all, shown []string
	bottom, rest := 0, widgets
	for ; rest[0].Type == "alarm"; rest = rest[1:] {
		require.Equal(t, bottom, rest[0].Y)
		require.LessOrEqual(t, len(rest[0].Properties.Alarms), 100)
		all = append(all, rest[0].Properties.Alarms...)
		bottom += rest[0].Height
	}
	for i, count := range alarmsOf {
		title, graphs := rest[0], rest[1:count+1]
		require.Equal(t, "text", title.Type)
		require.Equal(t, fmt.Sprintf("## tier%d", i), title.Properties.Markdown)
		require.Equal(t, bottom, title.Y)
		for n, graph := range graphs {
			require.Equal(t, "metric", graph.Type)
			require.Equal(t, "eu-central-1", graph.Properties.Region)
			require.Equal(t, "timeSeries", graph.Properties.View)
			require.Equal(t, fmt.Sprintf("stagecraft-test-tier%d-%d", i, n), graph.Properties.Title)
			require.Equal(t, []string{fmt.Sprintf("arn:tier%d-%d", i, n)}, graph.Properties.Annotations.Alarms)
			require.GreaterOrEqual(t, graph.Y, title.Y+title.Height)
			shown = append(shown, graph.Properties.Annotations.Alarms...)
			bottom = max(bottom, graph.Y+graph.Height)
		}
		rest = rest[count+1:]
	}
	require.Empty(t, rest)
	require.Equal(t, all, shown)
}

func TestNewDashboardURL(t *testing.T) {
	t.Parallel()
	var url string
	_, err := pulumitest.Run(func(ctx *pulumi.Context) error {
		alarms, err := observability.NewAlarms(ctx, "web", topic(), []observability.Alarm{cpu()})
		if err != nil {
			return err
		}
		made, err := observability.NewDashboard(ctx, "dashboard", &observability.DashboardArgs{
			Region:   "eu-central-1",
			Sections: []observability.Section{{Title: "Web", Alarms: alarms}},
		})
		if err != nil {
			return err
		}
		made.URL.ApplyT(func(value string) string {
			url = value
			return value
		})
		return nil
	}, nil, nil)
	require.NoError(t, err)
	require.Equal(t, "https://eu-central-1.console.aws.amazon.com/cloudwatch/home?region=eu-central-1"+
		"#dashboards/dashboard/stagecraft-test", url)
}

// Some services report in one region only; their alarms are there.
func TestNewDashboardShowsOtherRegionsAndTheServiceFirst(t *testing.T) {
	t.Parallel()
	resources, err := pulumitest.Run(func(ctx *pulumi.Context) error {
		alarms, err := observability.NewAlarms(ctx, "web", topic(), []observability.Alarm{cpu()})
		if err != nil {
			return err
		}
		service, err := observability.NewServiceAlarm(ctx, "service", &observability.ServiceAlarmArgs{
			Alarms: alarms, TopicArn: pulumi.String("arn:topic"), Tags: tags,
		})
		if err != nil {
			return err
		}
		_, err = observability.NewDashboard(ctx, "dashboard", &observability.DashboardArgs{
			Region:  "eu-central-1",
			Service: service,
			Sections: []observability.Section{
				{Title: "Web", Alarms: alarms}, {Title: "Global", Alarms: alarms, Region: "us-east-1"},
			},
		})
		return err
	}, nil, nil)
	require.NoError(t, err)
	var body struct{ Widgets []widget }
	dashboard := resources.One(t, dashboardType)
	require.NoError(t, json.Unmarshal([]byte(dashboard.Inputs["dashboardBody"].(string)), &body))
	require.Equal(t, []string{"arn:service", "arn:web-cpu", "arn:web-cpu"}, body.Widgets[0].Properties.Alarms)
	var regions []string
	for _, shown := range body.Widgets {
		if shown.Type == "metric" {
			regions = append(regions, shown.Properties.Region)
		}
	}
	require.Equal(t, []string{"eu-central-1", "us-east-1"}, regions)
}

func TestNewDashboardRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		region   string
		alarmsOf []int
		want     string
	}{
		"no region":       {"", []int{1}, "it must have a Region and Sections"},
		"no sections":     {"eu-central-1", nil, "it must have a Region and Sections"},
		"no alarms":       {"eu-central-1", []int{1, 0}, `section "tier1" must have a title and at least one alarm`},
		"too many alarms": {"eu-central-1", []int{495}, "it would have 501 widgets: CloudWatch takes 500"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resources, err := show(test.region, test.alarmsOf...)
			require.ErrorContains(t, err, `dashboard "dashboard": `)
			require.ErrorContains(t, err, test.want)
			require.Empty(t, resources.Of(dashboardType))
		})
	}

	_, err := pulumitest.Run(func(ctx *pulumi.Context) error {
		alarms, err := observability.NewAlarms(ctx, "web", topic(), []observability.Alarm{cpu()})
		if err != nil {
			return err
		}
		_, err = observability.NewDashboard(ctx, "dashboard", &observability.DashboardArgs{
			Region:   "eu-central-1",
			Sections: []observability.Section{{Alarms: alarms}},
		})
		return err
	}, nil, nil)
	require.ErrorContains(t, err, `section "" must have a title`)
}
