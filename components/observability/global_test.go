package observability_test

import (
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"stagecraft/components/observability"
	"stagecraft/internal/pulumitest"
)

func TestGlobal(t *testing.T) {
	t.Parallel()
	for _, elsewhere := range []bool{true, false} {
		resources, err := pulumitest.Run(func(ctx *pulumi.Context) error {
			var global observability.GlobalRegion
			if elsewhere {
				provider, err := aws.NewProvider(ctx, "us-east-1", &aws.ProviderArgs{})
				if err != nil {
					return err
				}
				global.Provider = provider
			}
			owner, err := sns.NewTopic(ctx, "owner", nil)
			if err != nil {
				return err
			}
			_, err = sns.NewTopic(ctx, "topic", nil, global.Options(pulumi.Parent(owner))...)
			return err
		}, nil, nil)
		require.NoError(t, err)
		topic := resources.Named(t, "aws:sns/topic:Topic", "topic")
		require.Contains(t, topic.Parent, "::owner", "the other options stay")
		if elsewhere {
			require.Contains(t, topic.Provider, "::us-east-1::")
		} else {
			require.Empty(t, topic.Provider)
		}
	}
}
