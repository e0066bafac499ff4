package aws

import (
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/codebuild"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/codeconnections"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/codedeploy"

	"stagecraft/internal/offline/cloud"
)

const (
	connectionToken      = "aws:codeconnections/connection:Connection"
	buildProjectToken    = "aws:codebuild/project:Project"
	applicationToken     = "aws:codedeploy/application:Application"
	deploymentGroupToken = "aws:codedeploy/deploymentGroup:DeploymentGroup"
)

// deliveryTypes are AWS's developer tools: what fetches, builds and deploys.
func deliveryTypes() []cloud.Type {
	return []cloud.Type{connectionType(), buildProjectType(), applicationType(), deploymentGroupType(), pipelineType()}
}

func connectionType() cloud.Type {
	return cloud.Type{
		Token:     connectionToken,
		Args:      codeconnections.ConnectionArgs{},
		State:     codeconnections.Connection{},
		Service:   "CodeConnections",
		Operation: "CreateConnection",
		Source: "CloudFormation resource schema AWS::CodeConnections::Connection; SDK doc; CodeConnections API Reference, " +
			"CreateConnection, which has no error for a name twice; Developer Tools console User Guide, Quotas for connections. " +
			"It stays PENDING: nobody authorizes it offline. Providers that need a host are left out",
		Name:  &cloud.Name{Property: "name", Max: 32},
		ID:    "arn:aws:codeconnections:${region}:${account}:connection/" + uuid,
		OneOf: [][]string{{"hostArn", "providerType"}},
		Values: map[string]cloud.Value{
			"hostArn":      cloud.NotSimulated,
			"providerType": cloud.OneOf("AzureDevOps", "Bitbucket", "GitHub", "GitLab"),
		},
		Computed: map[string]any{"arn": "${id}", "connectionStatus": "PENDING", "ownerAccountId": "${account}"},
		Replace:  []string{"hostArn", "name", "providerType"},
		Quota: &cloud.Quota{Limit: 250, Error: cloud.Error{
			Code: "LimitExceededException", Message: "The account has the maximum number of connections already.",
		}},
		NotFound: cloud.Error{Code: "ResourceNotFoundException", Message: "Connection ${value} not found"},
	}
}

