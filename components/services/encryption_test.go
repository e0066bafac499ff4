package services_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"stagecraft/components/services"
	"stagecraft/internal/pulumitest"
)

// The key reaches what is stored, and nothing else changes.
func TestKmsKey(t *testing.T) {
	t.Parallel()
	program := func(key pulumi.StringInput) pulumitest.Resources {
		resources, err := pulumitest.Run(func(ctx *pulumi.Context) error {
			cluster, err := services.NewCluster(ctx, "services", &services.ClusterArgs{
				LogRetentionDays: 30, KmsKeyArn: key, Tags: tags,
			})
			if err != nil {
				return err
			}
			args := valid()
			args.Cluster, args.KmsKeyArn = cluster, key
			_, err = services.New(ctx, "users", &args)
			return err
		}, outputs, nil)
		require.NoError(t, err)
		return resources
	}
	require.Equal(t, map[string]map[string]any{
		logGroupType + " services-exec": {"kmsKeyId": "arn:key"},
		logGroupType + " users":         {"kmsKeyId": "arn:key"},
		repositoryType + " users": {
			"encryptionConfigurations": []any{map[string]any{"encryptionType": "KMS", "kmsKey": "arn:key"}},
		},
	}, pulumitest.Changes(program(nil), program(pulumi.String("arn:key"))))
}
