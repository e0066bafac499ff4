package aws

import (
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecs"

	"stagecraft/internal/offline/cloud"
)

const (
	clusterToken           = "aws:ecs/cluster:Cluster"
	capacityProvidersToken = "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders"
)

func clusterType() cloud.Type {
	const exec = "configuration.executeCommandConfiguration."
	return cloud.Type{
		Token:     clusterToken,
		Args:      ecs.ClusterArgs{},
		State:     ecs.Cluster{},
		Service:   "ECS",
		Operation: "CreateCluster",
		Change:    "UpdateCluster",
		Source: "CloudFormation resource schema AWS::ECS::Cluster; SDK doc; Amazon ECS API Reference, CreateCluster, which " +
			"gives the cluster of the same name if there is one, and does not look for log groups: here they must exist, since " +
			"nothing would be logged",
		Name: &cloud.Name{Property: "name", Max: 255, Pattern: ecsName},
		ID:   "arn:aws:ecs:${region}:${account}:cluster/${name}",
		Values: map[string]cloud.Value{
			"configuration.managedStorageConfiguration": cloud.NotSimulated,
			exec + "kmsKeyId":                      cloud.NotSimulated,
			exec + "logging":                       cloud.OneOf("NONE", "DEFAULT", "OVERRIDE"),
			exec + "logConfiguration.s3BucketName": cloud.NotSimulated,
			"serviceConnectDefaults":               cloud.NotSimulated,
			"settings[*].name":                     cloud.OneOf("containerInsights"),
			"settings[*].value":                    cloud.OneOf("enabled", "enhanced", "disabled"),
		},
		Computed: map[string]any{
			"arn":      "${id}",
			"settings": []any{map[string]any{"name": "containerInsights", "value": "disabled"}},
		},
		Replace: []string{"name"},
		Refs: []cloud.Ref{{
			Path: exec + "logConfiguration.cloudWatchLogGroupName", Type: logGroupToken, TargetProperty: "name", Weak: true,
		}},
		Quota: &cloud.Quota{Limit: 10000, Error: cloud.Error{
			Code: clientECS, Message: "The maximum number of clusters has been reached.",
		}},
		Check: func(_ cloud.Account, cluster *cloud.Resource) error {
			if cluster.Text(exec+"logging") == "OVERRIDE" && cluster.Text(exec+"logConfiguration.cloudWatchLogGroupName") == "" {
				return apiError(invalidECS, "Invalid execute command configuration: logConfiguration is required if logging is OVERRIDE")
			}
			return nil
		},
		NotFound: cloud.Error{Code: "ClusterNotFoundException", Message: "Cluster not found."},
		InUse: cloud.Error{
			Code: "ClusterContainsServicesException", Message: "The Cluster cannot be deleted while Services are active.",
		},
	}
}

func capacityProvidersType() cloud.Type {
	const strategy = "defaultCapacityProviderStrategies"
	return cloud.Type{
		Token:     capacityProvidersToken,
		Args:      ecs.ClusterCapacityProvidersArgs{},
		State:     ecs.ClusterCapacityProviders{},
		Service:   "ECS",
		Operation: "PutClusterCapacityProviders",
		Source:    "CloudFormation resource schema AWS::ECS::ClusterCapacityProviderAssociations; SDK doc; Amazon ECS API Reference",
		ID:        "${clusterName}",
		Values: map[string]cloud.Value{
			"capacityProviders":     cloud.Count(0, 20),
			"capacityProviders[*]":  cloud.OneOf("FARGATE", "FARGATE_SPOT"),
			strategy + "[*].base":   cloud.Range(0, 100000),
			strategy + "[*].weight": cloud.Range(0, 1000),
		},
		Replace: []string{"clusterName"},
		Refs:    []cloud.Ref{{Path: "clusterName", Type: clusterToken, TargetProperty: "name", OwnedBy: true}},
		Check: func(_ cloud.Account, providers *cloud.Resource) error {
			return validateCapacityProviders(providers.Texts("capacityProviders[*]"), providers.Texts(strategy+"[*].capacityProvider"))
		},
		Delete: rejectIfCapacityUsed,
	}
}

func validateCapacityProviders(providers, used []string) error {
	if slices.ContainsFunc(used, func(provider string) bool { return !slices.Contains(providers, provider) }) {
		return apiError(invalidECS, "The specified capacity provider strategy cannot contain a capacity provider that is not "+
			"associated with the cluster. Associate the capacity provider with the cluster and try again.")
	}
	return nil
}

func rejectIfCapacityUsed(account cloud.Account, providers *cloud.Resource) error {
	cluster, err := account.Find(clusterToken, "name", providers.Text("clusterName"))
	if err != nil {
		return err
	}
	services, err := account.List(ecsServiceToken)
	if err != nil {
		return err
	}
	for _, service := range services {
		if service.Text("cluster") == cluster.ID && len(service.Elements("capacityProviderStrategies")) > 0 {
			return apiError("ResourceInUseException", "The specified capacity provider is in use and cannot be removed.")
		}
	}
	return nil
}
