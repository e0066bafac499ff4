package database_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"stagecraft/components/database"
	"stagecraft/internal/pulumitest"
)

const (
	instanceType    = "aws:rds/instance:Instance"
	logGroupType    = "aws:cloudwatch/logGroup:LogGroup"
	metricAlarmType = "aws:cloudwatch/metricAlarm:MetricAlarm"
	recordType      = "aws:route53/record:Record"
	checkType       = "aws:route53/healthCheck:HealthCheck"
)

var outputs = map[string]map[string]any{
	instanceType: {"endpoint": "database.example.com:5432", "address": "database.example.com"},
	recordType:   {"fqdn": "database-reader.stagecraft-test.internal"},
}

var answers = map[string]map[string]any{
	"aws:secretsmanager/getRandomPassword:getRandomPassword": {"randomPassword": "correct-horse"},
}

func valid() database.Args {
	return database.Args{
		AccountID:           "123456789012",
		Region:              "eu-west-1",
		VpcID:               pulumi.String("vpc-1"),
		SubnetIDs:           pulumi.ToStringArray([]string{"subnet-1", "subnet-2"}),
		InstanceClass:       string(rds.InstanceType_T4G_Small),
		EngineVersion:       "17",
		StorageGiB:          20,
		MaxStorageGiB:       100,
		MaxConnections:      200,
		BackupRetentionDays: 7,
		LogRetentionDays:    30,
		AlarmTopicArn:       pulumi.String("arn:topic"),
		Tags:                pulumi.StringMap{"tier": pulumi.String("database")},
	}
}

// with returns valid arguments with one change.
func with(change func(*database.Args)) database.Args {
	args := valid()
	change(&args)
	return args
}

// run creates a database and allows one client to connect to it.
func run(name string, args database.Args) (pulumitest.Resources, error) {
	return pulumitest.Run(func(ctx *pulumi.Context) error {
		component, err := database.New(ctx, name, &args)
		if err != nil {
			return err
		}
		return component.Allow(ctx, "web", pulumi.String("sg-web"))
	}, outputs, answers)
}

func TestNew(t *testing.T) {
	t.Parallel()
	resources, err := run("database", valid())
	require.NoError(t, err)
	resources.RequireTags(t, map[string]string{"tier": "database"})
	resources.RequireParents(t, "stagecraft:database:Database")

	instance := resources.One(t, instanceType)
	require.True(t, instance.Protect)
	require.Equal(t, []string{"password"}, instance.IgnoreChanges)
	require.Subset(t, instance.Inputs, map[string]any{
		"identifier":                         "test-database",
		"engine":                             "postgres",
		"engineVersion":                      "17",
		"instanceClass":                      "db.t4g.small",
		"allocatedStorage":                   20.0,
		"maxAllocatedStorage":                100.0,
		"storageType":                        "gp3",
		"storageEncrypted":                   true,
		"multiAz":                            false,
		"publiclyAccessible":                 false,
		"username":                           "app_admin",
		"password":                           "correct-horse",
		"iamDatabaseAuthenticationEnabled":   true,
		"dbSubnetGroupName":                  "database",
		"parameterGroupName":                 "database",
		"vpcSecurityGroupIds":                []any{"database-id"},
		"backupRetentionPeriod":              7.0,
		"applyImmediately":                   false,
		"autoMinorVersionUpgrade":            true,
		"copyTagsToSnapshot":                 true,
		"deleteAutomatedBackups":             false,
		"deletionProtection":                 true,
		"skipFinalSnapshot":                  false,
		"finalSnapshotIdentifier":            "test-database-final",
		"performanceInsightsEnabled":         true,
		"performanceInsightsRetentionPeriod": 7.0,
		"monitoringInterval":                 60.0,
		"monitoringRoleArn":                  "arn:database-monitoring",
		"enabledCloudwatchLogsExports":       []any{"postgresql", "upgrade"},
	})
	require.NotContains(t, instance.Inputs, "manageMasterUserPassword")

	require.Equal(t, []any{"subnet-1", "subnet-2"},
		resources.One(t, "aws:rds/subnetGroup:SubnetGroup").Inputs["subnetIds"])
	require.Subset(t, resources.One(t, "aws:rds/eventSubscription:EventSubscription").Inputs, map[string]any{
		"snsTopic":   "arn:topic",
		"sourceType": "db-instance",
		"sourceIds":  []any{"test-database"},
		"eventCategories": []any{
			"availability", "configuration change", "deletion", "failover", "failure", "low storage", "maintenance",
			"read replica", "recovery",
		},
	})
}

