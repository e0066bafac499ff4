package delivery_test

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"stagecraft/components/delivery"
	"stagecraft/components/observability"
	"stagecraft/internal/pulumitest"
)

const (
	componentType   = "stagecraft:delivery:Delivery"
	connectionType  = "aws:codeconnections/connection:Connection"
	projectType     = "aws:codebuild/project:Project"
	pipelineType    = "aws:codepipeline/pipeline:Pipeline"
	applicationType = "aws:codedeploy/application:Application"
	groupType       = "aws:codedeploy/deploymentGroup:DeploymentGroup"
	associationType = "aws:ssm/association:Association"
	bucketType      = "aws:s3/bucketV2:BucketV2"
	policyType      = "aws:iam/rolePolicy:RolePolicy"
	attachmentType  = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
	roleType        = "aws:iam/role:Role"
	logGroupType    = "aws:cloudwatch/logGroup:LogGroup"
	alarmType       = "aws:cloudwatch/metricAlarm:MetricAlarm"
	ruleType        = "aws:cloudwatch/eventRule:EventRule"
)

const targetGroup = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/0123456789abcdef"

func valid() delivery.Args {
	return delivery.Args{
		AccountID:  "123456789012",
		Region:     "eu-west-1",
		Repository: "example/service",
		Branch:     "main",
		Instances: &delivery.Instances{
			Tags:     map[string]string{"Tier": "web", "Stack": "test"},
			RoleName: pulumi.String("web-role"),
		},
		LogRetentionDays: 30,
		AlarmTopicArn:    pulumi.String("arn:topic"),
		Tags:             pulumi.StringMap{"Stack": pulumi.String("test")},
	}
}

func withInfrastructure() delivery.Args {
	args := valid()
	args.Infrastructure = &delivery.Infrastructure{
		StateBucket: "stagecraft-state", SecretsKeyAlias: "alias/stagecraft-state", DeployRoleArn: "arn:deploy",
	}
	return args
}

func run(args delivery.Args, check func(*delivery.Delivery)) (pulumitest.Resources, error) {
	return pulumitest.Run(func(ctx *pulumi.Context) error {
		made, err := delivery.New(ctx, "delivery", &args)
		if err == nil && check != nil {
			check(made)
		}
		return err
	}, nil, nil)
}

// stage is what the tests read of a pipeline.
type stage struct {
	Name    string
	Actions []struct {
		Name, Category, Provider, Owner, Version string
		Configuration                            map[string]string
		InputArtifacts, OutputArtifacts          []string
	}
}

func stages(t *testing.T, pipeline pulumitest.Resource) []stage {
	t.Helper()
	encoded, err := json.Marshal(pipeline.Inputs["stages"])
	require.NoError(t, err)
	var read []stage
	require.NoError(t, json.Unmarshal(encoded, &read))
	for _, stage := range read {
		require.NotEmpty(t, stage.Actions)
		for _, action := range stage.Actions {
			require.Equal(t, []string{"AWS", "1"}, []string{action.Owner, action.Version})
		}
	}
	return read
}

// path is a pipeline's actions in words, with the stages that they are in.
func path(t *testing.T, pipeline pulumitest.Resource) []string {
	t.Helper()
	var path []string
	for _, stage := range stages(t, pipeline) {
		for _, action := range stage.Actions {
			path = append(path, fmt.Sprint(stage.Name, ": ", action.Name, " ", action.Category, " ", action.Provider, " ",
				action.InputArtifacts, " ", action.OutputArtifacts, " ", action.Configuration))
		}
	}
	return path
}

// filters are what a pipeline's trigger demands of the files of a push.
func filters(pipeline pulumitest.Resource) []any {
	git := pipeline.Inputs["triggers"].([]any)[0].(map[string]any)["gitConfiguration"].(map[string]any)
	var filters []any
	for _, push := range git["pushes"].([]any) {
		filters = append(filters, push.(map[string]any)["filePaths"])
	}
	return filters
}

// statement is one of a role's policy.
type statement struct {
	Action, Resource []string
	Condition        map[string]map[string]string
}

