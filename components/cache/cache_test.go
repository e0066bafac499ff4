package cache_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"stagecraft/components/cache"
	"stagecraft/components/role"
	"stagecraft/internal/pulumitest"
)

const (
	groupType       = "aws:elasticache/replicationGroup:ReplicationGroup"
	subnetGroupType = "aws:elasticache/subnetGroup:SubnetGroup"
	logGroupType    = "aws:cloudwatch/logGroup:LogGroup"
	metricAlarmType = "aws:cloudwatch/metricAlarm:MetricAlarm"
)

// id is the automatic name of the subnet group.
const id = "cache-1a2b3c4"

var outputs = map[string]map[string]any{
	subnetGroupType: {"name": id},
	groupType:       {"primaryEndpointAddress": "primary.example.com", "readerEndpointAddress": "reader.example.com"},
}

func valid() cache.Args {
	return cache.Args{
		VpcID:            pulumi.String("vpc-1"),
		SubnetIDs:        pulumi.ToStringArray([]string{"subnet-1", "subnet-2"}),
		NodeType:         "cache.t4g.small",
		SnapshotDays:     1,
		LogRetentionDays: 30,
		AlarmTopicArn:    pulumi.String("arn:topic"),
		Tags:             pulumi.StringMap{"tier": pulumi.String("cache")},
	}
}

// with returns valid arguments with one change.
func with(change func(*cache.Args)) cache.Args {
	args := valid()
	change(&args)
	return args
}

// run creates a cache, and allows one client to connect and to log in to it.
func run(name string, args cache.Args) (pulumitest.Resources, error) {
	return pulumitest.Run(func(ctx *pulumi.Context) error {
		component, err := cache.New(ctx, name, &args)
		if err != nil {
			return err
		}
		if err := component.Allow(ctx, "web", pulumi.String("sg-web")); err != nil {
			return err
		}
		_, err = role.Allow(ctx, "web", pulumi.String("web"), component.Access())
		return err
	}, outputs, nil)
}

func TestNew(t *testing.T) {
	t.Parallel()
	resources, err := run("cache", valid())
	require.NoError(t, err)
	resources.RequireTags(t, map[string]string{"tier": "cache"})
	resources.RequireParents(t, "stagecraft:cache:Cache", "aws:iam/rolePolicy:RolePolicy")

	require.Equal(t, []any{"subnet-1", "subnet-2"}, resources.One(t, subnetGroupType).Inputs["subnetIds"])
	group := resources.One(t, groupType)
	require.True(t, group.Protect)
	require.Equal(t, []string{"engineVersion"}, group.IgnoreChanges)
	delivery := func(kind string) map[string]any {
		return map[string]any{
			"destination":     "/aws/vendedlogs/elasticache/" + id + "/" + kind + "-1",
			"destinationType": "cloudwatch-logs", "logFormat": "json", "logType": kind,
		}
	}
	require.Equal(t, map[string]any{
		"replicationGroupId":        id,
		"description":               "stagecraft test: the cache before the database",
		"engine":                    "valkey",
		"engineVersion":             "8.1",
		"nodeType":                  "cache.t4g.small",
		"numCacheClusters":          2.0,
		"port":                      6379.0,
		"automaticFailoverEnabled":  true,
		"multiAzEnabled":            true,
		"atRestEncryptionEnabled":   true,
		"transitEncryptionEnabled":  true,
		"transitEncryptionMode":     "required",
		"userGroupIds":              []any{id},
		"subnetGroupName":           id,
		"securityGroupIds":          []any{"cache-id"},
		"parameterGroupName":        "cache",
		"snapshotRetentionLimit":    1.0,
		"snapshotWindow":            "02:00-03:00",
		"maintenanceWindow":         "sun:04:00-sun:05:00",
		"autoMinorVersionUpgrade":   true,
		"applyImmediately":          true,
		"notificationTopicArn":      "arn:topic",
		"logDeliveryConfigurations": []any{delivery("slow-log"), delivery("engine-log")},
		"finalSnapshotIdentifier":   id + "-final",
		"tags":                      map[string]any{"tier": "cache"},
	}, group.Inputs, "without an authToken")

	parameters := resources.One(t, "aws:elasticache/parameterGroup:ParameterGroup")
	require.Equal(t, "valkey8", parameters.Inputs["family"])
	require.Equal(t, []any{map[string]any{"name": "maxmemory-policy", "value": "allkeys-lru"}}, parameters.Inputs["parameters"])
	require.Equal(t, []string{"cache-engine-log", "cache-slow-log"}, resources.Names(logGroupType))
	for _, logs := range resources.Of(logGroupType) {
		require.Equal(t, 30.0, logs.Inputs["retentionInDays"])
	}
}