func TestNewOutputs(t *testing.T) {
	t.Parallel()
	args := valid()
	var got []any
	_, err := pulumitest.Run(func(ctx *pulumi.Context) error {
		component, err := database.New(ctx, "database", &args)
		if err != nil {
			return err
		}
		pulumi.All(
			component.Identifier, component.Endpoint, component.Reader, component.ReplicaEndpoints, component.SecretArn,
		).ApplyT(func(values []any) []any {
			got = values
			return values
		})
		return nil
	}, outputs, answers)
	require.NoError(t, err)
	require.Equal(t, []any{
		"test-database", "database.example.com:5432", "database-reader.stagecraft-test.internal:5432", []string{}, "arn:database",
	}, got)
}

// TestNewSettings checks what a setting changes on the instance, and that it changes nothing else.
func TestNewSettings(t *testing.T) {
	t.Parallel()
	base, err := run("database", valid())
	require.NoError(t, err)

	for name, test := range map[string]struct {
		change  func(*database.Args)
		want    map[string]any
		protect bool
	}{
		"sizing": {
			change: func(a *database.Args) {
				a.InstanceClass, a.StorageGiB, a.MaxStorageGiB = string(rds.InstanceType_M6G_Large), 400, 1000
			},
			want: map[string]any{
				"instanceClass": "db.m6g.large", "allocatedStorage": 400.0, "maxAllocatedStorage": 1000.0,
			},
			protect: true,
		},
		"multi-AZ": {
			change:  func(a *database.Args) { a.MultiAZ = true },
			want:    map[string]any{"multiAz": true},
			protect: true,
		},
		"pinned version": {
			change:  func(a *database.Args) { a.EngineVersion = "17.5" },
			want:    map[string]any{"engineVersion": "17.5", "autoMinorVersionUpgrade": false},
			protect: true,
		},
		"apply immediately": {
			change:  func(a *database.Args) { a.ApplyImmediately = true },
			want:    map[string]any{"applyImmediately": true},
			protect: true,
		},
		"ephemeral": {
			change: func(a *database.Args) { a.Ephemeral = true },
			want: map[string]any{
				"deletionProtection": false, "skipFinalSnapshot": true, "deleteAutomatedBackups": true,
			},
		},
		"no backups": {
			change: func(a *database.Args) { a.Ephemeral, a.BackupRetentionDays = true, 0 },
			want: map[string]any{
				"deletionProtection": false, "skipFinalSnapshot": true, "deleteAutomatedBackups": true,
				"backupRetentionPeriod": 0.0,
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resources, err := run("database", with(test.change))
			require.NoError(t, err)
			instance := resources.One(t, instanceType)

			changed := map[string]any{}
			for property, value := range base.One(t, instanceType).Inputs {
				if now := instance.Inputs[property]; !reflect.DeepEqual(value, now) {
					changed[property] = now
				}
			}
			require.Equal(t, test.want, changed)
			require.Len(t, instance.Inputs, len(base.One(t, instanceType).Inputs))
			require.Equal(t, test.protect, instance.Protect)
			require.Len(t, resources, len(base))
		})
	}
}

func TestNewParameters(t *testing.T) {
	t.Parallel()
	for version, family := range map[string]string{"16": "postgres16", "17.5": "postgres17"} {
		resources, err := run("database", with(func(a *database.Args) { a.EngineVersion = version }))
		require.NoError(t, err)
		group := resources.One(t, "aws:rds/parameterGroup:ParameterGroup")
		require.Equal(t, family, group.Inputs["family"])

		applied := map[string][2]any{}
		for _, parameter := range group.Inputs["parameters"].([]any) {
			properties := parameter.(map[string]any)
			applied[properties["name"].(string)] = [2]any{properties["value"], properties["applyMethod"]}
		}
		require.Equal(t, map[string][2]any{
			"log_connections":            {"1", "immediate"},
			"log_min_duration_statement": {"1000", "immediate"},
			"max_connections":            {"200", "pending-reboot"},
			"rds.force_ssl":              {"1", "immediate"},
		}, applied)
	}
}

