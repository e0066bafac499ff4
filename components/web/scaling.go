package web

import (
	"cmp"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/autoscaling"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// newScaling has the group follow the traffic and the CPU: it grows when either is above its target, and shrinks only
// when both allow it (EC2 Auto Scaling User Guide, "Target tracking scaling policies").
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
			metric.ResourceLabel = signal.label.ToStringOutput().ToStringPtrOutput()
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
	return w.newFloor(ctx, group, parent)
}

// unchanged leaves a size as it is when a schedule's time has come.
const unchanged = -1

// newFloor raises the group's minimum, and lowers it again; how many instances follow is for the group to say.
func (w *Web) newFloor(ctx *pulumi.Context, group *Group, parent pulumi.ResourceOption) error {
	if group.Floor == nil {
		return nil
	}
	for _, change := range []struct {
		name, recurrence string
		min              int
	}{
		{"floor-begin", group.Floor.Begin, group.Floor.Min},
		{"floor-end", group.Floor.End, group.Min},
	} {
		_, err := autoscaling.NewSchedule(ctx, w.name+"-"+change.name, &autoscaling.ScheduleArgs{
			AutoscalingGroupName: w.GroupName,
			ScheduledActionName:  pulumi.String(change.name),
			Recurrence:           pulumi.String(change.recurrence),
			TimeZone:             pulumi.String(cmp.Or(group.Floor.TimeZone, "Etc/UTC")),
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
