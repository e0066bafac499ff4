// Package database creates the relational tier: a PostgreSQL instance on Amazon RDS in one zone, optionally with a
// standby in a second zone and with read replicas.
package database

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/observability"
	"stagecraft/components/role"
	"stagecraft/components/rotation"
)

// Name is the name of the database on the server that the application uses.
const Name = "app"

const port = 5432

// Args describes the database. Every field is required unless a default is named.
type Args struct {
	// AccountID and Region are the AWS account and the region of the database.
	AccountID, Region string
	// VpcID is the network of the database.
	VpcID pulumi.StringInput
	// SubnetIDs are subnets without a route to the internet, in two availability zones or more.
	SubnetIDs pulumi.StringArrayInput
	// InstanceClass is an RDS instance class, such as "db.t4g.small".
	InstanceClass string
	// EngineVersion is a PostgreSQL version: "17" lets RDS choose and upgrade the minor version, "17.5" pins it.
	EngineVersion string
	// StorageGiB is the allocated gp3 storage, 20 or more; MaxStorageGiB is the limit up to which RDS grows it by itself.
	StorageGiB, MaxStorageGiB int
	// MaxConnections is the server's connection limit; an alarm fires at four fifths of it.
	MaxConnections int
	// MultiAZ is whether RDS keeps a synchronous standby in another zone, which takes over by itself.
	MultiAZ bool
	// ReplicaZones is the number of zones, the first of AvailabilityZones, that have a read replica. Default: 0.
	ReplicaZones int
	// AvailabilityZones are zones that contain one of the subnets, such as "eu-west-1a". Needed with ReplicaZones only.
	AvailabilityZones []string
	// ReplicaClass is the RDS instance class of a replica, which must keep up with the writer. Default: InstanceClass.
	ReplicaClass string
	// BackupRetentionDays is the number of days that point-in-time recovery reaches back, 1 to 35. 0 means no backups; it
	// is valid only with Ephemeral and without replicas.
	BackupRetentionDays int
	// LogRetentionDays is the number of days for which CloudWatch Logs keeps the server's logs.
	LogRetentionDays int
	// ApplyImmediately is whether RDS changes the instance at once, including restarts, rather than in its maintenance
	// window. Default: false.
	ApplyImmediately bool
	// Ephemeral is whether every protection against data loss is off, for throw-away stacks. Default: false.
	Ephemeral bool
	// KmsKeyArn is the KMS key that encrypts storage, backups, insights, login and logs. Replicas use the writer's key for
	// their storage (Amazon RDS API Reference, "CreateDBInstanceReadReplica"). It is fixed once the database exists: a
	// different key replaces the database. Default: nil, AWS's own keys.
	KmsKeyArn pulumi.StringInput
	// AlarmTopicArn is the SNS topic that is notified of alarms and of RDS events.
	AlarmTopicArn pulumi.StringInput
	// Tags are the tags of every resource.
	Tags pulumi.StringMap
}

// Database is a PostgreSQL instance with its login, replicas, network access, logs, alarms and events.
type Database struct {
	pulumi.ResourceState

	// Identifier is the identifier of the writer.
	Identifier pulumi.StringOutput
	// Endpoint is the writer's host name and port, host:port.
	Endpoint pulumi.StringOutput
	// Reader is the host to read from, host:port: one name for all healthy replicas, or for the writer if there are none.
	Reader pulumi.StringOutput
	// ReplicaEndpoints are the replicas' own host names and ports, host:port.
	ReplicaEndpoints pulumi.StringArrayOutput
	// SecretArn is the Secrets Manager secret that holds the login, {"username": …, "password": …}. Secrets Manager
	// rotates the password.
	SecretArn pulumi.StringOutput
	// SecurityGroupID is the security group of writer and replicas. Allow grants clients access to it.
	SecurityGroupID pulumi.StringOutput
	// Alarms are all alarms, for the dashboard. WriterAlarms are those on the writer, on which users depend.
	Alarms, WriterAlarms observability.Alarms

	name       string
	args       *Args
	parameters *rds.ParameterGroup
	monitoring *role.Role
}