func statements(t *testing.T, resources pulumitest.Resources, name string) []statement {
	t.Helper()
	var document struct{ Statement []statement }
	text := resources.Named(t, policyType, name).Inputs["policy"].(string)
	require.NoError(t, json.Unmarshal([]byte(text), &document), text)
	return document.Statement
}

// allowed are the resources on which a role may do something.
func allowed(t *testing.T, resources pulumitest.Resources, name, action string) []string {
	t.Helper()
	var on []string
	for _, statement := range statements(t, resources, name) {
		for _, given := range statement.Action {
			if given == action {
				on = append(on, statement.Resource...)
			}
		}
	}
	return on
}

func TestNewPipeline(t *testing.T) {
	t.Parallel()
	var urls []any
	resources, err := run(valid(), func(made *delivery.Delivery) {
		pulumi.All(made.PipelineURL, made.ConnectionURL).ApplyT(func(values []any) []any {
			urls = values
			return values
		})
	})
	require.NoError(t, err)
	resources.RequireTags(t, map[string]string{"Stack": "test"})
	resources.RequireParents(t, componentType)
	require.Equal(t, []any{
		"https://eu-west-1.console.aws.amazon.com/codesuite/codepipeline/pipelines/stagecraft-test-service/view?region=eu-west-1",
		"https://eu-west-1.console.aws.amazon.com/codesuite/settings/connections?region=eu-west-1",
	}, urls)
	require.Equal(t, "GitHub", resources.One(t, connectionType).Inputs["providerType"])

	pipeline := resources.One(t, pipelineType)
	require.Subset(t, pipeline.Inputs, map[string]any{
		"name": "stagecraft-test-service", "pipelineType": "V2", "executionMode": "SUPERSEDED", "roleArn": "arn:delivery-service",
		"artifactStores": []any{map[string]any{"type": "S3", "location": "delivery-artifacts-id"}},
		"triggers": []any{map[string]any{
			"providerType": "CodeStarSourceConnection",
			"gitConfiguration": map[string]any{
				"sourceActionName": "Source",
				"pushes": []any{map[string]any{
					"branches":  map[string]any{"includes": []any{"main"}},
					"filePaths": map[string]any{"includes": []any{"app/**", "delivery/**"}},
				}},
			},
		}},
	})
	require.Contains(t, strings.Join(pipeline.DependsOn, "\n"), policyType+"::delivery-service",
		"its first run begins as soon as it is there")

	require.Equal(t, []string{
		"Source: Source Source CodeStarSourceConnection [] [source] map[BranchName:main ConnectionArn:arn:delivery DetectChanges:false " +
			"FullRepositoryId:example/service]",
		"Test: Test Test CodeBuild [source] [] map[ProjectName:stagecraft-test-test]",
		"Build: Bundle Build CodeBuild [source] [bundle] map[ProjectName:stagecraft-test-bundle]",
		"Deploy: Instances Deploy CodeDeploy [bundle] [] map[ApplicationName:stagecraft-test DeploymentGroupName:instances]",
	}, path(t, pipeline))
}

func TestNewWithConnection(t *testing.T) {
	t.Parallel()
	args := valid()
	args.ConnectionArn = pulumi.String("arn:connection")
	resources, err := run(args, nil)
	require.NoError(t, err)
	require.Empty(t, resources.Of(connectionType))
	require.Equal(t, "arn:connection",
		stages(t, resources.One(t, pipelineType))[0].Actions[0].Configuration["ConnectionArn"])
	require.Equal(t, []string{"arn:connection"}, allowed(t, resources, "delivery-service", "codeconnections:UseConnection"))
}

