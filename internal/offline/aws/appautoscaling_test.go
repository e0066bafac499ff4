package aws

import (
	"testing"

	"github.com/stretchr/testify/require"
)

var minimalAppAutoScaling = map[string]func(*testAccount) map[string]any{
	scalableTargetToken: func(a *testAccount) map[string]any { return scalableInputs(a.ecsService()) },
	scalingPolicyToken: func(a *testAccount) map[string]any {
		return scalingInputs(a.create(scalableTargetToken, scalableInputs(a.ecsService())), "ECSServiceAverageCPUUtilization", "")
	},
}

func scalableInputs(service created) map[string]any {
	return map[string]any{
		"resourceId": "service/services/" + service.text("name"), "serviceNamespace": "ecs",
		"scalableDimension": ecsDimension, "minCapacity": 2, "maxCapacity": 10,
	}
}

func scalingInputs(target created, metric, label string) map[string]any {
	specification := map[string]any{"predefinedMetricType": metric}
	if label != "" {
		specification["resourceLabel"] = label
	}
	return map[string]any{
		"name": "users", "policyType": "TargetTrackingScaling", "resourceId": target.id, "serviceNamespace": "ecs",
		"scalableDimension": ecsDimension,
		"targetTrackingScalingPolicyConfiguration": map[string]any{
			"targetValue": 60, "predefinedMetricSpecification": specification,
		},
	}
}

func TestScalingRejections(t *testing.T) {
	t.Parallel()
	policy := func(metric, label string) func(*testAccount) map[string]any {
		return func(a *testAccount) map[string]any {
			return scalingInputs(a.create(scalableTargetToken, scalableInputs(a.ecsService())), metric, label)
		}
	}
	const invalid = "ValidationException"
	runRejections(t, []rejection{
		{"less at most than at least", invalid, scalableTargetToken, but(scalableTargetToken, map[string]any{"maxCapacity": 1})},
		{"no such service", invalid, scalableTargetToken, but(scalableTargetToken, map[string]any{
			"resourceId": "service/services/other",
		})},
		{"step scaling by default", invalid, scalingPolicyToken, but(scalingPolicyToken, map[string]any{"policyType": nil})},
		{"no metric", invalid, scalingPolicyToken, but(scalingPolicyToken, map[string]any{
			"targetTrackingScalingPolicyConfiguration": map[string]any{"targetValue": 1},
		})},
		{"CPU of a target group", invalid, scalingPolicyToken, policy("ECSServiceAverageCPUUtilization", "app/a/b/targetgroup/c/d")},
		{"requests of nothing", invalid, scalingPolicyToken, policy(requestsPerTarget, "")},
		{"requests of a group that is not", invalid, scalingPolicyToken, policy(requestsPerTarget, "app/a/b/targetgroup/c/d")},
	})
}

func TestScalingOnRequests(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	target := account.create(scalableTargetToken, scalableInputs(account.ecsService()))
	groups, err := account.list(targetGroupToken)
	require.NoError(t, err)
	_, group, err := account.Read(targetGroupToken, groups[0])
	require.NoError(t, err)
	balancers, err := account.list(loadBalancerToken)
	require.NoError(t, err)
	_, balancer, err := account.Read(loadBalancerToken, balancers[0])
	require.NoError(t, err)

	suffix := group["arnSuffix"].StringValue()
	policy := account.create(scalingPolicyToken,
		scalingInputs(target, requestsPerTarget, balancer["arnSuffix"].StringValue()+"/"+suffix))
	require.Len(t, policy.outputs["alarmArns"].ArrayValue(), 2)
	account.rejects("ValidationException", scalingPolicyToken,
		scalingInputs(target, requestsPerTarget, "app/other/0123456789abcdef/"+suffix))

	require.NoError(t, account.Delete(target.token, target.id))
	require.False(t, account.exists(policy), "policies go with their target")
}

func TestAppAutoScalingInputsRejected(t *testing.T) {
	t.Parallel()
	runInputRejections(t, []inputRejection{
		{scalableTargetToken, "resourceId", map[string]any{"resourceId": "table/users"}},
		{scalableTargetToken, "serviceNamespace", map[string]any{"serviceNamespace": "dynamodb"}},
		{scalingPolicyToken, "policyType", map[string]any{"policyType": "StepScaling"}},
		{scalingPolicyToken, "targetTrackingScalingPolicyConfiguration.targetValue", map[string]any{
			"targetTrackingScalingPolicyConfiguration": map[string]any{"targetValue": 0},
		}},
	})
}
