package delivery

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/codebuild"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/role"
)

// serviceMinutes is how many minutes a deployment to ECS may take. CodePipeline does not notice the service's circuit
// breaker: it waits for this long, and fails (issue 1399 of github.com/aws/containers-roadmap).
const serviceMinutes = 30

// Service is an ECS service with rolling deployments that runs the image. For each release the pipeline registers a new
// revision of its task definition, which the program that declares the service must not change back. The service itself
// rolls back: it needs a deployment circuit breaker, and alarms. Every field is required.
type Service struct {
	// Name is the service's name within the pipeline, unique among the services: 1 to 50 lower-case letters, digits and
	// hyphens, a letter first.
	Name string
	// ClusterName and ServiceName are the names of the cluster and of the service in it; ContainerName is the container of
	// the service's tasks that runs the image.
	ClusterName, ServiceName, ContainerName pulumi.StringInput
	// RepositoryURL and RepositoryArn identify the ECR repository of the service's image, in this region and account.
	RepositoryURL, RepositoryArn pulumi.StringInput
	// RoleArns are the roles of the task definition: the tasks' own, and the one that starts them.
	RoleArns pulumi.StringArray
}

// newServiceTarget creates the build of the image, which pushes it to the repository of each service; ECS deploys it.
func (d *Delivery) newServiceTarget(ctx *pulumi.Context) (target, error) {
	services := d.args.Services
	if len(services) == 0 {
		return target{}, nil
	}
	descriptions, repositories := make(pulumi.StringArray, len(services)), make(pulumi.StringArray, len(services))
	deploys := make([]action, len(services))
	for i, service := range services {
		descriptions[i] = pulumi.Sprintf("%s,%s,%s", service.Name, service.ContainerName, service.RepositoryURL)
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
			"SERVICES": descriptions.ToStringArrayOutput().ApplyT(func(services []string) string {
				return strings.Join(services, " ")
			}).(pulumi.StringOutput),
		},
		statements: append(pushStatements(repositories), d.writeStatement()),
	})
	if err != nil {
		return target{}, err
	}
	return target{
		projects:   []*codebuild.Project{image},
		builds:     []action{run("Image", "Build", image, imageArtifact)},
		deploys:    deploys,
		statements: d.serviceStatements(),
	}, nil
}

// pushStatements allows a build to push images (Amazon ECR User Guide, "IAM permissions for pushing an image"). A login
// is valid for the whole registry.
func pushStatements(repositories pulumi.StringArray) []role.Statement {
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

// serviceStatements allows a pipeline to register revisions of task definitions, which belong to no service, and to
// deploy them to the services (CodePipeline User Guide, "Amazon ECS deploy action reference").
func (d *Delivery) serviceStatements() []role.Statement {
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
		// A revision has the tags of the previous one.
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
