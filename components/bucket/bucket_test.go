package bucket_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"stagecraft/components/bucket"
	"stagecraft/internal/pulumitest"
)

const (
	bucketType    = "aws:s3/bucketV2:BucketV2"
	policyType    = "aws:s3/bucketPolicy:BucketPolicy"
	lifecycleType = "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2"
)

// run creates a bucket that somebody may read.
func run(args bucket.Args) (pulumitest.Resources, error) {
	return pulumitest.Run(func(ctx *pulumi.Context) error {
		made, err := bucket.New(ctx, "content", &args)
		if err != nil {
			return err
		}
		_, err = made.Allow(ctx, pulumi.Map{"Sid": pulumi.String("Read"), "Resource": made.Arn})
		return err
	}, nil, nil)
}

func TestAllow(t *testing.T) {
	t.Parallel()
	resources, err := run(bucket.Args{})
	require.NoError(t, err)
	policy := resources.One(t, policyType).Inputs
	require.Equal(t, "content-id", policy["bucket"])
	require.JSONEq(t, `{"Version": "2012-10-17", "Statement": [{"Sid": "Read", "Resource": "arn:content"}, {
		"Sid": "DenyWithoutTLS",
		"Effect": "Deny",
		"Principal": "*",
		"Action": "s3:*",
		"Resource": ["arn:content", "arn:content/*"],
		"Condition": {"Bool": {"aws:SecureTransport": "false"}}
	}]}`, policy["policy"].(string))
}

func TestExpiry(t *testing.T) {
	t.Parallel()
	for days, want := range map[int]any{0: nil, 30: map[string]any{"days": 30.0}} {
		resources, err := run(bucket.Args{ExpireDays: days})
		require.NoError(t, err)
		rule := resources.One(t, lifecycleType).Inputs["rules"].([]any)[0].(map[string]any)
		require.Equal(t, want, rule["expiration"])
		require.Equal(t, map[string]any{"noncurrentDays": 7.0}, rule["noncurrentVersionExpiration"])
	}
	resources, err := run(bucket.Args{ExpireDays: -1})
	require.ErrorContains(t, err, `bucket "content": ExpireDays is -1`)
	require.Empty(t, resources)
}

func TestEphemeral(t *testing.T) {
	t.Parallel()
	for _, ephemeral := range []bool{true, false} {
		resources, err := run(bucket.Args{Ephemeral: ephemeral})
		require.NoError(t, err)
		made := resources.One(t, bucketType)
		require.Equal(t, !ephemeral, made.Protect)
		require.Equal(t, ephemeral, made.Inputs["forceDestroy"])
	}
}
