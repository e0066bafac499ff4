package database

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/observability"
)

// replica is a read replica with its alarms.
type replica struct {
	// name is the logical name; zone is the letter of the availability zone.
	name, zone string
	instance   *rds.Instance
	alarms     observability.Alarms
}

// maintenanceDays are the weekdays on which RDS maintains replicas: one replica after the other, and all before the
// writer, because a source must not be newer than its replicas (Amazon RDS User Guide, "Upgrades of the RDS for
// PostgreSQL DB engine").
var maintenanceDays = []string{"mon", "tue", "wed", "thu", "fri", "sat"}

// replicaSuffix follows the database's name in the names of replicas and of their resources.
const replicaSuffix = "-replica"

// newReplicas creates a replica in each zone. Each is named after its zone, so that a different list of zones moves
// none.
func (d *Database) newReplicas(ctx *pulumi.Context, writer *rds.Instance) ([]*replica, error) {
	if d.args.ReplicaZones == 0 {
		return nil, nil
	}
	// The writer's vacuum must not cancel queries on a replica (PostgreSQL documentation, "Hot Standby").
	tuned, err := d.newParameters(ctx, d.name+replicaSuffix,
		append(parameters(d.args), parameter("hot_standby_feedback", "1", "immediate")))
	if err != nil {
		return nil, err
	}
	var replicas []*replica
	var before []pulumi.Resource
	for i, zone := range d.args.AvailabilityZones[:d.args.ReplicaZones] {
		letter := zoneLetter(zone)
		replica := &replica{name: d.name + replicaSuffix + "-" + letter, zone: letter}
		day := maintenanceDays[i%len(maintenanceDays)]
		if replica.instance, err = d.newReplica(ctx, writer, tuned, replica, zone, day, before); err != nil {
			return nil, err
		}
		replicas = append(replicas, replica)
		// RDS may reject a replica while it still copies the source for another one.
		before = []pulumi.Resource{replica.instance}
	}
	return replicas, nil
}

// newReplica creates a replica. It sets no property that a replica takes from its source, such as the login and the
// size of the storage: RDS would report a different value, and Pulumi would replace the replica.
//
// A replica is a copy and thus not protected: a stack that shrinks can delete it while the writer stays protected. RDS
// takes no final snapshot of a replica either (RDS API Reference, "DeleteDBInstance").
func (d *Database) newReplica(
	ctx *pulumi.Context, writer *rds.Instance, tuned *rds.ParameterGroup, replica *replica, zone, day string,
	before []pulumi.Resource,
) (*rds.Instance, error) {
	args := d.args
	// The parameter group's automatic suffix distinguishes replicas that are created again from those deleted earlier,
	// whose logs remain under their names.
	identifier := pulumi.Sprintf("%s-%s%s-%s", ctx.Stack(), d.name, tuned.Name.ApplyT(func(name string) string {
		return strings.TrimPrefix(name, d.name+replicaSuffix)
	}), replica.zone)
	logs, err := d.newLogGroups(ctx, replica.name, identifier)
	if err != nil {
		return nil, err
	}
	return rds.NewInstance(ctx, replica.name, &rds.InstanceArgs{
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

// zoneLetter returns the last letter of a zone's name, which distinguishes the zones of a region.
func zoneLetter(zone string) string { return zone[len(zone)-1:] }
