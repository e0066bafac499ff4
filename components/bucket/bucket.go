// Package bucket creates private S3 buckets: encrypted, versioned, and accessible by TLS only.
package bucket

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// cleanUpDays is for how many days a bucket keeps overwritten or deleted versions, and the parts of uploads that never
// ended.
const cleanUpDays = 7

// Args describes a bucket.
type Args struct {
	// ExpireDays is for how many days the bucket keeps objects. Default: 0, for ever.
	ExpireDays int
	// RetainOnDelete keeps the bucket, with its settings, in the account when the stack no longer needs it. Default:
	// false, it is protected from deletion.
	RetainOnDelete bool
	// Ephemeral allows the deletion of the bucket with its objects, for throw-away stacks. Default: false.
	Ephemeral bool
	// Tags are set on the bucket.
	Tags pulumi.StringMap
}

// Bucket is a bucket that only its own account may use until Allow is called.
type Bucket struct {
	// Name and Arn identify the bucket.
	Name, Arn pulumi.StringOutput
	// DomainName is the name at which S3 serves the bucket in its own region.
	DomainName pulumi.StringOutput

	name    string
	opts    []pulumi.ResourceOption
	private pulumi.Resource
}

// New creates a bucket, which is protected unless RetainOnDelete or Ephemeral is set. The bucket and its settings have
// the parent that the options name. It rejects a negative ExpireDays.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Bucket, error) {
	if args.ExpireDays < 0 {
		return nil, fmt.Errorf("bucket %q: ExpireDays is %d: it takes days, or 0 to keep objects for ever", name, args.ExpireDays)
	}
	if args.RetainOnDelete {
		opts = with(opts, pulumi.RetainOnDelete(!args.Ephemeral))
	}
	made, err := s3.NewBucketV2(ctx, name, &s3.BucketV2Args{
		ForceDestroy: pulumi.Bool(args.Ephemeral),
		Tags:         args.Tags,
	}, with(opts, pulumi.Protect(!args.Ephemeral && !args.RetainOnDelete))...)
	if err != nil {
		return nil, err
	}
	if err := protectContents(ctx, name, made, opts); err != nil {
		return nil, err
	}
	if err := expireContents(ctx, name, args, made, opts); err != nil {
		return nil, err
	}
	private, err := s3.NewBucketPublicAccessBlock(ctx, name, &s3.BucketPublicAccessBlockArgs{
		Bucket:                made.ID(),
		BlockPublicAcls:       pulumi.Bool(true),
		BlockPublicPolicy:     pulumi.Bool(true),
		IgnorePublicAcls:      pulumi.Bool(true),
		RestrictPublicBuckets: pulumi.Bool(true),
	}, opts...)
	if err != nil {
		return nil, err
	}
	return &Bucket{
		Name: made.ID().ToStringOutput(), Arn: made.Arn, DomainName: made.BucketRegionalDomainName,
		name: name, opts: opts, private: private,
	}, nil
}

// Allow adds statements that allow others to use the bucket, by TLS. A bucket has one policy: call it once.
func (b *Bucket) Allow(ctx *pulumi.Context, statements ...pulumi.Map) (*s3.BucketPolicy, error) {
	// S3 rejects concurrent changes of both.
	return s3.NewBucketPolicy(ctx, b.name, &s3.BucketPolicyArgs{
		Bucket: b.Name,
		Policy: pulumi.JSONMarshal(b.policy(statements)),
	}, with(b.opts, pulumi.DependsOn([]pulumi.Resource{b.private}))...)
}

func (b *Bucket) policy(allowed []pulumi.Map) pulumi.Map {
	statements := pulumi.Array{}
	for _, statement := range allowed {
		statements = append(statements, statement)
	}
	return pulumi.Map{
		"Version": pulumi.String("2012-10-17"),
		"Statement": append(statements, pulumi.Map{
			"Sid":       pulumi.String("DenyWithoutTLS"),
			"Effect":    pulumi.String("Deny"),
			"Principal": pulumi.String("*"),
			"Action":    pulumi.String("s3:*"),
			"Resource":  pulumi.Array{b.Arn, pulumi.Sprintf("%s/*", b.Arn)},
			"Condition": pulumi.Any(map[string]map[string]string{"Bool": {"aws:SecureTransport": "false"}}),
		}),
	}
}

// with returns the options and one more, without changing the caller's.
func with(opts []pulumi.ResourceOption, more pulumi.ResourceOption) []pulumi.ResourceOption {
	return append(slices.Clone(opts), more)
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
	rule := s3.BucketLifecycleConfigurationV2RuleArgs{
		Id:     pulumi.String("expire"),
		Status: pulumi.String("Enabled"),
		Filter: s3.BucketLifecycleConfigurationV2RuleFilterArgs{Prefix: pulumi.String("")},
		NoncurrentVersionExpiration: s3.BucketLifecycleConfigurationV2RuleNoncurrentVersionExpirationArgs{
			NoncurrentDays: pulumi.Int(cleanUpDays),
		},
		AbortIncompleteMultipartUpload: s3.BucketLifecycleConfigurationV2RuleAbortIncompleteMultipartUploadArgs{
			DaysAfterInitiation: pulumi.Int(cleanUpDays),
		},
	}
	if args.ExpireDays > 0 {
		rule.Expiration = s3.BucketLifecycleConfigurationV2RuleExpirationArgs{Days: pulumi.Int(args.ExpireDays)}
	}
	_, err = s3.NewBucketLifecycleConfigurationV2(ctx, name, &s3.BucketLifecycleConfigurationV2Args{
		Bucket: bucket.ID(),
		Rules:  s3.BucketLifecycleConfigurationV2RuleArray{rule},
	}, with(opts, pulumi.DependsOn([]pulumi.Resource{versioning}))...)
	return err
}
