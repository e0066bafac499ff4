package services

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/observability"
	"stagecraft/components/role"
)

const (
	// Port is the port on which every service serves HTTP, the value of its environment variable PORT.
	Port = 8080
	// HealthPath answers 200 as long as a service lives.
	HealthPath = "/health"
)

// Args describes a service. Every field is required unless a default is named.
type Args struct {
	// Cluster is the cluster in which the service runs.
	Cluster *Cluster
	// AccountID and Region are the stack's.
	AccountID, Region string
	// VpcID is the network of the tasks.
	VpcID pulumi.StringInput
	// SubnetIDs are private subnets from which the tasks can reach the internet, in two availability zones or more:
	// Fargate spreads the tasks over them.
	SubnetIDs pulumi.StringArrayInput
	// Image is the image that runs, with its registry and a tag or a digest; the tag latest is rejected, since it does not
	// tell which image runs. Default: "", a placeholder runs until the first release, and releases determine the image.
	Image string
	// CPU is in units of 1/1024 vCPU, and MemoryMiB in MiB: a size that Fargate has, such as 256 and 512.
	CPU, MemoryMiB int
	// Environment are the service's environment variables, by name, beside PORT, which is rejected. Default: none.
	Environment map[string]pulumi.StringInput
	// Parameters are environment variables whose values ECS reads when a task starts: ARNs of Parameter Store parameters,
	// by the variable's name, which must not be in Environment. Default: none.
	Parameters map[string]pulumi.StringInput
	// Permissions are what the service may do in AWS. Default: nothing.
	Permissions []role.Statement
	// Route is how the load balancer forwards requests to the service.
	Route Route
	// DatabaseSecurityGroupID and CacheSecurityGroupID are the security groups of PostgreSQL and of Valkey or Redis, to
	// which the service may connect; they must allow it too. Default: nil, it may not.
	DatabaseSecurityGroupID, CacheSecurityGroupID pulumi.StringInput
	// Scaling is how many tasks run.
	Scaling Scaling
	// Exec allows operators to run commands in the containers, which are then writable. Default: false.
	Exec bool
	// LogRetentionDays is for how many days CloudWatch Logs keeps the service's logs, 1 or more.
	LogRetentionDays int
	// Ephemeral removes every protection against loss, for throw-away stacks and services that are about to go. Default:
	// false.
	Ephemeral bool
	// KmsKeyArn is the KMS key that encrypts the service's images and logs. Another key replaces the repository, and its
	// images with it. Default: nil, AWS's own keys.
	KmsKeyArn pulumi.StringInput
	// AlarmTopicArn is the SNS topic that is notified of alarms.
	AlarmTopicArn pulumi.StringInput
	// Tags are set on every resource.
	Tags pulumi.StringMap
}

// Microservice is one service with its images, permissions, route, scaling, logs and alarms.
type Microservice struct {
	pulumi.ResourceState

	// RepositoryURL, RepositoryName and RepositoryArn identify the repository of the service's images; its tags never
	// move.
	RepositoryURL, RepositoryName, RepositoryArn pulumi.StringOutput
	// ClusterName, ServiceName and ContainerName identify what a release changes: the image of one container.
	ClusterName, ServiceName, ContainerName pulumi.StringOutput
	// TaskRoleArn and ExecutionRoleArn are the roles that a pipeline needs permission to pass when it registers a revision
	// of the task definition.
	TaskRoleArn, ExecutionRoleArn pulumi.StringOutput
	// TaskDefinitionArn is the revision that Pulumi registered; without Image, releases register others.
	TaskDefinitionArn pulumi.StringOutput
	// TargetGroupArn is the target group of the tasks.
	TargetGroupArn pulumi.StringOutput
	// SecurityGroupID is the security group that data stores must allow.
	SecurityGroupID pulumi.StringOutput
	// Serving is what must exist before the service answers.
	Serving []pulumi.Resource
	// Alarms are the alarms for the dashboard.
	Alarms observability.Alarms

	name string
}

// New creates a service. It rejects sizes that Fargate does not have, paths that a load balancer's rule does not
// accept, and fewer than two tasks.
//
// Until the first release a placeholder answers the health check with 200, and everything else with 404 and a page that
// says why. A release registers its own revision of the task definition, which Pulumi leaves in place: changes of Args
// that are part of the task definition reach the service only with Image.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Microservice, error) {
	if err := args.validate(name); err != nil {
		return nil, fmt.Errorf("service %q: %w", name, err)
	}
	component := &Microservice{name: name}
	if err := ctx.RegisterComponentResource("stagecraft:services:Microservice", name, component, opts...); err != nil {
		return nil, err
	}
	parent := pulumi.Parent(component)

	repository, err := component.newRepository(ctx, args, parent)
	if err != nil {
		return nil, err
	}
	task, err := component.newTask(ctx, args, repository, parent)
	if err != nil {
		return nil, err
	}
	network, err := component.newSecurityGroup(ctx, args, parent)
	if err != nil {
		return nil, err
	}
	route, err := component.newRoute(ctx, args, parent)
	if err != nil {
		return nil, err
	}
	requests, err := component.newRequestAlarms(ctx, args, route, parent)
	if err != nil {
		return nil, err
	}
	before := slices.Concat(network, task.permissions, []pulumi.Resource{route.rule})
	service, err := component.newService(ctx, args, serviceInputs{task: task, route: route, rollback: requests}, before, parent)
	if err != nil {
		return nil, err
	}
	component.Serving = []pulumi.Resource{route.rule, service}
	if err := component.newScaling(ctx, args, route, service, parent); err != nil {
		return nil, err
	}
	tasks, err := component.newTaskAlarms(ctx, args, task, service, parent)
	if err != nil {
		return nil, err
	}
	component.Alarms = slices.Concat(requests, tasks)
	return component, ctx.RegisterResourceOutputs(component, pulumi.Map{
		"repositoryUrl":   component.RepositoryURL,
		"clusterName":     component.ClusterName,
		"serviceName":     component.ServiceName,
		"targetGroupArn":  component.TargetGroupArn,
		"securityGroupId": component.SecurityGroupID,
	})
}