// TestNewSettings checks what a setting changes on the replication group, and that it changes nothing else.
func TestNewSettings(t *testing.T) {
	t.Parallel()
	base, err := run("cache", valid())
	require.NoError(t, err)
	for name, test := range map[string]struct {
		change func(*cache.Args)
		want   map[string]any
	}{
		"node type":    {func(a *cache.Args) { a.NodeType = "cache.m7g.large" }, map[string]any{"nodeType": "cache.m7g.large"}},
		"snapshots":    {func(a *cache.Args) { a.SnapshotDays = 35 }, map[string]any{"snapshotRetentionLimit": 35.0}},
		"no snapshots": {func(a *cache.Args) { a.SnapshotDays = 0 }, map[string]any{"snapshotRetentionLimit": 0.0}},
		"ephemeral":    {func(a *cache.Args) { a.Ephemeral = true }, map[string]any{"finalSnapshotIdentifier": nil}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := with(test.change)
			resources, err := run("cache", args)
			require.NoError(t, err)
			group := resources.One(t, groupType)
			changed := map[string]any{}
			for property, value := range base.One(t, groupType).Inputs {
				if now := group.Inputs[property]; !reflect.DeepEqual(value, now) {
					changed[property] = now
				}
			}
			require.Equal(t, test.want, changed)
			require.Equal(t, !args.Ephemeral, group.Protect)
			require.Len(t, resources, len(base))
		})
	}
}

func TestNewUsers(t *testing.T) {
	t.Parallel()
	resources, err := run("cache", valid())
	require.NoError(t, err)
	require.Equal(t, map[string]any{
		"userId": id, "userName": id, "engine": "valkey", "accessString": "on ~users:* resetchannels -@all +get +set",
		"authenticationMode": map[string]any{"type": "iam"}, "tags": map[string]any{"tier": "cache"},
	}, resources.One(t, "aws:elasticache/user:User").Inputs, "without a password")
	require.Subset(t, resources.One(t, "aws:elasticache/userGroup:UserGroup").Inputs, map[string]any{
		"userGroupId": id, "engine": "valkey", "userIds": []any{id},
	})
	require.JSONEq(t, `{"Version": "2012-10-17", "Statement": [{
		"Effect": "Allow", "Action": ["elasticache:Connect"], "Resource": ["arn:cache", "arn:cache"]
	}]}`, resources.One(t, "aws:iam/rolePolicy:RolePolicy").Inputs["policy"].(string))
}

func TestNewOutputs(t *testing.T) {
	t.Parallel()
	args := valid()
	var got []any
	_, err := pulumitest.Run(func(ctx *pulumi.Context) error {
		component, err := cache.New(ctx, "cache", &args)
		if err != nil {
			return err
		}
		pulumi.All(
			component.Endpoint, component.ReaderEndpoint, component.ReplicationGroupID, component.UserName, component.Arn,
			component.SecurityGroupID,
		).ApplyT(func(values []any) []any {
			got = values
			return values
		})
		return nil
	}, outputs, nil)
	require.NoError(t, err)
	require.Equal(t, []any{"primary.example.com:6379", "reader.example.com:6379", id, id, "arn:cache", "cache-id"}, got)
}

