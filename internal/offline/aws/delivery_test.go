package aws

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// minimalDelivery are for what fetches, builds and deploys.
var minimalDelivery = map[string]func(*testAccount) map[string]any{
	connectionToken: func(*testAccount) map[string]any {
		return map[string]any{"name": "source", "providerType": "GitHub"}
	},
	buildProjectToken: func(a *testAccount) map[string]any { return buildProjectInputs(a.serviceRole("codebuild")) },
	applicationToken:  func(*testAccount) map[string]any { return map[string]any{"name": "web"} },
	deploymentGroupToken: func(a *testAccount) map[string]any {
		return map[string]any{
			"appName":             a.create(applicationToken, map[string]any{"name": "web"}).text("name"),
			"deploymentGroupName": "instances", "serviceRoleArn": a.serviceRole("codedeploy").text("arn"),
			"alarmConfiguration": map[string]any{
				"enabled": true, "alarms": []any{a.create(metricAlarmToken, alarmInputs(a.topic())).id},
			},
		}
	},
	pipelineToken: func(a *testAccount) map[string]any {
		return pipelineInputs(a, stageOf(a.sourceAction()), stageOf(a.buildAction()))
	},
}

// serviceRole is a role that a service assumes, named after it.
func (a *testAccount) serviceRole(service string) made {
	a.t.Helper()
	return a.create(roleToken, roleInputs(service, service+".amazonaws.com"))
}

