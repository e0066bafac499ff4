package aws

import (
	"regexp"

	"stagecraft/internal/offline/cloud"
)

const scalingService = "Auto Scaling"

// autoScalingTypes are groups with what belongs to them. No group scales by itself: there is no traffic.
func autoScalingTypes() []cloud.Type {
	return []cloud.Type{scalingGroupType(), groupPolicyType(), lifecycleHookType(), scalingScheduleType()}
}

func validationError(message string) cloud.Error {
	return cloud.Error{Code: "ValidationError", Message: message}
}

// groupRef is the reference of what goes with its group.
var groupRef = cloud.Ref{Path: "autoscalingGroupName", Type: scalingGroupToken, TargetProperty: "name", OwnedBy: true}

// scalingName is of what has a name within its group.
var scalingName = &cloud.Name{Property: "name", Max: 255, Pattern: regexp.MustCompile(`^[^:]+$`)}
