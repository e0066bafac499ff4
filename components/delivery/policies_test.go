package delivery_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"stagecraft/components/delivery"
	"stagecraft/components/observability"
	"stagecraft/internal/pulumitest"
)

// everything deploys to all kinds of targets, and runs Pulumi.
func everything(ctx *pulumi.Context) error {
	args := withInfrastructure()
	alarms, err := observability.NewAlarms(ctx, "users", observability.AlarmsArgs{TopicArn: args.AlarmTopicArn, Tags: args.Tags},
		[]observability.Alarm{{Name: "errors", Description: "Errors.", Namespace: "AWS/Lambda", Metric: "Errors"}})
	if err != nil {
		return err
	}
	args.Instances.TargetGroupArn = pulumi.String(targetGroup)
	args.Instances.GroupNames = pulumi.ToStringArray([]string{"web"})
	args.Services, args.Functions, args.Approval = services(), functions(), true
	args.Functions[0].RollbackAlarms = alarms
	_, err = delivery.New(ctx, "delivery", &args)
	return err
}

// TestNewPolicies compares whole documents: without an action a release or an update fails half-way.
func TestNewPolicies(t *testing.T) {
	t.Parallel()
	resources, err := pulumitest.Run(everything, nil, nil)
	require.NoError(t, err)
	require.Equal(t, map[string][]string{
		"delivery-apply of delivery-apply": {
			"Allow s3:GetObject s3:GetObjectVersion on arn:aws:s3:::delivery-artifacts-id/*",
			"Allow logs:CreateLogStream logs:PutLogEvents on arn:delivery-apply:*",
			"Allow sts:AssumeRole on arn:deploy",
		},
		"delivery-bundle of delivery-bundle": {
			"Allow s3:GetObject s3:GetObjectVersion on arn:aws:s3:::delivery-artifacts-id/*",
			"Allow logs:CreateLogStream logs:PutLogEvents on arn:delivery-bundle:*",
			"Allow s3:PutObject on arn:aws:s3:::delivery-artifacts-id/*",
		},
		"delivery-deploy of delivery-deploy": {
			"Allow autoscaling:DescribeAutoScalingGroups autoscaling:DescribeLifecycleHooks cloudwatch:DescribeAlarms ec2:DescribeInstanceStatus ec2:DescribeInstances elasticloadbalancing:DescribeTargetGroupAttributes elasticloadbalancing:DescribeTargetGroups elasticloadbalancing:DescribeTargetHealth tag:GetResources on *",
			"Allow elasticloadbalancing:DeregisterTargets elasticloadbalancing:RegisterTargets on arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/0123456789abcdef",
			"Allow autoscaling:CompleteLifecycleAction autoscaling:DeleteLifecycleHook autoscaling:PutLifecycleHook autoscaling:RecordLifecycleActionHeartbeat on arn:aws:autoscaling:eu-west-1:123456789012:autoScalingGroup:*:autoScalingGroupName/web",
		},
		"delivery-function of delivery-function": {
			"Allow s3:GetObject s3:GetObjectVersion on arn:aws:s3:::delivery-artifacts-id/*",
			"Allow logs:CreateLogStream logs:PutLogEvents on arn:delivery-function:*",
			"Allow s3:PutObject on arn:aws:s3:::delivery-artifacts-id/*",
		},
		"delivery-image of delivery-image": {
			"Allow s3:GetObject s3:GetObjectVersion on arn:aws:s3:::delivery-artifacts-id/*",
			"Allow logs:CreateLogStream logs:PutLogEvents on arn:delivery-image:*",
			"Allow ecr:GetAuthorizationToken on *",
			"Allow ecr:BatchCheckLayerAvailability ecr:BatchGetImage ecr:CompleteLayerUpload ecr:InitiateLayerUpload ecr:PutImage ecr:UploadLayerPart on arn:repository/users arn:repository/signups",
			"Allow s3:PutObject on arn:aws:s3:::delivery-artifacts-id/*",
		},
		"delivery-infrastructure of delivery-infrastructure": {
			"Allow s3:GetObject s3:GetObjectVersion on arn:aws:s3:::delivery-artifacts-id/*",
			"Allow s3:PutObject on arn:aws:s3:::delivery-artifacts-id/*",
			"Allow s3:GetBucketAcl s3:GetBucketLocation s3:GetBucketVersioning on arn:aws:s3:::delivery-artifacts-id",
			"Allow codeconnections:UseConnection codestar-connections:UseConnection on arn:delivery",
			"Allow codebuild:BatchGetBuilds codebuild:StartBuild on arn:delivery-preview arn:delivery-apply",
			"Allow sns:Publish on arn:topic",
		},
		"delivery-instances of web-role": {
			"Allow s3:GetObject s3:GetObjectVersion on arn:aws:s3:::delivery-artifacts-id/*",
			"Allow codedeploy:GetDeployment codedeploy:GetDeploymentGroup on arn:aws:codedeploy:eu-west-1:123456789012:deploymentgroup:stagecraft-test/instances",
			"Allow ssm:GetParametersByPath on arn:aws:ssm:eu-west-1:123456789012:parameter/stagecraft/test/service",
		},
		"delivery-preview of delivery-preview": {
			"Allow s3:GetObject s3:GetObjectVersion on arn:aws:s3:::delivery-artifacts-id/*",
			"Allow logs:CreateLogStream logs:PutLogEvents on arn:delivery-preview:*",
			"Allow s3:GetObject s3:ListBucket on arn:aws:s3:::stagecraft-state arn:aws:s3:::stagecraft-state/*",
			`Allow kms:Decrypt kms:DescribeKey on arn:aws:kms:eu-west-1:123456789012:key/* if {"ForAnyValue:StringEquals":{"kms:ResourceAliases":"alias/stagecraft-state"}}`,
			"Allow ssm:GetParameter on arn:aws:ssm:eu-west-1::parameter/aws/service/*",
			"Allow ec2:GetManagedPrefixListEntries on arn:aws:ec2:eu-west-1:aws:prefix-list/*",
			"Allow secretsmanager:GetRandomPassword servicequotas:GetServiceQuota on *",
		},
		"delivery-service of delivery-service": {
			"Allow s3:GetObject s3:GetObjectVersion on arn:aws:s3:::delivery-artifacts-id/*",
			"Allow s3:PutObject on arn:aws:s3:::delivery-artifacts-id/*",
			"Allow s3:GetBucketAcl s3:GetBucketLocation s3:GetBucketVersioning on arn:aws:s3:::delivery-artifacts-id",
			"Allow codeconnections:UseConnection codestar-connections:UseConnection on arn:delivery",
			"Allow codedeploy:CreateDeployment codedeploy:GetApplication codedeploy:GetApplicationRevision codedeploy:GetDeployment codedeploy:GetDeploymentConfig codedeploy:RegisterApplicationRevision on arn:aws:codedeploy:eu-west-1:123456789012:application:stagecraft-test arn:aws:codedeploy:eu-west-1:123456789012:deploymentgroup:stagecraft-test/instances arn:aws:codedeploy:eu-west-1:123456789012:deploymentconfig:CodeDeployDefault.OneAtATime",
			"Allow ecs:DescribeTaskDefinition ecs:RegisterTaskDefinition on *",
			`Allow ecs:TagResource on arn:aws:ecs:eu-west-1:123456789012:task-definition/* if {"StringEquals":{"ecs:CreateAction":"RegisterTaskDefinition"}}`,
			"Allow ecs:DescribeServices ecs:UpdateService on arn:aws:ecs:eu-west-1:123456789012:service/cluster/users-service arn:aws:ecs:eu-west-1:123456789012:service/cluster/signups-service",
			`Allow iam:PassRole on arn:task/users arn:execution/users arn:task/signups arn:execution/signups if {"StringEquals":{"iam:PassedToService":"ecs-tasks.amazonaws.com"}}`,
			"Allow lambda:GetAlias lambda:GetFunctionConfiguration lambda:GetProvisionedConcurrencyConfig lambda:PublishVersion lambda:UpdateAlias lambda:UpdateFunctionCode on arn:users-function arn:users-function:*",
			"Allow logs:CreateLogGroup logs:CreateLogStream logs:PutLogEvents on arn:delivery-service arn:delivery-service:*",
			"Allow cloudwatch:DescribeAlarms on arn:users-errors",
			"Allow codebuild:BatchGetBuilds codebuild:StartBuild on arn:delivery-test arn:delivery-bundle arn:delivery-image arn:delivery-function",
			"Allow sns:Publish on arn:topic",
		},
		"delivery-test of delivery-test": {
			"Allow s3:GetObject s3:GetObjectVersion on arn:aws:s3:::delivery-artifacts-id/*",
			"Allow logs:CreateLogStream logs:PutLogEvents on arn:delivery-test:*",
		},
	}, resources.Policies(t))
}

