// Package logbucket creates the S3 buckets to which AWS services deliver logs: private, encrypted, versioned,
// accessible by TLS only, and without objects beyond their retention.
package logbucket

import (
	"errors"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/bucket"
)

// Args describes a bucket for logs. Every field is required unless a default is named.
type Args struct {
	// Delivery returns the policy statements that allow AWS services to deliver, for the ARN of the bucket.
	Delivery func(bucketArn pulumi.StringInput) []pulumi.Map
	// RetentionDays is for how many days the bucket keeps logs, 1 or more.
	RetentionDays int
	// RetainOnDelete keeps the bucket in the account when the stack no longer needs it. Default: false, it is protected
	// from deletion.
	RetainOnDelete bool
	// Ephemeral allows the deletion of the bucket with its logs, for throw-away stacks. Default: false.
	Ephemeral bool
	// Tags are set on the bucket.
	Tags pulumi.StringMap
}

// New creates a bucket and returns its name, which is known once the bucket's policy allows delivery: AWS rejects a
// bucket that it may not write to. The bucket and its settings have the parent that the options name. New rejects a
// bucket without delivery, and one without retention.
func New(
	ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption,
) (pulumi.StringOutput, error) {
	if err := args.validate(); err != nil {
		return pulumi.StringOutput{}, fmt.Errorf("log bucket %q: %w", name, err)
	}
	logs, err := bucket.New(ctx, name, &bucket.Args{
		ExpireDays: args.RetentionDays, RetainOnDelete: args.RetainOnDelete, Ephemeral: args.Ephemeral, Tags: args.Tags,
	}, opts...)
	if err != nil {
		return pulumi.StringOutput{}, err
	}
	policy, err := logs.Allow(ctx, args.Delivery(logs.Arn)...)
	if err != nil {
		return pulumi.StringOutput{}, err
	}
	return policy.Bucket, nil
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
