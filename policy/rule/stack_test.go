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
	}, evaluated, nil, func(string, string) {})
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
	}, evaluated, map[string]any{"days": 3.0}, func(message, urn string) {
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

// names are the names of resources, in their order.
func names(resources []*Resource) []string {
	var names []string
	for _, resource := range resources {
		names = append(names, resource.Name)
	}
	return names
}

func TestReferences(t *testing.T) {
	t.Parallel()
	const topic, queue, alarm = "aws:sns/topic:Topic", "aws:sqs/queue:Queue", "aws:cloudwatch/metricAlarm:MetricAlarm"
	for name, test := range map[string]struct {
		actions      any
		dependencies []string
		want         []string
		sure         bool
	}{
		"known names":                        {[]any{"arn:b", "arn:a"}, nil, []string{"b", "a"}, true},
		"the same twice":                     {[]any{"arn:a", "arn:a"}, []string{"urn:a"}, []string{"a"}, true},
		"another type":                       {[]any{"arn:queue"}, nil, nil, true},
		"a dependency":                       {unknown, []string{"urn:a"}, []string{"a"}, true},
		"a dependency of another type":       {unknown, []string{"urn:queue"}, nil, false},
		"a dependency outside the stack":     {unknown, []string{"urn:elsewhere"}, nil, false},
		"an unknown value":                   {unknown, nil, nil, false},
		"an unknown element beside a name":   {[]any{unknown, "arn:a"}, nil, []string{"a"}, true},
		"an unknown element beside no name":  {[]any{"arn:other", unknown}, nil, nil, false},
		"an unknown element before no name":  {[]any{unknown, "arn:other"}, nil, nil, false},
		"an unknown element below an object": {map[string]any{"x": []any{unknown}, "y": "arn:other"}, nil, nil, false},
		"a name below an object":             {map[string]any{"x": []any{"arn:a"}}, nil, []string{"a"}, true},
		"unset":                              {nil, nil, nil, true},
	} {
		stack := NewStack(0, []policyx.AnalyzerResource{
			{Type: topic, Name: "a", URN: "urn:a", Properties: object(map[string]any{"arn": "arn:a"}).AsMap()},
			{Type: topic, Name: "b", URN: "urn:b", Properties: object(map[string]any{"arn": "arn:b"}).AsMap()},
			{Type: queue, Name: "queue", URN: "urn:queue", Properties: object(map[string]any{"arn": "arn:queue"}).AsMap()},
			{
				Type: alarm, Name: "alarm", URN: "urn:alarm", Properties: list(test.actions),
				PropertyDependencies: map[string][]string{"alarmActions": test.dependencies},
			},
		}, evaluated, nil, func(string, string) {})
		targets, sure := stack.References(stack.Resources[3], "alarmActions", topic)
		require.Equal(t, test.want, names(targets), name)
		require.Equal(t, test.sure, sure, name)
		require.Equal(t, test.dependencies != nil && test.dependencies[0] != "urn:elsewhere",
			len(stack.Sources(stack.Resources[3], "alarmActions")) == 1, name)
		require.Empty(t, stack.Sources(stack.Resources[3], "okActions"))
	}
}

// list are the properties of an alarm with the actions, of which lists may hold property values.
func list(actions any) property.Map {
	if elements, is := actions.([]any); is {
		var values []property.Value
		for _, element := range elements {
			values = append(values, object(map[string]any{"element": element}).AsMap().Get("element"))
		}
		actions = property.New(property.NewArray(values))
	}
	if below, is := actions.(map[string]any); is {
		for key, value := range below {
			below[key] = list(value).Get("alarmActions")
		}
	}
	return object(map[string]any{"alarmActions": actions}).AsMap()
}

// TestIdentities requires every property by which AWS knows a resource to be a reference to it.
func TestIdentities(t *testing.T) {
	t.Parallel()
	for _, identity := range []string{
		"id", "arn", "name", "identifier", "dbInstanceIdentifier", "arnSuffix", "bucket", "url", "qualifiedArn", "clusterId",
		"replicationGroupId", "loadBalancerName", "queueUrl", "dashboardName", "functionName",
	} {
		stack, alarm, database := pair(map[string]any{identity: "x"}, map[string]any{"dimensions": "x"}, nil)
		require.True(t, stack.IsReference(alarm, "dimensions", database), identity)
		targets, sure := stack.References(alarm, "dimensions", "aws:rds/instance:Instance")
		require.Equal(t, []string{"database"}, names(targets), identity)
		require.True(t, sure)
	}
	stack, alarm, database := pair(map[string]any{"description": "x"}, map[string]any{"dimensions": "x"}, nil)
	require.False(t, stack.IsReference(alarm, "dimensions", database))
}

func TestIsUnset(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		value        any
		dependencies map[string][]string
		unset        bool
	}{
		"null":                              {nil, nil, true},
		"an empty text":                     {"", nil, true},
		"an empty list":                     {[]any{}, nil, true},
		"false":                             {false, nil, false},
		"a text":                            {"x", nil, false},
		"unknown, for the provider to set":  {unknown, nil, true},
		"unknown, from another resource":    {unknown, map[string][]string{"dimensions": {"urn:database"}}, false},
		"unknown, with other dependencies":  {unknown, map[string][]string{"tags": {"urn:database"}}, true},
		"a text that comes from a resource": {"x", map[string][]string{"dimensions": {"urn:database"}}, false},
	} {
		_, alarm, _ := pair(nil, map[string]any{"dimensions": test.value}, test.dependencies)
		require.Equal(t, test.unset, alarm.IsUnset("dimensions"), name)
	}
}

