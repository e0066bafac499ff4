package rule

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/policyx"
	"github.com/stretchr/testify/require"
)

var unknown = property.New(property.Computed)

// object returns an object of Go values and property values.
func object(properties map[string]any) property.Value {
	values := map[string]property.Value{}
	for key, value := range properties {
		switch value := value.(type) {
		case property.Value:
			values[key] = value
		case map[string]any:
			values[key] = object(value)
		default:
			values[key] = resource.FromResourcePropertyValue(resource.NewPropertyValue(value))
		}
	}
	return property.New(property.NewMap(values))
}

func TestValueTellsWhatIsKnown(t *testing.T) {
	t.Parallel()
	value := Value{value: object(map[string]any{
		"null": nil, "unknown": unknown, "unknownSecret": unknown.WithSecret(true), "text": "a",
		"secret": property.New("a").WithSecret(true),
	})}
	for path, want := range map[string]struct{ absent, unknown bool }{
		"missing":             {absent: true},
		"missing.below":       {absent: true},
		"null":                {absent: true},
		"null.below":          {absent: true},
		"unknown":             {unknown: true},
		"unknown.below.below": {unknown: true},
		"unknownSecret":       {unknown: true},
		"text":                {},
		"text.below":          {absent: true},
		"secret":              {},
	} {
		got := value.Get(path)
		require.Equal(t, want.absent, got.Absent(), path)
		require.Equal(t, want.unknown, got.Unknown(), path)
		require.Equal(t, path, got.Path)
	}
}

func TestValueReadsWhatItHolds(t *testing.T) {
	t.Parallel()
	for name, is := range map[string]struct {
		value      property.Value
		yes, no    bool
		text, says string
		number     float64
		numeric    bool
	}{
		"true":            {value: property.New(true), yes: true, text: "true", says: "true"},
		"false":           {value: property.New(false), no: true, text: "false", says: "false"},
		"true as text":    {value: property.New("True"), yes: true, text: "True", says: `"True"`},
		"text":            {value: property.New("a\n"), text: "a\n", says: `"a\n"`},
		"whole number":    {value: property.New(1e6), text: "1000000", says: "1000000", number: 1e6, numeric: true},
		"fraction":        {value: property.New(0.5), text: "0.5", says: "0.5", number: 0.5, numeric: true},
		"number as text":  {value: property.New("7"), text: "7", says: `"7"`, number: 7, numeric: true},
		"null":            {value: property.New(property.Null), says: "not set"},
		"unknown":         {value: unknown, says: "not known yet"},
		"secret":          {value: property.New("a").WithSecret(true), text: "a", says: "a secret"},
		"secret null":     {value: property.New(property.Null).WithSecret(true), says: "a secret"},
		"list":            {value: property.New(property.NewArray([]property.Value{unknown})), says: "a list of 1"},
		"object":          {value: object(map[string]any{"a": 1}), says: "an object"},
		"resource itself": {value: property.New(property.ResourceReference{}), says: "an object"},
	} {
		value := Value{value: is.value}
		require.Equal(t, is.yes, value.Is(true), name)
		require.Equal(t, is.no, value.Is(false), name)
		require.Equal(t, is.text, value.Text(), name)
		require.Equal(t, is.says, value.String(), name)
		number, numeric := value.Number()
		require.Equal(t, is.numeric, numeric, name)
		require.InDelta(t, is.number, number, 0, name)
	}
}

func TestPartsOfSecretsAreSecret(t *testing.T) {
	t.Parallel()
	list := property.New(property.NewArray([]property.Value{object(map[string]any{"b": "hidden"})}))
	value := Value{value: object(map[string]any{"a": list.WithSecret(true)})}
	parts := value.Get("a").List()
	require.Len(t, parts, 1)
	part := parts[0].Get("b")
	require.Equal(t, "a[0].b", part.Path)
	require.Equal(t, "hidden", part.Text())
	require.Equal(t, "a secret", part.String())
}

func TestValueLists(t *testing.T) {
	t.Parallel()
	value := Value{value: object(map[string]any{
		"list": []any{"a", nil, true}, "empty": []any{}, "one": "a", "unknown": unknown, "object": map[string]any{"z": 1, "a": 2},
	})}
	require.Len(t, value.Get("list").List(), 3)
	require.Equal(t, "list[2]", value.Get("list").List()[2].Path)
	require.True(t, value.Get("list").List()[1].Absent())
	require.Empty(t, value.Get("empty").List())
	require.Empty(t, value.Get("missing").List())
	require.Len(t, value.Get("one").List(), 1)
	unknownList := value.Get("unknown").List()
	require.Len(t, unknownList, 1)
	require.True(t, unknownList[0].Unknown())

	require.Equal(t, []string{"a", "z"}, value.Get("object").Keys())
	require.Empty(t, value.Get("list").Keys())
	require.Empty(t, value.Get("unknown").Keys())
}

func TestValueReadsJSON(t *testing.T) {
	t.Parallel()
	value := Value{value: object(map[string]any{
		"json": `{"a": 1}`, "secret": property.New(`{"a": 1}`).WithSecret(true), "text": "a", "unknown": unknown, "number": 1,
	})}
	for path, want := range map[string]bool{
		"json": true, "secret": true, "text": false, "unknown": false, "number": false, "missing": false,
	} {
		var into struct{ A int }
		require.Equal(t, want, value.Get(path).JSON(&into), path)
		require.Equal(t, want, into.A == 1, path)
	}
}

// seen returns a rule's view of a resource, and the violations reported for it.
func seen(typ string, properties map[string]any, numbers map[string]any, evaluated *Rule) (*Resource, *[]string) {
	var reports []string
	return NewResource(policyx.AnalyzerResource{
		Type: typ, Name: "web", URN: "urn:web", Properties: object(properties).AsMap(),
	}, evaluated, numbers, func(message, _ string) { reports = append(reports, message) }), &reports
}
