package aws

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecs"

	"stagecraft/internal/offline/cloud"
)

const ecsServiceToken = "aws:ecs/service:Service"

func ecsServiceType() cloud.Type {
	return cloud.Type{
		Token:     ecsServiceToken,
		Args:      ecs.ServiceArgs{},
		State:     ecs.Service{},
		Service:   "ECS",
		Operation: "CreateService",
		Change:    "UpdateService",
		Source: "CloudFormation resource schema AWS::ECS::Service; SDK doc; Amazon ECS API Reference, CreateService; Amazon " +
			"ECS Developer Guide, service quotas. What its tasks need to start must exist, which AWS finds out while the " +
			"provider waits for them. The AWS provider scales it down before it deletes it",
		Name:     &cloud.Name{Property: "name", Max: 255, Pattern: ecsName},
		ID:       "arn:aws:ecs:${region}:${account}:service/${cluster.name}/${name}",
		Required: []string{"cluster", "networkConfiguration", "taskDefinition"},
		OneOf:    [][]string{{"launchType", "capacityProviderStrategies"}},
		Values:   ecsServiceValues(),
		Computed: map[string]any{
			"availabilityZoneRebalancing":     "DISABLED",
			"deploymentMaximumPercent":        200,
			"deploymentMinimumHealthyPercent": 100,
			"enableEcsManagedTags":            false,
			"enableExecuteCommand":            false,
			"iamRole":                         "/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS",
			"platformVersion":                 "LATEST",
			"schedulingStrategy":              "REPLICA",
			"waitForSteadyState":              false,
		},
		Replace: []string{"cluster", "deploymentController.type", "iamRole", "launchType", "name", "schedulingStrategy"},
		Refs: []cloud.Ref{
			{Path: "cluster", Type: clusterToken},
			{Path: "loadBalancers[*].targetGroupArn", Type: targetGroupToken, NotFound: cloud.Error{
				Code: invalidECS, Message: "The specified target group does not exist. Please specify a valid target group and try again.",
			}},
			{Path: "networkConfiguration.subnets[*]", Type: subnetToken, NotFound: cloud.Error{
				Code: invalidECS, Message: "Error retrieving subnet information for [${value}]: The subnet ID '${value}' does not exist",
			}},
			{Path: "networkConfiguration.securityGroups[*]", Type: securityGroupToken, NotFound: cloud.Error{
				Code: invalidECS, Message: "Error retrieving security group information for [${value}]: " +
					"The security group '${value}' does not exist",
			}},
			{
				Path: "alarms.alarmNames[*]", Type: "aws:cloudwatch/metricAlarm:MetricAlarm", TargetProperty: "name",
				Weak: true, NotFound: cloud.Error{
					Code: invalidECS, Message: "The alarm ${value} does not exist",
				},
			},
		},
		Unique: [][]string{{"cluster", "name"}},
		Exists: cloud.Error{Code: invalidECS, Message: "Creation of service was not idempotent."},
		Quota: &cloud.Quota{Limit: 5000, Scope: "cluster", Error: cloud.Error{
			Code: clientECS, Message: "The maximum number of services for the cluster has been reached.",
		}},
		Check:    validateECSService,
		NotFound: cloud.Error{Code: "ServiceNotFoundException", Message: "Service not found."},
	}
}

