package frontend_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"stagecraft/components/frontend"
	"stagecraft/internal/pulumitest"
)

// The key reaches the logs of its own region, and nothing else changes.
func TestKmsKey(t *testing.T) {
	t.Parallel()
	elsewhere := func(key pulumi.StringInput) pulumitest.Resources {
		args := valid()
		args.KmsKeyArn = key
		resources, _, err := run(args)
		require.NoError(t, err)
		return resources
	}
	require.Equal(t, map[string]map[string]any{
		logGroupType + " frontend-invalidation": {"kmsKeyId": "arn:key"},
	}, pulumitest.Changes(elsewhere(nil), elsewhere(pulumi.String("arn:key"))))

	inUSEast1 := func(key pulumi.StringInput) pulumitest.Resources {
		args := valid()
		args.KmsKeyArn = key
		resources, err := pulumitest.Run(func(ctx *pulumi.Context) error {
			_, err := frontend.New(ctx, "frontend", &args)
			return err
		}, outputs, nil)
		require.NoError(t, err)
		return resources
	}
	require.Equal(t, map[string]map[string]any{
		logGroupType + " frontend-invalidation": {"kmsKeyId": "arn:key"},
		logGroupType + " frontend-access":       {"kmsKeyId": "arn:key"},
	}, pulumitest.Changes(inUSEast1(nil), inUSEast1(pulumi.String("arn:key"))))
}
