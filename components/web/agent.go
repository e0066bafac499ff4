package web

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ssm"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// The logs that the CloudWatch agent sends, each to its own log group.
const (
	accessLog = "access"
	errorLog  = "error"
	systemLog = "system"
	setupLog  = "setup"
)

var logs = []struct{ kind, path string }{
	{accessLog, "/var/log/nginx/access.log"},
	{errorLog, "/var/log/nginx/error.log"},
	{systemLog, "/var/log/messages"},
	{setupLog, "/var/log/cloud-init-output.log"},
}

type logGroups map[string]*cloudwatch.LogGroup

func newLogGroups(ctx *pulumi.Context, name string, args *Args, parent pulumi.ResourceOption) (logGroups, error) {
	groups := logGroups{}
	for _, log := range logs {
		group, err := cloudwatch.NewLogGroup(ctx, name+"-"+log.kind, &cloudwatch.LogGroupArgs{
			NamePrefix:      pulumi.Sprintf("/%s/%s/%s/%s-", ctx.Project(), ctx.Stack(), name, log.kind),
			RetentionInDays: pulumi.Int(args.LogRetentionDays),
			KmsKeyId:        args.KmsKeyArn,
			Tags:            args.Tags,
		}, parent)
		if err != nil {
			return nil, err
		}
		groups[log.kind] = group
	}
	return groups, nil
}

// agentParameterName returns the name of the parameter from which an instance reads the agent's configuration.
func agentParameterName(ctx *pulumi.Context, name string) string {
	return fmt.Sprintf("/%s/%s/%s/cloudwatch-agent", ctx.Project(), ctx.Stack(), name)
}

// newAgentParameter creates the CloudWatch agent's configuration. A resource that depends on it also depends on the log
// groups.
func newAgentParameter(
	ctx *pulumi.Context, name string, args *Args, groups logGroups, parent pulumi.ResourceOption,
) (*ssm.Parameter, error) {
	return ssm.NewParameter(ctx, name+"-agent", &ssm.ParameterArgs{
		Name:        pulumi.String(agentParameterName(ctx, name)),
		Description: pulumi.String("The CloudWatch agent's configuration: instances read it when they set themselves up"),
		Type:        pulumi.String("String"),
		// It holds no secret, and a preview shows what changes.
		InsecureValue: pulumi.JSONMarshal(agentConfiguration(args, groups)),
		Tags:          args.Tags,
	}, parent)
}

// agentConfiguration returns the agent's configuration: metrics that only the operating system knows, by instance and
// by group, and the logs (Amazon CloudWatch User Guide, "Manually create or edit the CloudWatch agent configuration
// file").
func agentConfiguration(args *Args, groups logGroups) pulumi.Map {
	dimensions := []string{instanceDimension}
	if args.Group != nil {
		dimensions = append(dimensions, groupDimension)
	}
	appended, aggregated := pulumi.StringMap{}, pulumi.Array{}
	for _, dimension := range dimensions {
		appended[dimension] = pulumi.Sprintf("${aws:%s}", dimension)
		aggregated = append(aggregated, pulumi.ToStringArray([]string{dimension}))
	}
	files := pulumi.Array{}
	for _, log := range logs {
		files = append(files, pulumi.Map{
			"file_path":       pulumi.String(log.path),
			"log_group_name":  groups[log.kind].Name,
			"log_stream_name": pulumi.String("{instance_id}"),
		})
	}
	return pulumi.Map{
		// Only root may read the system log.
		"agent": pulumi.Map{"metrics_collection_interval": pulumi.Int(60), "run_as_user": pulumi.String("root")},
		"metrics": pulumi.Map{
			"append_dimensions":      appended,
			"aggregation_dimensions": aggregated,
			"metrics_collected": pulumi.Map{
				"mem": pulumi.Map{"measurement": pulumi.ToStringArray([]string{"mem_used_percent"})},
				"disk": pulumi.Map{
					"measurement": pulumi.ToStringArray([]string{"disk_used_percent"}),
					"resources":   pulumi.ToStringArray([]string{"/"}),
					"drop_device": pulumi.Bool(true),
				},
			},
		},
		"logs": pulumi.Map{"logs_collected": pulumi.Map{"files": pulumi.Map{"collect_list": files}}},
	}
}
