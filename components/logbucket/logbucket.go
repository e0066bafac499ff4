// Package logbucket makes the S3 buckets to which AWS services deliver logs: private, encrypted, versioned, reached by
// TLS only, and emptied of what is old.
package logbucket

import (
	"errors"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/bucket"
)

// Args describes a bucket for logs. Every field is required unless a default is named.
type Args struct {
	// Delivery returns the policy statements by which AWS services may deliver, for the ARN of the bucket.
	Delivery func(bucketArn pulumi.StringInput) []pulumi.Map
	// RetentionDays is how long the bucket keeps logs, 1 or more.
	RetentionDays int
	// Outlives has the bucket stay in the account when the stack does without it. Default: false, it is protected from that.
	Outlives bool
	// Ephemeral lets the bucket be deleted with the logs in it: for throw-away stacks. Default: false.
	Ephemeral bool
	// Tags go on the bucket.
	Tags pulumi.StringMap
}

// New creates a bucket and gives its name, which is known to others only once its policy lets services deliver: AWS
// rejects to log to a bucket that rejects it. The bucket and its settings have the parent that the options name. New
// rejects a bucket that nobody may deliver to, and one that keeps nothing.
func New(
	ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption,
) (pulumi.StringOutput, error) {
	if err := args.validate(); err != nil {
		return pulumi.StringOutput{}, fmt.Errorf("log bucket %q: %w", name, err)
	}
	logs, err := bucket.New(ctx, name, &bucket.Args{
		ExpireDays: args.RetentionDays, Outlives: args.Outlives, Ephemeral: args.Ephemeral, Tags: args.Tags,
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
