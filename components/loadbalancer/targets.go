package loadbalancer

import (
	"cmp"
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lb"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// defaultDeregistrationDelay is in seconds. AWS's own 300 makes each deployment wait for five minutes.
const defaultDeregistrationDelay = 60

// Targets describes a target group of instances. Every field is required unless a default is named.
type Targets struct {
	// Port is the port on which the targets serve HTTP, 1 to 65535.
	Port int
	// HealthCheckPath is the path at which a healthy target answers with status 200, such as "/healthz": it begins with a
	// slash and has 1024 characters at most.
	HealthCheckPath string
	// DeregistrationDelay is how many seconds a target may take to finish its requests before it is removed, 1 to 3600.
	// Default: 60.
	DeregistrationDelay int
}

func (t *Targets) deregistrationDelay() int {
	return cmp.Or(t.DeregistrationDelay, defaultDeregistrationDelay)
}

// Attach registers an instance with the target group and returns the attachment, which must exist before the instance
// gets requests; target names the instance. Attach rejects a load balancer without Targets.
func (l *LoadBalancer) Attach(
	ctx *pulumi.Context, target string, instanceID pulumi.StringInput,
) (pulumi.Resource, error) {
	if l.DeregistrationDelay == 0 {
		return nil, fmt.Errorf("load balancer %q: target %q: Targets must be set", l.name, target)
	}
	return lb.NewTargetGroupAttachment(ctx, l.name+"-"+target, &lb.TargetGroupAttachmentArgs{
		TargetGroupArn: l.TargetGroupArn,
		TargetId:       instanceID,
	}, pulumi.Parent(l))
}

// newTargetGroup creates the target group of Targets.
func (l *LoadBalancer) newTargetGroup(
	ctx *pulumi.Context, args *Args, balancer *lb.LoadBalancer, parent pulumi.ResourceOption,
) (*lb.TargetGroup, error) {
	group, err := NewTargetGroup(ctx, l.name, &TargetGroupArgs{
		VpcID:               args.VpcID,
		TargetType:          InstanceTargets,
		Port:                args.Targets.Port,
		HealthCheckPath:     args.Targets.HealthCheckPath,
		DeregistrationDelay: args.Targets.deregistrationDelay(),
		Tags:                args.Tags,
	}, parent)
	if err != nil {
		return nil, err
	}
	l.DeregistrationDelay = args.Targets.deregistrationDelay()
	l.TargetGroupArn = group.Arn
	l.ResourceLabel = pulumi.Sprintf("%s/%s", balancer.ArnSuffix, group.ArnSuffix)
	return group, nil
}