func ecsServiceValues() map[string]cloud.Value {
	values := map[string]cloud.Value{
		"alarms.alarmNames":                              cloud.Count(1, 10),
		"availabilityZoneRebalancing":                    cloud.OneOf("DISABLED", "ENABLED"),
		"capacityProviderStrategies":                     cloud.Count(1, 20),
		"capacityProviderStrategies[*].base":             cloud.Range(0, 100000),
		"capacityProviderStrategies[*].capacityProvider": cloud.OneOf("FARGATE", "FARGATE_SPOT"),
		"capacityProviderStrategies[*].weight":           cloud.Range(0, 1000),
		"cluster":                                        cloud.Match(`^arn:aws:ecs:`, "the cluster's ARN"),
		"deploymentController.type":                      cloud.OneOf("ECS"),
		"deploymentMaximumPercent":                       cloud.Range(100, 200),
		"deploymentMinimumHealthyPercent":                cloud.Range(0, 100),
		"desiredCount":                                   cloud.Range(0, 5000),
		"healthCheckGracePeriodSeconds":                  cloud.Range(0, 1<<31-1),
		"launchType":                                     cloud.OneOf("FARGATE"),
		"loadBalancers":                                  cloud.Count(0, 5),
		"loadBalancers[*].containerPort":                 cloud.Range(1, 65535),
		"loadBalancers[*].elbName":                       cloud.NotSimulated,
		"networkConfiguration.securityGroups":            cloud.Count(0, 5),
		"networkConfiguration.subnets":                   cloud.Count(1, 16),
		"platformVersion":                                cloud.OneOf("LATEST", "1.4.0"),
		"propagateTags":                                  cloud.OneOf("NONE", "SERVICE", "TASK_DEFINITION"),
		"schedulingStrategy":                             cloud.OneOf("REPLICA"),
		"taskDefinition":                                 cloud.Match(`^arn:aws:ecs:.+:\d+$`, "a revision's ARN"),
	}
	for _, property := range []string{
		"iamRole", "orderedPlacementStrategies", "placementConstraints", "serviceConnectConfiguration", "serviceRegistries",
		"volumeConfiguration", "vpcLatticeConfigurations",
	} {
		values[property] = cloud.NotSimulated
	}
	return values
}

// validateECSService rejects a service that ECS rejects, and one whose tasks would not start.
func validateECSService(account cloud.Account, service *cloud.Resource) error {
	balanced := len(service.Elements("loadBalancers")) > 0
	switch {
	case !balanced && number(service, "healthCheckGracePeriodSeconds") > 0:
		return apiError(invalidECS, "Health check grace period is only valid for services configured to use load balancers")
	case service.Text("availabilityZoneRebalancing") == "ENABLED" && number(service, "deploymentMaximumPercent") <= 100:
		return apiError(invalidECS, "The maximumPercent must be greater than 100 to use availability zone rebalancing")
	}
	cluster, err := account.Find(clusterToken, "", service.Text("cluster"))
	if err != nil {
		return err
	}
	providers, err := account.Find(capacityProvidersToken, "clusterName", cluster.Text("name"))
	if err != nil {
		return err
	}
	var capacity []string
	if providers != nil {
		capacity = providers.Texts("capacityProviders[*]")
	}
	if err := validateCapacityProviders(capacity, service.Texts("capacityProviderStrategies[*].capacityProvider")); err != nil {
		return err
	}
	return validateTasks(account, service)
}

// validateTasks checks a service against its task definition. A deleted definition is inactive on AWS: a service that
// uses it keeps running, and no other service may use it.
func validateTasks(account cloud.Account, service *cloud.Resource) error {
	arn := service.Text("taskDefinition")
	definition, err := account.Find(taskDefinitionToken, "arn", arn)
	switch {
	case err != nil:
		return err
	case definition == nil && service.Before != nil && service.Before.Text("taskDefinition") == arn:
		return nil
	case definition == nil:
		return apiError(clientECS, "TaskDefinition not found.")
	}
	if err := validateTaskNetwork(account, service, definition); err != nil {
		return err
	}
	return validateTaskStart(account, definition)
}

// validateTaskNetwork rejects subnets and security groups of different VPCs, and target groups that cannot reach the
// tasks.
func validateTaskNetwork(account cloud.Account, service, definition *cloud.Resource) error {
	vpc := ""
	for _, id := range service.Texts("networkConfiguration.subnets[*]") {
		subnet, err := account.Find(subnetToken, "", id)
		if err != nil {
			return err
		}
		if vpc != "" && subnet.Text("vpcId") != vpc {
			return apiError(invalidECS, "The subnets must be in the same VPC.")
		}
		vpc = subnet.Text("vpcId")
	}
	for _, id := range service.Texts("networkConfiguration.securityGroups[*]") {
		group, err := account.Find(securityGroupToken, "", id)
		if err != nil {
			return err
		}
		if group.Text("vpcId") != vpc {
			return apiError(invalidECS, "Security Group %s does not appear to belong to the same VPC as the input subnets.", id)
		}
	}
	containers, err := containersOf(definition)
	if err != nil {
		return err
	}
	for _, balancer := range service.Elements("loadBalancers") {
		if err := validateTaskLoadBalancer(account, balancer, containers, vpc); err != nil {
			return err
		}
	}
	return nil
}