func TestNewWaitsForLogGroupsAndRole(t *testing.T) {
	t.Parallel()
	resources, err := run("database", valid())
	require.NoError(t, err)

	require.Equal(t, []string{"database-postgresql", "database-rotation", "database-upgrade"}, resources.Names(logGroupType))
	waitsFor := resources.One(t, instanceType).DependsOn
	for _, export := range []string{"postgresql", "upgrade"} {
		logs := resources.Named(t, logGroupType, "database-"+export)
		require.Equal(t, "/aws/rds/instance/test-database/"+export, logs.Inputs["name"])
		require.Equal(t, 30.0, logs.Inputs["retentionInDays"])
		requireURN(t, waitsFor, logGroupType+"::database-"+export)
	}
	requireURN(t, waitsFor, "aws:iam/rolePolicyAttachment:RolePolicyAttachment::"+
		"database-monitoring-AmazonRDSEnhancedMonitoringRole")
}

func TestNewAlarms(t *testing.T) {
	t.Parallel()
	const gibibyte, mebibyte = 1 << 30, 1 << 20
	type alarm struct {
		metric, statistic, comparison string
		threshold, minutes            float64
	}
	const above, below = "GreaterThanOrEqualToThreshold", "LessThanThreshold"
	want := map[string]alarm{
		"database-cpu":             {"CPUUtilization", "Average", above, 80, 10},
		"database-storage":         {"FreeStorageSpace", "Minimum", below, 2 * gibibyte, 5},
		"database-memory":          {"FreeableMemory", "Average", below, 128 * mebibyte, 10},
		"database-connections":     {"DatabaseConnections", "Maximum", above, 240, 5},
		"database-read-latency":    {"ReadLatency", "Average", above, 0.05, 10},
		"database-write-latency":   {"WriteLatency", "Average", above, 0.05, 10},
		"database-transaction-ids": {"MaximumUsedTransactionIDs", "Maximum", above, 1e9, 5},
	}

	args := with(func(a *database.Args) { a.StorageGiB, a.MaxConnections = 40, 300 })
	resources, err := pulumitest.Run(func(ctx *pulumi.Context) error {
		component, err := database.New(ctx, "database", &args)
		if err == nil {
			require.Len(t, component.WriterAlarms, len(want))
			require.Len(t, component.Alarms, len(want)+1, "including the rotation's")
		}
		return err
	}, outputs, answers)
	require.NoError(t, err)

	got := map[string]alarm{}
	for _, resource := range resources.Of(metricAlarmType) {
		if resource.Name == "database-rotation-errors" {
			continue
		}
		require.Subset(t, resource.Inputs, map[string]any{
			"namespace":    "AWS/RDS",
			"dimensions":   map[string]any{"DBInstanceIdentifier": "test-database"},
			"period":       60.0,
			"alarmActions": []any{"arn:topic"},
			"okActions":    []any{"arn:topic"},
		}, resource.Name)
		got[resource.Name] = alarm{
			metric:     resource.Inputs["metricName"].(string),
			statistic:  resource.Inputs["statistic"].(string),
			comparison: resource.Inputs["comparisonOperator"].(string),
			threshold:  resource.Inputs["threshold"].(float64),
			minutes:    resource.Inputs["evaluationPeriods"].(float64),
		}
	}
	require.Equal(t, want, got)
}

