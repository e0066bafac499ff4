package web

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/autoscaling"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/role"
)

const (
	// drainHook is the lifecycle hook that user data completes.
	drainHook = "drain"
	// drainSeconds is how long an instance may take to ship its logs after the deregistration delay.
	drainSeconds = 60
)

// newDrainHook creates the lifecycle hook that delays the termination of an instance until the instance has shipped its
// last logs. The load balancer has drained it by then (EC2 Auto Scaling User Guide, "How lifecycle hooks work in Auto
// Scaling groups"). An instance that reports nothing is terminated when its time is up.
func (w *Web) newDrainHook(
	ctx *pulumi.Context, args *Group, group *autoscaling.Group, parent pulumi.ResourceOption,
) error {
	_, err := autoscaling.NewLifecycleHook(ctx, w.name+"-drain", &autoscaling.LifecycleHookArgs{
		AutoscalingGroupName: group.Name,
		Name:                 pulumi.String(drainHook),
		LifecycleTransition:  pulumi.String("autoscaling:EC2_INSTANCE_TERMINATING"),
		HeartbeatTimeout:     pulumi.Int(args.DeregistrationDelay + drainSeconds),
		DefaultResult:        pulumi.String("CONTINUE"),
	}, parent)
	if err != nil {
		return err
	}
	_, err = role.Allow(ctx, w.name+"-drain", w.RoleName, []role.Statement{{
		Actions:   []string{"autoscaling:CompleteLifecycleAction"},
		Resources: pulumi.StringArray{group.Arn},
	}}, parent)
	return err
}