// TestNewPoliciesOfOneTarget allows no more than that target needs.
func TestNewPoliciesOfOneTarget(t *testing.T) {
	t.Parallel()
	resources, err := run(valid(), nil)
	require.NoError(t, err)
	policies := resources.Policies(t)
	require.Equal(t, []string{
		"Allow autoscaling:DescribeAutoScalingGroups autoscaling:DescribeLifecycleHooks cloudwatch:DescribeAlarms " +
			"ec2:DescribeInstanceStatus ec2:DescribeInstances elasticloadbalancing:DescribeTargetGroupAttributes " +
			"elasticloadbalancing:DescribeTargetGroups elasticloadbalancing:DescribeTargetHealth tag:GetResources on *",
	}, policies["delivery-deploy of delivery-deploy"])
	require.Equal(t, []string{
		"Allow s3:GetObject s3:GetObjectVersion on arn:aws:s3:::delivery-artifacts-id/*",
		"Allow s3:PutObject on arn:aws:s3:::delivery-artifacts-id/*",
		"Allow s3:GetBucketAcl s3:GetBucketLocation s3:GetBucketVersioning on arn:aws:s3:::delivery-artifacts-id",
		"Allow codeconnections:UseConnection codestar-connections:UseConnection on arn:delivery",
		"Allow codedeploy:CreateDeployment codedeploy:GetApplication codedeploy:GetApplicationRevision codedeploy:GetDeployment " +
			"codedeploy:GetDeploymentConfig codedeploy:RegisterApplicationRevision on " +
			"arn:aws:codedeploy:eu-west-1:123456789012:application:stagecraft-test " +
			"arn:aws:codedeploy:eu-west-1:123456789012:deploymentgroup:stagecraft-test/instances " +
			"arn:aws:codedeploy:eu-west-1:123456789012:deploymentconfig:CodeDeployDefault.OneAtATime",
		"Allow codebuild:BatchGetBuilds codebuild:StartBuild on arn:delivery-test arn:delivery-bundle",
	}, policies["delivery-service of delivery-service"])
}
