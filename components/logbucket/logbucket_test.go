package logbucket_test

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"stagecraft/components/logbucket"
	"stagecraft/internal/pulumitest"
)

const (
	bucketType     = "aws:s3/bucketV2:BucketV2"
	policyType     = "aws:s3/bucketPolicy:BucketPolicy"
	privateType    = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
	ownershipType  = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
	encryptionType = "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2"
	versioningType = "aws:s3/bucketVersioningV2:BucketVersioningV2"
	lifecycleType  = "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2"
)

func valid() logbucket.Args {
	return logbucket.Args{
		Delivery: func(bucketArn pulumi.StringInput) []pulumi.Map {
			return []pulumi.Map{{"Sid": pulumi.String("Deliver"), "Resource": bucketArn}}
		},
		RetentionDays: 90,
		Tags:          pulumi.StringMap{"project": pulumi.String("stagecraft")},
	}
}

// run creates a bucket under a component, and gives what its name waits for.
func run(args logbucket.Args) (name string, resources pulumitest.Resources, err error) {
	outputs := map[string]map[string]any{policyType: {"bucket": "bucket-with-policy"}}
	resources, err = pulumitest.Run(func(ctx *pulumi.Context) error {
		owner := &pulumi.ResourceState{}
		if err := ctx.RegisterComponentResource("test:index:Owner", "owner", owner); err != nil {
			return err
		}
		bucket, err := logbucket.New(ctx, "logs", &args, pulumi.Parent(owner))
		if err != nil {
			return err
		}
		bucket.ApplyT(func(value string) string {
			name = value
			return value
		})
		return nil
	}, outputs, nil)
	return name, resources, err
}

func TestNew(t *testing.T) {
	t.Parallel()
	name, resources, err := run(valid())
	require.NoError(t, err)
	require.Equal(t, "bucket-with-policy", name, "services must not learn of the bucket before they may deliver")
	resources.RequireTags(t, map[string]string{"project": "stagecraft"})
	resources.RequireParents(t, "test:index:Owner")

	for token, want := range map[string]map[string]any{
		privateType: {
			"blockPublicAcls": true, "blockPublicPolicy": true, "ignorePublicAcls": true, "restrictPublicBuckets": true,
		},
		ownershipType: {"rule": map[string]any{"objectOwnership": "BucketOwnerEnforced"}},
		encryptionType: {"rules": []any{
			map[string]any{"applyServerSideEncryptionByDefault": map[string]any{"sseAlgorithm": "AES256"}},
		}},
		versioningType: {"versioningConfiguration": map[string]any{"status": "Enabled"}},
		lifecycleType: {"rules": []any{map[string]any{
			"id":                             "expire",
			"status":                         "Enabled",
			"filter":                         map[string]any{"prefix": ""},
			"expiration":                     map[string]any{"days": 90.0},
			"noncurrentVersionExpiration":    map[string]any{"noncurrentDays": 7.0},
			"abortIncompleteMultipartUpload": map[string]any{"daysAfterInitiation": 7.0},
		}}},
	} {
		want["bucket"] = "logs-id"
		require.Equal(t, want, resources.One(t, token).Inputs, token)
	}
	require.JSONEq(t, `{"Version": "2012-10-17", "Statement": [{
		"Sid": "Deliver",
		"Resource": "arn:logs"
	}, {
		"Sid": "DenyWithoutTLS",
		"Effect": "Deny",
		"Principal": "*",
		"Action": "s3:*",
		"Resource": ["arn:logs", "arn:logs/*"],
		"Condition": {"Bool": {"aws:SecureTransport": "false"}}
	}]}`, resources.One(t, policyType).Inputs["policy"].(string))
}

// S3 rejects changes of a bucket that another change is going on at.
func TestNewWaits(t *testing.T) {
	t.Parallel()
	_, resources, err := run(valid())
	require.NoError(t, err)
	for token, before := range map[string]string{policyType: privateType, lifecycleType: versioningType} {
		require.Contains(t, strings.Join(resources.One(t, token).DependsOn, "\n"), before+"::logs")
	}
}

func TestNewEphemeral(t *testing.T) {
	t.Parallel()
	for _, ephemeral := range []bool{true, false} {
		args := valid()
		args.Ephemeral = ephemeral
		_, resources, err := run(args)
		require.NoError(t, err)
		bucket := resources.One(t, bucketType)
		require.Equal(t, !ephemeral, bucket.Protect)
		require.Equal(t, ephemeral, bucket.Inputs["forceDestroy"])
		require.False(t, resources.One(t, policyType).Protect, "only the bucket holds logs")
	}
}

// A bucket stays with all that guards it, or Pulumi rejects to delete it.
func TestNewOutlives(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ outlives, ephemeral, stays bool }{
		"outlives":  {outlives: true, stays: true},
		"ephemeral": {outlives: true, ephemeral: true},
		"protected": {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := valid()
			args.RetainOnDelete, args.Ephemeral = test.outlives, test.ephemeral
			_, resources, err := run(args)
			require.NoError(t, err)
			require.Equal(t, !test.outlives, resources.One(t, bucketType).Protect)
			for _, token := range []string{
				bucketType, policyType, privateType, ownershipType, encryptionType, versioningType, lifecycleType,
			} {
				require.Equal(t, test.stays, resources.One(t, token).RetainOnDelete, token)
			}
		})
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*logbucket.Args)
		want   string
	}{
		"no delivery":  {func(a *logbucket.Args) { a.Delivery = nil }, "it must have a Delivery"},
		"no retention": {func(a *logbucket.Args) { a.RetentionDays = 0 }, "RetentionDays is 0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := valid()
			test.change(&args)
			_, resources, err := run(args)
			require.ErrorContains(t, err, `log bucket "logs": `)
			require.ErrorContains(t, err, test.want)
			require.Empty(t, resources.Of(bucketType))
		})
	}
}