func TestNewWithApproval(t *testing.T) {
	t.Parallel()
	args := valid()
	resources, err := run(args, nil)
	require.NoError(t, err)
	require.Empty(t, allowed(t, resources, "delivery-service", "sns:Publish"))

	args.Approval = true
	resources, err = run(args, nil)
	require.NoError(t, err)
	stages := stages(t, resources.One(t, pipelineType))
	require.Len(t, stages, 5)
	require.Equal(t, "Deploy", stages[4].Name)
	approval := stages[3].Actions[0]
	require.Equal(t, []string{"Approval", "Manual"}, []string{approval.Category, approval.Provider})
	require.Equal(t, "arn:topic", approval.Configuration["NotificationArn"])
	require.Equal(t, []string{"arn:topic"}, allowed(t, resources, "delivery-service", "sns:Publish"))
}

func TestNewBuilds(t *testing.T) {
	t.Parallel()
	resources, err := run(valid(), nil)
	require.NoError(t, err)
	require.Equal(t, []string{"delivery-bundle", "delivery-test"}, resources.Names(projectType))
	for _, project := range resources.Of(projectType) {
		kind := strings.TrimPrefix(project.Name, "delivery-")
		require.Subset(t, project.Inputs, map[string]any{
			"name":        "stagecraft-test-" + kind,
			"serviceRole": "arn:" + project.Name,
			"artifacts":   map[string]any{"type": "CODEPIPELINE"},
			"source":      map[string]any{"type": "CODEPIPELINE", "buildspec": "delivery/buildspec-" + kind + ".yml"},
			"environment": map[string]any{
				"type": "ARM_CONTAINER", "computeType": "BUILD_GENERAL1_SMALL",
				"image": "aws/codebuild/amazonlinux-aarch64-standard:3.0", "imagePullCredentialsType": "CODEBUILD",
				"privilegedMode": false,
			},
			"logsConfig": map[string]any{"cloudwatchLogs": map[string]any{
				"groupName": "/stagecraft/test/delivery/" + kind + "-1", "status": "ENABLED",
			}},
		})
		require.Contains(t, strings.Join(project.DependsOn, "\n"), policyType+"::"+project.Name)
		require.Equal(t, 30.0, resources.Named(t, logGroupType, project.Name).Inputs["retentionInDays"])
		require.Equal(t, []string{"arn:" + project.Name + ":*"}, allowed(t, resources, project.Name, "logs:PutLogEvents"))
		require.Equal(t, []string{"arn:aws:s3:::delivery-artifacts-id/*"}, allowed(t, resources, project.Name, "s3:GetObject"))
	}
	require.Equal(t, []string{"arn:aws:s3:::delivery-artifacts-id/*"}, allowed(t, resources, "delivery-bundle", "s3:PutObject"))
	require.Empty(t, allowed(t, resources, "delivery-test", "s3:PutObject"), "tests make nothing")
}

// requireLeastPrivilege allows "*" for a resource only where IAM knows no other.
func requireLeastPrivilege(t *testing.T, resources pulumitest.Resources) {
	t.Helper()
	unlimited := []string{
		"tag:GetResources", "ecr:GetAuthorizationToken", "ecs:RegisterTaskDefinition", "secretsmanager:GetRandomPassword",
		"servicequotas:GetServiceQuota",
	}
	for _, policy := range resources.Names(policyType) {
		for _, statement := range statements(t, resources, policy) {
			for _, action := range statement.Action {
				require.NotContains(t, action, "*", policy)
				if !strings.Contains(action, ":Describe") && !slices.Contains(unlimited, action) {
					require.NotContains(t, statement.Resource, "*", "%s may %s", policy, action)
				}
			}
		}
	}
}

