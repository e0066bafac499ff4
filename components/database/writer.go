package database

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/role"
)

const certificateAuthority = "rds-ca-rsa2048-g1"

// logExports are the types of log that RDS for PostgreSQL publishes to CloudWatch Logs.
var logExports = []string{"postgresql", "upgrade"}

// newWriter creates the instance that holds the data. No stage replaces it. Later runs never set its password, because
// rotation changes the password outside of Pulumi.
func (d *Database) newWriter(ctx *pulumi.Context) (*rds.Instance, error) {
	parent := pulumi.Parent(d)
	subnets, err := rds.NewSubnetGroup(ctx, d.name, &rds.SubnetGroupArgs{
		SubnetIds: d.args.SubnetIDs,
		Tags:      d.args.Tags,
	}, parent)
	if err != nil {
		return nil, err
	}
	// The subnet group's automatic suffix is the only random part in the names of the instance, its snapshot and its log
	// groups, which must all be known before the instance exists.
	d.Identifier = pulumi.Sprintf("%s-%s", ctx.Stack(), subnets.Name)

	if err := d.newSharedResources(ctx); err != nil {
		return nil, err
	}
	logs, err := d.newLogGroups(ctx, d.name, d.Identifier)
	if err != nil {
		return nil, err
	}
	password, err := d.newLogin(ctx)
	if err != nil {
		return nil, err
	}
	args := d.args
	return rds.NewInstance(ctx, d.name, &rds.InstanceArgs{
		Identifier:                         d.Identifier,
		Engine:                             pulumi.String("postgres"),
		EngineVersion:                      pulumi.String(args.EngineVersion),
		InstanceClass:                      pulumi.String(args.InstanceClass),
		AllocatedStorage:                   pulumi.Int(args.StorageGiB),
		MaxAllocatedStorage:                pulumi.Int(args.MaxStorageGiB),
		StorageType:                        rds.StorageTypeGP3,
		StorageEncrypted:                   pulumi.Bool(true),
		KmsKeyId:                           args.KmsKeyArn,
		DbName:                             pulumi.String(Name),
		Username:                           pulumi.String(username),
		Password:                           password,
		Port:                               pulumi.Int(port),
		IamDatabaseAuthenticationEnabled:   pulumi.Bool(true),
		MultiAz:                            pulumi.Bool(args.MultiAZ),
		DbSubnetGroupName:                  subnets.Name,
		VpcSecurityGroupIds:                pulumi.StringArray{d.SecurityGroupID},
		PubliclyAccessible:                 pulumi.Bool(false),
		ParameterGroupName:                 d.parameters.Name,
		CaCertIdentifier:                   pulumi.String(certificateAuthority),
		BackupRetentionPeriod:              pulumi.Int(args.BackupRetentionDays),
		BackupWindow:                       pulumi.String("02:00-03:00"),
		MaintenanceWindow:                  pulumi.String("sun:04:00-sun:05:00"),
		ApplyImmediately:                   pulumi.Bool(args.ApplyImmediately),
		AutoMinorVersionUpgrade:            pulumi.Bool(!args.pinned()),
		CopyTagsToSnapshot:                 pulumi.Bool(true),
		DeleteAutomatedBackups:             pulumi.Bool(args.Ephemeral),
		DeletionProtection:                 pulumi.Bool(!args.Ephemeral),
		SkipFinalSnapshot:                  pulumi.Bool(args.Ephemeral),
		FinalSnapshotIdentifier:            pulumi.Sprintf("%s-final", d.Identifier),
		PerformanceInsightsEnabled:         pulumi.Bool(true),
		PerformanceInsightsKmsKeyId:        args.KmsKeyArn,
		PerformanceInsightsRetentionPeriod: pulumi.Int(insightsDays),
		MonitoringInterval:                 pulumi.Int(monitoringSeconds),
		MonitoringRoleArn:                  d.monitoring.Arn,
		EnabledCloudwatchLogsExports:       pulumi.ToStringArray(logExports),
		Tags:                               args.Tags,
	}, parent, pulumi.Protect(!args.Ephemeral), pulumi.IgnoreChanges([]string{"password"}),
		pulumi.DependsOn(append(logs, d.monitoring.Policies...)))
}

const (
	insightsDays      = 7
	monitoringSeconds = 60
)

// newSharedResources creates what the writer and its replicas share: security group, parameters and monitoring role.
func (d *Database) newSharedResources(ctx *pulumi.Context) error {
	parent := pulumi.Parent(d)
	group, err := ec2.NewSecurityGroup(ctx, d.name, &ec2.SecurityGroupArgs{
		VpcId:       d.args.VpcID,
		Description: pulumi.String("PostgreSQL: only named clients reach it, and it reaches nobody"),
		Tags:        d.args.Tags,
	}, parent)
	if err != nil {
		return err
	}
	d.SecurityGroupID = group.ID().ToStringOutput()

	if d.parameters, err = d.newParameters(ctx, d.name, parameters(d.args)); err != nil {
		return err
	}
	d.monitoring, err = role.New(ctx, d.name+"-monitoring", &role.Args{
		Service:         "monitoring.rds.amazonaws.com",
		Description:     "RDS Enhanced Monitoring writes operating system metrics to CloudWatch Logs",
		ManagedPolicies: []iam.ManagedPolicy{iam.ManagedPolicyAmazonRDSEnhancedMonitoringRole},
		Tags:            d.args.Tags,
	}, parent)
	return err
}

// newLogGroups creates the log groups that RDS would otherwise create itself, without a limit to the logs' retention.
func (d *Database) newLogGroups(
	ctx *pulumi.Context, name string, identifier pulumi.StringInput,
) ([]pulumi.Resource, error) {
	var groups []pulumi.Resource
	for _, export := range logExports {
		group, err := cloudwatch.NewLogGroup(ctx, name+"-"+export, &cloudwatch.LogGroupArgs{
			Name:            pulumi.Sprintf("/aws/rds/instance/%s/%s", identifier, export),
			RetentionInDays: pulumi.Int(d.args.LogRetentionDays),
			KmsKeyId:        d.args.KmsKeyArn,
			Tags:            d.args.Tags,
		}, pulumi.Parent(d))
		if err != nil {
			return nil, err
		}
		groups = append(groups, group)
	}
	return groups, nil
}

// newParameters creates a parameter group for the engine's major version.
func (d *Database) newParameters(
	ctx *pulumi.Context, name string, parameters rds.ParameterGroupParameterArray,
) (*rds.ParameterGroup, error) {
	major, _, _ := strings.Cut(d.args.EngineVersion, ".")
	return rds.NewParameterGroup(ctx, name, &rds.ParameterGroupArgs{
		Family:     pulumi.String("postgres" + major),
		Parameters: parameters,
		Tags:       d.args.Tags,
	}, pulumi.Parent(d))
}

// parameters returns the parameters of every instance. Static ones take effect at a restart (Amazon RDS User Guide,
// "RDS for PostgreSQL DB instance parameter list").
func parameters(args *Args) rds.ParameterGroupParameterArray {
	return rds.ParameterGroupParameterArray{
		parameter("log_connections", "1", "immediate"),
		parameter("log_min_duration_statement", "1000", "immediate"),
		parameter("max_connections", fmt.Sprint(args.MaxConnections), "pending-reboot"),
		parameter("rds.force_ssl", "1", "immediate"),
	}
}

func parameter(name, value, apply string) rds.ParameterGroupParameterArgs {
	return rds.ParameterGroupParameterArgs{
		Name: pulumi.String(name), Value: pulumi.String(value), ApplyMethod: pulumi.String(apply),
	}
}
