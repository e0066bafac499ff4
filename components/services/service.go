package services

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecs"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/observability"
)

// healthGrace is how many seconds a new task has to become healthy before failures count.
const healthGrace = 60

// serviceInputs are what the ECS service refers to.
type serviceInputs struct {
	task  task
	route route
	// rollback are the alarms that stop a deployment.
	rollback observability.Alarms
}

// newService creates the ECS service. A deployment starts new tasks before it stops old ones, and rolls back if the new
// tasks do not become healthy or an alarm goes off, other than one that was on before (Amazon ECS Developer Guide, "How
// CloudWatch alarms detect Amazon ECS deployment failures").
func (m *Microservice) newService(
	ctx *pulumi.Context, args *Args, inputs serviceInputs, before []pulumi.Resource, parent pulumi.ResourceOption,
) (*ecs.Service, error) {
	alarms := make(pulumi.StringArray, len(inputs.rollback))
	for i, alarm := range inputs.rollback {
		alarms[i] = alarm.Name
	}
	// Scaling changes the number of tasks; without Image, releases change the task definition.
	ignored := []string{"desiredCount"}
	if args.Image == "" {
		ignored = append(ignored, "taskDefinition")
	}
	service, err := ecs.NewService(ctx, m.name, &ecs.ServiceArgs{
		Cluster:        args.Cluster.Arn,
		TaskDefinition: inputs.task.definition.Arn,
		DesiredCount:   pulumi.Int(args.Scaling.Min),
		CapacityProviderStrategies: ecs.ServiceCapacityProviderStrategyArray{ecs.ServiceCapacityProviderStrategyArgs{
			CapacityProvider: pulumi.String(capacityProvider), Weight: pulumi.Int(1),
		}},
		PlatformVersion:             pulumi.String("LATEST"),
		AvailabilityZoneRebalancing: pulumi.String("ENABLED"),
		NetworkConfiguration: ecs.ServiceNetworkConfigurationArgs{
			Subnets:        args.SubnetIDs,
			SecurityGroups: pulumi.StringArray{m.SecurityGroupID},
			AssignPublicIp: pulumi.Bool(false),
		},
		LoadBalancers: ecs.ServiceLoadBalancerArray{ecs.ServiceLoadBalancerArgs{
			TargetGroupArn: inputs.route.targets.Arn,
			ContainerName:  m.ContainerName,
			ContainerPort:  pulumi.Int(Port),
		}},
		HealthCheckGracePeriodSeconds:   pulumi.Int(healthGrace),
		DeploymentController:            ecs.ServiceDeploymentControllerArgs{Type: pulumi.String("ECS")},
		DeploymentMinimumHealthyPercent: pulumi.Int(100),
		DeploymentMaximumPercent:        pulumi.Int(200),
		DeploymentCircuitBreaker: ecs.ServiceDeploymentCircuitBreakerArgs{
			Enable: pulumi.Bool(true), Rollback: pulumi.Bool(true),
		},
		Alarms: ecs.ServiceAlarmsArgs{
			Enable: pulumi.Bool(true), Rollback: pulumi.Bool(true), AlarmNames: alarms,
		},
		EnableExecuteCommand: pulumi.Bool(args.Exec),
		EnableEcsManagedTags: pulumi.Bool(true),
		PropagateTags:        pulumi.String("SERVICE"),
		Tags:                 args.Tags,
	}, parent, pulumi.DependsOn(before), pulumi.IgnoreChanges(ignored))
	if err != nil {
		return nil, err
	}
	m.ClusterName, m.ServiceName = args.Cluster.Name, service.Name
	m.TaskDefinitionArn = inputs.task.definition.Arn
	return service, nil
}
