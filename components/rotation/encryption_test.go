package rotation_test

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
		resources, err := run(args)
		for _, function := range resources.Of("aws:lambda/function:Function") {
			delete(function.Inputs, "code") // an archive, which remembers that it was read
		}
		require.NoError(t, err)
		return resources
	}
	require.Equal(t, map[string]map[string]any{
		"aws:cloudwatch/logGroup:LogGroup database-rotation": {"kmsKeyId": "arn:key"},
		"aws:lambda/function:Function database-rotation":     {"kmsKeyArn": "arn:key"},
	}, pulumitest.Changes(program(nil), program(pulumi.String("arn:key"))))
}