func TestAllow(t *testing.T) {
	t.Parallel()
	resources, err := run("orders", valid())
	require.NoError(t, err)

	group := resources.One(t, "aws:ec2/securityGroup:SecurityGroup")
	require.Equal(t, "vpc-1", group.Inputs["vpcId"])
	require.NotContains(t, group.Inputs, "ingress")
	require.NotContains(t, group.Inputs, "egress")

	rule := resources.One(t, "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
	require.Equal(t, "orders-from-web", rule.Name)
	require.Equal(t, map[string]any{
		"securityGroupId":           "orders-id",
		"referencedSecurityGroupId": "sg-web",
		"ipProtocol":                "tcp",
		"fromPort":                  5432.0,
		"toPort":                    5432.0,
		"description":               "PostgreSQL from web",
		"tags":                      map[string]any{"tier": "database"},
	}, rule.Inputs)
}

func TestNewRejects(t *testing.T) {
	t.Parallel()
	const unset = "AccountID, Region, VpcID, SubnetIDs and AlarmTopicArn must be set"
	for name, test := range map[string]struct {
		change func(*database.Args)
		want   string
	}{
		"no account":            {func(a *database.Args) { a.AccountID = "" }, unset},
		"no region":             {func(a *database.Args) { a.Region = "" }, unset},
		"no network":            {func(a *database.Args) { a.VpcID = nil }, unset},
		"no subnets":            {func(a *database.Args) { a.SubnetIDs = nil }, unset},
		"no topic":              {func(a *database.Args) { a.AlarmTopicArn = nil }, unset},
		"no class":              {func(a *database.Args) { a.InstanceClass = "" }, `InstanceClass is ""`},
		"an EC2 type":           {func(a *database.Args) { a.InstanceClass = "t4g.small" }, `InstanceClass is "t4g.small"`},
		"no version":            {func(a *database.Args) { a.EngineVersion = "" }, `EngineVersion is ""`},
		"a version by name":     {func(a *database.Args) { a.EngineVersion = "latest" }, `EngineVersion is "latest"`},
		"a version of three":    {func(a *database.Args) { a.EngineVersion = "9.6.24" }, `EngineVersion is "9.6.24"`},
		"little storage":        {func(a *database.Args) { a.StorageGiB = 19 }, "StorageGiB is 19: gp3 accepts 20 to 65536"},
		"much storage":          {func(a *database.Args) { a.StorageGiB = 65537 }, "StorageGiB is 65537"},
		"no room to grow":       {func(a *database.Args) { a.MaxStorageGiB = 21 }, "21: it must be at least 10 % above"},
		"too much room to grow": {func(a *database.Args) { a.MaxStorageGiB = 65537 }, "MaxStorageGiB is 65537"},
		"few connections":       {func(a *database.Args) { a.MaxConnections = 5 }, "5: PostgreSQL on RDS accepts 6 to 8388607"},
		"many connections":      {func(a *database.Args) { a.MaxConnections = 8388608 }, "MaxConnections is 8388608"},
		"logs kept forever":     {func(a *database.Args) { a.LogRetentionDays = 0 }, "LogRetentionDays is 0"},
		"negative backups":      {func(a *database.Args) { a.BackupRetentionDays = -1 }, "BackupRetentionDays is -1"},
		"long backups":          {func(a *database.Args) { a.BackupRetentionDays = 36 }, "36: RDS keeps backups for 1 to"},
		"no backups":            {func(a *database.Args) { a.BackupRetentionDays = 0 }, "0, which means no backups"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resources, err := run("database", with(test.change))
			require.ErrorContains(t, err, `database "database": `)
			require.ErrorContains(t, err, test.want)
			requireNothing(t, resources)
		})
	}
}

func TestNewAcceptsLimits(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*database.Args){
		"least":   func(a *database.Args) { a.MaxStorageGiB, a.MaxConnections, a.BackupRetentionDays = 22, 6, 1 },
		"most":    func(a *database.Args) { a.MaxStorageGiB, a.MaxConnections, a.BackupRetentionDays = 65536, 8388607, 35 },
		"storage": func(a *database.Args) { a.StorageGiB, a.MaxStorageGiB = 59578, 65536 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := run("database", with(change))
			require.NoError(t, err)
		})
	}
}

// TestNewRejectsNames uses the mocked stack "test": the identifier of the instance begins with "test-" and the name of
// the database.
func TestNewRejectsNames(t *testing.T) {
	t.Parallel()
	for name, rejected := range map[string]bool{
		"orders-2024":           false,
		strings.Repeat("a", 48): false,
		strings.Repeat("a", 49): true,
		"Orders":                true,
		"orders_db":             true,
		"orders--db":            true,
		"orders-":               true,
		"v1.2":                  true,
	} {
		resources, err := run(name, valid())
		if !rejected {
			require.NoError(t, err, name)
			continue
		}
		require.ErrorContains(t, err, "rename the stack", name)
		requireNothing(t, resources)
	}
}

// requireNothing fails the test if any resource but the stack itself exists.
func requireNothing(t *testing.T, resources pulumitest.Resources) {
	t.Helper()
	for _, resource := range resources {
		require.Equal(t, "pulumi:pulumi:Stack", resource.Type)
	}
}

// requireURN fails the test if no URN ends with the suffix.
func requireURN(t *testing.T, urns []string, suffix string) {
	t.Helper()
	require.True(t, slices.ContainsFunc(urns, func(urn string) bool { return strings.HasSuffix(urn, suffix) }),
		"%s is not among %v", suffix, urns)
}
