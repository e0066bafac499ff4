package aws

import (
	"testing"

	"github.com/stretchr/testify/require"
)

var minimalBuildProject = map[string]func(*testAccount) map[string]any{
	buildProjectToken: func(a *testAccount) map[string]any { return buildProjectInputs(a.serviceRole("codebuild")) },
}

func buildProjectInputs(role created) map[string]any {
	return map[string]any{
		"name": "test", "serviceRole": role.text("arn"),
		"source":    map[string]any{"type": "CODEPIPELINE", "buildspec": "buildspec.yml"},
		"artifacts": map[string]any{"type": "CODEPIPELINE"},
		"environment": map[string]any{
			"type": "ARM_CONTAINER", "computeType": "BUILD_GENERAL1_SMALL",
			"image": "aws/codebuild/amazonlinux-aarch64-standard:3.0",
		},
	}
}

func TestBuildProjectRejections(t *testing.T) {
	t.Parallel()
	variable := map[string]any{"name": "A", "value": "1"}
	runRejections(t, []rejection{
		{"another service's role", "InvalidInputException", buildProjectToken, func(a *testAccount) map[string]any {
			return buildProjectInputs(a.serviceRole("ec2"))
		}},
		{
			"a pipeline's source with artefacts of its own", "InvalidInputException", buildProjectToken,
			but(buildProjectToken, map[string]any{"artifacts": map[string]any{"type": "NO_ARTIFACTS"}}),
		},
		{
			"no source and no buildspec", "InvalidInputException", buildProjectToken,
			but(buildProjectToken, map[string]any{
				"source": map[string]any{"type": "NO_SOURCE"}, "artifacts": map[string]any{"type": "NO_ARTIFACTS"},
			}),
		},
		{
			"a repository without a place", "InvalidInputException", buildProjectToken,
			but(buildProjectToken, map[string]any{
				"source": map[string]any{"type": "GITHUB"}, "artifacts": map[string]any{"type": "NO_ARTIFACTS"},
			}),
		},
		{
			"artefacts without a bucket", "InvalidInputException", buildProjectToken,
			but(buildProjectToken, map[string]any{
				"source": map[string]any{"type": "NO_SOURCE", "buildspec": "a"}, "artifacts": map[string]any{"type": "S3"},
			}),
		},
		{
			"an arm64 image on x86", "InvalidInputException", buildProjectToken,
			but(buildProjectToken, map[string]any{"environment": map[string]any{
				"type": "LINUX_CONTAINER", "computeType": "BUILD_GENERAL1_SMALL",
				"image": "aws/codebuild/amazonlinux-aarch64-standard:3.0",
			}}),
		},
		{
			"Docker on Lambda", "InvalidInputException", buildProjectToken,
			but(buildProjectToken, map[string]any{"environment": map[string]any{
				"type": "ARM_LAMBDA_CONTAINER", "computeType": "BUILD_LAMBDA_1GB", "image": "image", "privilegedMode": true,
			}}),
		},
		{
			"a cache of images without Docker", "InvalidInputException", buildProjectToken,
			but(buildProjectToken, map[string]any{"cache": map[string]any{
				"type": "LOCAL", "modes": []any{"LOCAL_DOCKER_LAYER_CACHE"},
			}}),
		},
		{
			"a variable twice", "InvalidInputException", buildProjectToken,
			but(buildProjectToken, map[string]any{"environment": map[string]any{
				"type": "ARM_CONTAINER", "computeType": "BUILD_GENERAL1_SMALL", "image": "image",
				"environmentVariables": []any{variable, variable},
			}}),
		},
	})
}

func TestBuildProjectWithDocker(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	inputs := minimal[buildProjectToken](account)
	require.False(t, account.create(buildProjectToken, inputs).environment()["privilegedMode"].(bool))
	project := account.create(buildProjectToken, with(inputs, map[string]any{
		"name":        "image",
		"environment": with(inputs["environment"].(map[string]any), map[string]any{"privilegedMode": true}),
		"cache":       map[string]any{"type": "LOCAL", "modes": []any{"LOCAL_DOCKER_LAYER_CACHE"}},
	}))
	require.True(t, project.environment()["privilegedMode"].(bool))
}

func (m created) environment() map[string]any {
	return m.outputs["environment"].ObjectValue().Mappable()
}

func TestBuildProjectInputsRejected(t *testing.T) {
	t.Parallel()
	environment := func(more map[string]any) map[string]any {
		return map[string]any{"environment": with(map[string]any{
			"type": "ARM_CONTAINER", "computeType": "BUILD_GENERAL1_SMALL", "image": "image",
		}, more)}
	}
	runInputRejections(t, []inputRejection{
		{buildProjectToken, "name", map[string]any{"name": "a project"}},
		{buildProjectToken, "buildTimeout", map[string]any{"buildTimeout": 4}},
		{buildProjectToken, "queuedTimeout", map[string]any{"queuedTimeout": 481}},
		{buildProjectToken, "environment.type", environment(map[string]any{"type": "ABACUS"})},
		{buildProjectToken, "environment.computeType", environment(map[string]any{"computeType": "arm1.small"})},
		{buildProjectToken, "vpcConfig", map[string]any{"vpcConfig": map[string]any{
			"vpcId": "vpc-1", "subnets": []any{"subnet-1"}, "securityGroupIds": []any{"sg-1"},
		}}},
		{buildProjectToken, "cache.modes[0]", map[string]any{"cache": map[string]any{"modes": []any{"LOCAL"}}}},
	})
}

func TestBuildProjectChanges(t *testing.T) {
	t.Parallel()
	runChanges(t, []change{
		{buildProjectToken, "time", false, map[string]any{"buildTimeout": 10}},
		{buildProjectToken, "name", true, map[string]any{"name": "next"}},
	})
}
