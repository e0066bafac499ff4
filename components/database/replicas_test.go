package database_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"stagecraft/components/database"
	"stagecraft/internal/pulumitest"
)

func withReplicas(a *database.Args) {
	a.AvailabilityZones, a.ReplicaZones = []string{"eu-west-1a", "eu-west-1b", "eu-west-1c"}, 2
}

// TestReplicas checks that replicas set no property that they take from the writer: RDS would report a different value.
func TestReplicas(t *testing.T) {
	t.Parallel()
	resources, err := run("database", with(withReplicas))
	require.NoError(t, err)
	resources.RequireTags(t, map[string]string{"tier": "database"})
	resources.RequireParents(t, "stagecraft:database:Database")
	require.Equal(t, []string{"database", "database-replica-a", "database-replica-b"}, resources.Names(instanceType))

	for i, letter := range []string{"a", "b"} {
		replica := resources.Named(t, instanceType, "database-replica-"+letter)
		require.False(t, replica.Protect)
		require.Equal(t, map[string]any{
			"identifier":                         "test-database-" + letter,
			"replicateSourceDb":                  "test-database",
			"instanceClass":                      "db.t4g.small",
			"availabilityZone":                   "eu-west-1" + letter,
			"maxAllocatedStorage":                100.0,
			"storageType":                        "gp3",
			"storageEncrypted":                   true,
			"iamDatabaseAuthenticationEnabled":   true,
			"vpcSecurityGroupIds":                []any{"database-id"},
			"publiclyAccessible":                 false,
			"parameterGroupName":                 "database-replica",
			"caCertIdentifier":                   "rds-ca-rsa2048-g1",
			"maintenanceWindow":                  []string{"mon:04:00-mon:05:00", "tue:04:00-tue:05:00"}[i],
			"applyImmediately":                   false,
			"autoMinorVersionUpgrade":            true,
			"copyTagsToSnapshot":                 true,
			"skipFinalSnapshot":                  true,
			"performanceInsightsEnabled":         true,
			"performanceInsightsRetentionPeriod": 7.0,
			"monitoringInterval":                 60.0,
			"monitoringRoleArn":                  "arn:database-monitoring",
			"enabledCloudwatchLogsExports":       []any{"postgresql", "upgrade"},
			"tags":                               map[string]any{"tier": "database"},
		}, replica.Inputs)
		for _, export := range []string{"postgresql", "upgrade"} {
			logs := resources.Named(t, logGroupType, replica.Name+"-"+export)
			require.Equal(t, "/aws/rds/instance/test-database-"+letter+"/"+export, logs.Inputs["name"])
			requireURN(t, replica.DependsOn, logGroupType+"::"+logs.Name)
		}
	}
	second := resources.Named(t, instanceType, "database-replica-b")
	requireURN(t, second.DependsOn, instanceType+"::database-replica-a")
	rotation := resources.One(t, "aws:secretsmanager/secretRotation:SecretRotation")
	requireURN(t, rotation.DependsOn, instanceType+"::database-replica-a")
	requireURN(t, rotation.DependsOn, instanceType+"::database-replica-b")
	require.Equal(t, []any{"test-database", "test-database-a", "test-database-b"},
		resources.One(t, "aws:rds/eventSubscription:EventSubscription").Inputs["sourceIds"])
}

func TestReplicaSettings(t *testing.T) {
	t.Parallel()
	resources, err := run("database", with(func(a *database.Args) {
		withReplicas(a)
		a.ReplicaClass, a.EngineVersion, a.ApplyImmediately, a.ReplicaZones = "db.m7g.large", "17.5", true, 1
	}))
	require.NoError(t, err)
	require.Subset(t, resources.Named(t, instanceType, "database-replica-a").Inputs, map[string]any{
		"instanceClass": "db.m7g.large", "autoMinorVersionUpgrade": false, "applyImmediately": true,
	})
	require.Len(t, resources.Of(instanceType), 2)
}

// TestReplicasLeaveTheWriter checks that replicas change no existing resource but the sources of RDS events.
func TestReplicasLeaveTheWriter(t *testing.T) {
	t.Parallel()
	without, err := run("database", valid())
	require.NoError(t, err)
	resources, err := run("database", with(withReplicas))
	require.NoError(t, err)
	for _, before := range without {
		if before.Type != "aws:rds/eventSubscription:EventSubscription" && before.Inputs != nil {
			require.Equal(t, before.Inputs, resources.Named(t, before.Type, before.Name).Inputs, "%s %s", before.Type, before.Name)
		}
	}
}

