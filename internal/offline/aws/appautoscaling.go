package aws

import (
	"regexp"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/appautoscaling"

	"stagecraft/internal/offline/cloud"
)

const (
	scalableTargetToken = "aws:appautoscaling/target:Target"
	scalingPolicyToken  = "aws:appautoscaling/policy:Policy"

	appAutoScaling = "Application Auto Scaling"
)

// ecsDimension is the only scalable dimension of ECS.
const ecsDimension = "ecs:service:DesiredCount"

// appAutoScalingTypes returns the types that scale ECS services. Scaling of other resources is not simulated.
func appAutoScalingTypes() []cloud.Type {
	return []cloud.Type{{
		Token:     scalableTargetToken,
		Args:      appautoscaling.TargetArgs{},
		State:     appautoscaling.Target{},
		Service:   appAutoScaling,
		Operation: "RegisterScalableTarget",
		Change:    "RegisterScalableTarget",
		Source: "CloudFormation resource schema AWS::ApplicationAutoScaling::ScalableTarget; SDK doc; Application Auto " +
			"Scaling API Reference, RegisterScalableTarget, which silently takes over a target; its user guide, quotas",
		ID: "${resourceId}",
		Values: map[string]cloud.Value{
			"maxCapacity":       cloud.Range(0, 5000),
			"minCapacity":       cloud.Range(0, 5000),
			"resourceId":        cloud.Match(`^service/[\w-]+/[\w-]+$`, "an ECS service, service/CLUSTER/NAME"),
			"roleArn":           cloud.NotSimulated,
			"scalableDimension": cloud.OneOf(ecsDimension),
			"serviceNamespace":  cloud.OneOf("ecs"),
		},
		Computed: map[string]any{
			"arn": "arn:aws:application-autoscaling:${region}:${account}:scalable-target/${hex34}",
			"roleArn": "arn:aws:iam::${account}:role/aws-service-role/ecs.application-autoscaling.amazonaws.com/" +
				"AWSServiceRoleForApplicationAutoScaling_ECSService",
			"suspendedState": map[string]any{
				"dynamicScalingInSuspended": false, "dynamicScalingOutSuspended": false, "scheduledScalingSuspended": false,
			},
		},
		Replace: []string{"resourceId", "scalableDimension", "serviceNamespace"},
		Quota: &cloud.Quota{Limit: 3000, Scope: "serviceNamespace", Error: cloud.Error{
			Code: "LimitExceededException", Message: "The maximum number of scalable targets has been reached.",
		}},
		Check: validateScalableTarget,
		NotFound: cloud.Error{
			Code: "ObjectNotFoundException",
			Message: "No scalable target registered for service namespace: ecs, resource ID: ${value}, scalable dimension: " +
				ecsDimension,
		},
	}, {
		Token:     scalingPolicyToken,
		Args:      appautoscaling.PolicyArgs{},
		State:     appautoscaling.Policy{},
		Service:   appAutoScaling,
		Operation: "PutScalingPolicy",
		Source: "CloudFormation resource schema AWS::ApplicationAutoScaling::ScalingPolicy; SDK doc; Application Auto Scaling " +
			"API Reference, PutScalingPolicy, which silently takes over a policy of the same name, and " +
			"DeregisterScalableTarget, which deletes the target's policies",
		Name: &cloud.Name{Property: "name", Max: 255},
		ID:   "${name}",
		Values: map[string]cloud.Value{
			"policyType":                     cloud.OneOf("TargetTrackingScaling"),
			"scalableDimension":              cloud.OneOf(ecsDimension),
			"serviceNamespace":               cloud.OneOf("ecs"),
			"stepScalingPolicyConfiguration": cloud.NotSimulated,
			"targetTrackingScalingPolicyConfiguration.customizedMetricSpecification": cloud.NotSimulated,
			"targetTrackingScalingPolicyConfiguration.predefinedMetricSpecification.predefinedMetricType": cloud.OneOf(
				requestsPerTarget, "ECSServiceAverageCPUUtilization", "ECSServiceAverageMemoryUtilization"),
			"targetTrackingScalingPolicyConfiguration.scaleInCooldown":  cloud.Range(0, 3600),
			"targetTrackingScalingPolicyConfiguration.scaleOutCooldown": cloud.Range(0, 3600),
			"targetTrackingScalingPolicyConfiguration.targetValue":      cloud.Range(1e-4, 1e9),
		},
		Computed: map[string]any{
			"alarmArns": []any{
				"arn:aws:cloudwatch:${region}:${account}:alarm:TargetTracking-${resourceId}-AlarmHigh-" + uuid,
				"arn:aws:cloudwatch:${region}:${account}:alarm:TargetTracking-${resourceId}-AlarmLow-" + uuid,
			},
			"arn": "arn:aws:autoscaling:${region}:${account}:scalingPolicy:" + uuid +
				":resource/ecs/${resourceId}:policyName/${name}",
		},
		Replace: []string{"name", "resourceId", "scalableDimension", "serviceNamespace"},
		Refs:    []cloud.Ref{{Path: "resourceId", Type: scalableTargetToken, OwnedBy: true}},
		Quota: &cloud.Quota{Limit: 50, Scope: "resourceId", Error: cloud.Error{
			Code: "LimitExceededException", Message: "The maximum number of scaling policies has been reached.",
		}},
		Check: validateScalingPolicy,
	}}
}

