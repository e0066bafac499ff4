package optional_test

import (
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"stagecraft/components/internal/optional"
	"stagecraft/internal/pulumitest"
)

func TestString(t *testing.T) {
	t.Parallel()
	resources, err := pulumitest.Run(func(ctx *pulumi.Context) error {
		for name, key := range map[string]pulumi.StringInput{"own": pulumi.String("arn:key"), "none": nil} {
			_, err := cloudwatch.NewLogGroup(ctx, name, &cloudwatch.LogGroupArgs{KmsKeyId: optional.String(key)})
			if err != nil {
				return err
			}
		}
		return nil
	}, nil, nil)
	require.NoError(t, err)
	const logGroupType = "aws:cloudwatch/logGroup:LogGroup"
	require.Equal(t, map[string]any{"kmsKeyId": "arn:key"}, resources.Named(t, logGroupType, "own").Inputs)
	require.Empty(t, resources.Named(t, logGroupType, "none").Inputs)
	require.Nil(t, optional.String(nil))
}
