package cache_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"stagecraft/internal/pulumitest"
)

// The key reaches what is stored. ElastiCache publishes to no encrypted topic, and nothing else changes.
func TestKmsKey(t *testing.T) {
	t.Parallel()
	program := func(key pulumi.StringInput) pulumitest.Resources {
		args := valid()
		args.KmsKeyArn = key
		resources, err := run("cache", args)
		require.NoError(t, err)
		return resources
	}
	require.Equal(t, map[string]map[string]any{
		groupType + " cache":               {"kmsKeyId": "arn:key", "notificationTopicArn": nil},
		logGroupType + " cache-slow-log":   {"kmsKeyId": "arn:key"},
		logGroupType + " cache-engine-log": {"kmsKeyId": "arn:key"},
	}, pulumitest.Changes(program(nil), program(pulumi.String("arn:key"))))
}