func buildProjectType() cloud.Type {
	return cloud.Type{
		Token:     buildProjectToken,
		Args:      codebuild.ProjectArgs{},
		State:     codebuild.Project{},
		Service:   "CodeBuild",
		Operation: "CreateProject",
		Source: "CloudFormation resource schema AWS::CodeBuild::Project; SDK doc; CodeBuild API Reference, CreateProject; " +
			"CodeBuild User Guide, Quotas for AWS CodeBuild",
		Name: &cloud.Name{Property: "name", Max: 150, Pattern: regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]+$`)},
		ID:   "arn:aws:codebuild:${region}:${account}:project/${name}",
		Values: map[string]cloud.Value{
			"artifacts.type":                           cloud.OneOf("CODEPIPELINE", "NO_ARTIFACTS", "S3"),
			"buildBatchConfig":                         cloud.NotSimulated,
			"buildTimeout":                             cloud.Range(5, 2160),
			"cache.modes[*]":                           cloud.OneOf("LOCAL_CUSTOM_CACHE", "LOCAL_DOCKER_LAYER_CACHE", "LOCAL_SOURCE_CACHE"),
			"cache.type":                               cloud.OneOf("LOCAL", "NO_CACHE", "S3"),
			"concurrentBuildLimit":                     cloud.Range(1, 10000),
			"description":                              cloud.Length(0, 255),
			"environment.certificate":                  cloud.NotSimulated,
			"environment.computeType":                  computeTypes,
			"environment.environmentVariables[*].name": cloud.Length(1, 255),
			"environment.environmentVariables[*].type": cloud.OneOf("PARAMETER_STORE", "PLAINTEXT", "SECRETS_MANAGER"),
			"environment.fleet":                        cloud.NotSimulated,
			"environment.imagePullCredentialsType":     cloud.OneOf("CODEBUILD", "SERVICE_ROLE"),
			"environment.type": cloud.OneOf("ARM_CONTAINER", "ARM_EC2", "ARM_LAMBDA_CONTAINER", "LINUX_CONTAINER", "LINUX_EC2",
				"LINUX_GPU_CONTAINER", "LINUX_LAMBDA_CONTAINER", "MAC_ARM", "WINDOWS_CONTAINER", "WINDOWS_EC2",
				"WINDOWS_SERVER_2019_CONTAINER", "WINDOWS_SERVER_2022_CONTAINER"),
			"fileSystemLocations":              cloud.NotSimulated,
			"logsConfig.cloudwatchLogs.status": cloud.OneOf("DISABLED", "ENABLED"),
			"logsConfig.s3Logs":                cloud.NotSimulated,
			"projectVisibility":                cloud.OneOf("PRIVATE"),
			"queuedTimeout":                    cloud.Range(5, 480),
			"resourceAccessRole":               cloud.NotSimulated,
			"secondaryArtifacts":               cloud.NotSimulated,
			"secondarySourceVersions":          cloud.NotSimulated,
			"secondarySources":                 cloud.NotSimulated,
			"source.type": cloud.OneOf("BITBUCKET", "CODECOMMIT", "CODEPIPELINE", "GITHUB", "GITHUB_ENTERPRISE", "GITLAB",
				"GITLAB_SELF_MANAGED", "NO_SOURCE", "S3"),
			"vpcConfig": cloud.NotSimulated,
		},
		Computed: map[string]any{
			"arn":                "${id}",
			"badgeEnabled":       false,
			"badgeUrl":           "",
			"buildTimeout":       60,
			"description":        "",
			"encryptionKey":      "arn:aws:kms:${region}:${account}:alias/aws/s3",
			"projectVisibility":  "PRIVATE",
			"publicProjectAlias": "",
			"queuedTimeout":      480,
		},
		Replace: []string{"name"},
		Refs: []cloud.Ref{{Path: "serviceRole", Type: roleToken, By: "arn", Loose: true, NotFound: cloud.Error{
			Code: "InvalidInputException", Message: "CodeBuild is not authorized to perform: sts:AssumeRole on ${value}",
		}}},
		Unique: [][]string{{"name"}},
		Quota: &cloud.Quota{Limit: 5000, Error: cloud.Error{
			Code: "AccountLimitExceededException", Message: "The account has the maximum number of build projects already.",
		}},
		Check: buildProjectFits,
		Make: func(_ cloud.Account, project *cloud.Resource) error {
			project.Fill("cache", map[string]any{"type": "NO_CACHE"})
			project.Fill("environment", map[string]any{"imagePullCredentialsType": "CODEBUILD", "privilegedMode": false})
			return nil
		},
		NotFound: cloud.Error{Code: "ResourceNotFoundException", Message: "Project ${value} cannot be found"},
		Exists:   cloud.Error{Code: "ResourceAlreadyExistsException", Message: "Project already exists: ${id}"},
	}
}

var computeTypes = cloud.OneOf("BUILD_GENERAL1_SMALL", "BUILD_GENERAL1_MEDIUM", "BUILD_GENERAL1_LARGE",
	"BUILD_GENERAL1_XLARGE", "BUILD_GENERAL1_2XLARGE", "BUILD_LAMBDA_1GB", "BUILD_LAMBDA_2GB", "BUILD_LAMBDA_4GB",
	"BUILD_LAMBDA_8GB", "BUILD_LAMBDA_10GB")

// buildProjectFits holds a project's source against its artefacts, and its image against its machine (CodeBuild API
// Reference, "ProjectArtifacts", "ProjectCache" and "ProjectSource"; CodeBuild User Guide, "Docker images provided by
// CodeBuild" and "Run builds on AWS Lambda compute").
func buildProjectFits(account cloud.Account, project *cloud.Resource) error {
	if err := assumable(account, project.Text("serviceRole"), "codebuild.amazonaws.com", "InvalidInputException",
		"CodeBuild is not authorized to perform: sts:AssumeRole on "); err != nil {
		return err
	}
	source, artifacts := project.Text("source.type"), project.Text("artifacts.type")
	image, machine := project.Text("environment.image"), project.Text("environment.type")
	privileged := project.Text("environment.privilegedMode") == "true"
	switch {
	case (source == "CODEPIPELINE") != (artifacts == "CODEPIPELINE"):
		return invalidProject("Invalid project artifacts: the source type is %s and the artifact type %s: one takes the other "+
			"where it is CODEPIPELINE", source, artifacts)
	case source == "NO_SOURCE" && project.Text("source.buildspec") == "":
		return invalidProject("Invalid project source: buildspec is required for source type NO_SOURCE")
	case source != "NO_SOURCE" && source != "CODEPIPELINE" && project.Text("source.location") == "":
		return invalidProject("Invalid project source: location is required for source type %s", source)
	case artifacts == "S3" && project.Text("artifacts.location") == "":
		return invalidProject("Invalid project artifacts: location is required for artifact type S3")
	case privileged && strings.Contains(machine, "LAMBDA"):
		return invalidProject("Invalid project environment: privileged mode is not available on %s", machine)
	case !privileged && slices.Contains(project.Texts("cache.modes[*]"), "LOCAL_DOCKER_LAYER_CACHE"):
		return invalidProject("Invalid project cache: LOCAL_DOCKER_LAYER_CACHE needs privileged mode")
	case strings.HasPrefix(image, "aws/codebuild/") && strings.Contains(image, "aarch64") != strings.HasPrefix(machine, "ARM"):
		return invalidProject("Invalid project environment: image %s does not run on %s", image, machine)
	}
	if name, twice := firstTwice(project.Texts("environment.environmentVariables[*].name")); twice {
		return invalidProject("Invalid project environment: environment variable %s is there twice", name)
	}
	return nil
}

func invalidProject(format string, values ...any) error {
	return refuse("InvalidInputException", format, values...)
}

// assumable refuses a role, by its ARN, that does not let a service assume it.
func assumable(account cloud.Account, arn, service, code, message string) error {
	role, err := account.Find(roleToken, "arn", arn)
	if err != nil {
		return err
	}
	if !assumes(role, service) {
		return refuse(code, "%s%s", message, arn)
	}
	return nil
}

func firstTwice(names []string) (string, bool) {
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			return name, true
		}
	}
	return "", false
}

func applicationType() cloud.Type {
	return cloud.Type{
		Token:     applicationToken,
		Args:      codedeploy.ApplicationArgs{},
		State:     codedeploy.Application{},
		Service:   "CodeDeploy",
		Operation: "CreateApplication",
		Source: "CloudFormation resource schema AWS::CodeDeploy::Application; CodeDeploy API Reference, CreateApplication; " +
			"CodeDeploy User Guide, CodeDeploy limits",
		Name:   &cloud.Name{Property: "name", Max: 100},
		ID:     uuid + ":${name}",
		Values: map[string]cloud.Value{"computePlatform": cloud.OneOf("ECS", "Lambda", "Server")},
		Computed: map[string]any{
			"arn":               "arn:aws:codedeploy:${region}:${account}:application:${name}",
			"computePlatform":   "Server",
			"githubAccountName": "",
			"linkedToGithub":    false,
		},
		Replace: []string{"computePlatform", "name"},
		Unique:  [][]string{{"name"}},
		Quota: &cloud.Quota{Limit: 1000, Error: cloud.Error{
			Code: "ApplicationLimitExceededException", Message: "The account has the maximum number of applications already.",
		}},
		Make: func(_ cloud.Account, application *cloud.Resource) error {
			id, _, _ := strings.Cut(application.ID, ":")
			application.Set("applicationId", id)
			return nil
		},
		NotFound: cloud.Error{
			Code: "ApplicationDoesNotExistException", Message: "Applications not found for ${value}",
		},
		Exists: cloud.Error{Code: "ApplicationAlreadyExistsException", Message: "Application already exists: ${name}"},
	}
}

func deploymentGroupType() cloud.Type {
	return cloud.Type{
		Token:     deploymentGroupToken,
		Args:      codedeploy.DeploymentGroupArgs{},
		State:     codedeploy.DeploymentGroup{},
		Service:   "CodeDeploy",
		Operation: "CreateDeploymentGroup",
		Source: "CloudFormation resource schema AWS::CodeDeploy::DeploymentGroup; CodeDeploy API Reference, " +
			"CreateDeploymentGroup; CodeDeploy User Guide, CodeDeploy limits. It demands that alarms exist, which AWS finds " +
			"out when it deploys",
		Name: &cloud.Name{Property: "deploymentGroupName", Max: 100, Manual: true},
		ID:   uuid,
		Values: map[string]cloud.Value{
			"alarmConfiguration.alarms": cloud.Count(0, 10),
			"autoRollbackConfiguration.events[*]": cloud.OneOf("DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM",
				"DEPLOYMENT_STOP_ON_REQUEST"),
			"autoscalingGroups":                    cloud.Count(0, 10),
			"blueGreenDeploymentConfig":            cloud.NotSimulated,
			"deploymentConfigName":                 serverDeployments,
			"deploymentStyle.deploymentOption":     cloud.OneOf("WITHOUT_TRAFFIC_CONTROL", "WITH_TRAFFIC_CONTROL"),
			"deploymentStyle.deploymentType":       cloud.OneOf("IN_PLACE"),
			"ec2TagFilters":                        cloud.Count(0, 10),
			"ec2TagFilters[*].type":                tagFilter,
			"ec2TagSets":                           cloud.Count(0, 3),
			"ec2TagSets[*].ec2TagFilters":          cloud.Count(1, 10),
			"ec2TagSets[*].ec2TagFilters[*].type":  tagFilter,
			"ecsService":                           cloud.NotSimulated,
			"loadBalancerInfo.elbInfos":            cloud.NotSimulated,
			"loadBalancerInfo.targetGroupPairInfo": cloud.NotSimulated,
			"onPremisesInstanceTagFilters[*].type": tagFilter,
			"outdatedInstancesStrategy":            cloud.OneOf("IGNORE", "UPDATE"),
			"triggerConfigurations":                cloud.Count(0, 10),
			"triggerConfigurations[*].triggerEvents[*]": cloud.OneOf("DeploymentFailure", "DeploymentReady", "DeploymentRollback",
				"DeploymentStart", "DeploymentStop", "DeploymentSuccess", "InstanceFailure", "InstanceReady", "InstanceStart",
				"InstanceSuccess"),
		},
		Computed: map[string]any{
			"arn":                       "arn:aws:codedeploy:${region}:${account}:deploymentgroup:${appName}/${deploymentGroupName}",
			"blueGreenDeploymentConfig": map[string]any{},
			"deploymentConfigName":      "CodeDeployDefault.OneAtATime",
			"deploymentGroupId":         "${id}",
			"outdatedInstancesStrategy": "UPDATE",
		},
		Replace: []string{"appName", "deploymentGroupName"},
		Refs: []cloud.Ref{
			{Path: "appName", Type: applicationToken, By: "name", Part: true},
			{Path: "serviceRoleArn", Type: roleToken, By: "arn", Loose: true, NotFound: cloud.Error{
				Code: "InvalidRoleException", Message: "AWS CodeDeploy does not have the permissions required to assume the role ${value}.",
			}},
			{
				Path: "autoscalingGroups[*]", Type: scalingGroupToken, By: "name", Loose: true, NotFound: cloud.Error{
					Code: "InvalidAutoScalingGroupException", Message: "The Auto Scaling group ${value} could not be found.",
				},
			},
			{
				Path: "loadBalancerInfo.targetGroupInfos[*].name", Type: targetGroupToken, By: "name", Loose: true,
				NotFound: cloud.Error{Code: "InvalidLoadBalancerInfoException", Message: "Target group ${value} could not be found."},
			},
			{
				Path: "alarmConfiguration.alarms[*]", Type: metricAlarmToken, By: "name", Loose: true,
				NotFound: cloud.Error{Code: "InvalidAlarmConfigException", Message: "Alarm ${value} could not be found."},
			},
			{
				Path: "triggerConfigurations[*].triggerTargetArn", Type: topicToken, By: "arn", Loose: true,
				NotFound: cloud.Error{Code: "InvalidTriggerConfigException", Message: "Topic ARN ${value} is not valid."},
			},
		},
		Unique: [][]string{{"appName", "deploymentGroupName"}},
		Quota: &cloud.Quota{Limit: 1000, Per: "appName", Error: cloud.Error{
			Code: "DeploymentGroupLimitExceededException", Message: "The application has the maximum number of deployment groups already.",
		}},
		Check: deploymentGroupFits,
		Make: func(account cloud.Account, group *cloud.Resource) error {
			application, err := account.Find(applicationToken, "name", group.Text("appName"))
			if err == nil {
				group.Set("computePlatform", application.Text("computePlatform"))
			}
			return err
		},
		NotFound: cloud.Error{
			Code: "DeploymentGroupDoesNotExistException", Message: "No Deployment Group found for name: ${value}",
		},
		Exists: cloud.Error{
			Code: "DeploymentGroupAlreadyExistsException", Message: "Deployment group name ${deploymentGroupName} already exists.",
		},
	}
}

var (
	tagFilter = cloud.OneOf("KEY_AND_VALUE", "KEY_ONLY", "VALUE_ONLY")
	// serverDeployments are AWS's own configurations for instances; others would have to be declared.
	serverDeployments = cloud.OneOf("CodeDeployDefault.AllAtOnce", "CodeDeployDefault.HalfAtATime", "CodeDeployDefault.OneAtATime")
)

func deploymentGroupFits(account cloud.Account, group *cloud.Resource) error {
	if err := assumable(account, group.Text("serviceRoleArn"), "codedeploy.amazonaws.com", "InvalidRoleException",
		"AWS CodeDeploy does not have the permissions required to assume the role "); err != nil {
		return err
	}
	alarms := group.Texts("alarmConfiguration.alarms[*]")
	_, twice := firstTwice(alarms)
	switch {
	case len(group.Elements("ec2TagFilters")) > 0 && len(group.Elements("ec2TagSets")) > 0:
		return refuse("InvalidEC2TagCombinationException", "Both ec2TagFilters and ec2TagSet were specified: only one can be.")
	case group.Text("deploymentStyle.deploymentOption") == "WITH_TRAFFIC_CONTROL" &&
		len(group.Texts("loadBalancerInfo.targetGroupInfos[*].name")) != 1:
		return refuse("InvalidLoadBalancerInfoException", "A deployment with traffic control needs the name of one target group.")
	case group.Text("autoRollbackConfiguration.enabled") == "true" &&
		len(group.Texts("autoRollbackConfiguration.events[*]")) == 0:
		return refuse("InvalidAutoRollbackConfigException", "Automatic rollback is enabled, but no event types are listed.")
	case group.Text("alarmConfiguration.enabled") == "true" && len(alarms) == 0:
		return refuse("InvalidAlarmConfigException", "The alarm configuration is enabled, but the alarm list is empty.")
	case twice:
		return refuse("InvalidAlarmConfigException", "Two alarms with the same name have been specified.")
	}
	return nil
}