// No role does what its pipeline does not need.
func TestNewRoles(t *testing.T) {
	t.Parallel()
	args := withInfrastructure()
	args.Instances.TargetGroupArn = pulumi.String(targetGroup)
	resources, err := run(args, nil)
	require.NoError(t, err)
	services := map[string]string{
		"delivery-test": "codebuild", "delivery-bundle": "codebuild", "delivery-preview": "codebuild", "delivery-apply": "codebuild",
		"delivery-service": "codepipeline", "delivery-infrastructure": "codepipeline", "delivery-deploy": "codedeploy",
	}
	require.Len(t, resources.Of(roleType), len(services))
	for name, service := range services {
		require.JSONEq(t, `{
			"Version": "2012-10-17",
			"Statement": [{
				"Effect": "Allow",
				"Action": "sts:AssumeRole",
				"Principal": {"Service": "`+service+`.amazonaws.com"},
				"Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}}
			}]
		}`, resources.Named(t, roleType, name).Inputs["assumeRolePolicy"].(string))
	}
	requireLeastPrivilege(t, resources)
	require.Equal(t, []string{targetGroup}, allowed(t, resources, "delivery-deploy", "elasticloadbalancing:RegisterTargets"))
	require.Equal(t, []string{"arn:delivery-test", "arn:delivery-bundle"},
		allowed(t, resources, "delivery-service", "codebuild:StartBuild"))
	require.Equal(t, []string{"arn:delivery-preview", "arn:delivery-apply"},
		allowed(t, resources, "delivery-infrastructure", "codebuild:StartBuild"))
	require.Equal(t, []string{
		"arn:aws:codedeploy:eu-west-1:123456789012:application:stagecraft-test",
		"arn:aws:codedeploy:eu-west-1:123456789012:deploymentgroup:stagecraft-test/instances",
		"arn:aws:codedeploy:eu-west-1:123456789012:deploymentconfig:CodeDeployDefault.OneAtATime",
	}, allowed(t, resources, "delivery-service", "codedeploy:CreateDeployment"))
	require.Empty(t, allowed(t, resources, "delivery-infrastructure", "codedeploy:CreateDeployment"))
}

func TestNewArtifactBucket(t *testing.T) {
	t.Parallel()
	args := valid()
	resources, err := run(args, nil)
	require.NoError(t, err)
	bucket := resources.One(t, bucketType)
	require.True(t, bucket.Protect)
	require.Equal(t, false, bucket.Inputs["forceDestroy"])
	lifecycle := resources.One(t, "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2")
	rule := lifecycle.Inputs["rules"].([]any)[0].(map[string]any)
	require.Equal(t, map[string]any{"days": 365.0}, rule["expiration"])

	args.Ephemeral = true
	resources, err = run(args, nil)
	require.NoError(t, err)
	bucket = resources.One(t, bucketType)
	require.False(t, bucket.Protect)
	require.Equal(t, true, bucket.Inputs["forceDestroy"])
}

func TestNewDeploymentGroup(t *testing.T) {
	t.Parallel()
	resources, err := run(valid(), nil)
	require.NoError(t, err)
	require.Subset(t, resources.One(t, applicationType).Inputs, map[string]any{
		"name": "stagecraft-test", "computePlatform": "Server",
	})
	group := resources.One(t, groupType)
	delete(group.Inputs, "tags")
	filter := func(key, value string) map[string]any {
		return map[string]any{"ec2TagFilters": []any{map[string]any{"key": key, "value": value, "type": "KEY_AND_VALUE"}}}
	}
	require.Equal(t, map[string]any{
		"appName":              "stagecraft-test",
		"deploymentGroupName":  "instances",
		"serviceRoleArn":       "arn:delivery-deploy",
		"deploymentConfigName": "CodeDeployDefault.OneAtATime",
		"deploymentStyle":      map[string]any{"deploymentType": "IN_PLACE", "deploymentOption": "WITHOUT_TRAFFIC_CONTROL"},
		"ec2TagSets":           []any{filter("Stack", "test"), filter("Tier", "web")},
		"autoRollbackConfiguration": map[string]any{
			"enabled": true, "events": []any{"DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"},
		},
	}, group.Inputs)
	require.Contains(t, strings.Join(group.DependsOn, "\n"), policyType+"::delivery-deploy")
	require.Empty(t, allowed(t, resources, "delivery-deploy", "elasticloadbalancing:DeregisterTargets"))
	require.Empty(t, allowed(t, resources, "delivery-deploy", "autoscaling:PutLifecycleHook"))
}

