package web

import (
	"errors"
	"fmt"
	"regexp"
)

// Limits of a group's times and of its CPU target. The alarm on the CPU goes off above the latter.
const (
	maxSeconds   = 3600
	minTargetCPU = 10
	maxTargetCPU = 79
)

var (
	// cron is the syntax that scheduled actions take (EC2 Auto Scaling User Guide, "Scheduled scaling for Amazon EC2 Auto
	// Scaling"): Unix's five fields.
	cron     = regexp.MustCompile(`^[0-9*,/-]+ [0-9*,/-]+ [0-9*,/-]+ [0-9A-Za-z*,/-]+ [0-9A-Za-z*,/-]+$`)
	timeZone = regexp.MustCompile(`^$|^[A-Za-z_]+(/[A-Za-z0-9_+-]+)*$`)
)

func (g *Group) validate() error {
	var errs []error
	refuse := func(format string, values ...any) { errs = append(errs, fmt.Errorf(format, values...)) }

	if g.Min < 1 || g.Max < g.Min {
		refuse("Group has %d to %d instances: Min must be 1 or more, and Max not less than Min", g.Min, g.Max)
	}
	if g.TargetRequests < 1 {
		refuse("Group.TargetRequests is %d: it must be 1 or more requests a minute", g.TargetRequests)
	}
	if g.TargetCPU < minTargetCPU || g.TargetCPU > maxTargetCPU {
		refuse("Group.TargetCPU is %d: it must be from %d to %d percent", g.TargetCPU, minTargetCPU, maxTargetCPU)
	}
	if g.WarmupSeconds < 0 || g.WarmupSeconds > maxSeconds {
		refuse("Group.WarmupSeconds is %d: it must be up to %d", g.WarmupSeconds, maxSeconds)
	}
	if g.DeregistrationDelay < 1 || g.DeregistrationDelay > maxSeconds {
		refuse("Group.DeregistrationDelay is %d: it must be the target group's, from 1 to %d", g.DeregistrationDelay, maxSeconds)
	}
	if g.TargetGroupArn == nil || g.ResourceLabel == nil {
		refuse("Group.TargetGroupArn and Group.ResourceLabel must be set: a load balancer spreads the requests")
	}
	if g.Floor != nil {
		errs = append(errs, g.Floor.validate(g))
	}
	return errors.Join(errs...)
}

func (f *Floor) validate(group *Group) error {
	switch {
	case f.Min <= group.Min || f.Min > group.Max:
		return fmt.Errorf("Group.Floor.Min is %d: it must be above Min, %d, and up to Max, %d", f.Min, group.Min, group.Max)
	case !cron.MatchString(f.Begin) || !cron.MatchString(f.End) || f.Begin == f.End:
		return fmt.Errorf("Group.Floor is from %q to %q: both must be times in cron's syntax, such as \"0 7 * * MON-FRI\", "+
			"and differ", f.Begin, f.End)
	case !timeZone.MatchString(f.TimeZone):
		return fmt.Errorf("Group.Floor.TimeZone is %q: it must be an IANA time zone, such as Europe/Berlin", f.TimeZone)
	}
	return nil
}
