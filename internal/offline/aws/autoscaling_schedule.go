package aws

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/autoscaling"

	"stagecraft/internal/offline/cloud"
)

const scalingScheduleToken = "aws:autoscaling/schedule:Schedule"

func scalingScheduleType() cloud.Type {
	size := cloud.Range(-1, 10000)
	return cloud.Type{
		Token:     scalingScheduleToken,
		Args:      autoscaling.ScheduleArgs{},
		State:     autoscaling.Schedule{},
		Service:   scalingService,
		Operation: "PutScheduledUpdateGroupAction",
		Source: "SDK doc; CloudFormation resource schema AWS::AutoScaling::ScheduledAction; EC2 Auto Scaling API Reference, " +
			"PutScheduledUpdateGroupAction; EC2 Auto Scaling User Guide, quotas. Its id holds the group's name, as a policy's. " +
			"Its time never comes",
		Name: &cloud.Name{Property: "scheduledActionName", Max: 255, Manual: true},
		ID:   "${autoscalingGroupName}/${scheduledActionName}",
		Values: map[string]cloud.Value{
			"desiredCapacity": size,
			"endTime":         cloud.NotSimulated,
			"maxSize":         size,
			"minSize":         size,
			"recurrence":      cloud.Match(`^(\S+ ){4}\S+$`, "five fields of cron"),
			"startTime":       cloud.NotSimulated,
		},
		Required: []string{"recurrence"},
		Computed: map[string]any{
			"arn": "arn:aws:autoscaling:${region}:${account}:scheduledUpdateGroupAction:" + uuid +
				":autoScalingGroupName/${autoscalingGroupName}:scheduledActionName/${scheduledActionName}",
			"desiredCapacity": 0,
			"maxSize":         0,
			"minSize":         0,
			"timeZone":        "Etc/UTC",
		},
		Replace: []string{"autoscalingGroupName", "scheduledActionName"},
		Refs:    []cloud.Ref{groupRef},
		Quota: &cloud.Quota{Limit: 125, Scope: "autoscalingGroupName", Error: cloud.Error{
			Code: "LimitExceeded", Message: "The group has the maximum number of scheduled actions already.",
		}},
		Check: validateSchedule,
	}
}

// validateSchedule rejects invalid sizes; -1 leaves a size unchanged.
func validateSchedule(_ cloud.Account, schedule *cloud.Resource) error {
	least, most := number(schedule, "minSize"), number(schedule, "maxSize")
	switch {
	case least < 0 && most < 0 && number(schedule, "desiredCapacity") < 0:
		return apiError("ValidationError", "At least one of MinSize, MaxSize and DesiredCapacity must be specified")
	case most >= 0 && least > most:
		return apiError("ValidationError", "Min size %v is greater than max size %v", least, most)
	}
	return nil
}
