package network_test

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
		resources, err := run(args, nil)
		require.NoError(t, err)
		return resources
	}
	require.Equal(t, map[string]map[string]any{
		"aws:cloudwatch/logGroup:LogGroup network-flow": {"kmsKeyId": "arn:key"},
	}, pulumitest.Changes(program(nil), program(pulumi.String("arn:key"))))
}
