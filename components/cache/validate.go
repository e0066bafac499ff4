package cache

import (
	"errors"
	"fmt"
	"regexp"

	"stagecraft/internal/validate"
)

// Limits of ElastiCache (Amazon ElastiCache API Reference, CreateReplicationGroup and CreateUserGroup). Pulumi's random
// suffix takes 8 characters of a name.
const (
	maxSnapshotDays = 35
	maxName         = 40 - 8
)

var nodeType = regexp.MustCompile(`^cache\.[a-z0-9-]+\.[a-z0-9]+$`)

// validate reports everything that is wrong with the name and the arguments.
func (a *Args) validate(name string) error {
	var errs []error
	reject := func(format string, values ...any) { errs = append(errs, fmt.Errorf(format, values...)) }

	if len(name) > maxName || !validate.Name.MatchString(name) {
		reject("the name must have lower-case letters, digits and single hyphens, start with a letter, and have at most %d characters",
			maxName)
	}
	if a.VpcID == nil || a.SubnetIDs == nil || a.AlarmTopicArn == nil {
		reject("VpcID, SubnetIDs and AlarmTopicArn must be set")
	}
	if !nodeType.MatchString(a.NodeType) {
		reject(`NodeType is %q: it must be an ElastiCache node type such as "cache.t4g.small"`, a.NodeType)
	}
	if a.SnapshotDays < 0 || a.SnapshotDays > maxSnapshotDays {
		reject("SnapshotDays is %d: ElastiCache keeps snapshots for up to %d days, 0 for none", a.SnapshotDays, maxSnapshotDays)
	}
	if a.LogRetentionDays < 1 {
		reject("LogRetentionDays is %d: it must be 1 or more, because 0 keeps logs forever", a.LogRetentionDays)
	}
	return errors.Join(errs...)
}
