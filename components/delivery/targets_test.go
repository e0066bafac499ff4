package delivery_test

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"stagecraft/components/delivery"
	"stagecraft/components/observability"
	"stagecraft/internal/pulumitest"
)

// services are two that run in one cluster.
func services() []delivery.Service {
	service := func(name string) delivery.Service {
		return delivery.Service{
			Name:          name,
			ClusterName:   pulumi.String("cluster"),
			ServiceName:   pulumi.String(name + "-service"),
			ContainerName: pulumi.String("app"),
			RepositoryURL: pulumi.String("registry/" + name),
			RepositoryArn: pulumi.String("arn:repository/" + name),
			RoleArns:      pulumi.ToStringArray([]string{"arn:task/" + name, "arn:execution/" + name}),
		}
	}
	return []delivery.Service{service("users"), service("signups")}
}

// functions are one, which has the name of a service.
func functions() []delivery.Function {
	return []delivery.Function{{
		Name:         "users",
		FunctionName: pulumi.String("users-function"),
		FunctionArn:  pulumi.String("arn:users-function"),
		AliasName:    pulumi.String("live"),
	}}
}

func TestNewServices(t *testing.T) {
	t.Parallel()
	args := valid()
	args.Instances, args.Services = nil, services()
	resources, err := run(args, nil)
	require.NoError(t, err)
	resources.RequireTags(t, map[string]string{"Stack": "test"})
	resources.RequireParents(t, componentType)
	requireLeastPrivilege(t, resources)
	require.Empty(t, resources.Of(groupType), "no instances, no deployment group")
	require.Equal(t, []string{"delivery-image", "delivery-test"}, resources.Names(projectType))
	require.Equal(t, []string{
		"Build: Image Build CodeBuild [source] [image] map[ProjectName:stagecraft-test-image]",
		"Deploy: Service-users Deploy ECS [image] [] map[ClusterName:cluster DeploymentTimeout:30 " +
			"FileName:imagedefinitions-users.json ServiceName:users-service]",
		"Deploy: Service-signups Deploy ECS [image] [] map[ClusterName:cluster DeploymentTimeout:30 " +
			"FileName:imagedefinitions-signups.json ServiceName:signups-service]",
	}, path(t, resources.One(t, pipelineType))[2:])

	image := resources.Named(t, projectType, "delivery-image").Inputs
	require.Equal(t, "delivery/buildspec-image.yml", image["source"].(map[string]any)["buildspec"])
	environment := image["environment"].(map[string]any)
	require.Equal(t, true, environment["privilegedMode"], "Docker runs in the build")
	require.Equal(t, []any{variable("SERVICES", "users,app,registry/users signups,app,registry/signups")},
		environment["environmentVariables"])
}

