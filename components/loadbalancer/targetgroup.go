package loadbalancer

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lb"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// The kinds of targets.
const (
	// InstanceTargets are EC2 instances.
	InstanceTargets = "instance"
	// IPTargets are addresses, such as those of Fargate tasks.
	IPTargets = "ip"
)

// TargetGroupArgs describes a target group of servers that speak HTTP. Every field is required unless a default is
// named.
type TargetGroupArgs struct {
	// VpcID is the network of the targets.
	VpcID pulumi.StringInput
	// TargetType is InstanceTargets or IPTargets.
	TargetType string
	// Port is the port on which the targets serve HTTP.
	Port int
	// HealthCheckPath is the path at which a healthy target answers with status 200.
	HealthCheckPath string
	// DeregistrationDelay is how many seconds a target may take to finish its requests before it is removed.
	DeregistrationDelay int
	// Algorithm is how the load balancer chooses a target, such as "least_outstanding_requests". Default: AWS's own,
	// round robin.
	Algorithm string
	// Tags are set on the target group.
	Tags pulumi.StringMap
}

// NewTargetGroup creates a target group. Its health check takes a target out of service after three failures, 45
// seconds, and back into service after two successes.
func NewTargetGroup(
	ctx *pulumi.Context, name string, args *TargetGroupArgs, opts ...pulumi.ResourceOption,
) (*lb.TargetGroup, error) {
	properties := &lb.TargetGroupArgs{
		VpcId:               args.VpcID,
		TargetType:          pulumi.String(args.TargetType),
		Protocol:            pulumi.String("HTTP"),
		Port:                pulumi.Int(args.Port),
		DeregistrationDelay: pulumi.Int(args.DeregistrationDelay),
		HealthCheck: lb.TargetGroupHealthCheckArgs{
			Enabled:            pulumi.Bool(true),
			Protocol:           pulumi.String("HTTP"),
			Path:               pulumi.String(args.HealthCheckPath),
			Matcher:            pulumi.String("200"),
			Interval:           pulumi.Int(15),
			Timeout:            pulumi.Int(5),
			HealthyThreshold:   pulumi.Int(2),
			UnhealthyThreshold: pulumi.Int(3),
		},
		Stickiness: lb.TargetGroupStickinessArgs{Type: pulumi.String("lb_cookie"), Enabled: pulumi.Bool(false)},
		Tags:       args.Tags,
	}
	if args.Algorithm != "" {
		properties.LoadBalancingAlgorithmType = pulumi.String(args.Algorithm)
	}
	return lb.NewTargetGroup(ctx, name, properties, opts...)
}
