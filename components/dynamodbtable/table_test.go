package dynamodbtable_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"stagecraft/components/dynamodbtable"
	"stagecraft/internal/pulumitest"
)

const (
	tableType = "aws:dynamodb/table:Table"
	alarmType = "aws:cloudwatch/metricAlarm:MetricAlarm"
)

func valid() dynamodbtable.Args {
	return dynamodbtable.Args{
		HashKey:       dynamodbtable.Key{Name: "page", Type: "S"},
		Operations:    []string{"GetItem", "UpdateItem"},
		AlarmTopicArn: pulumi.String("arn:topic"),
		Tags:          pulumi.StringMap{"project": pulumi.String("stagecraft")},
	}
}

// full returns arguments that set every option but the key and the write limit.
func full() dynamodbtable.Args {
	args := valid()
	args.RangeKey = dynamodbtable.Key{Name: "day", Type: "N"}
	args.Indexes = []dynamodbtable.Index{
		{Name: "by-day", HashKey: dynamodbtable.Key{Name: "day", Type: "N"}, RangeKey: dynamodbtable.Key{Name: "visits", Type: "N"}},
		{Name: "by-visits", HashKey: dynamodbtable.Key{Name: "visits", Type: "N"}, Include: []string{"title"}},
	}
	args.TimeToLive, args.Stream, args.MaxReadUnits = "expires", "NEW_IMAGE", 100
	args.Ephemeral = true
	return args
}

// run creates a table, and also returns the actions and resources that its access allows.
func run(args dynamodbtable.Args) (resources pulumitest.Resources, actions, allowed []string, err error) {
	resources, err = pulumitest.Run(func(ctx *pulumi.Context) error {
		table, err := dynamodbtable.New(ctx, "visits", &args)
		if err != nil {
			return err
		}
		access := table.Access()
		actions = access.Actions
		access.Resources.ToStringArrayOutput().ApplyT(func(arns []string) []string {
			allowed = arns
			return arns
		})
		return nil
	}, nil, nil)
	return resources, actions, allowed, err
}

func TestNew(t *testing.T) {
	t.Parallel()
	resources, actions, allowed, err := run(valid())
	require.NoError(t, err)
	table := resources.One(t, tableType)
	require.True(t, table.Protect)
	require.Equal(t, map[string]any{
		"billingMode":               "PAY_PER_REQUEST",
		"hashKey":                   "page",
		"attributes":                []any{map[string]any{"name": "page", "type": "S"}},
		"deletionProtectionEnabled": true,
		"pointInTimeRecovery":       map[string]any{"enabled": true},
		"serverSideEncryption":      map[string]any{"enabled": true},
		"tags":                      map[string]any{"project": "stagecraft"},
	}, table.Inputs)
	require.Equal(t, []string{"dynamodb:GetItem", "dynamodb:UpdateItem"}, actions)
	require.Equal(t, []string{"arn:visits"}, allowed)
	resources.RequireTags(t, map[string]string{"project": "stagecraft"})
	resources.RequireParents(t, "stagecraft:datastore:Table")
}

func TestOptions(t *testing.T) {
	t.Parallel()
	resources, _, allowed, err := run(full())
	require.NoError(t, err)
	table := resources.One(t, tableType)
	require.False(t, table.Protect)
	require.Subset(t, table.Inputs, map[string]any{
		"rangeKey": "day",
		"attributes": []any{
			map[string]any{"name": "page", "type": "S"},
			map[string]any{"name": "day", "type": "N"},
			map[string]any{"name": "visits", "type": "N"},
		},
		"globalSecondaryIndexes": []any{
			map[string]any{"name": "by-day", "hashKey": "day", "rangeKey": "visits", "projectionType": "ALL"},
			map[string]any{
				"name": "by-visits", "hashKey": "visits", "projectionType": "INCLUDE", "nonKeyAttributes": []any{"title"},
			},
		},
		"deletionProtectionEnabled": false,
		"pointInTimeRecovery":       map[string]any{"enabled": true},
		"ttl":                       map[string]any{"attributeName": "expires", "enabled": true},
		"streamEnabled":             true,
		"streamViewType":            "NEW_IMAGE",
		"onDemandThroughput":        map[string]any{"maxReadRequestUnits": 100.0, "maxWriteRequestUnits": -1.0},
	})
	require.Equal(t, []string{"arn:visits", "arn:visits/index/by-day", "arn:visits/index/by-visits"}, allowed)
}

