package originsecret_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"stagecraft/components/originsecret"
	"stagecraft/internal/pulumitest"
)

// The key reaches what is stored, and nothing else changes.
func TestKmsKey(t *testing.T) {
	t.Parallel()
	program := func(key pulumi.StringInput) pulumitest.Resources {
		args := originsecret.Args{Version: 1}
		args.KmsKeyArn = key
		resources, _, err := run(args)
		require.NoError(t, err)
		return resources
	}
	require.Equal(t, map[string]map[string]any{
		secretType + " origin": {"kmsKeyId": "arn:key"},
	}, pulumitest.Changes(program(nil), program(pulumi.String("arn:key"))))
}
