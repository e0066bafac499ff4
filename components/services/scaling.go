package services

import (
	"cmp"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/appautoscaling"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecs"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	limits "stagecraft/internal/awslimits/appautoscaling"
)

// Scaling is how a service scales. Every field is required unless a default is named.
type Scaling struct {
	// Min and Max are the least and the greatest number of tasks; Min is 2 or more, so that a zone may fail, and Max not
	// less than Min.
	Min, Max int
	// Signal is the metric that the service scales on: Requests, CPU or Memory.
	Signal Signal
	// Target is the value of the signal that scaling aims at: requests a minute for each task, or a percentage up to 100.
	// Default: 1000 requests, 60 % of the CPU, 70 % of the memory.
	Target int
}

// Signal is the metric that a service scales on.
type Signal = limits.Signal

// The signals that a service may scale on.
const (
	Requests = limits.Requests
	CPU      = limits.CPU
	Memory   = limits.Memory
)

const (
	// scaleOutCooldown and scaleInCooldown are in seconds: tasks are added fast and removed slowly.
	scaleOutCooldown, scaleInCooldown = 60, 300
)

// newScaling creates the scaling of the service.
func (m *Microservice) newScaling(
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
	signal := args.Scaling.Signal
	metric := appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgs{
		PredefinedMetricType: pulumi.String(signal.Metric()),
	}
	if signal == Requests {
		metric.ResourceLabel = pulumi.Sprintf("%s/%s", args.Route.ArnSuffix, route.targets.ArnSuffix)
	}
	_, err = appautoscaling.NewPolicy(ctx, m.name, &appautoscaling.PolicyArgs{
		PolicyType:        pulumi.String("TargetTrackingScaling"),
		ServiceNamespace:  target.ServiceNamespace,
		ScalableDimension: target.ScalableDimension,
		ResourceId:        target.ResourceId,
		TargetTrackingScalingPolicyConfiguration: appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgs{
			PredefinedMetricSpecification: metric,
			TargetValue:                   pulumi.Float64(cmp.Or(args.Scaling.Target, signal.DefaultTarget())),
			ScaleOutCooldown:              pulumi.Int(scaleOutCooldown),
			ScaleInCooldown:               pulumi.Int(scaleInCooldown),
		},
	}, parent)
	return err
}
