package database

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"stagecraft/internal/validate"
)

// Limits of RDS for PostgreSQL on gp3 (Amazon RDS User Guide, "Amazon RDS DB instance storage", "Managing capacity
// automatically with Amazon RDS storage autoscaling" and "Backup retention period"), and the minimum and maximum of
// max_connections ("Quotas and constraints for Amazon RDS").
const (
	minStorageGiB       = 20
	maxStorageGiB       = 65536
	maxBackupDays       = 35
	minConnections      = 6
	maxConnections      = 8388607
	minStorageGrowthPct = 10
)

// maxIdentifierPrefix is the maximum length of an identifier without its suffixes. An instance identifier has at most
// 63 characters ("Quotas and constraints for Amazon RDS"), of which Pulumi's random suffix takes 8 and a replica's zone
// 2. Stacks without replicas must reserve the zone's 2 as well, because they may add replicas later.
const maxIdentifierPrefix = 63 - 8 - 2

var (
	instanceClass    = regexp.MustCompile(`^db\.[a-z0-9-]+\.[a-z0-9]+$`)
	availabilityZone = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-[0-9][a-z]$`)
	engineVersion    = regexp.MustCompile(`^[1-9][0-9]+(\.[0-9]+)?$`)
)

// validate reports everything that is wrong with the arguments. identifier lacks its random suffix.
func (a *Args) validate(identifier string) error {
	var errs []error
	reject := func(format string, values ...any) { errs = append(errs, fmt.Errorf(format, values...)) }

	if len(identifier) > maxIdentifierPrefix || !validate.Name.MatchString(identifier) {
		reject("the identifier would begin with %q, the names of stack and database: RDS accepts lower-case letters, digits "+
			"and single hyphens, starting with a letter, and at most %d characters: rename the stack", identifier, maxIdentifierPrefix)
	}
	if a.AccountID == "" || a.Region == "" || a.VpcID == nil || a.SubnetIDs == nil || a.AlarmTopicArn == nil {
		reject("AccountID, Region, VpcID, SubnetIDs and AlarmTopicArn must be set")
	}
	if !instanceClass.MatchString(a.InstanceClass) {
		reject(`InstanceClass is %q: it must be an RDS instance class such as "db.t4g.small"`, a.InstanceClass)
	}
	if !engineVersion.MatchString(a.EngineVersion) {
		reject(`EngineVersion is %q: it must be a PostgreSQL version such as "17" or "17.5"`, a.EngineVersion)
	}
	errs = append(errs, a.validateReplicas(), a.validateStorage(), a.validateBackups())
	if a.MaxConnections < minConnections || a.MaxConnections > maxConnections {
		reject("MaxConnections is %d: PostgreSQL on RDS accepts %d to %d", a.MaxConnections, minConnections, maxConnections)
	}
	if a.LogRetentionDays < 1 {
		reject("LogRetentionDays is %d: it must be 1 or more, because 0 keeps logs forever", a.LogRetentionDays)
	}
	return errors.Join(errs...)
}

// pinned reports whether the program, rather than RDS, chooses the minor version.
func (a *Args) pinned() bool { return strings.Contains(a.EngineVersion, ".") }

func (a *Args) validateReplicas() error {
	if a.ReplicaZones < 0 || a.ReplicaZones > len(a.AvailabilityZones) {
		return fmt.Errorf("ReplicaZones is %d: it must be from 0 to %d, the number of AvailabilityZones",
			a.ReplicaZones, len(a.AvailabilityZones))
	}
	if a.ReplicaZones > 0 && a.BackupRetentionDays == 0 {
		return errors.New("ReplicaZones must be 0 while BackupRetentionDays is 0: RDS creates replicas from backups")
	}
	if a.ReplicaClass != "" && !instanceClass.MatchString(a.ReplicaClass) {
		return fmt.Errorf(`ReplicaClass is %q: it must be an RDS instance class such as "db.t4g.small"`, a.ReplicaClass)
	}
	letters := map[string]bool{}
	for _, zone := range a.AvailabilityZones[:a.ReplicaZones] {
		if !availabilityZone.MatchString(zone) || letters[zoneLetter(zone)] {
			return fmt.Errorf(`AvailabilityZones are %q: each must be a different zone of the same region, such as "eu-west-1a"`,
				a.AvailabilityZones)
		}
		letters[zoneLetter(zone)] = true
	}
	return nil
}

func (a *Args) validateStorage() error {
	var errs []error
	reject := func(format string, values ...any) { errs = append(errs, fmt.Errorf(format, values...)) }
	if a.StorageGiB < minStorageGiB || a.StorageGiB > maxStorageGiB {
		reject("StorageGiB is %d: gp3 accepts %d to %d", a.StorageGiB, minStorageGiB, maxStorageGiB)
	}
	if a.MaxStorageGiB*100 < a.StorageGiB*(100+minStorageGrowthPct) || a.MaxStorageGiB > maxStorageGiB {
		reject("MaxStorageGiB is %d: it must be at least %d %% above StorageGiB (%d), and at most %d",
			a.MaxStorageGiB, minStorageGrowthPct, a.StorageGiB, maxStorageGiB)
	}
	return errors.Join(errs...)
}

func (a *Args) validateBackups() error {
	if a.BackupRetentionDays < 0 || a.BackupRetentionDays > maxBackupDays {
		return fmt.Errorf("BackupRetentionDays is %d: RDS keeps backups for 1 to %d days", a.BackupRetentionDays, maxBackupDays)
	}
	if a.BackupRetentionDays == 0 && !a.Ephemeral {
		return fmt.Errorf("BackupRetentionDays is 0, which means no backups: set 1 to %d, or Ephemeral for a throw-away stack",
			maxBackupDays)
	}
	return nil
}