func TestNewServicesRoles(t *testing.T) {
	t.Parallel()
	args := valid()
	args.Instances, args.Services = nil, services()
	resources, err := run(args, nil)
	require.NoError(t, err)
	require.Equal(t, []string{"arn:repository/users", "arn:repository/signups"},
		allowed(t, resources, "delivery-image", "ecr:PutImage"))
	require.Equal(t, []string{"*"}, allowed(t, resources, "delivery-image", "ecr:GetAuthorizationToken"))
	require.Equal(t, []string{"arn:aws:s3:::delivery-artifacts-id/*"}, allowed(t, resources, "delivery-image", "s3:PutObject"))
	require.Empty(t, allowed(t, resources, "delivery-test", "ecr:PutImage"))

	const pipeline = "delivery-service"
	require.Equal(t, []string{"arn:delivery-test", "arn:delivery-image"}, allowed(t, resources, pipeline, "codebuild:StartBuild"))
	require.Equal(t, []string{
		"arn:aws:ecs:eu-west-1:123456789012:service/cluster/users-service",
		"arn:aws:ecs:eu-west-1:123456789012:service/cluster/signups-service",
	}, allowed(t, resources, pipeline, "ecs:UpdateService"))
	require.Subset(t, statements(t, resources, pipeline), []statement{{
		Action:    []string{"iam:PassRole"},
		Resource:  []string{"arn:task/users", "arn:execution/users", "arn:task/signups", "arn:execution/signups"},
		Condition: map[string]map[string]string{"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
	}, {
		Action:    []string{"ecs:TagResource"},
		Resource:  []string{"arn:aws:ecs:eu-west-1:123456789012:task-definition/*"},
		Condition: map[string]map[string]string{"StringEquals": {"ecs:CreateAction": "RegisterTaskDefinition"}},
	}})
	require.Empty(t, allowed(t, resources, pipeline, "codedeploy:CreateDeployment"))
}

func TestNewFunctions(t *testing.T) {
	t.Parallel()
	args := valid()
	args.Instances, args.Functions = nil, functions()
	resources, err := run(args, nil)
	require.NoError(t, err)
	resources.RequireTags(t, map[string]string{"Stack": "test"})
	resources.RequireParents(t, componentType)
	requireLeastPrivilege(t, resources)
	require.Equal(t, []string{"delivery-function", "delivery-test"}, resources.Names(projectType))
	require.Equal(t, []string{
		"Build: Function Build CodeBuild [source] [function] map[ProjectName:stagecraft-test-function]",
		"Deploy: Function-users Deploy Lambda [function] [] map[DeployStrategy:Canary10Percent5Minutes FunctionAlias:live " +
			"FunctionName:users-function]",
	}, path(t, resources.One(t, pipelineType))[2:])
	require.Equal(t, false, resources.Named(t, projectType, "delivery-function").Inputs["environment"].(map[string]any)["privilegedMode"])

	const pipeline = "delivery-service"
	require.Subset(t, resources.Named(t, logGroupType, pipeline).Inputs, map[string]any{
		"name": "/aws/codepipeline/stagecraft-test-service", "retentionInDays": 30.0,
	})
	require.Equal(t, []string{"arn:users-function", "arn:users-function:*"},
		allowed(t, resources, pipeline, "lambda:UpdateFunctionCode"))
	require.Equal(t, []string{"arn:delivery-service", "arn:delivery-service:*"}, allowed(t, resources, pipeline, "logs:PutLogEvents"))
	require.Empty(t, allowed(t, resources, pipeline, "cloudwatch:DescribeAlarms"))
}

func TestNewFunctionRollsBackOnAlarms(t *testing.T) {
	t.Parallel()
	resources, err := pulumitest.Run(func(ctx *pulumi.Context) error {
		args := valid()
		alarm := observability.Alarm{Description: "Errors.", Namespace: "AWS/Lambda", Metric: "Errors"}
		first, second := alarm, alarm
		first.Name, second.Name = "errors", "throttles"
		alarms, err := observability.NewAlarms(ctx, "users",
			observability.AlarmsArgs{TopicArn: args.AlarmTopicArn, Tags: args.Tags}, []observability.Alarm{first, second})
		if err != nil {
			return err
		}
		args.Instances, args.Functions = nil, functions()
		args.Functions[0].RollbackAlarms = alarms
		_, err = delivery.New(ctx, "delivery", &args)
		return err
	}, nil, nil)
	require.NoError(t, err)
	require.Equal(t, "stagecraft-test-users-errors,stagecraft-test-users-throttles",
		stages(t, resources.One(t, pipelineType))[3].Actions[0].Configuration["Alarms"])
	require.Equal(t, []string{"arn:users-errors", "arn:users-throttles"},
		allowed(t, resources, "delivery-service", "cloudwatch:DescribeAlarms"))
}

// What a release is deployed to is built, and deployed to, at the same time.
func TestNewTargetsTogether(t *testing.T) {
	t.Parallel()
	args := valid()
	args.Services, args.Functions, args.Approval = services(), functions(), true
	resources, err := run(args, nil)
	require.NoError(t, err)
	var words []string
	for _, stage := range stages(t, resources.One(t, pipelineType)) {
		names := make([]string, len(stage.Actions))
		for i, action := range stage.Actions {
			names[i] = action.Name
		}
		words = append(words, stage.Name+": "+strings.Join(names, " "))
	}
	require.Equal(t, []string{
		"Source: Source", "Test: Test", "Build: Bundle Image Function", "Approve: Approve",
		"Deploy: Instances Service-users Service-signups Function-users",
	}, words)
	require.Equal(t, []string{"arn:delivery-test", "arn:delivery-bundle", "arn:delivery-image", "arn:delivery-function"},
		allowed(t, resources, "delivery-service", "codebuild:StartBuild"))
	require.Subset(t, resources.Names(alarmType), []string{"delivery-image-failed", "delivery-function-failed"})
}

// A change of the page alone is released by anyone who publishes it.
func TestNewFrontend(t *testing.T) {
	t.Parallel()
	args := withInfrastructure()
	args.Frontend = true
	resources, err := run(args, nil)
	require.NoError(t, err)
	require.Equal(t, []any{
		map[string]any{"excludes": []any{"app/**", "docs/**"}},
		map[string]any{"includes": []any{"app/web/**"}},
	}, filters(resources.Named(t, pipelineType, "delivery-infrastructure")))
	require.Equal(t, []any{
		map[string]any{"includes": []any{"app/**", "delivery/**"}, "excludes": []any{"app/web/**"}},
	}, filters(resources.Named(t, pipelineType, "delivery-service")))
}
