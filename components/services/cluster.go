// Package services makes the tier that takes a monolith's place: services in containers on AWS Fargate, each with its own
// repository, permissions, way in, scaling and alarms.
package services

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecs"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/internal/optional"
)

// capacity is the capacity provider of all services. Fargate Spot would be cheaper, and take tasks away at two minutes'
// notice.
const capacity = "FARGATE"

// ClusterArgs describes a cluster.
type ClusterArgs struct {
	// LogRetentionDays is how long CloudWatch Logs keeps the log of commands that people ran in containers. Required.
	LogRetentionDays int
	// KmsKeyArn is the KMS key that encrypts that log. Default: nil, AWS's own key.
	KmsKeyArn pulumi.StringInput
	// Tags go on every resource.
	Tags pulumi.StringMap
}

// Cluster is where services run.
type Cluster struct {
	pulumi.ResourceState

	// Name and Arn identify the cluster; they are known to others only once it has capacity.
	Name, Arn pulumi.StringOutput
	// ExecLogGroupName and ExecLogGroupArn are where commands are logged that people run in containers.
	ExecLogGroupName, ExecLogGroupArn pulumi.StringOutput
}

// NewCluster makes an ECS cluster on Fargate, with Container Insights of the detailed kind. It refuses logs that are kept
// for ever.
func NewCluster(ctx *pulumi.Context, name string, args *ClusterArgs, opts ...pulumi.ResourceOption) (*Cluster, error) {
	if args.LogRetentionDays < 1 {
		return nil, fmt.Errorf("cluster %q: LogRetentionDays is %d: it must be 1 or more, or logs are kept for ever",
			name, args.LogRetentionDays)
	}
	component := &Cluster{}
	if err := ctx.RegisterComponentResource("stagecraft:services:Cluster", name, component, opts...); err != nil {
		return nil, err
	}
	parent := pulumi.Parent(component)

	commands, err := cloudwatch.NewLogGroup(ctx, name+"-exec", &cloudwatch.LogGroupArgs{
		NamePrefix:      pulumi.Sprintf("/%s/%s/%s-exec-", ctx.Project(), ctx.Stack(), name),
		RetentionInDays: pulumi.Int(args.LogRetentionDays),
		KmsKeyId:        optional.String(args.KmsKeyArn),
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
		CapacityProviders: pulumi.ToStringArray([]string{capacity}),
	}, parent)
	if err != nil {
		return nil, err
	}

	component.Name = providers.ClusterName
	component.Arn = pulumi.All(cluster.Arn, providers.ClusterName).ApplyT(func(known []any) string {
		return known[0].(string)
	}).(pulumi.StringOutput)
	component.ExecLogGroupName, component.ExecLogGroupArn = commands.Name, commands.Arn
	return component, ctx.RegisterResourceOutputs(component, pulumi.Map{"name": component.Name, "arn": component.Arn})
}
