package stack

import (
	"context"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// retainLogGroups makes logs outlive their tiers: a log group that a stage no longer needs leaves the stack and stays in
// the account until its events have expired. A throw-away stack leaves nothing behind.
func retainLogGroups(ctx *pulumi.Context, in inputs) error {
	if in.settings.Ephemeral {
		return nil
	}
	return ctx.RegisterResourceTransform(retainLogGroup)
}

func retainLogGroup(_ context.Context, args *pulumi.ResourceTransformArgs) *pulumi.ResourceTransformResult {
	if args.Type != "aws:cloudwatch/logGroup:LogGroup" {
		return nil
	}
	opts := args.Opts
	opts.RetainOnDelete = true
	return &pulumi.ResourceTransformResult{Props: args.Props, Opts: opts}
}
