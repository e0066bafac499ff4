// Package observability creates the alarm topic, alarms, notifications, dashboard and audit log of a stack.
package observability

import (
	"cmp"
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Alarm describes one CloudWatch alarm on one metric.
type Alarm struct {
	// Name is the alarm's kebab-case name within its tier, such as "cpu".
	Name string
	// Description says what the alarm means and what to look at first.
	Description string
	// Namespace and Metric name the metric, such as "AWS/RDS" and "CPUUtilization".
	Namespace, Metric string
	// Dimensions select the resource that the metric is about.
	Dimensions pulumi.StringMap
	// Statistic is Average, Sum, Minimum, Maximum, SampleCount or a percentile such as "p99". Default: Average.
	Statistic string
	// Comparison is a CloudWatch comparison operator. Default: GreaterThanOrEqualToThreshold.
	Comparison string
	// Threshold is in the metric's own unit.
	Threshold float64
	// Period is in seconds. Default: 60.
	Period int
	// Periods is how many periods in a row must breach. Default: 5.
	Periods int
	// MissingData is what a period without data counts as: missing, ignore, breaching or notBreaching. Default: missing.
	MissingData string
	// Actions are the ARNs of further actions, such as EC2's recover action. Default: none.
	Actions pulumi.StringArray
}

// AlarmsArgs is what the alarms of a tier share.
type AlarmsArgs struct {
	// TopicArn is the SNS topic that is notified when an alarm goes on and off.
	TopicArn pulumi.StringInput
	// Tags are set on every alarm.
	Tags pulumi.StringMap
}

// Alarms are one tier's alarms, in the order in which the dashboard shows them.
type Alarms []*cloudwatch.MetricAlarm

// Names returns the alarms' names, by which other services refer to them.
func (a Alarms) Names() pulumi.StringArray {
	names := make(pulumi.StringArray, 0, len(a))
	for _, alarm := range a {
		names = append(names, alarm.Name)
	}
	return names
}

// NewAlarms creates the alarms of a tier, each named project-stack-prefix-name. It rejects alarms without a topic, and
// an alarm without a name, a description or a metric.
func NewAlarms(
	ctx *pulumi.Context, prefix string, args AlarmsArgs, alarms []Alarm, opts ...pulumi.ResourceOption,
) (Alarms, error) {
	if err := args.validate(prefix); err != nil {
		return nil, err
	}
	for _, alarm := range alarms {
		if alarm.Name == "" || alarm.Description == "" || alarm.Metric == "" || alarm.Namespace == "" {
			return nil, fmt.Errorf("alarm %q of %q: Name, Description, Namespace and Metric must be set", alarm.Name, prefix)
		}
	}
	made := make(Alarms, 0, len(alarms))
	for _, alarm := range alarms {
		resource, err := alarm.create(ctx, prefix, args, opts)
		if err != nil {
			return nil, err
		}
		made = append(made, resource)
	}
	return made, nil
}

func (a AlarmsArgs) validate(prefix string) error {
	if a.TopicArn == nil {
		return fmt.Errorf("alarms of %q: TopicArn must be set", prefix)
	}
	return nil
}

func (a Alarm) create(
	ctx *pulumi.Context, prefix string, args AlarmsArgs, opts []pulumi.ResourceOption,
) (*cloudwatch.MetricAlarm, error) {
	name := prefix + "-" + a.Name
	actions := make(pulumi.Array, 0, 1+len(a.Actions))
	actions = append(actions, args.TopicArn)
	for _, action := range a.Actions {
		actions = append(actions, action)
	}
	properties := &cloudwatch.MetricAlarmArgs{
		Name:               pulumi.Sprintf("%s-%s-%s", ctx.Project(), ctx.Stack(), name),
		AlarmDescription:   pulumi.String(a.Description),
		Namespace:          pulumi.String(a.Namespace),
		MetricName:         pulumi.String(a.Metric),
		Dimensions:         a.Dimensions,
		ComparisonOperator: pulumi.String(cmp.Or(a.Comparison, "GreaterThanOrEqualToThreshold")),
		Threshold:          pulumi.Float64(a.Threshold),
		Period:             pulumi.Int(cmp.Or(a.Period, 60)),
		EvaluationPeriods:  pulumi.Int(cmp.Or(a.Periods, 5)),
		TreatMissingData:   pulumi.String(cmp.Or(a.MissingData, "missing")),
		AlarmActions:       actions,
		OkActions:          pulumi.Array{args.TopicArn},
		Tags:               args.Tags,
	}
	switch statistic := cmp.Or(a.Statistic, "Average"); statistic {
	case "Average", "Sum", "Minimum", "Maximum", "SampleCount":
		properties.Statistic = pulumi.String(statistic)
	default:
		properties.ExtendedStatistic = pulumi.String(statistic)
	}
	return cloudwatch.NewMetricAlarm(ctx, name, properties, opts...)
}
