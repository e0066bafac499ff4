package rule

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/policyx"
	"github.com/stretchr/testify/require"
)

// pair returns a stack of an alarm and a database, with the alarm's dimensions and dependencies.
func pair(database, alarm map[string]any, dependencies map[string][]string) (*Stack, *Resource, *Resource) {
	stack := NewStack(3, []policyx.AnalyzerResource{
		{Type: "aws:rds/instance:Instance", Name: "database", URN: "urn:database", Properties: object(database).AsMap()},
		{
			Type: "aws:cloudwatch/metricAlarm:MetricAlarm", Name: "alarm", URN: "urn:alarm", Properties: object(alarm).AsMap(),
			PropertyDependencies: dependencies,
		},
	}, judging, nil, func(string, string) {})
	return stack, stack.Resources[1], stack.Resources[0]
}

func TestRefers(t *testing.T) {
	t.Parallel()
	known := map[string]any{"identifier": "app-database", "arn": "arn:aws:rds:app", "id": ""}
	dimensions := func(value any) map[string]any { return map[string]any{"dimensions": value} }
	for name, test := range map[string]struct {
		database, alarm map[string]any
		dependencies    map[string][]string
		refers          bool
	}{
		"by dependency": {
			map[string]any{}, dimensions(unknown), map[string][]string{"dimensions": {"urn:other", "urn:database"}}, true,
		},
		"by the dependency of another property": {
			map[string]any{}, dimensions(unknown), map[string][]string{"tags": {"urn:database"}}, false,
		},
		"by no dependency":   {map[string]any{}, dimensions(unknown), nil, false},
		"by value":           {known, dimensions("app-database"), nil, true},
		"by ARN":             {known, dimensions("arn:aws:rds:app"), nil, true},
		"in a map":           {known, dimensions(map[string]any{"DBInstanceIdentifier": "app-database"}), nil, true},
		"in a list of maps":  {known, dimensions([]any{map[string]any{"a": []any{"b", "app-database"}}}), nil, true},
		"in a secret":        {known, dimensions(property.New("app-database").WithSecret(true)), nil, true},
		"by another value":   {known, dimensions(map[string]any{"DBInstanceIdentifier": "other"}), nil, false},
		"by a part of it":    {known, dimensions("app-database-replica"), nil, false},
		"by a key":           {known, dimensions(map[string]any{"app-database": "x"}), nil, false},
		"by an empty name":   {known, dimensions(""), nil, false},
		"by nothing":         {known, map[string]any{}, nil, false},
		"an unknown name":    {map[string]any{"identifier": unknown}, dimensions(unknown), nil, false},
		"what has no names":  {map[string]any{}, dimensions([]any{"", nil, map[string]any{"a": ""}}), nil, false},
		"beside the unknown": {known, dimensions([]any{unknown, "app-database"}), nil, true},
	} {
		stack, alarm, database := pair(test.database, test.alarm, test.dependencies)
		require.Equal(t, test.refers, stack.IsReference(alarm, "dimensions", database), name)
	}
}

func TestStack(t *testing.T) {
	t.Parallel()
	var messages, urns []string
	stack := NewStack(3, []policyx.AnalyzerResource{
		{Type: "aws:alb/loadBalancer:LoadBalancer", Name: "a", URN: "urn:a"},
		{Type: "aws:lb/loadBalancer:LoadBalancer", Name: "b", URN: "urn:b"},
		{Type: "aws:rds/instance:Instance", Name: "c", URN: "urn:c"},
	}, judging, map[string]any{"days": 3.0}, func(message, urn string) {
		messages, urns = append(messages, message), append(urns, urn)
	})
	require.Equal(t, 3, stack.Stage)
	require.Len(t, stack.ResourcesOfType("aws:lb/loadBalancer:LoadBalancer"), 2)
	require.Empty(t, stack.ResourcesOfType("aws:sns/topic:Topic"))
	require.InDelta(t, 3, stack.Resources[0].Parameter("days"), 0)

	stack.Report("there is no topic")
	stack.ResourcesOfType("aws:rds/instance:Instance")[0].Report("it has no alarm")
	require.Equal(t, []string{"there is no topic. Mend it.", `aws:rds/instance:Instance "c": it has no alarm. Mend it.`}, messages)
	require.Equal(t, []string{"", "urn:c"}, urns)
}
