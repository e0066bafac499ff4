package web

import (
	"cmp"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/autoscaling"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// newScaling creates the policies that follow the traffic and the CPU: the group grows when either is above its target,
// and shrinks only when both allow it (EC2 Auto Scaling User Guide, "Target tracking scaling policies").
func (w *Web) newScaling(ctx *pulumi.Context, group *Group, parent pulumi.ResourceOption) error {
	for _, signal := range []struct {
		name, metric string
		label        pulumi.StringInput
		target       int
	}{
		{"requests", "ALBRequestCountPerTarget", group.ResourceLabel, group.TargetRequests},
		{"cpu", "ASGAverageCPUUtilization", nil, group.TargetCPU},
	} {
		metric := autoscaling.PolicyTargetTrackingConfigurationPredefinedMetricSpecificationArgs{
			PredefinedMetricType: pulumi.String(signal.metric),
		}
		if signal.label != nil {
			metric.ResourceLabel = signal.label
		}
		_, err := autoscaling.NewPolicy(ctx, w.name+"-"+signal.name, &autoscaling.PolicyArgs{
			AutoscalingGroupName: w.GroupName,
			PolicyType:           pulumi.String("TargetTrackingScaling"),
			TargetTrackingConfiguration: autoscaling.PolicyTargetTrackingConfigurationArgs{
				PredefinedMetricSpecification: metric,
				TargetValue:                   pulumi.Float64(signal.target),
				DisableScaleIn:                pulumi.Bool(false),
			},
		}, parent)
		if err != nil {
			return err
		}
	}
	return w.newScheduledMinimum(ctx, group, parent)
}

// unchanged is the size with which a scheduled action leaves the group's size as it is.
const unchanged = -1

// newScheduledMinimum creates the actions that raise the group's minimum and lower it again; the group itself decides
// how many instances follow.
func (w *Web) newScheduledMinimum(ctx *pulumi.Context, group *Group, parent pulumi.ResourceOption) error {
	schedule := group.ScheduledMinimum
	if schedule == nil {
		return nil
	}
	for _, change := range []struct {
		name, recurrence string
		min              int
	}{
		{"floor-begin", schedule.Begin, schedule.Instances},
		{"floor-end", schedule.End, group.Min},
	} {
		_, err := autoscaling.NewSchedule(ctx, w.name+"-"+change.name, &autoscaling.ScheduleArgs{
			AutoscalingGroupName: w.GroupName,
			ScheduledActionName:  pulumi.String(change.name),
			Recurrence:           pulumi.String(change.recurrence),
			TimeZone:             pulumi.String(cmp.Or(schedule.TimeZone, "Etc/UTC")),
			MinSize:              pulumi.Int(change.min),
			MaxSize:              pulumi.Int(unchanged),
			DesiredCapacity:      pulumi.Int(unchanged),
		}, parent)
		if err != nil {
			return err
		}
	}
	return nil
}
