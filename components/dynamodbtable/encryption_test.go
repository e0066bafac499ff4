package dynamodbtable_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"stagecraft/internal/pulumitest"
)

// The key reaches what is stored, and nothing else changes.
func TestKmsKey(t *testing.T) {
	t.Parallel()
	program := func(key pulumi.StringInput) pulumitest.Resources {
		args := valid()
		args.KmsKeyArn = key
		resources, _, _, err := run(args)
		require.NoError(t, err)
		return resources
	}
	require.Equal(t, map[string]map[string]any{
		tableType + " visits": {"serverSideEncryption": map[string]any{"enabled": true, "kmsKeyArn": "arn:key"}},
	}, pulumitest.Changes(program(nil), program(pulumi.String("arn:key"))))
}
