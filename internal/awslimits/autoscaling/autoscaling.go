// Package autoscaling knows what EC2 Auto Scaling accepts.
package autoscaling

import (
	"fmt"
	"regexp"
)

var (
	// cron is the syntax of a scheduled action's times, Unix's five fields (EC2 Auto Scaling User Guide, "Scheduled
	// scaling for Amazon EC2 Auto Scaling").
	cron     = regexp.MustCompile(`^([0-9*,/-]+ ){3}[0-9A-Za-z*,/-]+ [0-9A-Za-z*,/-]+$`)
	timeZone = regexp.MustCompile(`^[A-Za-z_]+(/[A-Za-z0-9_+-]+)*$`)
)

// ScheduledMinimum is a minimum number of instances that holds at certain times.
type ScheduledMinimum struct {
	// Instances is the minimum: more than the group's own minimum, and no more than its maximum. Required.
	Instances int `json:"instances"`
	// Begin and End are when it starts and ends, in Unix's cron syntax: minute, hour, day of month, month, day of week.
	// Required; equal times are rejected.
	Begin string `json:"begin"`
	End   string `json:"end"`
	// TimeZone is the IANA time zone of Begin and End, such as "Europe/Berlin". Default: Etc/UTC.
	TimeZone string `json:"timeZone"`
}

// CheckTimes rejects times that are not in cron's syntax or do not differ, and an unknown form of time zone.
func (m ScheduledMinimum) CheckTimes() error {
	if !cron.MatchString(m.Begin) || !cron.MatchString(m.End) || m.Begin == m.End {
		return fmt.Errorf("begin is %q and end %q: both must be times in cron's syntax, such as \"0 7 * * MON-FRI\", and differ",
			m.Begin, m.End)
	}
	if m.TimeZone != "" && !timeZone.MatchString(m.TimeZone) {
		return fmt.Errorf("timeZone is %q: it must be an IANA time zone, such as Europe/Berlin", m.TimeZone)
	}
	return nil
}

// CheckInstances rejects a minimum that does not raise the group's own minimum, or that is above its maximum.
func (m ScheduledMinimum) CheckInstances(groupMin, groupMax int) error {
	if m.Instances <= groupMin || m.Instances > groupMax {
		return fmt.Errorf("instances is %d: it must be above the group's minimum, %d, and up to its maximum, %d",
			m.Instances, groupMin, groupMax)
	}
	return nil
}