func validateScalableTarget(account cloud.Account, target *cloud.Resource) error {
	if number(target, "maxCapacity") < number(target, "minCapacity") {
		return apiError("ValidationException", "Maximum capacity cannot be less than minimum capacity")
	}
	arn := "arn:aws:ecs:" + target.Region + ":" + Account + ":" + target.Text("resourceId")
	service, err := account.Find(ecsServiceToken, "", arn)
	if err != nil {
		return err
	}
	if service == nil {
		return apiError("ValidationException", "ECS service doesn't exist: %s", target.Text("resourceId"))
	}
	return nil
}

const requestsPerTarget = "ALBRequestCountPerTarget"

// balancedGroup matches a load balancer and one of its target groups, by the suffixes of their ARNs.
var balancedGroup = regexp.MustCompile(`^(app/[^/]+/[^/]+)/(targetgroup/[^/]+/[^/]+)$`)

// validateScalingPolicy rejects a metric without the resource on which it is measured.
func validateScalingPolicy(account cloud.Account, policy *cloud.Resource) error {
	const metric = "targetTrackingScalingPolicyConfiguration.predefinedMetricSpecification."
	kind, label := policy.Text(metric+"predefinedMetricType"), policy.Text(metric+"resourceLabel")
	switch {
	case policy.Text("policyType") == "":
		return apiError("ValidationException", "The offline cloud has no step scaling: set policyType to TargetTrackingScaling")
	case kind == "":
		return apiError("ValidationException", "A metric specification must be specified for the scaling policy")
	case kind != requestsPerTarget && label != "":
		return apiError("ValidationException", "ResourceLabel cannot be specified with predefined metric type %s", kind)
	case kind != requestsPerTarget:
		return nil
	}
	parts := balancedGroup.FindStringSubmatch(label)
	if parts == nil {
		return apiError("ValidationException", "ResourceLabel %q is invalid: it must be of the form "+
			"app/<load-balancer-name>/<load-balancer-id>/targetgroup/<target-group-name>/<target-group-id>", label)
	}
	group, err := account.Find(targetGroupToken, "arnSuffix", parts[2])
	if err != nil {
		return err
	}
	if group != nil {
		balancers, err := balancersOf(account, group.ID)
		if err != nil {
			return err
		}
		for _, balancer := range balancers {
			if strings.HasSuffix(balancer, ":loadbalancer/"+parts[1]) {
				return nil
			}
		}
	}
	return apiError("ValidationException", "The load balancer does not route traffic to the target group: %s", label)
}
