package aws

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecs"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"stagecraft/internal/awslimits/fargate"
	"stagecraft/internal/offline/cloud"
)

const taskDefinitionToken = "aws:ecs/taskDefinition:TaskDefinition"

func taskDefinitionType() cloud.Type {
	values := map[string]cloud.Value{
		"containerDefinitions":                  containerDefinitions,
		"ephemeralStorage.sizeInGib":            cloud.Range(21, 200),
		"ipcMode":                               cloud.OneOf("task", "none"),
		"networkMode":                           cloud.OneOf("awsvpc", "bridge", "host", "none"),
		"pidMode":                               cloud.OneOf("task"),
		"requiresCompatibilities":               cloud.Count(1, 1),
		"requiresCompatibilities[*]":            cloud.OneOf("FARGATE"),
		"runtimePlatform.cpuArchitecture":       cloud.OneOf("ARM64", "X86_64"),
		"runtimePlatform.operatingSystemFamily": cloud.OneOf("LINUX"),
	}
	for _, property := range []string{
		"enableFaultInjection", "inferenceAccelerators", "placementConstraints", "proxyConfiguration", "skipDestroy", "trackLatest",
		"volumes[*].configureAtLaunch", "volumes[*].dockerVolumeConfiguration", "volumes[*].efsVolumeConfiguration",
		"volumes[*].fsxWindowsFileServerVolumeConfiguration",
	} {
		values[property] = cloud.NotSimulated
	}
	noRole := cloud.Error{Code: clientECS, Message: "Role is not valid"}
	return cloud.Type{
		Token:     taskDefinitionToken,
		Args:      ecs.TaskDefinitionArgs{},
		State:     ecs.TaskDefinition{},
		Service:   "ECS",
		Operation: "RegisterTaskDefinition",
		Change:    "TagResource",
		Source: "CloudFormation resource schema AWS::ECS::TaskDefinition; SDK doc; Amazon ECS API Reference, " +
			"RegisterTaskDefinition. The AWS provider's id is the family, of which there may be several revisions: here each " +
			"has an id of its own. AWS counts revisions on when all are gone, and does not look for roles before a task starts",
		Name:     &cloud.Name{Property: "family", Max: 255, Pattern: ecsName, Manual: true},
		ID:       "${family}:${hex8}",
		Required: []string{"requiresCompatibilities"},
		Values:   values,
		Computed: map[string]any{
			"arnWithoutRevision":   "arn:aws:ecs:${region}:${account}:task-definition/${family}",
			"enableFaultInjection": false,
			"skipDestroy":          false,
			"trackLatest":          false,
		},
		Replace: []string{
			"containerDefinitions", "cpu", "ephemeralStorage", "executionRoleArn", "family", "ipcMode", "memory", "networkMode",
			"pidMode", "requiresCompatibilities", "runtimePlatform", "taskRoleArn", "volumes",
		},
		Refs: []cloud.Ref{
			{Path: "executionRoleArn", Type: roleToken, TargetProperty: "arn", Weak: true, NotFound: noRole},
			{Path: "taskRoleArn", Type: roleToken, TargetProperty: "arn", Weak: true, NotFound: noRole},
		},
		Check:      validateTaskDefinition,
		AfterWrite: setRevision,
		NotFound:   cloud.Error{Code: clientECS, Message: "The specified task definition does not exist."},
	}
}

// setRevision sets the next revision number of a family.
func setRevision(account cloud.Account, definition *cloud.Resource) error {
	if definition.Text("arn") != "" {
		return nil
	}
	all, err := account.List(taskDefinitionToken)
	if err != nil {
		return err
	}
	revision := 0
	for _, other := range all {
		if other.Text("family") == definition.Text("family") {
			revision = max(revision, int(number(other, "revision")))
		}
	}
	definition.Set("revision", revision+1)
	definition.Set("arn", fmt.Sprintf("%s:%d", definition.Text("arnWithoutRevision"), revision+1))
	return nil
}

// container holds the fields of a container definition that the offline cloud checks.
type container struct {
	Name, Image  string
	Essential    *bool
	PortMappings []portMapping
	Secrets      []struct{ Name, ValueFrom string }
	Environment  []struct{ Name string }
	MountPoints  []struct{ SourceVolume, ContainerPath string }
	DependsOn    []struct{ ContainerName, Condition string }
	StopTimeout  int

	LogConfiguration struct {
		LogDriver string
		Options   map[string]string
	}
}

type portMapping struct{ ContainerPort, HostPort int }

func containersOf(definition *cloud.Resource) ([]container, error) {
	var containers []container
	err := json.Unmarshal([]byte(definition.Text("containerDefinitions")), &containers)
	return containers, err
}

