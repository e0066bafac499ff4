package web

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/autoscaling"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/role"
)

const (
	// drainHook is the lifecycle hook that user data completes.
	drainHook = "drain"
	// drainSeconds is what an instance has, beyond the deregistration delay, to ship its logs.
	drainSeconds = 60
)

// newDraining has the group wait, before it ends an instance, until that says that its last logs are shipped. The load
// balancer has drained it by then (EC2 Auto Scaling User Guide, "How lifecycle hooks work in Auto Scaling groups"). One
// that says nothing ends all the same, once its time is up.
func (w *Web) newDraining(
	ctx *pulumi.Context, group *Group, made *autoscaling.Group, parent pulumi.ResourceOption,
) error {
	_, err := autoscaling.NewLifecycleHook(ctx, w.name+"-drain", &autoscaling.LifecycleHookArgs{
		AutoscalingGroupName: made.Name,
		Name:                 pulumi.String(drainHook),
		LifecycleTransition:  pulumi.String("autoscaling:EC2_INSTANCE_TERMINATING"),
		HeartbeatTimeout:     pulumi.Int(group.DeregistrationDelay + drainSeconds),
		DefaultResult:        pulumi.String("CONTINUE"),
	}, parent)
	if err != nil {
		return err
	}
	_, err = role.Allow(ctx, w.name+"-drain", w.RoleName, []role.Statement{{
		Actions:   []string{"autoscaling:CompleteLifecycleAction"},
		Resources: pulumi.StringArray{made.Arn},
	}}, parent)
	return err
}
