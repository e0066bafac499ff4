// Package logbucket makes the S3 buckets to which AWS services deliver logs: private, encrypted, versioned, reached by
// TLS only, and emptied of what is old.
package logbucket

import (
	"errors"
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// cleanUpDays is how long the bucket keeps what nobody reads: overwritten or deleted versions, and the parts of uploads
// that never ended.
const cleanUpDays = 7

// Args describes a bucket for logs. Every field is required unless a default is named.
type Args struct {
	// Delivery gives the policy statements by which AWS services may deliver, for the ARN of the bucket.
	Delivery func(bucketArn pulumi.StringInput) []pulumi.Map
	// RetentionDays is how long the bucket keeps logs, 1 or more.
	RetentionDays int
	// Ephemeral lets the bucket be deleted with the logs in it: for throw-away stacks. Default: false.
	Ephemeral bool
	// Tags go on the bucket.
	Tags pulumi.StringMap
}

// New makes a bucket and gives its name, which is known to others only once its policy lets services deliver: AWS
// refuses to log to a bucket that refuses it. The bucket and its settings have the parent that the options name. New
// refuses a bucket that nobody may deliver to, and one that keeps nothing.
func New(
	ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption,
) (pulumi.StringOutput, error) {
	if err := args.validate(); err != nil {
		return pulumi.StringOutput{}, fmt.Errorf("log bucket %q: %w", name, err)
	}
	bucket, err := s3.NewBucketV2(ctx, name, &s3.BucketV2Args{
		ForceDestroy: pulumi.Bool(args.Ephemeral),
		Tags:         args.Tags,
	}, with(opts, pulumi.Protect(!args.Ephemeral))...)
	if err != nil {
		return pulumi.StringOutput{}, err
	}
	if err := protectContents(ctx, name, bucket, opts); err != nil {
		return pulumi.StringOutput{}, err
	}
	if err := expireContents(ctx, name, args, bucket, opts); err != nil {
		return pulumi.StringOutput{}, err
	}
	private, err := s3.NewBucketPublicAccessBlock(ctx, name, &s3.BucketPublicAccessBlockArgs{
		Bucket:                bucket.ID(),
		BlockPublicAcls:       pulumi.Bool(true),
		BlockPublicPolicy:     pulumi.Bool(true),
		IgnorePublicAcls:      pulumi.Bool(true),
		RestrictPublicBuckets: pulumi.Bool(true),
	}, opts...)
	if err != nil {
		return pulumi.StringOutput{}, err
	}
	// S3 refuses to change both at the same time.
	policy, err := s3.NewBucketPolicy(ctx, name, &s3.BucketPolicyArgs{
		Bucket: bucket.ID(),
		Policy: pulumi.JSONMarshal(args.policy(bucket.Arn)),
	}, with(opts, pulumi.DependsOn([]pulumi.Resource{private}))...)
	if err != nil {
		return pulumi.StringOutput{}, err
	}
	return policy.Bucket, nil
}

// with gives the options and one more, and leaves those of the caller as they are.
func with(opts []pulumi.ResourceOption, more pulumi.ResourceOption) []pulumi.ResourceOption {
	return append(slices.Clone(opts), more)
}

func (a *Args) validate() error {
	var errs []error
	if a.Delivery == nil {
		errs = append(errs, errors.New("it must have a Delivery: nobody could deliver logs"))
	}
	if a.RetentionDays < 1 {
		errs = append(errs, fmt.Errorf("RetentionDays is %d: keep logs for a day at least", a.RetentionDays))
	}
	return errors.Join(errs...)
}

func (a *Args) policy(bucketArn pulumi.StringInput) pulumi.Map {
	statements := pulumi.Array{}
	for _, statement := range a.Delivery(bucketArn) {
		statements = append(statements, statement)
	}
	return pulumi.Map{
		"Version": pulumi.String("2012-10-17"),
		"Statement": append(statements, pulumi.Map{
			"Sid":       pulumi.String("DenyWithoutTLS"),
			"Effect":    pulumi.String("Deny"),
			"Principal": pulumi.String("*"),
			"Action":    pulumi.String("s3:*"),
			"Resource":  pulumi.Array{bucketArn, pulumi.Sprintf("%s/*", bucketArn)},
			"Condition": pulumi.Any(map[string]map[string]string{"Bool": {"aws:SecureTransport": "false"}}),
		}),
	}
}

func protectContents(ctx *pulumi.Context, name string, bucket *s3.BucketV2, opts []pulumi.ResourceOption) error {
	_, err := s3.NewBucketOwnershipControls(ctx, name, &s3.BucketOwnershipControlsArgs{
		Bucket: bucket.ID(),
		Rule:   s3.BucketOwnershipControlsRuleArgs{ObjectOwnership: pulumi.String("BucketOwnerEnforced")},
	}, opts...)
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
		}, opts...)
	return err
}

func expireContents(
	ctx *pulumi.Context, name string, args *Args, bucket *s3.BucketV2, opts []pulumi.ResourceOption,
) error {
	versioning, err := s3.NewBucketVersioningV2(ctx, name, &s3.BucketVersioningV2Args{
		Bucket: bucket.ID(),
		VersioningConfiguration: s3.BucketVersioningV2VersioningConfigurationArgs{
			Status: pulumi.String("Enabled"),
		},
	}, opts...)
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
				Days: pulumi.Int(args.RetentionDays),
			},
			NoncurrentVersionExpiration: s3.BucketLifecycleConfigurationV2RuleNoncurrentVersionExpirationArgs{
				NoncurrentDays: pulumi.Int(cleanUpDays),
			},
			AbortIncompleteMultipartUpload: s3.BucketLifecycleConfigurationV2RuleAbortIncompleteMultipartUploadArgs{
				DaysAfterInitiation: pulumi.Int(cleanUpDays),
			},
		}},
	}, with(opts, pulumi.DependsOn([]pulumi.Resource{versioning}))...)
	return err
}
