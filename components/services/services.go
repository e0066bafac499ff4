package services

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/observability"
	"stagecraft/components/role"
)

const (
	// Port is where every service speaks HTTP, as its environment variable PORT says.
	Port = 8080
	// HealthPath answers 200 as long as a service lives.
	HealthPath = "/health"
)

// Args describes a service. Every field is required unless a default is named.
type Args struct {
	// Cluster is where the service runs.
	Cluster *Cluster
	// AccountID and Region are where the stack is.
	AccountID, Region string
	// VpcID is the network that the tasks stand in.
	VpcID pulumi.StringInput
	// SubnetIDs are private subnets with a way to the internet, in two availability zones or more: Fargate spreads the
	// tasks over them.
	SubnetIDs pulumi.StringArrayInput
	// Image is what runs, with a tag or a digest; ":latest" is refused, since nobody could tell what runs. Default: a
	// placeholder runs until the first release, and from then on releases say what runs.
	Image string
	// CPU is in units of 1/1024 vCPU, and MemoryMiB in MiB: a size that Fargate has, such as 256 and 512.
	CPU, MemoryMiB int
	// Environment are variables that the service is told, by name. PORT is among them already. Default: none.
	Environment map[string]pulumi.StringInput
	// Parameters are variables whose values ECS reads when a task starts: ARNs of Parameter Store parameters, by the
	// variable's name. Default: none.
	Parameters map[string]pulumi.StringInput
	// Permissions are what the service may do in AWS. Default: nothing.
	Permissions []role.Statement
	// Route is the way in.
	Route Route
	// DatabaseSecurityGroupID and CacheSecurityGroupID are where the service may connect to PostgreSQL and to Valkey or
	// Redis; they must let it in. Default: nil, it may not.
	DatabaseSecurityGroupID, CacheSecurityGroupID pulumi.StringInput
	// Scaling is how many tasks there are.
	Scaling Scaling
	// Exec lets people run commands in the containers, which are writable then. Default: false.
	Exec bool
	// LogRetentionDays is how long CloudWatch Logs keeps the service's logs.
	LogRetentionDays int
	// Ephemeral opens every protection against loss: for throw-away stacks. Default: false.
	Ephemeral bool
	// KmsKeyArn is the KMS key that encrypts the service's images and logs. Another key replaces the repository, and its
	// images with it. Default: nil, AWS's own keys.
	KmsKeyArn pulumi.StringInput
	// AlarmTopicArn is the SNS topic that is notified of alarms.
	AlarmTopicArn pulumi.StringInput
	// Tags go on every resource.
	Tags pulumi.StringMap
}

// Microservice is one service with its images, permissions, way in, scaling, logs and alarms.
type Microservice struct {
	pulumi.ResourceState

	// RepositoryURL, RepositoryName and RepositoryArn are where the service's images are kept, under tags that never move.
	RepositoryURL, RepositoryName, RepositoryArn pulumi.StringOutput
	// ClusterName, ServiceName and ContainerName are what a release changes: the image of one container.
	ClusterName, ServiceName, ContainerName pulumi.StringOutput
	// TaskRoleArn and ExecutionRoleArn are the roles that whoever registers a revision must be allowed to pass.
	TaskRoleArn, ExecutionRoleArn pulumi.StringOutput
	// TargetGroupArn is what the load balancer sends requests to.
	TargetGroupArn pulumi.StringOutput
	// SecurityGroupID is whom data stores must let in.
	SecurityGroupID pulumi.StringOutput
	// Serving is what must exist before the service answers.
	Serving []pulumi.Resource
	// Alarms are what the dashboard shows.
	Alarms observability.Alarms

	name string
}

// New makes a service. It refuses sizes that Fargate does not have, paths that a load balancer's rule does not take, and
// a service of less than two tasks.
//
// Until the first release, a placeholder answers: the health check with 200, everything else with 404 and a page that
// says why. A release registers a revision of the task definition of its own, and Pulumi leaves that in place; whatever
// changes in Args that is part of the task definition reaches the service with Image only.
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
	answers, err := component.watchAnswers(ctx, args, route, parent)
	if err != nil {
		return nil, err
	}
	before := slices.Concat(network, task.permissions, []pulumi.Resource{route.rule})
	service, err := component.newService(ctx, args, serviceInputs{task: task, route: route, rollback: answers}, before, parent)
	if err != nil {
		return nil, err
	}
	component.Serving = []pulumi.Resource{route.rule, service}
	if err := component.scale(ctx, args, route, service, parent); err != nil {
		return nil, err
	}
	tasks, err := component.watchTasks(ctx, args, task, service, parent)
	if err != nil {
		return nil, err
	}
	component.Alarms = slices.Concat(answers, tasks)
	return component, ctx.RegisterResourceOutputs(component, pulumi.Map{
		"repositoryUrl":   component.RepositoryURL,
		"clusterName":     component.ClusterName,
		"serviceName":     component.ServiceName,
		"targetGroupArn":  component.TargetGroupArn,
		"securityGroupId": component.SecurityGroupID,
	})
}
