// Package database makes the relational tier: one PostgreSQL instance on Amazon RDS, from a single zone to a standby in
// a second one.
package database

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/observability"
	"stagecraft/components/role"
)

// Name is the database on the server that the application uses.
const Name = "app"

const (
	port     = 5432
	username = "app_admin"
)

// logExports are the logs that RDS for PostgreSQL publishes to CloudWatch Logs.
var logExports = []string{"postgresql", "upgrade"}

// Args describes the database. Every field is required unless a default is named.
type Args struct {
	// VpcID is the network that the database stands in.
	VpcID pulumi.StringInput
	// SubnetIDs are subnets without a route to the internet, in two availability zones or more.
	SubnetIDs pulumi.StringArrayInput
	// InstanceClass is an RDS instance class, such as "db.t4g.small".
	InstanceClass string
	// EngineVersion is a PostgreSQL version: "17" lets RDS choose and upgrade the minor version, "17.5" pins it.
	EngineVersion string
	// StorageGiB is the allocated gp3 storage, 20 or more; MaxStorageGiB is how far RDS may grow it by itself.
	StorageGiB, MaxStorageGiB int
	// MaxConnections is the server's connection limit; an alarm goes off at four fifths of it.
	MaxConnections int
	// MultiAZ keeps a synchronous standby in another zone, which takes over by itself.
	MultiAZ bool
	// BackupRetentionDays is how far point-in-time recovery reaches, 1 to 35. 0, no backups, is for Ephemeral only.
	BackupRetentionDays int
	// LogRetentionDays is how long CloudWatch Logs keeps the server's logs.
	LogRetentionDays int
	// ApplyImmediately changes the instance at once, restarts included; else in its maintenance window. Default: false.
	ApplyImmediately bool
	// Ephemeral opens every protection against loss: for throw-away stacks. Default: false.
	Ephemeral bool
	// AlarmTopicArn is the SNS topic that hears of alarms and of RDS events.
	AlarmTopicArn pulumi.StringInput
	// Tags go on every resource.
	Tags pulumi.StringMap
}

// Database is a PostgreSQL instance with its network access, logs, alarms and events.
type Database struct {
	pulumi.ResourceState

	// Identifier names the instance.
	Identifier pulumi.StringOutput
	// Endpoint is the writer's host name and port, host:port.
	Endpoint pulumi.StringOutput
	// SecretArn is the Secrets Manager secret in which RDS keeps and rotates the master password.
	SecretArn pulumi.StringOutput
	// SecurityGroupID is the database's security group, which clients must be allowed to connect to.
	SecurityGroupID pulumi.StringOutput
	// Alarms are what the dashboard shows.
	Alarms observability.Alarms

	name string
	tags pulumi.StringMap
}

// New makes the database. It refuses sizes and names outside of what RDS takes, and settings that lose data unless the
// stack is ephemeral.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Database, error) {
	if err := args.validate(ctx.Stack() + "-" + name); err != nil {
		return nil, fmt.Errorf("database %q: %w", name, err)
	}
	component := &Database{name: name, tags: args.Tags}
	if err := ctx.RegisterComponentResource("stagecraft:database:Database", name, component, opts...); err != nil {
		return nil, err
	}
	parent := pulumi.Parent(component)

	subnets, err := rds.NewSubnetGroup(ctx, name, &rds.SubnetGroupArgs{
		SubnetIds: args.SubnetIDs,
		Tags:      args.Tags,
	}, parent)
	if err != nil {
		return nil, err
	}
	// The subnet group's automatic suffix is the one random part in the names of the instance, its snapshot and its
	// log groups, which must all be known before the instance exists.
	component.Identifier = pulumi.Sprintf("%s-%s", ctx.Stack(), subnets.Name)

	instance, err := component.newInstance(ctx, name, args, subnets, parent)
	if err != nil {
		return nil, err
	}
	component.Endpoint = instance.Endpoint
	component.SecretArn = instance.MasterUserSecrets.Index(pulumi.Int(0)).SecretArn().Elem()

	if err := component.notifyEvents(ctx, name, args, instance, parent); err != nil {
		return nil, err
	}
	component.Alarms, err = observability.NewAlarms(ctx, name,
		observability.AlarmsArgs{TopicArn: args.AlarmTopicArn, Tags: args.Tags}, alarms(args, instance), parent)
	if err != nil {
		return nil, err
	}
	return component, ctx.RegisterResourceOutputs(component, pulumi.Map{
		"identifier": component.Identifier,
		"endpoint":   component.Endpoint,
		"secretArn":  component.SecretArn,
	})
}

