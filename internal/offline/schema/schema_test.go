package schema_test

import (
	"testing"

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
