package database_test

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
		withReplicas(&args)
		args.KmsKeyArn = key
		resources, err := run("database", args)
		for _, function := range resources.Of("aws:lambda/function:Function") {
			delete(function.Inputs, "code") // an archive, which remembers that it was read
		}
		require.NoError(t, err)
		return resources
	}
	require.Equal(t, map[string]map[string]any{
		instanceType + " database":                            {"kmsKeyId": "arn:key", "performanceInsightsKmsKeyId": "arn:key"},
		instanceType + " database-replica-a":                  {"performanceInsightsKmsKeyId": "arn:key"},
		instanceType + " database-replica-b":                  {"performanceInsightsKmsKeyId": "arn:key"},
		logGroupType + " database-postgresql":                 {"kmsKeyId": "arn:key"},
		logGroupType + " database-upgrade":                    {"kmsKeyId": "arn:key"},
		logGroupType + " database-replica-a-postgresql":       {"kmsKeyId": "arn:key"},
		logGroupType + " database-replica-a-upgrade":          {"kmsKeyId": "arn:key"},
		logGroupType + " database-replica-b-postgresql":       {"kmsKeyId": "arn:key"},
		logGroupType + " database-replica-b-upgrade":          {"kmsKeyId": "arn:key"},
		"aws:secretsmanager/secret:Secret" + " database":      {"kmsKeyId": "arn:key"},
		logGroupType + " database-rotation":                   {"kmsKeyId": "arn:key"},
		"aws:lambda/function:Function" + " database-rotation": {"kmsKeyArn": "arn:key"},
	}, pulumitest.Changes(program(nil), program(pulumi.String("arn:key"))))
}