func buildProjectInputs(role made) map[string]any {
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

func TestDeliveryInputsRefused(t *testing.T) {
	t.Parallel()
	environment := func(more map[string]any) map[string]any {
		return map[string]any{"environment": with(map[string]any{
			"type": "ARM_CONTAINER", "computeType": "BUILD_GENERAL1_SMALL", "image": "image",
		}, more)}
	}
	runInputRefusals(t, []inputRefusal{
		{connectionToken, "name", map[string]any{"name": "stagecraft-production-in-the-far-west"}},
		{connectionToken, "providerType", map[string]any{"providerType": "SourceForge"}},
		{connectionToken, "hostArn", map[string]any{"hostArn": "arn:aws:codeconnections:eu-west-1:123456789012:host/a"}},
		{buildProjectToken, "name", map[string]any{"name": "a project"}},
		{buildProjectToken, "buildTimeout", map[string]any{"buildTimeout": 4}},
		{buildProjectToken, "queuedTimeout", map[string]any{"queuedTimeout": 481}},
		{buildProjectToken, "environment.type", environment(map[string]any{"type": "ABACUS"})},
		{buildProjectToken, "environment.computeType", environment(map[string]any{"computeType": "arm1.small"})},
		{buildProjectToken, "vpcConfig", map[string]any{"vpcConfig": map[string]any{
			"vpcId": "vpc-1", "subnets": []any{"subnet-1"}, "securityGroupIds": []any{"sg-1"},
		}}},
		{buildProjectToken, "cache.modes[0]", map[string]any{"cache": map[string]any{"modes": []any{"LOCAL"}}}},
		{applicationToken, "computePlatform", map[string]any{"computePlatform": "EC2"}},
		{deploymentGroupToken, "deploymentConfigName", map[string]any{"deploymentConfigName": "TwoAtATime"}},
		{deploymentGroupToken, "deploymentStyle.deploymentType", map[string]any{
			"deploymentStyle": map[string]any{"deploymentType": "BLUE_GREEN"},
		}},
		{deploymentGroupToken, "ec2TagSets", map[string]any{"ec2TagSets": []any{nil, nil, nil, nil}}},
		{deploymentGroupToken, "autoRollbackConfiguration.events[0]", map[string]any{
			"autoRollbackConfiguration": map[string]any{"events": []any{"REGRET"}},
		}},
		{pipelineToken, "name", map[string]any{"name": "a pipeline"}},
		{pipelineToken, "stages", map[string]any{"stages": []any{map[string]any{"name": "Source", "actions": []any{}}}}},
		{pipelineToken, "stages[0].actions", map[string]any{"stages": []any{map[string]any{"name": "Source", "actions": []any{}}}}},
		{pipelineToken, "artifactStores[0].type", map[string]any{
			"artifactStores": []any{map[string]any{"type": "EFS", "location": "b"}},
		}},
		{pipelineToken, "executionMode", map[string]any{"executionMode": "RANDOM"}},
		{pipelineToken, "pipelineType", map[string]any{"pipelineType": "V3"}},
	})
}

func TestBuildProjectRefusals(t *testing.T) {
	t.Parallel()
	variable := map[string]any{"name": "A", "value": "1"}
	runRefusals(t, []refusal{
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

func (m made) environment() map[string]any { return m.outputs["environment"].ObjectValue().Mappable() }

func TestDeploymentGroupRefusals(t *testing.T) {
	t.Parallel()
	filters := []any{map[string]any{"key": "Tier", "value": "web", "type": "KEY_AND_VALUE"}}
	runRefusals(t, []refusal{
		{"another service's role", "InvalidRoleException", deploymentGroupToken, func(a *testAccount) map[string]any {
			return with(minimal[deploymentGroupToken](a), map[string]any{"serviceRoleArn": a.role("web").text("arn")})
		}},
		{
			"filters of both kinds", "InvalidEC2TagCombinationException", deploymentGroupToken,
			but(deploymentGroupToken, map[string]any{
				"ec2TagFilters": filters, "ec2TagSets": []any{map[string]any{"ec2TagFilters": filters}},
			}),
		},
		{
			"traffic control without a load balancer", "InvalidLoadBalancerInfoException", deploymentGroupToken,
			but(deploymentGroupToken, map[string]any{
				"deploymentStyle": map[string]any{"deploymentOption": "WITH_TRAFFIC_CONTROL"},
			}),
		},
		{
			"rollback on nothing", "InvalidAutoRollbackConfigException", deploymentGroupToken,
			but(deploymentGroupToken, map[string]any{"autoRollbackConfiguration": map[string]any{"enabled": true}}),
		},
		{
			"no alarms to watch", "InvalidAlarmConfigException", deploymentGroupToken,
			but(deploymentGroupToken, map[string]any{"alarmConfiguration": map[string]any{"enabled": true}}),
		},
		{"an alarm twice", "InvalidAlarmConfigException", deploymentGroupToken, func(a *testAccount) map[string]any {
			inputs := minimal[deploymentGroupToken](a)
			alarm := alarmInputs(made{})["name"]
			return with(inputs, map[string]any{"alarmConfiguration": map[string]any{"alarms": []any{alarm, alarm}}})
		}},
	})
}

func TestDeploymentGroupBehindLoadBalancer(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	targets := account.create(targetGroupToken, targetGroupInputs(account.network("0").vpc, "web"))
	group := account.create(deploymentGroupToken, with(minimal[deploymentGroupToken](account), map[string]any{
		"deploymentStyle":  map[string]any{"deploymentOption": "WITH_TRAFFIC_CONTROL"},
		"loadBalancerInfo": map[string]any{"targetGroupInfos": []any{map[string]any{"name": "web"}}},
	}))
	require.Equal(t, "Server", group.text("computePlatform"))
	require.Equal(t, "arn:aws:codedeploy:eu-west-1:123456789012:deploymentgroup:web/instances", group.text("arn"))
	require.NoError(t, account.Delete(targets.token, targets.id), "CodeDeploy does not keep its target group")
}

func TestDeploymentGroupOfScalingGroups(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	scaling := account.create(scalingGroupToken, minimal[scalingGroupToken](account))
	group := account.create(deploymentGroupToken, with(minimal[deploymentGroupToken](account), map[string]any{
		"autoscalingGroups": []any{scaling.text("name")},
	}))
	require.NoError(t, account.Delete(scaling.token, scaling.id), "CodeDeploy does not keep its groups")
	require.True(t, account.exists(group))
}

func TestApplicationTakesItsGroupsAlong(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	group := account.create(deploymentGroupToken, minimal[deploymentGroupToken](account))
	applications, err := account.list(applicationToken)
	require.NoError(t, err)
	require.NoError(t, account.Delete(applicationToken, applications[0]))
	require.False(t, account.exists(group))
}

func TestConnectionIsPending(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	connection := account.create(connectionToken, minimal[connectionToken](account))
	require.Equal(t, "PENDING", connection.text("connectionStatus"))
	require.Regexp(t, `^arn:aws:codeconnections:eu-west-1:123456789012:connection/[0-9a-f-]{36}$`, connection.text("arn"))
}
