package schema_test

import (
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ssm"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/archive"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/asset"
	"github.com/stretchr/testify/require"

	"stagecraft/internal/offline/schema"
)

func TestInputs(t *testing.T) {
	t.Parallel()
	inputs := schema.Inputs(ssm.MaintenanceWindowTargetArgs{})
	require.False(t, inputs["windowId"].Optional)
	require.True(t, inputs["name"].Optional)
	require.Contains(t, inputs, "targets")
	require.NotContains(t, inputs, "id")
}

func TestInputsOfAnInvoke(t *testing.T) {
	t.Parallel()
	inputs := schema.Inputs(ssm.LookupParameterArgs{})
	require.False(t, inputs["name"].Optional)
	require.True(t, inputs["withDecryption"].Optional)
}

func TestOutputs(t *testing.T) {
	t.Parallel()
	outputs := schema.Outputs(sns.Topic{})
	require.False(t, outputs["arn"].Optional)
	require.True(t, outputs["kmsMasterKeyId"].Optional)
	require.Equal(t, "", outputs["arn"].Zero())
}

func TestCheck(t *testing.T) {
	t.Parallel()
	role := schema.Inputs(iam.RoleArgs{})
	target := schema.Inputs(ssm.MaintenanceWindowTargetArgs{})
	object, layer := schema.Inputs(s3.BucketObjectv2Args{}), schema.Inputs(lambda.LayerVersionArgs{})
	file, err := asset.FromText("hello")
	require.NoError(t, err)
	files, err := archive.FromAssets(map[string]any{"hello": file})
	require.NoError(t, err)
	tests := map[string]struct {
		object schema.Object
		values map[string]any
		want   map[string]string
	}{
		"right": {role, map[string]any{"assumeRolePolicy": "{}", "tags": map[string]any{"a": "b"}}, nil},
		"missing": {
			target,
			map[string]any{"name": "x", "resourceType": "INSTANCE"},
			map[string]string{"windowId": "is required, and missing"},
		},
		"unknown": {
			role, map[string]any{"assumeRolePolicy": "{}", "nam": "x"}, map[string]string{"nam": "is not a property of this type"},
		},
		"text for a list": {
			role,
			map[string]any{"assumeRolePolicy": "{}", "managedPolicyArns": "x"},
			map[string]string{"managedPolicyArns": "is string, and must be a list"},
		},
		"number in a map": {
			role,
			map[string]any{"assumeRolePolicy": "{}", "tags": map[string]any{"a": 1}},
			map[string]string{"tags.a": "is number, and must be a string"},
		},
		"text for a number": {
			role,
			map[string]any{"assumeRolePolicy": "{}", "maxSessionDuration": "1"},
			map[string]string{"maxSessionDuration": "is string, and must be a whole number"},
		},
		"text for a boolean": {
			role,
			map[string]any{"assumeRolePolicy": "{}", "forceDetachPolicies": "yes"},
			map[string]string{"forceDetachPolicies": "is string, and must be a boolean"},
		},
		"inside of an object": {
			target,
			map[string]any{
				"windowId": "w", "resourceType": "INSTANCE", "targets": []any{map[string]any{"key": "k", "value": "v"}},
			},
			map[string]string{"targets[0].value": "is not a property of this type"},
		},
		"an asset":            {object, map[string]any{"bucket": "b", "source": file}, nil},
		"an archive as asset": {object, map[string]any{"bucket": "b", "source": files}, nil},
		"an archive":          {layer, map[string]any{"layerName": "l", "code": files}, nil},
		"an asset for archives": {
			layer,
			map[string]any{"layerName": "l", "code": file},
			map[string]string{"code": "is asset, and must be an archive"},
		},
		"text for an asset": {
			object,
			map[string]any{"bucket": "b", "source": "hello"},
			map[string]string{"source": "is string, and must be an asset or an archive"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got map[string]string
			for _, problem := range test.object.Check(resource.NewPropertyMapFromMap(test.values)) {
				if got == nil {
					got = map[string]string{}
				}
				got[problem.Path.String()] = problem.Reason
			}
			require.Equal(t, test.want, got)
		})
	}
}

func TestCheckAllowsUnknownValues(t *testing.T) {
	t.Parallel()
	unknown := resource.MakeComputed(resource.NewProperty(""))
	require.Empty(t, schema.Inputs(iam.RoleArgs{}).Check(resource.PropertyMap{
		"assumeRolePolicy": unknown, "maxSessionDuration": unknown, "tags": unknown,
	}))
}

