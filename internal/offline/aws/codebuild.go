package aws

import (
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/codebuild"

	"stagecraft/internal/offline/cloud"
)

const buildProjectToken = "aws:codebuild/project:Project"

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
		Refs: []cloud.Ref{{Path: "serviceRole", Type: roleToken, TargetProperty: "arn", Weak: true, NotFound: cloud.Error{
			Code: "InvalidInputException", Message: "CodeBuild is not authorized to perform: sts:AssumeRole on ${value}",
		}}},
		Unique: [][]string{{"name"}},
		Quota: &cloud.Quota{Limit: 5000, Error: cloud.Error{
			Code: "AccountLimitExceededException", Message: "The account has the maximum number of build projects already.",
		}},
		Check: validateBuildProject,
		AfterWrite: func(_ cloud.Account, project *cloud.Resource) error {
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

// validateBuildProject checks a project's source against its artefacts, and its image against its compute type
// (CodeBuild API Reference, "ProjectArtifacts", "ProjectCache" and "ProjectSource"; CodeBuild User Guide, "Docker
// images provided by CodeBuild" and "Run builds on AWS Lambda compute").
func validateBuildProject(account cloud.Account, project *cloud.Resource) error {
	if err := requireAssumable(account, project.Text("serviceRole"), "codebuild.amazonaws.com", "InvalidInputException",
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
	if name, twice := firstDuplicate(project.Texts("environment.environmentVariables[*].name")); twice {
		return invalidProject("Invalid project environment: environment variable %s is there twice", name)
	}
	return nil
}

func invalidProject(format string, values ...any) error {
	return apiError("InvalidInputException", format, values...)
}
