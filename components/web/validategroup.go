package web

import (
	"errors"

	"stagecraft/internal/validate"
)

// Limits of a group's times and of its CPU target, which is below the threshold of the CPU alarm.
const (
	maxSeconds   = 3600
	minTargetCPU = 10
	maxTargetCPU = 79
)

func (g *Group) validate() error {
	var problems validate.Problems
	if g.Min < 1 || g.Max < g.Min {
		problems.Addf("Group has %d to %d instances: Min must be 1 or more, and Max not less than Min", g.Min, g.Max)
	}
	if g.TargetRequests < 1 {
		problems.Addf("Group.TargetRequests is %d: it must be 1 or more requests a minute", g.TargetRequests)
	}
	if g.TargetCPU < minTargetCPU || g.TargetCPU > maxTargetCPU {
		problems.Addf("Group.TargetCPU is %d: it must be from %d to %d percent", g.TargetCPU, minTargetCPU, maxTargetCPU)
	}
	if g.WarmupSeconds < 0 || g.WarmupSeconds > maxSeconds {
		problems.Addf("Group.WarmupSeconds is %d: it must be up to %d", g.WarmupSeconds, maxSeconds)
	}
	if g.DeregistrationDelay < 1 || g.DeregistrationDelay > maxSeconds {
		problems.Addf("Group.DeregistrationDelay is %d: it must be the target group's, from 1 to %d", g.DeregistrationDelay, maxSeconds)
	}
	if g.TargetGroupArn == nil || g.ResourceLabel == nil {
		problems.Addf("Group.TargetGroupArn and Group.ResourceLabel must be set: a load balancer distributes the requests")
	}
	if schedule := g.ScheduledMinimum; schedule != nil {
		if err := errors.Join(schedule.CheckInstances(g.Min, g.Max), schedule.CheckTimes()); err != nil {
			problems.Addf("Group.ScheduledMinimum: %w", err)
		}
	}
	return problems.Err()
}
