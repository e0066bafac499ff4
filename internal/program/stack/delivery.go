package stack

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/delivery"
	"stagecraft/components/web"
)

// newDelivery declares the pipelines that release the service and the stack itself, or returns nil without a repository.
func newDelivery(
	ctx *pulumi.Context, in inputs, base foundation, entry entry, visits *visits, compute compute,
) (*delivery.Delivery, error) {
	configured := in.settings.Delivery
	if configured.Repository == "" {
		return nil, nil
	}
	args := &delivery.Args{
		AccountID:        in.account,
		Region:           in.region,
		Repository:       configured.Repository,
		Branch:           configured.Branch,
		SourceProvider:   configured.Provider,
		Approval:         configured.Approval,
		Instances:        releasedInstances(in, entry, compute),
		Services:         releasedServices(compute),
		Functions:        releasedFunctions(in, visits),
		Frontend:         in.topology.Frontend,
		LogRetentionDays: in.settings.LogRetentionDays,
		Ephemeral:        in.settings.Ephemeral,
		KmsKeyArn:        base.keyArn(),
		AlarmTopicArn:    base.topic.Arn,
		Tags:             in.tags("delivery"),
	}
	if args.Instances == nil && len(args.Services)+len(args.Functions) == 0 {
		return nil, fmt.Errorf("%s:repository is %q, but functionArchive and the image of every service are set, so that "+
			"nothing can be released: empty repository, functionArchive or the image of a service", in.project, configured.Repository)
	}
	if configured.Connection != "" {
		args.ConnectionArn = pulumi.String(configured.Connection)
	}
	if configured.Infrastructure {
		args.Infrastructure = bootstrapResources(in)
	}
	return delivery.New(ctx, "delivery", args)
}

// releasedServices returns the services that the pipeline releases: those whose image is not set.
func releasedServices(compute compute) []delivery.Service {
	var released []delivery.Service
	for _, service := range compute.services {
		if service.Image != "" {
			continue
		}
		released = append(released, delivery.Service{
			Name:          service.Name,
			ClusterName:   service.ClusterName,
			ServiceName:   service.ServiceName,
			ContainerName: service.ContainerName,
			RepositoryURL: service.RepositoryURL,
			RepositoryArn: service.RepositoryArn,
			RoleArns:      pulumi.StringArray{service.TaskRoleArn, service.ExecutionRoleArn},
		})
	}
	return released
}

// releasedFunctions returns the functions that the pipeline releases: those whose archive is not set. The API's alarms
// do not show a bad release: they may fire before the first one, while the placeholder answers.
func releasedFunctions(in inputs, visits *visits) []delivery.Function {
	if visits == nil || in.settings.Functions.Archive != "" {
		return nil
	}
	return []delivery.Function{{
		Name:           "visits",
		FunctionName:   visits.function.FunctionName,
		FunctionArn:    visits.function.Arn,
		AliasName:      pulumi.String(visits.function.AliasName),
		RollbackAlarms: visits.function.Alarms,
	}}
}

// releasedInstances returns the web servers, by their tags or their group; nil without a web tier.
func releasedInstances(in inputs, entry entry, compute compute) *delivery.Instances {
	if compute.web == nil {
		return nil
	}
	instances := &delivery.Instances{
		Tags:           map[string]string{"Project": in.project, "Stack": in.stack, "Tier": "web"},
		RoleName:       compute.web.RoleName,
		RollbackAlarms: compute.web.Alarms,
	}
	if in.topology.ScalingGroup {
		instances.GroupNames = pulumi.StringArray{compute.web.GroupName}
		if in.topology.PublicInstance || in.topology.Instances.Zones > 0 {
			instances.FixedTags = map[string]string{"Project": in.project, "Stack": in.stack, web.KindTag: web.FixedKind}
		}
	}
	if in.topology.PublicLoadBalancer {
		instances.TargetGroupArn, instances.RollbackAlarms = entry.balancer.TargetGroupArn, entry.balancer.Alarms
	}
	return instances
}

// bootstrapResources names what the template in bootstrap/ creates before Pulumi runs.
func bootstrapResources(in inputs) *delivery.Infrastructure {
	return &delivery.Infrastructure{
		StateBucket:     fmt.Sprintf("%s-state-%s-%s", in.project, in.account, in.region),
		SecretsKeyAlias: fmt.Sprintf("alias/%s-state", in.project),
		DeployRoleArn:   fmt.Sprintf("arn:aws:iam::%s:role/%s-deploy", in.account, in.project),
	}
}
