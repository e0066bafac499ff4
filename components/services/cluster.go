// Package services creates the tier that replaces a monolith: services in containers on AWS Fargate, each with its own
// repository, permissions, route, scaling and alarms.
package services

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecs"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/internal/validate"
)

// capacityProvider is that of all services. Fargate Spot would be cheaper, but stops tasks at two minutes' notice.
const capacityProvider = "FARGATE"

// ClusterArgs describes a cluster. Every field is required unless a default is named.
type ClusterArgs struct {
	// LogRetentionDays is for how many days CloudWatch Logs keeps the log of commands that operators ran in containers, 1
	// or more.
	LogRetentionDays int
	// KmsKeyArn is the KMS key that encrypts that log. Default: nil, AWS's own key.
	KmsKeyArn pulumi.StringInput
	// Tags are set on every resource.
	Tags pulumi.StringMap
}

// Cluster is the ECS cluster in which services run.
type Cluster struct {
	pulumi.ResourceState

	// Name and Arn identify the cluster; other resources get them only once it has a capacity provider.
	Name, Arn pulumi.StringOutput
	// ExecLogGroupName and ExecLogGroupArn identify the log group of the commands that operators run in containers.
	ExecLogGroupName, ExecLogGroupArn pulumi.StringOutput
}

// NewCluster creates an ECS cluster on Fargate with enhanced Container Insights. It rejects logs without a retention.
func NewCluster(ctx *pulumi.Context, name string, args *ClusterArgs, opts ...pulumi.ResourceOption) (*Cluster, error) {
	var problems validate.Problems
	problems.Retention("LogRetentionDays", args.LogRetentionDays)
	if err := problems.Err(); err != nil {
		return nil, fmt.Errorf("cluster %q: %w", name, err)
	}
	component := &Cluster{}
	if err := ctx.RegisterComponentResource("stagecraft:services:Cluster", name, component, opts...); err != nil {
		return nil, err
	}
	parent := pulumi.Parent(component)

	commands, err := cloudwatch.NewLogGroup(ctx, name+"-exec", &cloudwatch.LogGroupArgs{
		NamePrefix:      pulumi.Sprintf("/%s/%s/%s-exec-", ctx.Project(), ctx.Stack(), name),
		RetentionInDays: pulumi.Int(args.LogRetentionDays),
		KmsKeyId:        args.KmsKeyArn,
		Tags:            args.Tags,
	}, parent)
	if err != nil {
		return nil, err
	}
	cluster, err := ecs.NewCluster(ctx, name, &ecs.ClusterArgs{
		Settings: ecs.ClusterSettingArray{ecs.ClusterSettingArgs{
			Name: pulumi.String("containerInsights"), Value: pulumi.String("enhanced"),
		}},
		Configuration: ecs.ClusterConfigurationArgs{
			ExecuteCommandConfiguration: ecs.ClusterConfigurationExecuteCommandConfigurationArgs{
				Logging: pulumi.String("OVERRIDE"),
				LogConfiguration: ecs.ClusterConfigurationExecuteCommandConfigurationLogConfigurationArgs{
					CloudWatchLogGroupName: commands.Name,
				},
			},
		},
		Tags: args.Tags,
	}, parent)
	if err != nil {
		return nil, err
	}
	providers, err := ecs.NewClusterCapacityProviders(ctx, name, &ecs.ClusterCapacityProvidersArgs{
		ClusterName:       cluster.Name,
		CapacityProviders: pulumi.ToStringArray([]string{capacityProvider}),
	}, parent)
	if err != nil {
		return nil, err
	}

	component.Name = providers.ClusterName
	component.Arn = pulumi.All(cluster.Arn, providers.ClusterName).ApplyT(func(values []any) string {
		return values[0].(string)
	}).(pulumi.StringOutput)
	component.ExecLogGroupName, component.ExecLogGroupArn = commands.Name, commands.Arn
	return component, ctx.RegisterResourceOutputs(component, pulumi.Map{"name": component.Name, "arn": component.Arn})
}
