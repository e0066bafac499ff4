package aws

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

var minimalCodeDeploy = map[string]func(*testAccount) map[string]any{
	applicationToken: func(*testAccount) map[string]any { return map[string]any{"name": "web"} },
	deploymentGroupToken: func(a *testAccount) map[string]any {
		return map[string]any{
			"appName":             a.create(applicationToken, map[string]any{"name": "web"}).text("name"),
			"deploymentGroupName": "instances", "serviceRoleArn": a.serviceRole("codedeploy").text("arn"),
			"alarmConfiguration": map[string]any{
				"enabled": true, "alarms": []any{a.create(metricAlarmToken, alarmInputs(a.topic())).id},
			},
		}
	},
}

func TestDeploymentGroupRejections(t *testing.T) {
	t.Parallel()
	filters := []any{map[string]any{"key": "Tier", "value": "web", "type": "KEY_AND_VALUE"}}
	runRejections(t, []rejection{
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
			alarm := alarmInputs(created{})["name"]
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

func TestCodeDeployInputsRejected(t *testing.T) {
	t.Parallel()
	runInputRejections(t, []inputRejection{
		{applicationToken, "computePlatform", map[string]any{"computePlatform": "EC2"}},
		{deploymentGroupToken, "deploymentConfigName", map[string]any{"deploymentConfigName": "TwoAtATime"}},
		{deploymentGroupToken, "deploymentStyle.deploymentType", map[string]any{
			"deploymentStyle": map[string]any{"deploymentType": "BLUE_GREEN"},
		}},
		{deploymentGroupToken, "ec2TagSets", map[string]any{"ec2TagSets": []any{nil, nil, nil, nil}}},
		{deploymentGroupToken, "autoRollbackConfiguration.events[0]", map[string]any{
			"autoRollbackConfiguration": map[string]any{"events": []any{"REGRET"}},
		}},
		{deploymentGroupToken, "autoscalingGroups", map[string]any{"autoscalingGroups": slices.Repeat([]any{"web"}, 11)}},
	})
}

func TestCodeDeployChanges(t *testing.T) {
	t.Parallel()
	runChanges(t, []change{
		{applicationToken, "name", true, map[string]any{"name": "next"}},
		{deploymentGroupToken, "alarms", false, map[string]any{"alarmConfiguration": nil}},
		{deploymentGroupToken, "name", true, map[string]any{"deploymentGroupName": "next"}},
	})
}
