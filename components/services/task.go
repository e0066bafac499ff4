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

	"stagecraft/components/internal/optional"
)

const (
	// placeholderImage listens on port 8080 and writes to /tmp only, whoever runs it.
	placeholderImage = "public.ecr.aws/nginx/nginx-unprivileged:1.28-alpine"
	setupImage       = "public.ecr.aws/docker/library/busybox:1.37"
	// user is nobody in particular: the one that images without an operating system call nonroot.
	user = "65532:65532"
	// stopTimeout is how many seconds a task has between SIGTERM and SIGKILL; the load balancer has turned away before.
	stopTimeout = 45
)

// The containers and volumes of a task. No service is called like a container with an underscore.
const (
	setupContainer  = "set_up"
	temporaryVolume = "tmp"
	siteVolume      = "site"
)

// site configures the placeholder.
//
//go:embed placeholder.conf
var site string

// task is a task definition and what its tasks need.
type task struct {
	definition  *ecs.TaskDefinition
	logs        *cloudwatch.LogGroup
	permissions []pulumi.Resource
}

func (m *Microservice) newTask(
	ctx *pulumi.Context, args *Args, repository *ecr.Repository, parent pulumi.ResourceOption,
) (task, error) {
	logs, err := cloudwatch.NewLogGroup(ctx, m.name, &cloudwatch.LogGroupArgs{
		NamePrefix:      pulumi.Sprintf("/%s/%s/services/%s-", ctx.Project(), ctx.Stack(), m.name),
		RetentionInDays: pulumi.Int(args.LogRetentionDays),
		KmsKeyId:        optional.String(args.KmsKeyArn),
		Tags:            args.Tags,
	}, parent)
	if err != nil {
		return task{}, err
	}
	execution, err := m.newExecutionRole(ctx, args, repository, logs.Arn, parent)
	if err != nil {
		return task{}, err
	}
	own, err := m.newTaskRole(ctx, args, parent)
	if err != nil {
		return task{}, err
	}
	m.TaskRoleArn, m.ExecutionRoleArn = own.Arn, execution.Arn
	m.ContainerName = pulumi.String(m.name).ToStringOutput()

	definition, err := ecs.NewTaskDefinition(ctx, m.name, &ecs.TaskDefinitionArgs{
		Family:                  pulumi.Sprintf("%s-%s-%s", ctx.Project(), ctx.Stack(), m.name),
		RequiresCompatibilities: pulumi.ToStringArray([]string{capacity}),
		NetworkMode:             pulumi.String("awsvpc"),
		RuntimePlatform: ecs.TaskDefinitionRuntimePlatformArgs{
			CpuArchitecture: pulumi.String("ARM64"), OperatingSystemFamily: pulumi.String("LINUX"),
		},
		Cpu:                  pulumi.String(fmt.Sprint(args.CPU)),
		Memory:               pulumi.String(fmt.Sprint(args.MemoryMiB)),
		ExecutionRoleArn:     execution.Arn,
		TaskRoleArn:          own.Arn,
		ContainerDefinitions: pulumi.JSONMarshal(m.containers(args, logs.Name)),
		Volumes:              args.volumes(),
		Tags:                 args.Tags,
	}, parent)
	if err != nil {
		return task{}, err
	}
	return task{definition, logs, append(execution.Policies, own.Policies...)}, nil
}

// volumes begin empty, owned by root with mode 0755 (Amazon ECS Developer Guide, "Use bind mounts with Amazon ECS").
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

// containers are the service's own and one that ends before it starts. A release copies all of this and changes the image
// of the first: what the placeholder needs must not be in the way of what comes after it, so that it has no command of
// its own. There is no health check in the container, which would need a program in every image: the load balancer's
// decides.
func (m *Microservice) containers(args *Args, logGroup pulumi.StringInput) pulumi.Array {
	mounts := pulumi.Array{mount(temporaryVolume, "/tmp", false)}
	if args.Image == "" {
		mounts = append(mounts, mount(siteVolume, "/etc/nginx/conf.d", true))
	}
	service := args.container(m.name, cmp.Or(args.Image, placeholderImage), logGroup, pulumi.Map{
		"essential":              pulumi.Bool(true),
		"user":                   pulumi.String(user),
		"readonlyRootFilesystem": pulumi.Bool(!args.Exec), // the agent of ECS Exec writes to it
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

// setup makes /tmp writable to everybody, which on a read-only file system is the only place that is, and writes the
// placeholder's configuration.
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

// container adds what all containers share.
func (a *Args) container(name, image string, logGroup pulumi.StringInput, own pulumi.Map) pulumi.Map {
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
	maps.Copy(container, own)
	return container
}

func (a *Args) environment() pulumi.Array {
	list := pulumi.Array{pulumi.StringMap{"name": pulumi.String(portVariable), "value": pulumi.String(fmt.Sprint(Port))}}
	for _, name := range slices.Sorted(maps.Keys(a.Environment)) {
		list = append(list, pulumi.StringMap{"name": pulumi.String(name), "value": a.Environment[name]})
	}
	return list
}

func (a *Args) parameters() pulumi.Array {
	list := pulumi.Array{}
	for _, name := range slices.Sorted(maps.Keys(a.Parameters)) {
		list = append(list, pulumi.StringMap{"name": pulumi.String(name), "valueFrom": a.Parameters[name]})
	}
	return list
}