// Allow lets the holders of a security group connect to the database; client names them.
func (d *Database) Allow(ctx *pulumi.Context, client string, securityGroupID pulumi.StringInput) error {
	_, err := vpc.NewSecurityGroupIngressRule(ctx, d.name+"-from-"+client, &vpc.SecurityGroupIngressRuleArgs{
		SecurityGroupId:           d.SecurityGroupID,
		ReferencedSecurityGroupId: securityGroupID,
		IpProtocol:                pulumi.String("tcp"),
		FromPort:                  pulumi.Int(port),
		ToPort:                    pulumi.Int(port),
		Description:               pulumi.String("PostgreSQL from " + client),
		Tags:                      d.tags,
	}, pulumi.Parent(d))
	return err
}

func (d *Database) newInstance(
	ctx *pulumi.Context, name string, args *Args, subnets *rds.SubnetGroup, parent pulumi.ResourceOption,
) (*rds.Instance, error) {
	group, err := ec2.NewSecurityGroup(ctx, name, &ec2.SecurityGroupArgs{
		VpcId:       args.VpcID,
		Description: pulumi.String("PostgreSQL: only named clients reach it, and it reaches nobody"),
		Tags:        args.Tags,
	}, parent)
	if err != nil {
		return nil, err
	}
	d.SecurityGroupID = group.ID().ToStringOutput()

	major, _, pinned := strings.Cut(args.EngineVersion, ".")
	parameters, err := rds.NewParameterGroup(ctx, name, &rds.ParameterGroupArgs{
		Family:     pulumi.String("postgres" + major),
		Parameters: parameters(args),
		Tags:       args.Tags,
	}, parent)
	if err != nil {
		return nil, err
	}
	monitoring, err := role.New(ctx, name+"-monitoring", &role.Args{
		Service:         "monitoring.rds.amazonaws.com",
		Description:     "RDS Enhanced Monitoring writes operating system metrics to CloudWatch Logs",
		ManagedPolicies: []iam.ManagedPolicy{iam.ManagedPolicyAmazonRDSEnhancedMonitoringRole},
		Tags:            args.Tags,
	}, parent)
	if err != nil {
		return nil, err
	}
	logs, err := d.newLogGroups(ctx, name, args, parent)
	if err != nil {
		return nil, err
	}

	return rds.NewInstance(ctx, name, &rds.InstanceArgs{
		Identifier:                         d.Identifier,
		Engine:                             pulumi.String("postgres"),
		EngineVersion:                      pulumi.String(args.EngineVersion),
		InstanceClass:                      pulumi.String(args.InstanceClass),
		AllocatedStorage:                   pulumi.Int(args.StorageGiB),
		MaxAllocatedStorage:                pulumi.Int(args.MaxStorageGiB),
		StorageType:                        rds.StorageTypeGP3,
		StorageEncrypted:                   pulumi.Bool(true),
		DbName:                             pulumi.String(Name),
		Username:                           pulumi.String(username),
		Port:                               pulumi.Int(port),
		ManageMasterUserPassword:           pulumi.Bool(true),
		IamDatabaseAuthenticationEnabled:   pulumi.Bool(true),
		MultiAz:                            pulumi.Bool(args.MultiAZ),
		DbSubnetGroupName:                  subnets.Name,
		VpcSecurityGroupIds:                pulumi.StringArray{d.SecurityGroupID},
		PubliclyAccessible:                 pulumi.Bool(false),
		ParameterGroupName:                 parameters.Name,
		CaCertIdentifier:                   pulumi.String("rds-ca-rsa2048-g1"),
		BackupRetentionPeriod:              pulumi.Int(args.BackupRetentionDays),
		BackupWindow:                       pulumi.String("02:00-03:00"),
		MaintenanceWindow:                  pulumi.String("sun:04:00-sun:05:00"),
		ApplyImmediately:                   pulumi.Bool(args.ApplyImmediately),
		AutoMinorVersionUpgrade:            pulumi.Bool(!pinned),
		CopyTagsToSnapshot:                 pulumi.Bool(true),
		DeleteAutomatedBackups:             pulumi.Bool(args.Ephemeral),
		DeletionProtection:                 pulumi.Bool(!args.Ephemeral),
		SkipFinalSnapshot:                  pulumi.Bool(args.Ephemeral),
		FinalSnapshotIdentifier:            pulumi.Sprintf("%s-final", d.Identifier),
		PerformanceInsightsEnabled:         pulumi.Bool(true),
		PerformanceInsightsRetentionPeriod: pulumi.Int(7),
		MonitoringInterval:                 pulumi.Int(60),
		MonitoringRoleArn:                  monitoring.Arn,
		EnabledCloudwatchLogsExports:       pulumi.ToStringArray(logExports),
		Tags:                               args.Tags,
	}, parent, pulumi.Protect(!args.Ephemeral), pulumi.DependsOn(append(logs, monitoring.Policies...)))
}

