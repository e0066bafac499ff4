package stack

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// retain has logs outlive their tiers: a log group that a stage does without leaves the stack and stays in the account,
// until what is in it has expired. A throw-away stack leaves nothing behind.
func (d *deployment) retain() error {
	if d.settings.Ephemeral {
		return nil
	}
	return d.ctx.RegisterStackTransformation(retainLogs)
}

func retainLogs(args *pulumi.ResourceTransformationArgs) *pulumi.ResourceTransformationResult {
	if _, logs := args.Props.(*cloudwatch.LogGroupArgs); !logs {
		return nil
	}
	return &pulumi.ResourceTransformationResult{Props: args.Props, Opts: append(args.Opts, pulumi.RetainOnDelete(true))}
}
