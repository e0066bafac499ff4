package aws

import (
	"regexp"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/autoscaling"

	"stagecraft/internal/offline/cloud"
)

const lifecycleHookToken = "aws:autoscaling/lifecycleHook:LifecycleHook"

func lifecycleHookType() cloud.Type {
	return cloud.Type{
		Token:     lifecycleHookToken,
		Args:      autoscaling.LifecycleHookArgs{},
		State:     autoscaling.LifecycleHook{},
		Service:   scalingService,
		Operation: "PutLifecycleHook",
		Source: "SDK doc; CloudFormation resource schema AWS::AutoScaling::LifecycleHook; EC2 Auto Scaling API Reference, " +
			"PutLifecycleHook; EC2 Auto Scaling User Guide, quotas. Its id holds the group's name, as a policy's",
		Name: &cloud.Name{Property: "name", Max: 255, Pattern: regexp.MustCompile(`^[A-Za-z0-9\-_/]+$`)},
		ID:   "${autoscalingGroupName}/${name}",
		Values: map[string]cloud.Value{
			"defaultResult":    cloud.OneOf("ABANDON", "CONTINUE"),
			"heartbeatTimeout": cloud.Range(30, 7200),
			"lifecycleTransition": cloud.OneOf("autoscaling:EC2_INSTANCE_LAUNCHING",
				"autoscaling:EC2_INSTANCE_TERMINATING"),
			"notificationTargetArn": cloud.NotSimulated,
			"roleArn":               cloud.NotSimulated,
		},
		Computed: map[string]any{"defaultResult": "ABANDON"},
		Replace:  []string{"autoscalingGroupName", "lifecycleTransition", "name"},
		Refs:     []cloud.Ref{groupRef},
		Quota: &cloud.Quota{Limit: 50, Scope: "autoscalingGroupName", Error: cloud.Error{
			Code: "LimitExceeded", Message: "The group has the maximum number of lifecycle hooks already.",
		}},
	}
}