func TestNewDeploymentGroupBehindLoadBalancer(t *testing.T) {
	t.Parallel()
	args := valid()
	args.Instances.TargetGroupArn = pulumi.String(targetGroup)
	resources, err := run(args, nil)
	require.NoError(t, err)
	require.Subset(t, resources.One(t, groupType).Inputs, map[string]any{
		"deploymentStyle":  map[string]any{"deploymentType": "IN_PLACE", "deploymentOption": "WITH_TRAFFIC_CONTROL"},
		"loadBalancerInfo": map[string]any{"targetGroupInfos": []any{map[string]any{"name": "web"}}},
	})

	args.Instances.TargetGroupArn = pulumi.String("web")
	_, err = run(args, nil)
	require.ErrorContains(t, err, `Instances.TargetGroupArn is "web": it must be the ARN of a target group`)
}

func TestNewDeploymentGroupOfScalingGroups(t *testing.T) {
	t.Parallel()
	const groupArn = "arn:aws:autoscaling:eu-west-1:123456789012:autoScalingGroup:*:autoScalingGroupName/web"
	args := valid()
	args.Instances.GroupNames = pulumi.ToStringArray([]string{"web"})
	resources, err := run(args, nil)
	require.NoError(t, err)
	group := resources.One(t, groupType)
	require.Equal(t, []any{"web"}, group.Inputs["autoscalingGroups"])
	require.NotContains(t, group.Inputs, "ec2TagSets", "instances of before the group are not deployed to")
	require.Equal(t, "IN_PLACE", group.Inputs["deploymentStyle"].(map[string]any)["deploymentType"])
	for _, action := range []string{
		"CompleteLifecycleAction", "DeleteLifecycleHook", "PutLifecycleHook", "RecordLifecycleActionHeartbeat",
	} {
		require.Equal(t, []string{groupArn}, allowed(t, resources, "delivery-deploy", "autoscaling:"+action))
	}
	require.Len(t, resources.One(t, associationType).Inputs["targets"], 2, "State Manager keeps the agent up to date by tags")
	require.Contains(t, delivery.AgentScript(), "codedeploy-agent")
}

func TestNewRollsBackOnAlarms(t *testing.T) {
	t.Parallel()
	resources, err := pulumitest.Run(func(ctx *pulumi.Context) error {
		args := valid()
		alarms, err := observability.NewAlarms(ctx, "web", observability.AlarmsArgs{TopicArn: args.AlarmTopicArn, Tags: args.Tags},
			[]observability.Alarm{{Name: "errors", Description: "Errors.", Namespace: "AWS/EC2", Metric: "Errors"}})
		if err != nil {
			return err
		}
		args.Instances.RollbackAlarms = alarms
		_, err = delivery.New(ctx, "delivery", &args)
		return err
	}, nil, nil)
	require.NoError(t, err)
	require.Equal(t, map[string]any{"enabled": true, "alarms": []any{"stagecraft-test-web-errors"}},
		resources.One(t, groupType).Inputs["alarmConfiguration"])
}

func TestNewPreparesInstances(t *testing.T) {
	t.Parallel()
	resources, err := run(valid(), nil)
	require.NoError(t, err)
	policy := resources.Named(t, policyType, "delivery-instances")
	require.Equal(t, "web-role", policy.Inputs["role"])
	require.Equal(t, []statement{
		{Action: []string{"s3:GetObject", "s3:GetObjectVersion"}, Resource: []string{"arn:aws:s3:::delivery-artifacts-id/*"}},
		{
			Action:   []string{"codedeploy:GetDeployment", "codedeploy:GetDeploymentGroup"},
			Resource: []string{"arn:aws:codedeploy:eu-west-1:123456789012:deploymentgroup:stagecraft-test/instances"},
		},
		{
			Action:   []string{"ssm:GetParametersByPath"},
			Resource: []string{"arn:aws:ssm:eu-west-1:123456789012:parameter/stagecraft/test/service"},
		},
	}, statements(t, resources, "delivery-instances"))

	agent := resources.One(t, associationType)
	script := agent.Inputs["parameters"].(map[string]any)["commands"].(string)
	delete(agent.Inputs, "parameters")
	delete(agent.Inputs, "tags")
	require.Equal(t, map[string]any{
		"associationName": "stagecraft-test-delivery-agent", "name": "AWS-RunShellScript", "scheduleExpression": "rate(7 days)",
		"targets": []any{
			map[string]any{"key": "tag:Stack", "values": []any{"test"}},
			map[string]any{"key": "tag:Tier", "values": []any{"web"}},
		},
	}, agent.Inputs)
	require.True(t, strings.HasPrefix(script, "#!/bin/sh\n"))
	check := exec.Command("sh", "-n")
	check.Stdin = strings.NewReader(script)
	output, err := check.CombinedOutput()
	require.NoError(t, err, "%s", output)
}

