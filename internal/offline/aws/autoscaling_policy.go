package aws

import (
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/autoscaling"

	"stagecraft/internal/offline/cloud"
)

const groupPolicyToken = "aws:autoscaling/policy:Policy"

const (
	tracking      = "targetTrackingConfiguration."
	trackedMetric = tracking + "predefinedMetricSpecification."
)

func groupPolicyType() cloud.Type {
	return cloud.Type{
		Token:     groupPolicyToken,
		Args:      autoscaling.PolicyArgs{},
		State:     autoscaling.Policy{},
		Service:   scalingService,
		Operation: "PutScalingPolicy",
		Source: "SDK doc; CloudFormation resource schema AWS::AutoScaling::ScalingPolicy; EC2 Auto Scaling API Reference, " +
			"PutScalingPolicy. Its id, by which the provider knows it within its group, holds the group's name, too",
		Name: scalingName,
		ID:   "${autoscalingGroupName}/${name}",
		Values: map[string]cloud.Value{
			"policyType":                               cloud.OneOf("TargetTrackingScaling"),
			"predictiveScalingConfiguration":           cloud.NotSimulated,
			"stepAdjustments":                          cloud.NotSimulated,
			tracking + "customizedMetricSpecification": cloud.NotSimulated,
			trackedMetric + "predefinedMetricType": cloud.OneOf(requestsPerTarget, "ASGAverageCPUUtilization",
				"ASGAverageNetworkIn", "ASGAverageNetworkOut"),
			tracking + "targetValue": cloud.Range(0.001, 1e12),
		},
		Required: []string{"policyType", "targetTrackingConfiguration"},
		Computed: map[string]any{
			"arn": "arn:aws:autoscaling:${region}:${account}:scalingPolicy:" + uuid +
				":autoScalingGroupName/${autoscalingGroupName}:policyName/${name}",
			"metricAggregationType": "",
		},
		Replace: []string{"autoscalingGroupName", "name", "policyType"},
		Refs:    []cloud.Ref{groupRef},
		Check:   validateGroupPolicy,
	}
}

// validateGroupPolicy rejects a label that does not name a load balancer and a target group of the auto-scaling group.
func validateGroupPolicy(account cloud.Account, policy *cloud.Resource) error {
	label := policy.Text(trackedMetric + "resourceLabel")
	if policy.Text(trackedMetric+"predefinedMetricType") != requestsPerTarget {
		if label != "" {
			return apiError("ValidationError", "A resource label is only for %s", requestsPerTarget)
		}
		return nil
	}
	parts := balancedGroup.FindStringSubmatch(label)
	if parts == nil {
		return apiError("ValidationError", "The resource label %q is not of the form "+
			"app/load-balancer-name/load-balancer-id/targetgroup/target-group-name/target-group-id", label)
	}
	targets, err := account.Find(targetGroupToken, "arnSuffix", parts[2])
	if err != nil {
		return err
	}
	group, err := account.Find(scalingGroupToken, "name", policy.Text("autoscalingGroupName"))
	if err != nil {
		return err
	}
	if targets == nil || !slices.Contains(group.Texts("targetGroupArns[*]"), targets.ID) {
		return apiError("ValidationError", "The target group of the resource label %s is not attached to the group", label)
	}
	balancer, err := account.Find(loadBalancerToken, "arnSuffix", parts[1])
	if err != nil {
		return err
	}
	routing, err := balancersOf(account, targets.ID)
	if err != nil {
		return err
	}
	if balancer == nil || !slices.Contains(routing, balancer.ID) {
		return apiError("ValidationError", "The load balancer does not route traffic to the target group of %s", label)
	}
	return nil
}