func TestNewAlarms(t *testing.T) {
	t.Parallel()
	type alarm struct {
		metric, statistic  string
		threshold, minutes float64
		missing            string
	}
	alarms := map[string]alarm{
		"engine-cpu":      {"EngineCPUUtilization", "Average", 80, 10, "missing"},
		"cpu":             {"CPUUtilization", "Average", 90, 10, "missing"},
		"memory":          {"DatabaseMemoryUsagePercentage", "Average", 90, 10, "missing"},
		"evictions":       {"Evictions", "Sum", 100, 5, "missing"},
		"connections":     {"CurrConnections", "Maximum", 52000, 5, "missing"},
		"replication-lag": {"ReplicationLag", "Maximum", 10, 5, "notBreaching"},
	}
	args := valid()
	resources, err := pulumitest.Run(func(ctx *pulumi.Context) error {
		component, err := cache.New(ctx, "cache", &args)
		if err == nil {
			require.Len(t, component.Alarms, 2*len(alarms))
		}
		return err
	}, outputs, nil)
	require.NoError(t, err)

	require.Len(t, resources.Of(metricAlarmType), 2*len(alarms))
	for node := 1; node <= 2; node++ {
		for name, want := range alarms {
			inputs := resources.Named(t, metricAlarmType, fmt.Sprintf("cache-%d-%s", node, name)).Inputs
			require.Subset(t, inputs, map[string]any{
				"namespace":          "AWS/ElastiCache",
				"dimensions":         map[string]any{"CacheClusterId": fmt.Sprintf("%s-00%d", id, node)},
				"comparisonOperator": "GreaterThanOrEqualToThreshold",
				"period":             60.0,
				"alarmActions":       []any{"arn:topic"},
			}, name)
			require.Equal(t, want, alarm{
				inputs["metricName"].(string), inputs["statistic"].(string), inputs["threshold"].(float64),
				inputs["evaluationPeriods"].(float64), inputs["treatMissingData"].(string),
			}, name)
		}
	}
}

func TestAllow(t *testing.T) {
	t.Parallel()
	resources, err := run("lists", valid())
	require.NoError(t, err)

	group := resources.One(t, "aws:ec2/securityGroup:SecurityGroup")
	require.Equal(t, "vpc-1", group.Inputs["vpcId"])
	require.NotContains(t, group.Inputs, "ingress")
	require.NotContains(t, group.Inputs, "egress")

	rule := resources.One(t, "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
	require.Equal(t, "lists-from-web", rule.Name)
	require.Equal(t, map[string]any{
		"securityGroupId":           "lists-id",
		"referencedSecurityGroupId": "sg-web",
		"ipProtocol":                "tcp",
		"fromPort":                  6379.0,
		"toPort":                    6379.0,
		"description":               "Valkey from web",
		"tags":                      map[string]any{"tier": "cache"},
	}, rule.Inputs)
}

func TestNewRejects(t *testing.T) {
	t.Parallel()
	const unset = "VpcID, SubnetIDs and AlarmTopicArn must be set"
	for name, test := range map[string]struct {
		change func(*cache.Args)
		want   string
	}{
		"no network":         {func(a *cache.Args) { a.VpcID = nil }, unset},
		"no subnets":         {func(a *cache.Args) { a.SubnetIDs = nil }, unset},
		"no topic":           {func(a *cache.Args) { a.AlarmTopicArn = nil }, unset},
		"no node type":       {func(a *cache.Args) { a.NodeType = "" }, `NodeType is ""`},
		"an RDS class":       {func(a *cache.Args) { a.NodeType = "db.t4g.small" }, `NodeType is "db.t4g.small"`},
		"negative snapshots": {func(a *cache.Args) { a.SnapshotDays = -1 }, "SnapshotDays is -1"},
		"long snapshots":     {func(a *cache.Args) { a.SnapshotDays = 36 }, "36: ElastiCache keeps snapshots for up to 35"},
		"logs kept forever":  {func(a *cache.Args) { a.LogRetentionDays = 0 }, "LogRetentionDays is 0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resources, err := run("cache", with(test.change))
			require.ErrorContains(t, err, `cache "cache": `)
			require.ErrorContains(t, err, test.want)
			require.Empty(t, resources.Of(subnetGroupType))
		})
	}
}

func TestNewRejectsNames(t *testing.T) {
	t.Parallel()
	for name, rejected := range map[string]bool{
		"lists-2":               false,
		strings.Repeat("a", 32): false,
		strings.Repeat("a", 33): true,
		"Lists":                 true,
		"my--lists":             true,
		"lists-":                true,
	} {
		_, err := run(name, valid())
		if !rejected {
			require.NoError(t, err, name)
			continue
		}
		require.ErrorContains(t, err, "at most 32 characters", name)
	}
}
