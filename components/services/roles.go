package services

import (
	"fmt"
	"maps"
	"regexp"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecr"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/role"
)

// tasksService assumes the roles of tasks, and passes the account for which it acts (Amazon ECS Developer Guide,
// "Amazon ECS task IAM role").
const tasksService = "ecs-tasks.amazonaws.com"

// privateImage is an image in Amazon ECR: its account, region and repository.
var privateImage = regexp.MustCompile(`^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com/([a-z0-9._/-]+)`)

// newExecutionRole creates the role with which ECS pulls the image, writes the log and reads the parameters of this
// service; the service itself does not have it.
func (m *Microservice) newExecutionRole(
	ctx *pulumi.Context, args *Args, repository *ecr.Repository, logGroupArn pulumi.StringInput, parent pulumi.ResourceOption,
) (*role.Role, error) {
	repositories := pulumi.StringArray{repository.Arn}
	if parts := privateImage.FindStringSubmatch(args.Image); parts != nil {
		repositories = append(repositories,
			pulumi.String(fmt.Sprintf("arn:aws:ecr:%s:%s:repository/%s", parts[2], parts[1], parts[3])))
	}
	statements := []role.Statement{{
		Actions:   []string{"ecr:GetAuthorizationToken"},
		Resources: pulumi.StringArray{pulumi.String("*")},
	}, {
		Actions:   []string{"ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"},
		Resources: repositories,
	}, {
		Actions:   []string{"logs:CreateLogStream", "logs:PutLogEvents"},
		Resources: pulumi.StringArray{pulumi.Sprintf("%s:*", logGroupArn)},
	}}
	if len(args.Parameters) > 0 {
		var parameters pulumi.StringArray
		for _, variable := range slices.Sorted(maps.Keys(args.Parameters)) {
			parameters = append(parameters, args.Parameters[variable])
		}
		statements = append(statements, role.Statement{Actions: []string{"ssm:GetParameters"}, Resources: parameters})
	}
	return role.New(ctx, m.name+"-execution", &role.Args{
		Service:       tasksService,
		SourceAccount: args.AccountID,
		Description:   "Starts tasks of a service: pulls its image, writes its log, reads its parameters",
		Statements:    statements,
		Tags:          args.Tags,
	}, parent)
}

// newTaskRole creates the role of the service itself.
func (m *Microservice) newTaskRole(ctx *pulumi.Context, args *Args, parent pulumi.ResourceOption) (*role.Role, error) {
	statements := slices.Clone(args.Permissions)
	if args.Exec {
		statements = append(statements, execPermissions(args.Cluster)...)
	}
	return role.New(ctx, m.name+"-task", &role.Args{
		Service:       tasksService,
		SourceAccount: args.AccountID,
		Description:   "What a service may do in AWS",
		Statements:    statements,
		Tags:          args.Tags,
	}, parent)
}

// execPermissions returns the permissions of the ECS Exec agent in the container (Amazon ECS Developer Guide, "ECS Exec
// permissions" and "Logging and auditing using ECS Exec"). Its channels and the list of log groups take no resource.
func execPermissions(cluster *Cluster) []role.Statement {
	return []role.Statement{{
		Actions: []string{
			"ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel",
			"ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel",
			"logs:DescribeLogGroups",
		},
		Resources: pulumi.StringArray{pulumi.String("*")},
	}, {
		Actions:   []string{"logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"},
		Resources: pulumi.StringArray{pulumi.Sprintf("%s:*", cluster.ExecLogGroupArn)},
	}}
}