// containerDefinitions allows lists of container definitions; the AWS provider rejects JSON that it cannot parse.
func containerDefinitions(value resource.PropertyValue) string {
	var containers []container
	if !value.IsString() {
		return "must be a JSON document"
	}
	if err := json.Unmarshal([]byte(value.StringValue()), &containers); err != nil {
		return fmt.Sprintf("ECS Task Definition container_definitions is invalid: %v", err)
	}
	if len(containers) == 0 {
		return "ECS Task Definition container_definitions must have a container"
	}
	return ""
}

// validateTaskDefinition rejects what Fargate does not run (Amazon ECS Developer Guide, "Amazon ECS task definition
// parameters for Fargate").
func validateTaskDefinition(_ cloud.Account, definition *cloud.Resource) error {
	cpu, _ := strconv.Atoi(definition.Text("cpu"))
	mebibytes, _ := strconv.Atoi(definition.Text("memory"))
	containers, err := containersOf(definition)
	switch {
	case err != nil:
		return err
	case definition.Text("networkMode") != "awsvpc":
		return apiError(clientECS, "Fargate only supports network mode ‘awsvpc’.")
	case cpu == 0 || mebibytes == 0:
		return apiError(clientECS, "Fargate requires that 'cpu' and 'memory' be defined at the task level.")
	case fargate.CheckSize(cpu, mebibytes) != nil:
		return apiError(clientECS, "No Fargate configuration exists for given values: %d CPU, %d memory. See the Amazon ECS "+
			"documentation for the valid values.", cpu, mebibytes)
	case len(definition.Texts("volumes[*].hostPath")) > 0:
		return apiError(clientECS, "Fargate compatible task definitions do not support sourcePath")
	case !slices.ContainsFunc(containers, func(one container) bool { return one.Essential == nil || *one.Essential }):
		return apiError(clientECS, "Invalid setting for container. At least one container in a task must be essential.")
	}
	for _, one := range containers {
		if err := one.fits(definition, containers); err != nil {
			return err
		}
	}
	return nil
}

// longestStop is how many seconds Fargate waits at most before it kills a container.
const longestStop = 120

func (c container) fits(definition *cloud.Resource, all []container) error {
	same := slices.DeleteFunc(slices.Clone(all), func(other container) bool { return other.Name != c.Name })
	switch {
	case c.Name == "" || !ecsName.MatchString(c.Name):
		return apiError(clientECS, "Invalid container name: %s", c.Name)
	case len(same) > 1:
		return apiError(clientECS, "Container names must be unique: %s", c.Name)
	case c.Image == "":
		return apiError(clientECS, "Container.image should not be null or empty.")
	case c.StopTimeout > longestStop:
		return apiError(clientECS, "Invalid stopTimeout for container %s: Fargate takes %d seconds at most.", c.Name, longestStop)
	case definition.Text("executionRoleArn") == "" && c.LogConfiguration.LogDriver == "awslogs":
		return apiError(clientECS, "Fargate requires task definition to have execution role ARN to support log driver awslogs.")
	case definition.Text("executionRoleArn") == "" && len(c.Secrets) > 0:
		return apiError(clientECS, "When you are specifying container secrets, you must also specify a value for 'executionRoleArn'.")
	}
	return c.validateReferences(definition, all)
}

// validateReferences rejects references of a container to what does not exist, or exists twice.
func (c container) validateReferences(definition *cloud.Resource, all []container) error {
	volumes := definition.Texts("volumes[*].name")
	for _, mount := range c.MountPoints {
		if !slices.Contains(volumes, mount.SourceVolume) {
			return apiError(clientECS, "Unknown volume '%s'.", mount.SourceVolume)
		}
	}
	for _, dependency := range c.DependsOn {
		i := slices.IndexFunc(all, func(other container) bool { return other.Name == dependency.ContainerName })
		ends := dependency.Condition == "SUCCESS" || dependency.Condition == "COMPLETE"
		switch {
		case i < 0:
			return apiError(clientECS, "Invalid dependsOn setting for container: %s depends on unknown container '%s'.",
				c.Name, dependency.ContainerName)
		case ends && (all[i].Essential == nil || *all[i].Essential):
			return apiError(clientECS, "A container with the dependency condition %s cannot be essential: '%s'.",
				dependency.Condition, dependency.ContainerName)
		}
	}
	for _, mapping := range c.PortMappings {
		if mapping.HostPort != 0 && mapping.HostPort != mapping.ContainerPort {
			return apiError(clientECS, "When networkMode=awsvpc, the host ports and container ports in port mappings must match.")
		}
	}
	names := make([]string, 0, len(c.Secrets)+len(c.Environment))
	for _, secret := range c.Secrets {
		names = append(names, secret.Name)
	}
	for _, variable := range c.Environment {
		names = append(names, variable.Name)
	}
	if name, twice := firstDuplicate(names); twice {
		return apiError(clientECS, "The secret name must be unique and not shared with any new or existing environment variables set on "+
			"the container, such as '%s'.", name)
	}
	return nil
}
