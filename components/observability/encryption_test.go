package observability_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"stagecraft/components/observability"
	"stagecraft/internal/pulumitest"
)

// The key reaches what is stored, and nothing else changes.
func TestKmsKey(t *testing.T) {
	t.Parallel()
	program := func(key pulumi.StringInput) pulumitest.Resources {
		resources, err := pulumitest.Run(func(ctx *pulumi.Context) error {
			topic := observability.AlarmTopicArgs{Email: "ops@example.com", AccountID: "123456789012", KmsKeyArn: key, Tags: tags}
			if _, err := observability.NewAlarmTopic(ctx, "alarms", &topic); err != nil {
				return err
			}
			trail := validTrail()
			trail.KmsKeyArn = key
			_, err := observability.NewTrail(ctx, "trail", &trail)
			return err
		}, nil, nil)
		require.NoError(t, err)
		return resources
	}
	require.Equal(t, map[string]map[string]any{
		topicType + " alarms": {"kmsMasterKeyId": "arn:key"},
		trailType + " trail":  {"kmsKeyId": "arn:key"},
	}, pulumitest.Changes(program(nil), program(pulumi.String("arn:key"))))
}