func TestAlarms(t *testing.T) {
	t.Parallel()
	resources, _, _, err := run(valid())
	require.NoError(t, err)
	got := map[string]string{}
	for _, alarm := range resources.Of(alarmType) {
		require.Equal(t, "AWS/DynamoDB", alarm.Inputs["namespace"])
		require.Equal(t, "notBreaching", alarm.Inputs["treatMissingData"])
		statistic := alarm.Inputs["statistic"]
		if statistic == nil {
			statistic = alarm.Inputs["extendedStatistic"]
		}
		got[alarm.Name] = fmt.Sprint(alarm.Inputs["metricName"], " ", statistic, " ", alarm.Inputs["threshold"], " ",
			alarm.Inputs["dimensions"])
	}
	require.Equal(t, map[string]string{
		"visits-read-throttles":      "ReadThrottleEvents Sum 1 map[TableName:visits]",
		"visits-write-throttles":     "WriteThrottleEvents Sum 1 map[TableName:visits]",
		"visits-get-item-errors":     "SystemErrors Sum 1 map[Operation:GetItem TableName:visits]",
		"visits-get-item-latency":    "SuccessfulRequestLatency p99 100 map[Operation:GetItem TableName:visits]",
		"visits-update-item-errors":  "SystemErrors Sum 1 map[Operation:UpdateItem TableName:visits]",
		"visits-update-item-latency": "SuccessfulRequestLatency p99 100 map[Operation:UpdateItem TableName:visits]",
	}, got)
}

func TestRejects(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]func(*dynamodbtable.Args){
		"AlarmTopicArn must be set":                             func(a *dynamodbtable.Args) { a.AlarmTopicArn = nil },
		"Operations must name the operations that clients call": func(a *dynamodbtable.Args) { a.Operations = nil },
		`Operations contains "Drop"`:                            func(a *dynamodbtable.Args) { a.Operations = []string{"Drop"} },
		`Stream is "ALL"`:                                       func(a *dynamodbtable.Args) { a.Stream = "ALL" },
		"MaxReadUnits is -1":                                    func(a *dynamodbtable.Args) { a.MaxReadUnits = -1 },
		"MaxWriteUnits is -2":                                   func(a *dynamodbtable.Args) { a.MaxWriteUnits = -2 },
		"TimeToLive has 256 characters":                         func(a *dynamodbtable.Args) { a.TimeToLive = strings.Repeat("a", 256) },
		"HashKey must be set":                                   func(a *dynamodbtable.Args) { a.HashKey = dynamodbtable.Key{} },
		`HashKey and RangeKey are both "page"`:                  func(a *dynamodbtable.Args) { a.RangeKey = a.HashKey },
		`the key "" must have a name`:                           func(a *dynamodbtable.Args) { a.HashKey.Name = "" },
		`the key "page" has the type "text"`:                    func(a *dynamodbtable.Args) { a.HashKey.Type = "text" },
		`the key "visits" has the types N and S`:                func(a *dynamodbtable.Args) { a.Indexes[1].HashKey.Type = "S" },
		"there are 21 Indexes":                                  func(a *dynamodbtable.Args) { a.Indexes = make([]dynamodbtable.Index, 21) },
		`the index "no name" must have a name of 3 to 255`:      func(a *dynamodbtable.Args) { a.Indexes[0].Name = "no name" },
		`two indexes have the name "by-day"`:                    func(a *dynamodbtable.Args) { a.Indexes[1].Name = "by-day" },
		`the index "by-visits" must have a HashKey`:             func(a *dynamodbtable.Args) { a.Indexes[1].HashKey = dynamodbtable.Key{} },
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			args := full()
			change(&args)
			resources, _, _, err := run(args)
			require.ErrorContains(t, err, `table "visits": `)
			require.ErrorContains(t, err, want)
			require.Empty(t, resources.Of(tableType))
		})
	}
}