func validateTaskLoadBalancer(account cloud.Account, balancer *cloud.Resource, containers []container, vpc string) error {
	arn, name, port := balancer.Text("targetGroupArn"), balancer.Text("containerName"), int(number(balancer, "containerPort"))
	i := slices.IndexFunc(containers, func(candidate container) bool { return candidate.Name == name })
	if i < 0 {
		return apiError(invalidECS, "The container %s does not exist in the task definition.", name)
	}
	if !slices.ContainsFunc(containers[i].PortMappings, func(mapping portMapping) bool { return mapping.ContainerPort == port }) {
		return apiError(invalidECS, "The container %s did not have a container port %d defined.", name, port)
	}
	group, err := account.Find(targetGroupToken, "", arn)
	if err != nil {
		return err
	}
	balancers, err := balancersOf(account, arn)
	switch {
	case err != nil:
		return err
	case group.Text("targetType") != "ip":
		return apiError(invalidECS, "The provided target group %s has target type %s, which is incompatible with the awsvpc "+
			"network mode specified in the task definition.", arn, group.Text("targetType"))
	case len(balancers) == 0:
		return apiError(invalidECS, "The target group with targetGroupArn %s does not have an associated load balancer.", arn)
	case group.Text("vpcId") != vpc:
		return apiError(invalidECS, "The target group %s and the subnets are not in the same VPC.", arn)
	}
	return nil
}

// registry matches an image in a repository of the account's registry.
var registry = regexp.MustCompile(`^` + Account + `\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com/([^:@]+)`)

// validateTaskStart rejects tasks that lack what they need to start (Amazon ECS Developer Guide, "Amazon ECS stopped
// tasks error messages").
func validateTaskStart(account cloud.Account, definition *cloud.Resource) error {
	for _, property := range []string{"executionRoleArn", "taskRoleArn"} {
		arn := definition.Text(property)
		if arn == "" {
			continue
		}
		message := fmt.Sprintf("ECS was unable to assume the role '%s' that was provided for this task: ", arn)
		if err := requireAssumable(account, arn, "ecs-tasks.amazonaws.com", "TaskFailedToStart", message); err != nil {
			return err
		}
	}
	containers, err := containersOf(definition)
	if err != nil {
		return err
	}
	for _, container := range containers {
		if err := validateContainerStart(account, container); err != nil {
			return err
		}
	}
	return nil
}

func validateContainerStart(account cloud.Account, container container) error {
	for _, secret := range container.Secrets {
		property := ""
		switch {
		case strings.HasPrefix(secret.ValueFrom, "arn:aws:ssm:"):
			property = "arn"
		case strings.HasPrefix(secret.ValueFrom, "arn:"):
			continue // Secrets Manager finds a secret by more than its name
		}
		err := requireExists(account, parameterToken, property, secret.ValueFrom, "ResourceInitializationError",
			"unable to pull secrets or registry auth: invalid ssm parameters: "+secret.ValueFrom)
		if err != nil {
			return err
		}
	}
	options := container.LogConfiguration.Options
	if group := options["awslogs-group"]; group != "" && options["awslogs-create-group"] != "true" {
		err := requireExists(account, logGroupToken, "", group, "ResourceInitializationError",
			"failed to validate logger args: ResourceNotFoundException: The specified log group does not exist: "+group)
		if err != nil {
			return err
		}
	}
	if match := registry.FindStringSubmatch(container.Image); match != nil {
		return requireExists(account, repositoryToken, "", match[1], "CannotPullContainerError",
			"The repository with name '"+match[1]+"' does not exist")
	}
	return nil
}