// TestMightReference has an alarm and a database in a component, beside a resource that may connect them.
func TestMightReference(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		id, dimensions any
		dependencies   []string
		between        map[string][]string
		might          bool
	}{
		"the same value":                        {"db", "db", nil, nil, true},
		"another value of a known target":       {"db", "other", nil, nil, false},
		"a value of an unknown target":          {unknown, "other", nil, nil, false},
		"its output":                            {unknown, unknown, []string{"urn:database"}, nil, true},
		"an output of its component":            {unknown, unknown, []string{"urn:component"}, nil, true},
		"an output of its outer component":      {unknown, unknown, []string{"urn:outer"}, nil, true},
		"a known output of its component":       {unknown, "x", []string{"urn:component"}, nil, true},
		"the same, but its ID is known":         {"db", "x", []string{"urn:component"}, nil, false},
		"an output of what depends on it":       {unknown, unknown, []string{"urn:between"}, map[string][]string{"x": {"urn:database"}}, true},
		"an output of what does not":            {unknown, unknown, []string{"urn:between"}, map[string][]string{"x": {"urn:alarm"}}, false},
		"an output of what is not in the stack": {unknown, unknown, []string{"urn:elsewhere"}, nil, false},
		"an unknown value without a source":     {"db", unknown, nil, nil, true},
	} {
		stack := NewStack(0, []policyx.AnalyzerResource{
			{Type: "my:index:Outer", Name: "outer", URN: "urn:outer"},
			{Type: "my:index:Component", Name: "component", URN: "urn:component", Parent: "urn:outer"},
			{
				Type: "aws:rds/instance:Instance", Name: "database", URN: "urn:database", Parent: "urn:component",
				Properties: object(map[string]any{"id": test.id}).AsMap(),
			},
			{
				Type: "aws:cloudwatch/metricAlarm:MetricAlarm", Name: "alarm", URN: "urn:alarm",
				Properties:           object(map[string]any{"dimensions": test.dimensions}).AsMap(),
				PropertyDependencies: map[string][]string{"dimensions": test.dependencies},
			},
			{Type: "random:index:Id", Name: "between", URN: "urn:between", PropertyDependencies: test.between},
		}, evaluated, nil, func(string, string) {})
		alarm, database := stack.Resources[3], stack.Resources[2]
		require.Equal(t, test.might, stack.MightReference(alarm, "dimensions", database), name)
		require.Equal(t, "component", stack.Parent(database).Name)
		require.Equal(t, "outer", stack.Parent(stack.Parent(database)).Name)
		require.Nil(t, stack.Parent(alarm))
	}
}