// newLogGroups makes what RDS would make itself, but without an end to how long it keeps logs.
func (d *Database) newLogGroups(
	ctx *pulumi.Context, name string, args *Args, parent pulumi.ResourceOption,
) ([]pulumi.Resource, error) {
	var groups []pulumi.Resource
	for _, export := range logExports {
		group, err := cloudwatch.NewLogGroup(ctx, name+"-"+export, &cloudwatch.LogGroupArgs{
			Name:            pulumi.Sprintf("/aws/rds/instance/%s/%s", d.Identifier, export),
			RetentionInDays: pulumi.Int(args.LogRetentionDays),
			Tags:            args.Tags,
		}, parent)
		if err != nil {
			return nil, err
		}
		groups = append(groups, group)
	}
	return groups, nil
}

// notifyEvents subscribes to what people must know of, the categories of the Security Hub control RDS.20 among them.
func (d *Database) notifyEvents(
	ctx *pulumi.Context, name string, args *Args, instance *rds.Instance, parent pulumi.ResourceOption,
) error {
	_, err := rds.NewEventSubscription(ctx, name, &rds.EventSubscriptionArgs{
		SnsTopic:   args.AlarmTopicArn,
		SourceType: pulumi.String("db-instance"),
		SourceIds:  pulumi.StringArray{instance.Identifier},
		EventCategories: pulumi.ToStringArray([]string{
			"availability", "configuration change", "deletion", "failover", "failure", "low storage", "maintenance", "recovery",
		}),
		Tags: args.Tags,
	}, parent)
	return err
}

// parameters has static ones wait for a restart (Amazon RDS User Guide, "RDS for PostgreSQL DB instance parameter list").
func parameters(args *Args) rds.ParameterGroupParameterArray {
	parameter := func(name, value, apply string) rds.ParameterGroupParameterArgs {
		return rds.ParameterGroupParameterArgs{
			Name: pulumi.String(name), Value: pulumi.String(value), ApplyMethod: pulumi.String(apply),
		}
	}
	return rds.ParameterGroupParameterArray{
		parameter("log_connections", "1", "immediate"),
		parameter("log_min_duration_statement", "1000", "immediate"),
		parameter("max_connections", fmt.Sprint(args.MaxConnections), "pending-reboot"),
		parameter("rds.force_ssl", "1", "immediate"),
	}
}
