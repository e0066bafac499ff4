package aws

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func tableInputs() map[string]any {
	return map[string]any{
		"name": "visits", "hashKey": "page", "billingMode": "PAY_PER_REQUEST",
		"attributes": []any{map[string]any{"name": "page", "type": "S"}},
	}
}

func indexOf(more map[string]any) map[string]any {
	return map[string]any{"globalSecondaryIndexes": []any{
		with(map[string]any{"name": "by-page", "hashKey": "page", "projectionType": "ALL"}, more),
	}}
}

func TestTableInputsRejected(t *testing.T) {
	t.Parallel()
	runInputRejections(t, []inputRejection{
		{tableToken, "name", map[string]any{"name": "a table"}},
		{tableToken, "name", map[string]any{"name": "ab"}},
		{tableToken, "attributes[0].type", map[string]any{"attributes": []any{map[string]any{"name": "page", "type": "text"}}}},
		{tableToken, "billingMode", map[string]any{"billingMode": "FREE"}},
		{tableToken, "globalSecondaryIndexes[0].projectionType", indexOf(map[string]any{"projectionType": "SOME"})},
		{tableToken, "onDemandThroughput.maxReadRequestUnits", map[string]any{
			"onDemandThroughput": map[string]any{"maxReadRequestUnits": 0},
		}},
		{tableToken, "pointInTimeRecovery.recoveryPeriodInDays", map[string]any{
			"pointInTimeRecovery": map[string]any{"enabled": true, "recoveryPeriodInDays": 36},
		}},
		{tableToken, "replicas", map[string]any{"replicas": []any{map[string]any{"regionName": "us-east-1"}}}},
		{tableToken, "streamViewType", map[string]any{"streamViewType": "ALL"}},
		{tableToken, "tableClass", map[string]any{"tableClass": "COLD"}},
	})
}

func TestTableRejections(t *testing.T) {
	t.Parallel()
	attributes := func(names ...string) map[string]any {
		list := make([]any, len(names))
		for i, name := range names {
			list[i] = map[string]any{"name": name, "type": "S"}
		}
		return map[string]any{"attributes": list}
	}
	var rejections []rejection
	for name, more := range map[string]map[string]any{
		"no hash key":              {"hashKey": nil},
		"range key without a type": {"rangeKey": "day"},
		"one key twice":            {"rangeKey": "page"},
		"attribute of no key":      attributes("page", "day"),
		"attribute twice":          attributes("page", "page"),
		"index on nothing":         indexOf(map[string]any{"hashKey": "day"}),
		"index that includes nothing": indexOf(map[string]any{
			"projectionType": "INCLUDE",
		}),
		"index with capacity on demand": indexOf(map[string]any{"readCapacity": 1, "writeCapacity": 1}),
		"indexes of one name": {"globalSecondaryIndexes": []any{
			indexOf(nil)["globalSecondaryIndexes"].([]any)[0], indexOf(nil)["globalSecondaryIndexes"].([]any)[0],
		}},
		"capacity on demand":    {"readCapacity": 1},
		"no capacity":           {"billingMode": "PROVISIONED"},
		"time to live of what":  {"ttl": map[string]any{"enabled": true}},
		"stream of what":        {"streamEnabled": true},
		"a view without stream": {"streamViewType": "NEW_IMAGE"},
		"limit of what is provisioned": {
			"billingMode": "PROVISIONED", "readCapacity": 1, "writeCapacity": 1,
			"onDemandThroughput": map[string]any{"maxReadRequestUnits": 10},
		},
	} {
		rejections = append(rejections, rejection{name, "ValidationException", tableToken, but(tableToken, more)})
	}
	runRejections(t, rejections)
}

func TestTables(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	inputs := with(tableInputs(), map[string]any{
		"rangeKey": "day", "onDemandThroughput": map[string]any{"maxReadRequestUnits": 100, "maxWriteRequestUnits": -1},
		"attributes": []any{map[string]any{"name": "page", "type": "S"}, map[string]any{"name": "day", "type": "N"}},
	})
	table := account.create(tableToken, inputs)
	require.Equal(t, "arn:aws:dynamodb:eu-west-1:123456789012:table/visits", table.text("arn"))
	require.Empty(t, table.text("streamArn"))

	outputs, err := account.update(table, with(inputs, map[string]any{"streamEnabled": true, "streamViewType": "KEYS_ONLY"}))
	require.NoError(t, err)
	require.Regexp(t, `^arn:aws:dynamodb:eu-west-1:123456789012:table/visits/stream/\d{4}-`, outputs["streamArn"].StringValue())

	_, err = account.update(table, with(inputs, map[string]any{"attributes": []any{
		map[string]any{"name": "page", "type": "N"}, map[string]any{"name": "day", "type": "N"},
	}}))
	requireCode(t, "ValidationException", err)

	diff, err := account.Diff(tableToken, table.inputs, account.check(tableToken, with(tableInputs(), indexOf(nil))))
	require.NoError(t, err)
	require.Len(t, diff.ReplaceKeys, 1, "the range key, and no index")
}
