package delivery_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"stagecraft/internal/pulumitest"
)

// The key reaches what is stored, and nothing else changes.
func TestNewKmsKey(t *testing.T) {
	t.Parallel()
	program := func(key pulumi.StringInput) pulumitest.Resources {
		args := withInfrastructure()
		args.Services, args.Functions, args.KmsKeyArn = services(), functions(), key
		resources, err := run(args, nil)
		require.NoError(t, err)
		return resources
	}
	want := map[string]map[string]any{
		logGroupType + " delivery-service": {"kmsKeyId": "arn:key"},
	}
	for _, name := range []string{"test", "bundle", "image", "function", "preview", "apply"} {
		want[logGroupType+" delivery-"+name] = map[string]any{"kmsKeyId": "arn:key"}
		want[projectType+" delivery-"+name] = map[string]any{"encryptionKey": "arn:key"}
	}
	for _, name := range []string{"service", "infrastructure"} {
		want[pipelineType+" delivery-"+name] = map[string]any{"artifactStores": []any{map[string]any{
			"type": "S3", "location": "delivery-artifacts-id", "encryptionKey": map[string]any{"id": "arn:key", "type": "KMS"},
		}}}
	}
	require.Equal(t, want, pulumitest.Changes(program(nil), program(pulumi.String("arn:key"))))
}
