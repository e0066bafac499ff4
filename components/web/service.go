package web

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ssm"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// serviceTimeout is how many seconds a server may take from its launch until it is healthy.
const serviceTimeout = 900

// AwaitService creates an update wait until the load balancer finds a fixed server healthy, and fail if it never does,
// since attaching a target does not wait. The server itself asks, through Systems Manager, once it has booted; after is
// what attaches it. A replacement of the server gets a new association, since the provider waits for new ones only.
func (w *Web) AwaitService(
	ctx *pulumi.Context, instance Instance, targetGroupArn pulumi.StringInput, after []pulumi.Resource,
) (pulumi.Resource, error) {
	// The AWS CLI asks every 15 seconds, 40 times (AWS CLI Command Reference, "elbv2 wait target-in-service").
	command := pulumi.Sprintf("aws elbv2 wait target-in-service --region %s --target-group-arn %s --targets Id=%s",
		w.region, targetGroupArn, instance.ID)
	return ssm.NewAssociation(ctx, instance.Name+"-in-service", &ssm.AssociationArgs{
		AssociationName: pulumi.Sprintf("%s-%s-%s-in-service", ctx.Project(), ctx.Stack(), instance.Name),
		Name:            pulumi.String("AWS-RunShellScript"),
		Parameters:      pulumi.StringMap{"commands": command},
		Targets: ssm.AssociationTargetArray{ssm.AssociationTargetArgs{
			Key: pulumi.String("InstanceIds"), Values: pulumi.StringArray{instance.ID},
		}},
		WaitForSuccessTimeoutSeconds: pulumi.Int(serviceTimeout),
		Tags:                         w.tags,
	}, pulumi.Parent(w), pulumi.DependsOn(after), pulumi.ReplaceOnChanges([]string{"targets"}))
}