// New creates the database. It rejects sizes and names that RDS does not accept, and settings that can lose data unless
// the stack is ephemeral.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Database, error) {
	if err := args.validate(ctx.Stack() + "-" + name); err != nil {
		return nil, fmt.Errorf("database %q: %w", name, err)
	}
	component := &Database{name: name, args: args}
	if err := ctx.RegisterComponentResource("stagecraft:database:Database", name, component, opts...); err != nil {
		return nil, err
	}
	writer, err := component.newWriter(ctx)
	if err != nil {
		return nil, err
	}
	replicas, err := component.newReplicas(ctx, writer)
	if err != nil {
		return nil, err
	}
	component.Endpoint = writer.Endpoint
	endpoints := pulumi.StringArray{}
	for _, replica := range replicas {
		endpoints = append(endpoints, replica.instance.Endpoint)
	}
	component.ReplicaEndpoints = endpoints.ToStringArrayOutput()

	if err := component.newAlarms(ctx, writer, replicas); err != nil {
		return nil, err
	}
	if err := component.newReader(ctx, writer, replicas); err != nil {
		return nil, err
	}
	if err := component.notifyEvents(ctx, writer, replicas); err != nil {
		return nil, err
	}
	if err := component.rotate(ctx, writer, replicas); err != nil {
		return nil, err
	}
	return component, ctx.RegisterResourceOutputs(component, pulumi.Map{
		"identifier":       component.Identifier,
		"endpoint":         component.Endpoint,
		"reader":           component.Reader,
		"replicaEndpoints": component.ReplicaEndpoints,
		"secretArn":        component.SecretArn,
	})
}

// Allow allows members of a security group to connect to the database. client is the name of these clients.
func (d *Database) Allow(ctx *pulumi.Context, client string, securityGroupID pulumi.StringInput) error {
	_, err := vpc.NewSecurityGroupIngressRule(ctx, d.name+"-from-"+client, &vpc.SecurityGroupIngressRuleArgs{
		SecurityGroupId:           d.SecurityGroupID,
		ReferencedSecurityGroupId: securityGroupID,
		IpProtocol:                pulumi.String("tcp"),
		FromPort:                  pulumi.Int(port),
		ToPort:                    pulumi.Int(port),
		Description:               pulumi.String("PostgreSQL from " + client),
		Tags:                      d.args.Tags,
	}, pulumi.Parent(d))
	return err
}

// newAlarms creates the alarms of the writer and of each replica.
func (d *Database) newAlarms(ctx *pulumi.Context, writer *rds.Instance, replicas []*replica) (err error) {
	args := observability.AlarmsArgs{TopicArn: d.args.AlarmTopicArn, Tags: d.args.Tags}
	d.WriterAlarms, err = observability.NewAlarms(ctx, d.name, args, writerAlarms(d.args, writer), pulumi.Parent(d))
	if err != nil {
		return err
	}
	d.Alarms = slices.Clone(d.WriterAlarms)
	for _, replica := range replicas {
		replica.alarms, err = observability.NewAlarms(
			ctx, replica.name, args, replicaAlarms(d.args, replica.instance), pulumi.Parent(d))
		if err != nil {
			return err
		}
		d.Alarms = append(d.Alarms, replica.alarms...)
	}
	return nil
}

// notifyEvents subscribes the alarm topic to RDS events, including the categories of the Security Hub control RDS.20.
func (d *Database) notifyEvents(ctx *pulumi.Context, writer *rds.Instance, replicas []*replica) error {
	sources := pulumi.StringArray{writer.Identifier}
	for _, replica := range replicas {
		sources = append(sources, replica.instance.Identifier)
	}
	_, err := rds.NewEventSubscription(ctx, d.name, &rds.EventSubscriptionArgs{
		SnsTopic:   d.args.AlarmTopicArn,
		SourceType: pulumi.String("db-instance"),
		SourceIds:  sources,
		EventCategories: pulumi.ToStringArray([]string{
			"availability", "configuration change", "deletion", "failover", "failure", "low storage", "maintenance",
			"read replica", "recovery",
		}),
		Tags: d.args.Tags,
	}, pulumi.Parent(d))
	return err
}

// rotate creates the rotation of the password. The first rotation follows the creation of the replicas, because RDS
// creates them only while the writer is not being modified.
func (d *Database) rotate(ctx *pulumi.Context, writer *rds.Instance, replicas []*replica) error {
	var after []pulumi.Resource
	for _, replica := range replicas {
		after = append(after, replica.instance)
	}
	schedule, err := rotation.New(ctx, d.name+"-rotation", &rotation.Args{
		AccountID:          d.args.AccountID,
		InstanceIdentifier: writer.Identifier,
		InstanceArn:        writer.Arn,
		SecretArn:          d.SecretArn,
		KmsKeyArn:          d.args.KmsKeyArn,
		After:              after,
		LogRetentionDays:   d.args.LogRetentionDays,
		AlarmTopicArn:      d.args.AlarmTopicArn,
		Tags:               d.args.Tags,
	}, pulumi.Parent(d))
	if err != nil {
		return err
	}
	d.Alarms = append(d.Alarms, schedule.Alarms...)
	return nil
}