// sample has a property of every kind, as the SDK's arguments of invokes do.
type sample struct {
	Flag    bool              `pulumi:"flag"`
	Count   int               `pulumi:"count"`
	Share   float64           `pulumi:"share"`
	Text    string            `pulumi:"text"`
	Maybe   *int              `pulumi:"maybe"`
	List    []int             `pulumi:"list"`
	Map     map[string]bool   `pulumi:"map"`
	Nested  nested            `pulumi:"nested"`
	Any     any               `pulumi:"any"`
	Deep    []map[string]bool `pulumi:"deep"`
	Hidden  string
	Channel *chan int `pulumi:"channel"`
}

type nested struct {
	Name string `pulumi:"name"`
}

func TestKindsOfValues(t *testing.T) {
	t.Parallel()
	object := schema.Inputs(sample{})
	require.NotContains(t, object, "Hidden")
	for property, test := range map[string]struct {
		valid   []any
		invalid map[string]any // by reason
	}{
		"flag":  {[]any{true, false}, map[string]any{"is string, and must be a boolean": "true"}},
		"count": {[]any{1, 0, -3.0}, map[string]any{"is number, and must be a whole number": 1.5, "is bool, and must be a whole number": true}},
		"share": {[]any{1.5, 2}, map[string]any{"is string, and must be a number": "1.5"}},
		"text":  {[]any{"", "a"}, map[string]any{"is number, and must be a string": 1}},
		"maybe": {[]any{nil, 1}, map[string]any{"is number, and must be a whole number": 0.5}},
		"list":  {[]any{[]any{}, []any{1, 2}}, map[string]any{"is string, and must be a list": "1", "is string, and must be a whole number": []any{1, "2"}}},
		"map": {
			[]any{map[string]any{}, map[string]any{"a": true}},
			map[string]any{"is []unknown, and must be a map": []any{}, "is number, and must be a boolean": map[string]any{"a": 1}},
		},
		"nested": {
			[]any{map[string]any{"name": "a"}},
			map[string]any{
				"is string, and must be an object": "a", "is required, and missing": map[string]any{},
				"is not a property of this type": map[string]any{"name": "a", "other": 1},
			},
		},
		"any":     {[]any{"a", 1, true, []any{1}, map[string]any{"a": 1}}, nil},
		"deep":    {[]any{[]any{map[string]any{"a": true}}}, map[string]any{"is number, and must be a boolean": []any{map[string]any{"a": 1}}}},
		"channel": {[]any{nil}, map[string]any{"is number, and must be chan int": 1}},
		"other":   {nil, map[string]any{"is not a property of this type": "a"}},
	} {
		for _, value := range test.valid {
			require.Empty(t, object.CheckOne(property, resource.NewPropertyValue(value)), "%s %v", property, value)
		}
		for reason, value := range test.invalid {
			got := object.CheckOne(property, resource.NewPropertyValue(value))
			if reason == "is []unknown, and must be a map" {
				require.Contains(t, got, "and must be a map")
				continue
			}
			require.Equal(t, reason, got, "%s %v", property, value)
		}
	}
}

// TestCheckReturnsAllProblems compares the whole list, with the path of each problem.
func TestCheckReturnsAllProblems(t *testing.T) {
	t.Parallel()
	var got []string
	for _, problem := range schema.Inputs(sample{}).Check(resource.NewPropertyMapFromMap(map[string]any{
		"flag": 1, "list": []any{"a", 1, "b"}, "nested": map[string]any{"name": nil}, "zoo": 1, "deep": []any{map[string]any{"a": "b"}},
	})) {
		got = append(got, problem.Path.String()+" "+problem.Reason)
	}
	require.Equal(t, []string{
		"deep[0].a is string, and must be a boolean",
		"flag is number, and must be a boolean",
		"list[0] is string, and must be a whole number",
		"list[2] is string, and must be a whole number",
		"nested.name is required, and missing",
		"zoo is not a property of this type",
		"count is required, and missing",
		"share is required, and missing",
		"text is required, and missing",
	}, got)
}

func TestZero(t *testing.T) {
	t.Parallel()
	object := schema.Inputs(sample{})
	for property, want := range map[string]any{"flag": false, "count": 0.0, "share": 0.0, "text": "", "nested": resource.PropertyMap{}} {
		require.Equal(t, want, object[property].Zero(), property)
		require.False(t, object[property].Optional, property)
	}
	for _, property := range []string{"maybe", "list", "map", "any"} {
		require.True(t, object[property].Optional, property)
	}
}

func TestOutputsSkipInternalFields(t *testing.T) {
	t.Parallel()
	outputs := schema.Outputs(ec2.Vpc{})
	require.NotContains(t, outputs, "")
	require.Contains(t, outputs, "tagsAll")
	require.Equal(t, false, outputs["enableDnsHostnames"].Zero())
	require.Len(t, schema.Outputs(s3.BucketPolicy{}), 2)
}
