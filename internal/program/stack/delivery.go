package stack

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/delivery"
)

// deliver makes the pipelines by which the service, and the stack itself, are released.
func (d *deployment) deliver() error {
	configured := d.settings.Delivery
	if configured.Repository == "" {
		return nil
	}
	args := &delivery.Args{
		AccountID:        d.place.account,
		Region:           d.place.region,
		Repository:       configured.Repository,
		Branch:           configured.Branch,
		SourceProvider:   configured.Provider,
		Approval:         configured.Approval,
		Instances:        d.instances(),
		Services:         d.releasedServices(),
		Functions:        d.releasedFunctions(),
		Frontend:         d.topology.Frontend,
		LogRetentionDays: d.settings.LogRetentionDays,
		Ephemeral:        d.settings.Ephemeral,
		AlarmTopicArn:    d.topic.Arn,
		Tags:             d.tags("delivery"),
	}
	if args.Instances == nil && len(args.Services)+len(args.Functions) == 0 {
		return fmt.Errorf("%s:repository is %q, but other settings say what runs everywhere, so that nothing can be released: "+
			"empty it, functionArchive or the image of a service", d.ctx.Project(), configured.Repository)
	}
	if configured.Connection != "" {
		args.ConnectionArn = pulumi.String(configured.Connection)
	}
	if configured.Infrastructure {
		args.Infrastructure = d.bootstrap()
	}
	made, err := delivery.New(d.ctx, "delivery", args)
	if err != nil {
		return err
	}
	d.ctx.Export("pipeline", made.PipelineURL)
	d.ctx.Export("repositoryConnection", made.ConnectionURL)
	if configured.Infrastructure {
		d.ctx.Export("infrastructurePipeline", made.InfrastructureURL)
	}
	return d.show("Delivery", made.Alarms)
}

// releasedServices are the services of which the pipeline says what runs: those without an image by setting.
func (d *deployment) releasedServices() []delivery.Service {
	var services []delivery.Service
	for i, made := range d.services {
		configured := d.settings.Services[i]
		if configured.Image != "" {
			continue
		}
		services = append(services, delivery.Service{
			Name:          configured.Name,
			ClusterName:   made.ClusterName,
			ServiceName:   made.ServiceName,
			ContainerName: made.ContainerName,
			RepositoryURL: made.RepositoryURL,
			RepositoryArn: made.RepositoryArn,
			RoleArns:      pulumi.StringArray{made.TaskRoleArn, made.ExecutionRoleArn},
		})
	}
	return services
}

// releasedFunctions are the functions whose code the pipeline brings: those without an archive by setting. What the API's
// alarms say is no sign of a bad release: they may be on before the first one, while the placeholder answers.
func (d *deployment) releasedFunctions() []delivery.Function {
	if d.visits == nil || d.settings.Functions.Archive != "" {
		return nil
	}
	return []delivery.Function{{
		Name:           "visits",
		FunctionName:   d.visits.FunctionName,
		FunctionArn:    d.visits.Arn,
		AliasName:      pulumi.String(d.visits.AliasName),
		RollbackAlarms: d.visits.Alarms,
	}}
}

// instances are the web tier's, by their tags or their group; nil without a web tier.
func (d *deployment) instances() *delivery.Instances {
	if d.web == nil {
		return nil
	}
	instances := &delivery.Instances{
		Tags:           map[string]string{"Stack": d.ctx.Stack(), "Tier": "web"},
		RoleName:       d.web.RoleName,
		RollbackAlarms: d.web.Alarms,
	}
	if d.topology.ScalingGroup {
		instances.GroupNames = pulumi.StringArray{d.web.GroupName}
	}
	if d.topology.PublicLoadBalancer {
		instances.TargetGroupArn, instances.RollbackAlarms = d.balancer.TargetGroupArn, d.balancer.Alarms
	}
	return instances
}

// bootstrap names what the template in bootstrap/ makes before Pulumi runs.
func (d *deployment) bootstrap() *delivery.Infrastructure {
	project := d.ctx.Project()
	return &delivery.Infrastructure{
		StateBucket:     fmt.Sprintf("%s-state-%s-%s", project, d.place.account, d.place.region),
		SecretsKeyAlias: fmt.Sprintf("alias/%s-state", project),
		DeployRoleArn:   fmt.Sprintf("arn:aws:iam::%s:role/%s-deploy", d.place.account, project),
	}
}