func TestReplicaAlarms(t *testing.T) {
	t.Parallel()
	args := with(withReplicas)
	resources, err := pulumitest.Run(func(ctx *pulumi.Context) error {
		component, err := database.New(ctx, "database", &args)
		if err == nil {
			require.Len(t, component.WriterAlarms, 7)
			require.Len(t, component.Alarms, 7+2*5+1)
		}
		return err
	}, outputs, answers)
	require.NoError(t, err)
	for _, letter := range []string{"a", "b"} {
		metrics := map[string]string{}
		for _, alarm := range resources.Of(metricAlarmType) {
			if name, ok := strings.CutPrefix(alarm.Name, "database-replica-"+letter+"-"); ok {
				metrics[name] = alarm.Inputs["metricName"].(string)
				require.Equal(t, map[string]any{"DBInstanceIdentifier": "test-database-" + letter}, alarm.Inputs["dimensions"])
			}
		}
		require.Equal(t, map[string]string{
			"lag": "ReplicaLag", "cpu": "CPUUtilization", "storage": "FreeStorageSpace", "memory": "FreeableMemory",
			"connections": "DatabaseConnections",
		}, metrics)
	}
	require.Subset(t, resources.Named(t, metricAlarmType, "database-replica-a-lag").Inputs, map[string]any{
		"threshold": 600.0, "evaluationPeriods": 3.0, "statistic": "Average", "comparisonOperator": "GreaterThanOrEqualToThreshold",
	})
}

// TestReader checks that every stage reads from the same name, with the writer as the answer if no replica is healthy.
func TestReader(t *testing.T) {
	t.Parallel()
	resources, err := run("database", with(withReplicas))
	require.NoError(t, err)
	zone := resources.One(t, "aws:route53/zone:Zone")
	require.Equal(t, "stagecraft-test.internal", zone.Inputs["name"])
	require.Equal(t, []any{map[string]any{"vpcId": "vpc-1"}}, zone.Inputs["vpcs"])

	require.Equal(t, []string{"database-reader-a", "database-reader-b", "database-reader-writer"}, resources.Names(recordType))
	for identifier, weight := range map[string]float64{"writer": 0, "a": 1, "b": 1} {
		record := resources.Named(t, recordType, "database-reader-"+identifier)
		require.Subset(t, record.Inputs, map[string]any{
			"name": "database-reader.stagecraft-test.internal", "type": "CNAME", "ttl": 10.0, "setIdentifier": identifier,
			"records":                 []any{"database.example.com"},
			"weightedRoutingPolicies": []any{map[string]any{"weight": weight}},
		})
		if identifier == "writer" {
			require.NotContains(t, record.Inputs, "healthCheckId")
			continue
		}
		require.Equal(t, fmt.Sprintf("database-replica-%s-id", identifier), record.Inputs["healthCheckId"])
		require.Equal(t, map[string]any{
			"type":                         "CLOUDWATCH_METRIC",
			"cloudwatchAlarmName":          "stagecraft-test-database-replica-" + identifier + "-lag",
			"cloudwatchAlarmRegion":        "eu-west-1",
			"insufficientDataHealthStatus": "Unhealthy",
			"triggers":                     map[string]any{"threshold": "600", "evaluationPeriods": "3"},
			"tags":                         map[string]any{"Name": "database-replica-" + identifier, "tier": "database"},
		}, resources.Named(t, checkType, "database-replica-"+identifier).Inputs)
	}
}

func TestReplicasRejected(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*database.Args)
		want   string
	}{
		"fewer than none": {func(a *database.Args) { a.ReplicaZones = -1 }, "ReplicaZones is -1"},
		"more than zones": {func(a *database.Args) { a.ReplicaZones = 4 }, "ReplicaZones is 4: it must be from 0 to 3, the number of AvailabilityZones"},
		"no backups": {
			func(a *database.Args) { a.Ephemeral, a.BackupRetentionDays = true, 0 }, "ReplicaZones must be 0 while BackupRetentionDays",
		},
		"an EC2 type": {func(a *database.Args) { a.ReplicaClass = "t4g.small" }, `ReplicaClass is "t4g.small"`},
		"no zone": {
			func(a *database.Args) { a.AvailabilityZones = []string{"eu-west-1", "eu-west-1b"} }, "AvailabilityZones are",
		},
		"a zone twice": {
			func(a *database.Args) { a.AvailabilityZones = []string{"eu-west-1a", "eu-west-1a"} }, "AvailabilityZones are",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resources, err := run("database", with(func(a *database.Args) {
				withReplicas(a)
				test.change(a)
			}))
			require.ErrorContains(t, err, test.want)
			requireNothing(t, resources)
		})
	}
}
