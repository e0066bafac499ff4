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

func invalid(message string) cloud.Error {
	return cloud.Error{Code: "ValidationError", Message: message}
}

// ofGroup is the reference of what goes with its group.
var ofGroup = cloud.Ref{Path: "autoscalingGroupName", Type: scalingGroupToken, By: "name", Part: true}

// scalingName is of what has a name within its group.
var scalingName = &cloud.Name{Property: "name", Max: 255, Pattern: regexp.MustCompile(`^[^:]+$`)}