func TestNewInfrastructure(t *testing.T) {
	t.Parallel()
	url := ""
	resources, err := run(withInfrastructure(), func(made *delivery.Delivery) {
		made.InfrastructureURL.ApplyT(func(value string) string {
			url = value
			return value
		})
	})
	require.NoError(t, err)
	resources.RequireTags(t, map[string]string{"Stack": "test"})
	resources.RequireParents(t, componentType)
	require.Contains(t, url, "/pipelines/stagecraft-test-infrastructure/view")

	pipeline := resources.Named(t, pipelineType, "delivery-infrastructure")
	var names []string
	for _, stage := range stages(t, pipeline) {
		names = append(names, stage.Name)
	}
	require.Equal(t, []string{"Source", "Preview", "Approve", "Apply"}, names, "nothing is applied without a person")
	require.Equal(t, []any{map[string]any{"excludes": []any{"app/**", "docs/**"}}}, filters(pipeline))
	require.Equal(t, "https://eu-west-1.console.aws.amazon.com/codesuite/codebuild/projects/stagecraft-test-preview/history?region=eu-west-1",
		stages(t, pipeline)[2].Actions[0].Configuration["ExternalEntityLink"])
	require.Equal(t, []string{"arn:topic"}, allowed(t, resources, "delivery-infrastructure", "sns:Publish"))

	for kind, want := range map[string][]any{
		"preview": {
			variable("PULUMI_BACKEND_URL", "s3://stagecraft-state?region=eu-west-1"),
			variable("PULUMI_COMMAND", "preview"), variable("PULUMI_STACK", "test"),
		},
		"apply": {
			variable("DEPLOY_ROLE_ARN", "arn:deploy"), variable("PULUMI_BACKEND_URL", "s3://stagecraft-state?region=eu-west-1"),
			variable("PULUMI_COMMAND", "up"), variable("PULUMI_STACK", "test"),
		},
	} {
		project := resources.Named(t, projectType, "delivery-"+kind)
		environment := project.Inputs["environment"].(map[string]any)
		require.Equal(t, want, environment["environmentVariables"])
		require.Equal(t, "BUILD_GENERAL1_MEDIUM", environment["computeType"])
		require.Equal(t, "delivery/buildspec-infrastructure.yml", project.Inputs["source"].(map[string]any)["buildspec"])
	}
}

func variable(name, value string) map[string]any { return map[string]any{"name": name, "value": value} }

// A preview reads, and only the update may become the deploy role.
func TestNewInfrastructureRoles(t *testing.T) {
	t.Parallel()
	resources, err := run(withInfrastructure(), nil)
	require.NoError(t, err)
	require.Equal(t, []string{"arn:deploy"}, allowed(t, resources, "delivery-apply", "sts:AssumeRole"))
	require.Empty(t, allowed(t, resources, "delivery-preview", "sts:AssumeRole"))
	require.Empty(t, allowed(t, resources, "delivery-preview", "s3:PutObject"))
	require.Equal(t, []string{"arn:aws:s3:::stagecraft-state", "arn:aws:s3:::stagecraft-state/*"},
		allowed(t, resources, "delivery-preview", "s3:ListBucket"))
	require.Contains(t, statements(t, resources, "delivery-preview"), statement{
		Action:    []string{"kms:Decrypt", "kms:DescribeKey"},
		Resource:  []string{"arn:aws:kms:eu-west-1:123456789012:key/*"},
		Condition: map[string]map[string]string{"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/stagecraft-state"}},
	})
	attachment := resources.One(t, attachmentType)
	require.Equal(t, "delivery-preview", attachment.Inputs["role"])
	require.Equal(t, "arn:aws:iam::aws:policy/SecurityAudit", attachment.Inputs["policyArn"])
}

