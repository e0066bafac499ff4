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
	// Port is where the targets speak HTTP.
	Port int
	// HealthCheckPath is where a healthy target answers with status 200, such as "/healthz".
	HealthCheckPath string
	// DeregistrationDelay is how many seconds a target may take to finish its requests before it goes, 1 to 3600.
	// Default: 60.
	DeregistrationDelay int
}

func (t *Targets) deregistrationDelay() int {
	return cmp.Or(t.DeregistrationDelay, defaultDeregistrationDelay)
}

// Attach sends requests to an instance; target names it. A load balancer without Targets refuses it.
func (l *LoadBalancer) Attach(ctx *pulumi.Context, target string, instanceID pulumi.StringInput) error {
	if l.DeregistrationDelay == 0 {
		return fmt.Errorf("load balancer %q: target %q: Targets must be set", l.name, target)
	}
	attachment, err := lb.NewTargetGroupAttachment(ctx, l.name+"-"+target, &lb.TargetGroupAttachmentArgs{
		TargetGroupArn: l.TargetGroupArn,
		TargetId:       instanceID,
	}, pulumi.Parent(l))
	l.Public.Serving = append(l.Public.Serving, attachment)
	return err
}

// newTargetGroup takes a target out after three failures, 45 seconds, and back in after two successes.
func (l *LoadBalancer) newTargetGroup(
	ctx *pulumi.Context, args *Args, balancer *lb.LoadBalancer, parent pulumi.ResourceOption,
) (*lb.TargetGroup, error) {
	group, err := lb.NewTargetGroup(ctx, l.name, &lb.TargetGroupArgs{
		VpcId:               args.VpcID,
		TargetType:          pulumi.String("instance"),
		Protocol:            pulumi.String("HTTP"),
		Port:                pulumi.Int(args.Targets.Port),
		DeregistrationDelay: pulumi.Int(args.Targets.deregistrationDelay()),
		HealthCheck: lb.TargetGroupHealthCheckArgs{
			Enabled:            pulumi.Bool(true),
			Protocol:           pulumi.String("HTTP"),
			Path:               pulumi.String(args.Targets.HealthCheckPath),
			Matcher:            pulumi.String("200"),
			Interval:           pulumi.Int(15),
			Timeout:            pulumi.Int(5),
			HealthyThreshold:   pulumi.Int(2),
			UnhealthyThreshold: pulumi.Int(3),
		},
		Stickiness: lb.TargetGroupStickinessArgs{Type: pulumi.String("lb_cookie"), Enabled: pulumi.Bool(false)},
		Tags:       args.Tags,
	}, parent)
	if err != nil {
		return nil, err
	}
	l.DeregistrationDelay = args.Targets.deregistrationDelay()
	l.TargetGroupArn = group.Arn
	l.ResourceLabel = pulumi.Sprintf("%s/%s", balancer.ArnSuffix, group.ArnSuffix)
	return group, nil
}
