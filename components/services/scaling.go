package services

import (
	"cmp"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/appautoscaling"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecs"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Scaling is how many tasks a service has. Every field is required unless a default is named.
type Scaling struct {
	// Min and Max are the least and the most tasks; Min is 2 or more, so that a zone may fail.
	Min, Max int
	// Signal is what the service has more tasks for.
	Signal Signal
	// Target is the value of the signal that scaling aims at: requests a minute and task, or percent of what a task has.
	// Default: 1000 requests, 60 % of the CPU, 70 % of the memory.
	Target int
}

// Signal is a measure of how much a service has to do.
type Signal string

// The signals that a service may scale on.
const (
	// Requests are those that the load balancer sends to each task.
	Requests Signal = "requests"
	// CPU is how much of its CPU a task uses, on average.
	CPU Signal = "cpu"
	// Memory is how much of its memory a task uses, on average.
	Memory Signal = "memory"
)

// signals are the metrics of Application Auto Scaling (Application Auto Scaling API Reference,
// PredefinedMetricSpecification).
var signals = map[Signal]struct {
	metric string
	target int
}{
	Requests: {"ALBRequestCountPerTarget", 1000},
	CPU:      {"ECSServiceAverageCPUUtilization", 60},
	Memory:   {"ECSServiceAverageMemoryUtilization", 70},
}

const (
	// scaleOutCooldown and scaleInCooldown are in seconds: tasks come fast and go slowly.
	scaleOutCooldown, scaleInCooldown = 60, 300
)

func (m *Microservice) scale(
	ctx *pulumi.Context, args *Args, route route, service *ecs.Service, parent pulumi.ResourceOption,
) error {
	target, err := appautoscaling.NewTarget(ctx, m.name, &appautoscaling.TargetArgs{
		ServiceNamespace:  pulumi.String("ecs"),
		ScalableDimension: pulumi.String("ecs:service:DesiredCount"),
		ResourceId:        pulumi.Sprintf("service/%s/%s", args.Cluster.Name, service.Name),
		MinCapacity:       pulumi.Int(args.Scaling.Min),
		MaxCapacity:       pulumi.Int(args.Scaling.Max),
		Tags:              args.Tags,
	}, parent)
	if err != nil {
		return err
	}
	signal := signals[args.Scaling.Signal]
	metric := appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgs{
		PredefinedMetricType: pulumi.String(signal.metric),
	}
	if args.Scaling.Signal == Requests {
		metric.ResourceLabel = pulumi.Sprintf("%s/%s", args.Route.ArnSuffix, route.targets.ArnSuffix)
	}
	_, err = appautoscaling.NewPolicy(ctx, m.name, &appautoscaling.PolicyArgs{
		PolicyType:        pulumi.String("TargetTrackingScaling"),
		ServiceNamespace:  target.ServiceNamespace,
		ScalableDimension: target.ScalableDimension,
		ResourceId:        target.ResourceId,
		TargetTrackingScalingPolicyConfiguration: appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgs{
			PredefinedMetricSpecification: metric,
			TargetValue:                   pulumi.Float64(cmp.Or(args.Scaling.Target, signal.target)),
			ScaleOutCooldown:              pulumi.Int(scaleOutCooldown),
			ScaleInCooldown:               pulumi.Int(scaleInCooldown),
		},
	}, parent)
	return err
}
