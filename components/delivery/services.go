package delivery

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/codebuild"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/role"
)

// serviceMinutes is how long a deployment to ECS may take. CodePipeline does not hear of the service's circuit breaker: it
// waits for this long, and fails (issue 1399 of github.com/aws/containers-roadmap).
const serviceMinutes = 30

// Service is an ECS service with rolling deployments that runs the image. For each release the pipeline gives it a new
// revision of its task definition, which whoever made the service must leave alone. The service itself rolls back: it
// needs a deployment circuit breaker, and alarms. Every field is required.
type Service struct {
	// Name is the service's within the pipeline: 50 lower-case letters, digits and hyphens at most.
	Name string
	// ClusterName and ServiceName are what ECS calls the cluster and the service in it; ContainerName is the container of
	// the service's tasks that runs the image.
	ClusterName, ServiceName, ContainerName pulumi.StringInput
	// RepositoryURL and RepositoryArn are the ECR repository's that the service's image is kept in, in this region and
	// account.
	RepositoryURL, RepositoryArn pulumi.StringInput
	// RoleArns are the roles that the task definition names: the tasks' own, and the one that starts them.
	RoleArns pulumi.StringArray
}

// toServices builds the image once, pushes it to the repository of each service, and has ECS run it.
func (d *Delivery) toServices(ctx *pulumi.Context) (target, error) {
	services := d.args.Services
	if len(services) == 0 {
		return target{}, nil
	}
	described, repositories := make(pulumi.StringArray, len(services)), make(pulumi.StringArray, len(services))
	deploys := make([]action, len(services))
	for i, service := range services {
		described[i] = pulumi.Sprintf("%s,%s,%s", service.Name, service.ContainerName, service.RepositoryURL)
		repositories[i] = service.RepositoryArn
		deploys[i] = deploy("Service-"+service.Name, "ECS", imageArtifact, pulumi.StringMap{
			"ClusterName":       service.ClusterName,
			"ServiceName":       service.ServiceName,
			"FileName":          pulumi.Sprintf("imagedefinitions-%s.json", service.Name),
			"DeploymentTimeout": pulumi.String(fmt.Sprint(serviceMinutes)),
		})
	}
	image, err := d.newBuild(ctx, build{
		name:        "image",
		description: "Builds the image that ECS runs, and pushes it to the services' repositories",
		buildspec:   "delivery/buildspec-image.yml",
		privileged:  true,
		variables: map[string]pulumi.StringInput{
			"SERVICES": described.ToStringArrayOutput().ApplyT(func(services []string) string {
				return strings.Join(services, " ")
			}).(pulumi.StringOutput),
		},
		statements: append(mayPush(repositories), d.mayWriteArtifacts()),
	})
	if err != nil {
		return target{}, err
	}
	return target{
		projects:   []*codebuild.Project{image},
		builds:     []action{run("Image", "Build", image, imageArtifact)},
		deploys:    deploys,
		statements: d.mayDeployServices(),
	}, nil
}

// mayPush lets a build push images (Amazon ECR User Guide, "IAM permissions for pushing an image"). A login is for the
// whole registry.
func mayPush(repositories pulumi.StringArray) []role.Statement {
	return []role.Statement{{
		Actions:   []string{"ecr:GetAuthorizationToken"},
		Resources: pulumi.ToStringArray([]string{"*"}),
	}, {
		Actions: []string{
			"ecr:BatchCheckLayerAvailability",
			"ecr:BatchGetImage",
			"ecr:CompleteLayerUpload",
			"ecr:InitiateLayerUpload",
			"ecr:PutImage",
			"ecr:UploadLayerPart",
		},
		Resources: repositories,
	}}
}

// mayDeployServices lets a pipeline make revisions of task definitions, which name no service, and give them to the
// services (CodePipeline User Guide, "Amazon ECS deploy action reference").
func (d *Delivery) mayDeployServices() []role.Statement {
	var services, roles pulumi.StringArray
	for _, service := range d.args.Services {
		services = append(services, pulumi.Sprintf("arn:aws:ecs:%s:%s:service/%s/%s",
			d.args.Region, d.args.AccountID, service.ClusterName, service.ServiceName))
		roles = append(roles, service.RoleArns...)
	}
	return []role.Statement{{
		Actions:   []string{"ecs:DescribeTaskDefinition", "ecs:RegisterTaskDefinition"},
		Resources: pulumi.ToStringArray([]string{"*"}),
	}, {
		// A revision carries the tags of the one before.
		Actions:   []string{"ecs:TagResource"},
		Resources: pulumi.StringArray{pulumi.Sprintf("arn:aws:ecs:%s:%s:task-definition/*", d.args.Region, d.args.AccountID)},
		Condition: map[string]map[string]string{"StringEquals": {"ecs:CreateAction": "RegisterTaskDefinition"}},
	}, {
		Actions:   []string{"ecs:DescribeServices", "ecs:UpdateService"},
		Resources: services,
	}, {
		Actions:   []string{"iam:PassRole"},
		Resources: roles,
		Condition: map[string]map[string]string{"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
	}}
}
