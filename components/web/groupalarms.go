package web

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/observability"
)

// groupAlarms returns the alarms on the group as a whole; memory and disk, which a single instance may exhaust, are
// those of its worst instance.
func (w *Web) groupAlarms(args *Args) []observability.Alarm {
	alarms := []observability.Alarm{{
		Name: "too-few",
		Description: "The group has fewer instances in service than its minimum, for ten minutes: " +
			"look at its activity for why instances do not come up.",
		Namespace:  "AWS/AutoScaling",
		Metric:     "GroupInServiceInstances",
		Comparison: "LessThanThreshold",
		Threshold:  float64(args.Group.Min),
		Periods:    10,
	}, {
		Name:        "cpu",
		Description: "The group's CPU is above 80 % although it scales: look whether it is at its maximum, or why it does not grow.",
		Namespace:   "AWS/EC2",
		Metric:      "CPUUtilization",
		Threshold:   80,
		Periods:     10,
	}, {
		Name:        "memory",
		Description: "An instance's memory is 90 % full: processes are killed soon. Look for a leak, or choose a larger type.",
		Namespace:   "CWAgent",
		Metric:      "mem_used_percent",
		Statistic:   "Maximum",
		Threshold:   90,
	}, {
		Name:        "disk",
		Description: "An instance's disk is 85 % full: clear it up, or raise the volumes' size.",
		Namespace:   "CWAgent",
		Metric:      "disk_used_percent",
		Statistic:   "Maximum",
		Threshold:   85,
	}}
	if args.Group.scales() {
		alarms = append(alarms, observability.Alarm{
			Name:        "at-maximum",
			Description: "The group has all the instances that it may have, for 15 minutes: raise its maximum before they do not suffice.",
			Namespace:   "AWS/AutoScaling",
			Metric:      "GroupInServiceInstances",
			Threshold:   float64(args.Group.Max),
			Periods:     15,
		})
	}
	alarms = append(alarms, creditAlarms(args)...)
	for i := range alarms {
		alarms[i].Dimensions = pulumi.StringMap{groupDimension: w.GroupName}
	}
	return alarms
}

// scales reports whether the group may grow at any time: an alarm on its maximum would otherwise stay on.
func (g *Group) scales() bool {
	return g.Min < g.Max && (g.ScheduledMinimum == nil || g.ScheduledMinimum.Instances < g.Max)
}
