package loadbalancer

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// cleanUpDays is how long the bucket keeps what nobody reads: overwritten or deleted versions, and the parts of uploads
// that never ended.
const cleanUpDays = 7

// newLogBucket makes the bucket for access logs, and gives its name, which is known to others only once its policy lets
// Elastic Load Balancing deliver: a load balancer whose bucket refuses it is not created.
func newLogBucket(
	ctx *pulumi.Context, name string, args *Args, parent pulumi.ResourceOption,
) (pulumi.StringOutput, error) {
	bucket, err := s3.NewBucketV2(ctx, name, &s3.BucketV2Args{
		ForceDestroy: pulumi.Bool(args.Ephemeral),
		Tags:         args.Tags,
	}, parent, pulumi.Protect(!args.Ephemeral))
	if err != nil {
		return pulumi.StringOutput{}, err
	}
	if err := protectContents(ctx, name, bucket, parent); err != nil {
		return pulumi.StringOutput{}, err
	}
	if err := expireContents(ctx, name, args, bucket, parent); err != nil {
		return pulumi.StringOutput{}, err
	}
	private, err := s3.NewBucketPublicAccessBlock(ctx, name, &s3.BucketPublicAccessBlockArgs{
		Bucket:                bucket.ID(),
		BlockPublicAcls:       pulumi.Bool(true),
		BlockPublicPolicy:     pulumi.Bool(true),
		IgnorePublicAcls:      pulumi.Bool(true),
		RestrictPublicBuckets: pulumi.Bool(true),
	}, parent)
	if err != nil {
		return pulumi.StringOutput{}, err
	}
	// S3 refuses to change both at the same time.
	policy, err := s3.NewBucketPolicy(ctx, name, &s3.BucketPolicyArgs{
		Bucket: bucket.ID(),
		Policy: pulumi.JSONMarshal(deliveryPolicy(bucket.Arn, args.AccountID)),
	}, parent, pulumi.DependsOn([]pulumi.Resource{private}))
	if err != nil {
		return pulumi.StringOutput{}, err
	}
	return policy.Bucket, nil
}

func protectContents(ctx *pulumi.Context, name string, bucket *s3.BucketV2, parent pulumi.ResourceOption) error {
	_, err := s3.NewBucketOwnershipControls(ctx, name, &s3.BucketOwnershipControlsArgs{
		Bucket: bucket.ID(),
		Rule:   s3.BucketOwnershipControlsRuleArgs{ObjectOwnership: pulumi.String("BucketOwnerEnforced")},
	}, parent)
	if err != nil {
		return err
	}
	// Access logs support S3's own keys only (Application Load Balancers guide, "Enable access logs").
	_, err = s3.NewBucketServerSideEncryptionConfigurationV2(ctx, name,
		&s3.BucketServerSideEncryptionConfigurationV2Args{
			Bucket: bucket.ID(),
			Rules: s3.BucketServerSideEncryptionConfigurationV2RuleArray{
				s3.BucketServerSideEncryptionConfigurationV2RuleArgs{
					ApplyServerSideEncryptionByDefault: s3.BucketServerSideEncryptionConfigurationV2RuleApplyServerSideEncryptionByDefaultArgs{
						SseAlgorithm: pulumi.String("AES256"),
					},
				},
			},
		}, parent)
	return err
}

func expireContents(
	ctx *pulumi.Context, name string, args *Args, bucket *s3.BucketV2, parent pulumi.ResourceOption,
) error {
	versioning, err := s3.NewBucketVersioningV2(ctx, name, &s3.BucketVersioningV2Args{
		Bucket: bucket.ID(),
		VersioningConfiguration: s3.BucketVersioningV2VersioningConfigurationArgs{
			Status: pulumi.String("Enabled"),
		},
	}, parent)
	if err != nil {
		return err
	}
	_, err = s3.NewBucketLifecycleConfigurationV2(ctx, name, &s3.BucketLifecycleConfigurationV2Args{
		Bucket: bucket.ID(),
		Rules: s3.BucketLifecycleConfigurationV2RuleArray{s3.BucketLifecycleConfigurationV2RuleArgs{
			Id:     pulumi.String("expire"),
			Status: pulumi.String("Enabled"),
			Filter: s3.BucketLifecycleConfigurationV2RuleFilterArgs{Prefix: pulumi.String("")},
			Expiration: s3.BucketLifecycleConfigurationV2RuleExpirationArgs{
				Days: pulumi.Int(args.AccessLogRetentionDays),
			},
			NoncurrentVersionExpiration: s3.BucketLifecycleConfigurationV2RuleNoncurrentVersionExpirationArgs{
				NoncurrentDays: pulumi.Int(cleanUpDays),
			},
			AbortIncompleteMultipartUpload: s3.BucketLifecycleConfigurationV2RuleAbortIncompleteMultipartUploadArgs{
				DaysAfterInitiation: pulumi.Int(cleanUpDays),
			},
		}},
	}, parent, pulumi.DependsOn([]pulumi.Resource{versioning}))
	return err
}

// deliveryPolicy is AWS's for access logs (Application Load Balancers guide, "Enable access logs", step 2): the account
// in the path keeps load balancers of other accounts out.
func deliveryPolicy(bucket pulumi.StringInput, account string) pulumi.Map {
	return pulumi.Map{
		"Version": pulumi.String("2012-10-17"),
		"Statement": pulumi.Array{pulumi.Map{
			"Sid":       pulumi.String("DeliverAccessLogs"),
			"Effect":    pulumi.String("Allow"),
			"Principal": pulumi.StringMap{"Service": pulumi.String("logdelivery.elasticloadbalancing.amazonaws.com")},
			"Action":    pulumi.String("s3:PutObject"),
			"Resource":  pulumi.Sprintf("%s/AWSLogs/%s/*", bucket, account),
		}, pulumi.Map{
			"Sid":       pulumi.String("DenyWithoutTLS"),
			"Effect":    pulumi.String("Deny"),
			"Principal": pulumi.String("*"),
			"Action":    pulumi.String("s3:*"),
			"Resource":  pulumi.Array{bucket, pulumi.Sprintf("%s/*", bucket)},
			"Condition": pulumi.Any(map[string]map[string]string{"Bool": {"aws:SecureTransport": "false"}}),
		}},
	}
}
