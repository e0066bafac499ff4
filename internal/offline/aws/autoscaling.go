package aws

import (
	"regexp"

	"stagecraft/internal/offline/cloud"
)

const scalingService = "Auto Scaling"

// autoScalingTypes returns groups and the resources that belong to them. No group scales by itself, since no traffic
// exists.
func autoScalingTypes() []cloud.Type {
	return []cloud.Type{scalingGroupType(), groupPolicyType(), lifecycleHookType(), scalingScheduleType()}
}

func validationError(message string) cloud.Error {
	return cloud.Error{Code: "ValidationError", Message: message}
}

// groupRef is the reference to the group that owns a resource.
var groupRef = cloud.Ref{Path: "autoscalingGroupName", Type: scalingGroupToken, TargetProperty: "name", OwnedBy: true}

// scalingName is the name of a resource within its group.
var scalingName = &cloud.Name{Property: "name", Max: 255, Pattern: regexp.MustCompile(`^[^:]+$`)}
