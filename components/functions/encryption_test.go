package functions_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"stagecraft/components/functions"
	"stagecraft/internal/pulumitest"
)

// The key reaches what is stored, and nothing else changes.
func TestKmsKey(t *testing.T) {
	t.Parallel()
	args := valid(t)
	program := func(key pulumi.StringInput) pulumitest.Resources {
		resources, err := pulumitest.Run(func(ctx *pulumi.Context) error {
			args.KmsKeyArn = key
			visits, err := functions.New(ctx, "visits", &args)
			if err != nil {
				return err
			}
			_, err = functions.NewAPI(ctx, "api", &functions.APIArgs{
				Routes:            map[string]*functions.Function{"GET /visits": visits},
				RequestsPerSecond: 100,
				Burst:             200,
				LogRetentionDays:  30,
				KmsKeyArn:         key,
				AlarmTopicArn:     pulumi.String("arn:topic"),
			})
			return err
		}, outputs, nil)
		require.NoError(t, err)
		for _, function := range resources.Of(functionType) {
			delete(function.Inputs, "code") // an archive, which remembers that it was read
		}
		return resources
	}
	require.Equal(t, map[string]map[string]any{
		logGroupType + " visits":     {"kmsKeyId": "arn:key"},
		logGroupType + " api-access": {"kmsKeyId": "arn:key"},
		functionType + " visits":     {"kmsKeyArn": "arn:key"},
		queueType + " visits-failed": {"kmsMasterKeyId": "arn:key", "sqsManagedSseEnabled": nil},
	}, pulumitest.Changes(program(nil), program(pulumi.String("arn:key"))))
}
