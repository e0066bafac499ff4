package database

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/observability"
)

// replica is an instance to read from.
type replica struct {
	// name is its logical name; zone is the letter of its availability zone.
	name, zone string
	instance   *rds.Instance
	alarms     observability.Alarms
}

// maintenanceDays are those on which replicas are maintained: one after the other, and before the writer, since a source
// must not be newer than its replicas (Amazon RDS User Guide, "Upgrades of the RDS for PostgreSQL DB engine").
var maintenanceDays = []string{"mon", "tue", "wed", "thu", "fri", "sat"}

// replicaSuffix is how names of replicas and of what is theirs go on after the database's.
const replicaSuffix = "-replica"

// newReplicas makes a replica in each zone. They are named after their zones, so that another list of zones moves none.
func (d *Database) newReplicas(ctx *pulumi.Context, writer *rds.Instance) ([]*replica, error) {
	if d.args.ReplicaZones == 0 {
		return nil, nil
	}
	// What reads on a replica must not be cancelled when the writer cleans up (PostgreSQL documentation, "Hot Standby").
	tuned, err := d.newParameters(ctx, d.name+replicaSuffix,
		append(parameters(d.args), parameter("hot_standby_feedback", "1", "immediate")))
	if err != nil {
		return nil, err
	}
	var replicas []*replica
	var before []pulumi.Resource
	for i, zone := range d.args.AvailabilityZones[:d.args.ReplicaZones] {
		letter := zoneLetter(zone)
		made := &replica{name: d.name + replicaSuffix + "-" + letter, zone: letter}
		day := maintenanceDays[i%len(maintenanceDays)]
		if made.instance, err = d.newReplica(ctx, writer, tuned, made, zone, day, before); err != nil {
			return nil, err
		}
		replicas = append(replicas, made)
		// One after the other: while RDS copies the source for a replica, it may refuse another one.
		before = []pulumi.Resource{made.instance}
	}
	return replicas, nil
}

// newReplica gives RDS nothing that a replica has from its source, such as the login and the size of the storage: it
// would be reported back otherwise and replace the replica.
//
// A replica is a copy, and so not protected: a stack that grows smaller gives it up, without opening the writer for that.
// RDS takes no final snapshot of it either (RDS API Reference, "DeleteDBInstance").
func (d *Database) newReplica(
	ctx *pulumi.Context, writer *rds.Instance, tuned *rds.ParameterGroup, made *replica, zone, day string,
	before []pulumi.Resource,
) (*rds.Instance, error) {
	args := d.args
	// The parameter group's automatic suffix makes replicas that come again others: the logs of those that went are kept
	// under their names.
	identifier := pulumi.Sprintf("%s-%s%s-%s", ctx.Stack(), d.name, tuned.Name.ApplyT(func(name string) string {
		return strings.TrimPrefix(name, d.name+replicaSuffix)
	}), made.zone)
	logs, err := d.newLogGroups(ctx, made.name, identifier)
	if err != nil {
		return nil, err
	}
	return rds.NewInstance(ctx, made.name, &rds.InstanceArgs{
		Identifier:                         identifier,
		ReplicateSourceDb:                  writer.Identifier,
		InstanceClass:                      pulumi.String(cmp.Or(args.ReplicaClass, args.InstanceClass)),
		AvailabilityZone:                   pulumi.String(zone),
		MaxAllocatedStorage:                pulumi.Int(args.MaxStorageGiB),
		StorageType:                        rds.StorageTypeGP3,
		StorageEncrypted:                   pulumi.Bool(true),
		IamDatabaseAuthenticationEnabled:   pulumi.Bool(true),
		VpcSecurityGroupIds:                pulumi.StringArray{d.SecurityGroupID},
		PubliclyAccessible:                 pulumi.Bool(false),
		ParameterGroupName:                 tuned.Name,
		CaCertIdentifier:                   pulumi.String(certificateAuthority),
		MaintenanceWindow:                  pulumi.String(fmt.Sprintf("%[1]s:04:00-%[1]s:05:00", day)),
		ApplyImmediately:                   pulumi.Bool(args.ApplyImmediately),
		AutoMinorVersionUpgrade:            pulumi.Bool(!args.pinned()),
		CopyTagsToSnapshot:                 pulumi.Bool(true),
		SkipFinalSnapshot:                  pulumi.Bool(true),
		PerformanceInsightsEnabled:         pulumi.Bool(true),
		PerformanceInsightsKmsKeyId:        args.KmsKeyArn,
		PerformanceInsightsRetentionPeriod: pulumi.Int(insightsDays),
		MonitoringInterval:                 pulumi.Int(monitoringSeconds),
		MonitoringRoleArn:                  d.monitoring.Arn,
		EnabledCloudwatchLogsExports:       pulumi.ToStringArray(logExports),
		Tags:                               args.Tags,
	}, pulumi.Parent(d), pulumi.DependsOn(append(logs, d.monitoring.Policies...)), pulumi.DependsOn(before))
}

// zoneLetter tells the zones of a region apart.
func zoneLetter(zone string) string { return zone[len(zone)-1:] }
