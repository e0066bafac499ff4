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

// tasksService assumes the roles of tasks, and names the account for which it does (Amazon ECS Developer Guide, "Amazon
// ECS task IAM role").
const tasksService = "ecs-tasks.amazonaws.com"

// privateImage is an image in Amazon ECR: its account, region and repository.
var privateImage = regexp.MustCompile(`^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com/([a-z0-9._/-]+)`)

// newExecutionRole lets ECS, and not the service, pull the image, write the log and read the parameters: this service's
// own.
func (m *Microservice) newExecutionRole(
	ctx *pulumi.Context, args *Args, repository *ecr.Repository, logGroupArn pulumi.StringInput, parent pulumi.ResourceOption,
) (*role.Role, error) {
	repositories := pulumi.StringArray{repository.Arn}
	if found := privateImage.FindStringSubmatch(args.Image); found != nil {
		repositories = append(repositories,
			pulumi.String(fmt.Sprintf("arn:aws:ecr:%s:%s:repository/%s", found[2], found[1], found[3])))
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

// newTaskRole is the service itself.
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

// execPermissions are those of the agent in the container (Amazon ECS Developer Guide, "ECS Exec permissions" and
// "Logging and auditing using ECS Exec"). Its channels and the list of log groups are no resources.
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
