package services

import (
	"cmp"
	_ "embed"
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecr"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecs"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const (
	// PlaceholderImage is the image that runs until the first release. It listens on port 8080 and writes only to /tmp,
	// whichever user runs it.
	PlaceholderImage = "public.ecr.aws/nginx/nginx-unprivileged:1.28-alpine"
	setupImage       = "public.ecr.aws/docker/library/busybox:1.37"
	// user is an unprivileged user: images without an operating system call it nonroot.
	user = "65532:65532"
	// stopTimeout is how many seconds a task has between SIGTERM and SIGKILL; the load balancer has stopped sending
	// requests by then.
	stopTimeout = 45
)

// The containers and volumes of a task. No service has the name of a container with an underscore.
const (
	setupContainer  = "set_up"
	temporaryVolume = "tmp"
	siteVolume      = "site"
)

// site is the placeholder's configuration.
//
//go:embed placeholder.conf
var site string

// task is a task definition and what its tasks need.
type task struct {
	definition  *ecs.TaskDefinition
	logs        *cloudwatch.LogGroup
	permissions []pulumi.Resource
}

// newTask creates the task definition with its log group and roles.
func (m *Microservice) newTask(
	ctx *pulumi.Context, args *Args, repository *ecr.Repository, parent pulumi.ResourceOption,
) (task, error) {
	logs, err := cloudwatch.NewLogGroup(ctx, m.name, &cloudwatch.LogGroupArgs{
		NamePrefix:      pulumi.Sprintf("/%s/%s/services/%s-", ctx.Project(), ctx.Stack(), m.name),
		RetentionInDays: pulumi.Int(args.LogRetentionDays),
		KmsKeyId:        args.KmsKeyArn,
		Tags:            args.Tags,
	}, parent)
	if err != nil {
		return task{}, err
	}
	execution, err := m.newExecutionRole(ctx, args, repository, logs.Arn, parent)
	if err != nil {
		return task{}, err
	}
	taskRole, err := m.newTaskRole(ctx, args, parent)
	if err != nil {
		return task{}, err
	}
	m.TaskRoleArn, m.ExecutionRoleArn = taskRole.Arn, execution.Arn
	m.ContainerName = pulumi.String(m.name).ToStringOutput()

	definition, err := ecs.NewTaskDefinition(ctx, m.name, &ecs.TaskDefinitionArgs{
		Family:                  pulumi.Sprintf("%s-%s-%s", ctx.Project(), ctx.Stack(), m.name),
		RequiresCompatibilities: pulumi.ToStringArray([]string{capacityProvider}),
		NetworkMode:             pulumi.String("awsvpc"),
		RuntimePlatform: ecs.TaskDefinitionRuntimePlatformArgs{
			CpuArchitecture: pulumi.String("ARM64"), OperatingSystemFamily: pulumi.String("LINUX"),
		},
		Cpu:                  pulumi.String(fmt.Sprint(args.CPU)),
		Memory:               pulumi.String(fmt.Sprint(args.MemoryMiB)),
		ExecutionRoleArn:     execution.Arn,
		TaskRoleArn:          taskRole.Arn,
		ContainerDefinitions: pulumi.JSONMarshal(m.containers(args, logs.Name)),
		Volumes:              args.volumes(),
		Tags:                 args.Tags,
		// A deregistered revision may still run, and then no change of the service starts a deployment (Amazon ECS API
		// Reference, "DeregisterTaskDefinition").
	}, parent, pulumi.RetainOnDelete(!args.Ephemeral))
	if err != nil {
		return task{}, err
	}
	return task{definition, logs, append(execution.Policies, taskRole.Policies...)}, nil
}

// volumes returns the task's volumes, which begin empty, owned by root with mode 0755 (Amazon ECS Developer Guide, "Use
// bind mounts with Amazon ECS").
func (a *Args) volumes() ecs.TaskDefinitionVolumeArray {
	volumes := ecs.TaskDefinitionVolumeArray{ecs.TaskDefinitionVolumeArgs{Name: pulumi.String(temporaryVolume)}}
	if a.Image == "" {
		volumes = append(volumes, ecs.TaskDefinitionVolumeArgs{Name: pulumi.String(siteVolume)})
	}
	return volumes
}

func mount(volume, path string, readOnly bool) pulumi.Map {
	return pulumi.Map{
		"sourceVolume": pulumi.String(volume), "containerPath": pulumi.String(path), "readOnly": pulumi.Bool(readOnly),
	}
}

// containers returns the service's container and one that sets up the task and ends before the service starts. A
// release copies both and changes the image of the first, so that the placeholder must not need a command. The
// containers have no health check, which would need a program in every image: the load balancer's decides.
func (m *Microservice) containers(args *Args, logGroup pulumi.StringInput) pulumi.Array {
	mounts := pulumi.Array{mount(temporaryVolume, "/tmp", false)}
	if args.Image == "" {
		mounts = append(mounts, mount(siteVolume, "/etc/nginx/conf.d", true))
	}
	service := args.container(m.name, cmp.Or(args.Image, PlaceholderImage), logGroup, pulumi.Map{
		"essential":              pulumi.Bool(true),
		"user":                   pulumi.String(user),
		"readonlyRootFilesystem": pulumi.Bool(!args.Exec), // the ECS Exec agent writes to it
		"portMappings":           pulumi.Array{pulumi.Map{"containerPort": pulumi.Int(Port), "protocol": pulumi.String("tcp")}},
		"environment":            args.environment(),
		"secrets":                args.parameters(),
		"mountPoints":            mounts,
		"stopTimeout":            pulumi.Int(stopTimeout),
		"dependsOn": pulumi.Array{pulumi.Map{
			"containerName": pulumi.String(setupContainer), "condition": pulumi.String("SUCCESS"),
		}},
	})
	return pulumi.Array{service, args.setup(logGroup)}
}

// setup returns the container that makes /tmp writable for everybody, the only such place of a read-only file system,
// and writes the placeholder's configuration.
func (a *Args) setup(logGroup pulumi.StringInput) pulumi.Map {
	script, mounts := "chmod 1777 /volumes/tmp", pulumi.Array{mount(temporaryVolume, "/volumes/tmp", false)}
	environment := pulumi.Array{}
	if a.Image == "" {
		script += ` && printf %s "$SITE" >/volumes/site/default.conf`
		mounts = append(mounts, mount(siteVolume, "/volumes/site", false))
		environment = append(environment, pulumi.StringMap{"name": pulumi.String("SITE"), "value": pulumi.String(site)})
	}
	return a.container(setupContainer, setupImage, logGroup, pulumi.Map{
		"essential":              pulumi.Bool(false),
		"user":                   pulumi.String("0"),
		"readonlyRootFilesystem": pulumi.Bool(true),
		"command":                pulumi.ToStringArray([]string{"sh", "-c", script}),
		"environment":            environment,
		"mountPoints":            mounts,
	})
}

// container returns a container with its properties and those that all containers share.
func (a *Args) container(name, image string, logGroup pulumi.StringInput, properties pulumi.Map) pulumi.Map {
	container := pulumi.Map{
		"name":  pulumi.String(name),
		"image": pulumi.String(image),
		"linuxParameters": pulumi.Map{
			"initProcessEnabled": pulumi.Bool(true),
			"capabilities":       pulumi.Map{"drop": pulumi.ToStringArray([]string{"ALL"})},
		},
		"logConfiguration": pulumi.Map{
			"logDriver": pulumi.String("awslogs"),
			"options": pulumi.StringMap{
				"awslogs-group":         logGroup,
				"awslogs-region":        pulumi.String(a.Region),
				"awslogs-stream-prefix": pulumi.String(name),
			},
		},
	}
	maps.Copy(container, properties)
	return container
}

// environment returns the variables of the service's container.
func (a *Args) environment() pulumi.Array {
	list := pulumi.Array{pulumi.StringMap{"name": pulumi.String(portVariable), "value": pulumi.String(fmt.Sprint(Port))}}
	for _, name := range slices.Sorted(maps.Keys(a.Environment)) {
		list = append(list, pulumi.StringMap{"name": pulumi.String(name), "value": a.Environment[name]})
	}
	return list
}

// parameters returns the variables whose values ECS reads when a task starts.
func (a *Args) parameters() pulumi.Array {
	list := pulumi.Array{}
	for _, name := range slices.Sorted(maps.Keys(a.Parameters)) {
		list = append(list, pulumi.StringMap{"name": pulumi.String(name), "valueFrom": a.Parameters[name]})
	}
	return list
}