func TestNewAlarms(t *testing.T) {
	t.Parallel()
	var alarms observability.Alarms
	resources, err := run(withInfrastructure(), func(made *delivery.Delivery) { alarms = made.Alarms })
	require.NoError(t, err)
	failed := func(build string) string {
		return "Sum of AWS/CodeBuild FailedBuilds ProjectName=stagecraft-test-" + build +
			" >= 1 in 1 x 300 s, missing data notBreaching: arn:topic"
	}
	require.Equal(t, map[string]string{
		"delivery-apply-failed": failed("apply"), "delivery-bundle-failed": failed("bundle"),
		"delivery-preview-failed": failed("preview"), "delivery-test-failed": failed("test"),
		"delivery-pipeline-failed-untold": "Sum of AWS/Events FailedInvocations RuleName=delivery-pipeline-failed " +
			">= 1 in 1 x 300 s, missing data notBreaching: arn:topic",
	}, resources.Alarms(t))
	require.Len(t, alarms, 5)
	require.IsType(t, (*cloudwatch.MetricAlarm)(nil), alarms[0])
	require.JSONEq(t, `{
		"source": ["aws.codepipeline"],
		"detail-type": ["CodePipeline Pipeline Execution State Change"],
		"detail": {"pipeline": ["stagecraft-test-service", "stagecraft-test-infrastructure"], "state": ["FAILED"]}
	}`, resources.One(t, ruleType).Inputs["eventPattern"].(string))
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*delivery.Args)
		want   string
	}{
		"no account":           {func(a *delivery.Args) { a.AccountID = "" }, "AccountID and Region must be set"},
		"no region":            {func(a *delivery.Args) { a.Region = "" }, "AccountID and Region must be set"},
		"no owner":             {func(a *delivery.Args) { a.Repository = "service" }, `Repository is "service"`},
		"address":              {func(a *delivery.Args) { a.Repository = "https://example.com/a/b" }, "Repository is"},
		"no branch":            {func(a *delivery.Args) { a.Branch = "" }, `Branch is ""`},
		"unknown provider":     {func(a *delivery.Args) { a.SourceProvider = "CodeCommit" }, `SourceProvider is "CodeCommit"`},
		"no retention":         {func(a *delivery.Args) { a.LogRetentionDays = 0 }, "LogRetentionDays is 0"},
		"nothing to deploy to": {func(a *delivery.Args) { a.Instances, a.Services, a.Functions = nil, nil, nil }, "Instances, Services or Functions must be set"},
		"no tags":              {func(a *delivery.Args) { a.Instances.Tags = nil }, "Instances.Tags has 0 tags"},
		"too many tags": {func(a *delivery.Args) {
			a.Instances.Tags = map[string]string{"a": "1", "b": "2", "c": "3", "d": "4"}
		}, "Instances.Tags has 4 tags"},
		"too many groups": {func(a *delivery.Args) {
			a.Instances.GroupNames = make(pulumi.StringArray, 11)
		}, "Instances.GroupNames has 11 groups"},
		"no role": {func(a *delivery.Args) { a.Instances.RoleName = nil }, "Instances.RoleName must be set"},
		"too many alarms": {func(a *delivery.Args) {
			a.Instances.RollbackAlarms = make(observability.Alarms, 11)
		}, "Instances.RollbackAlarms has 11 alarms"},
		"a service without a name": {func(a *delivery.Args) { a.Services[0].Name = "" }, `Services[0].Name is ""`},
		"a service with a path":    {func(a *delivery.Args) { a.Services[1].Name = "a/b" }, `Services[1].Name is "a/b"`},
		"a service's long name": {func(a *delivery.Args) {
			a.Services[0].Name = strings.Repeat("a", 51)
		}, "it must be 1 to 50 lower-case letters"},
		"two services of a name": {func(a *delivery.Args) {
			a.Services[1].Name = "users"
		}, `Services[1].Name is "users", which another one has already`},
		"a service in no cluster": {func(a *delivery.Args) {
			a.Services[0].ClusterName = nil
		}, "Services[0] must have a ClusterName, a ServiceName and a ContainerName"},
		"no service": {func(a *delivery.Args) { a.Services[0].ServiceName = nil }, "Services[0] must have a ClusterName"},
		"a service without container": {func(a *delivery.Args) {
			a.Services[0].ContainerName = nil
		}, "Services[0] must have a ClusterName"},
		"a repository without address": {func(a *delivery.Args) {
			a.Services[1].RepositoryURL = nil
		}, "Services[1] must have a RepositoryURL and a RepositoryArn"},
		"a repository without ARN": {func(a *delivery.Args) { a.Services[1].RepositoryArn = nil }, "Services[1] must have a RepositoryURL"},
		"a service without roles":  {func(a *delivery.Args) { a.Services[0].RoleArns = nil }, "Services[0].RoleArns must be set"},
		"a function without a name": {func(a *delivery.Args) {
			a.Functions[0].Name = ""
		}, `Functions[0].Name is ""`},
		"two functions of a name": {func(a *delivery.Args) {
			a.Functions = append(a.Functions, a.Functions[0])
		}, `Functions[1].Name is "users", which another one has already`},
		"no function": {func(a *delivery.Args) {
			a.Functions[0].FunctionName = nil
		}, "Functions[0] must have a FunctionName, a FunctionArn and an AliasName"},
		"a function without ARN":   {func(a *delivery.Args) { a.Functions[0].FunctionArn = nil }, "Functions[0] must have a FunctionName"},
		"a function without alias": {func(a *delivery.Args) { a.Functions[0].AliasName = nil }, "Functions[0] must have a FunctionName"},
		"too many of a function's alarms": {func(a *delivery.Args) {
			a.Functions[0].RollbackAlarms = make(observability.Alarms, 11)
		}, "Functions[0].RollbackAlarms has 11 alarms: CodePipeline watches 10"},
		"no state": {func(a *delivery.Args) {
			a.Infrastructure = &delivery.Infrastructure{SecretsKeyAlias: "alias/a", DeployRoleArn: "a"}
		}, "Infrastructure must have"},
		"no deploy role": {func(a *delivery.Args) {
			a.Infrastructure = &delivery.Infrastructure{StateBucket: "a", SecretsKeyAlias: "alias/a"}
		}, "Infrastructure must have"},
		"half an infrastructure": {func(a *delivery.Args) {
			a.Infrastructure = &delivery.Infrastructure{StateBucket: "a", SecretsKeyAlias: "a", DeployRoleArn: "a"}
		}, "Infrastructure must have"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := valid()
			args.Services, args.Functions = services(), functions()
			test.change(&args)
			resources, err := run(args, nil)
			require.ErrorContains(t, err, `delivery "delivery": `)
			require.ErrorContains(t, err, test.want)
			require.Empty(t, resources)
		})
	}
}

// TestNewTakesLimits accepts the greatest values, and each provider.
func TestNewTakesLimits(t *testing.T) {
	t.Parallel()
	args := valid()
	args.Instances.Tags = map[string]string{"a": "1", "b": "2", "c": "3"}
	args.LogRetentionDays = 1
	args.Instances.GroupNames = pulumi.ToStringArray(strings.Split("abcdefghij", ""))
	args.Services = services()
	args.Services[0].Name = strings.Repeat("a", 50)
	resources, err := run(args, nil)
	require.NoError(t, err)
	require.Len(t, resources.One(t, groupType).Inputs["autoscalingGroups"], 10)

	for _, provider := range []string{"GitHub", "Bitbucket", "GitLab", "AzureDevOps"} {
		args := valid()
		args.SourceProvider = provider
		resources, err := run(args, nil)
		require.NoError(t, err)
		require.Equal(t, provider, resources.One(t, connectionType).Inputs["providerType"])
	}
}
