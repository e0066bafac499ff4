package aws

import (
	"regexp"
	"time"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/autoscaling"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"stagecraft/internal/offline/cloud"
)

const (
	scalingGroupToken    = "aws:autoscaling/group:Group"
	groupPolicyToken     = "aws:autoscaling/policy:Policy"
	lifecycleHookToken   = "aws:autoscaling/lifecycleHook:LifecycleHook"
	scalingScheduleToken = "aws:autoscaling/schedule:Schedule"

	scalingService = "Auto Scaling"
)

// autoScalingTypes are groups with what belongs to them. No group scales by itself: there is no traffic.
func autoScalingTypes() []cloud.Type {
	return []cloud.Type{scalingGroupType(), groupPolicyType(), lifecycleHookType(), scalingScheduleType()}
}

func invalid(message string) cloud.Error {
	return cloud.Error{Code: "ValidationError", Message: message}
}

const malformedTemplate = "You must use a valid fully-formed launch template. "

func scalingGroupType() cloud.Type {
	missing := invalid(malformedTemplate + "The specified launch template, ${value}, does not exist.")
	return cloud.Type{
		Token:     scalingGroupToken,
		Args:      autoscaling.GroupArgs{},
		State:     autoscaling.Group{},
		Service:   scalingService,
		Operation: "CreateAutoScalingGroup",
		Source: "SDK doc; CloudFormation resource schema AWS::AutoScaling::AutoScalingGroup; EC2 Auto Scaling API Reference, " +
			"CreateAutoScalingGroup and RollbackInstanceRefresh; EC2 Auto Scaling User Guide, quotas. What a refresh would refuse " +
			"is refused at once. It launches, renews and ends instances during the update, where AWS takes its time afterwards",
		Name:      &cloud.Name{Property: "name", Max: 255},
		ID:        "${name}",
		OneOf:     [][]string{{"launchTemplate", "launchConfiguration", "mixedInstancesPolicy"}},
		Conflicts: [][]string{{"name", "namePrefix"}, {"vpcZoneIdentifiers", "availabilityZones"}},
		Values:    scalingGroupValues(),
		Computed: map[string]any{
			"arn":                    "arn:aws:autoscaling:${region}:${account}:autoScalingGroup:" + uuid + ":autoScalingGroupName/${name}",
			"defaultCooldown":        300,
			"healthCheckGracePeriod": 300,
			"healthCheckType":        "EC2",
			"metricsGranularity":     "1Minute",
			"name":                   "${namePrefix}${digits26}",
			"serviceLinkedRoleArn": "arn:aws:iam::${account}:role/aws-service-role/autoscaling.amazonaws.com/" +
				"AWSServiceRoleForAutoScaling",
		},
		Replace: []string{"name", "namePrefix"},
		Refs: []cloud.Ref{
			{Path: "launchTemplate.id", Type: launchTemplateToken, Loose: true, NotFound: missing},
			{Path: "launchTemplate.name", Type: launchTemplateToken, By: "name", Loose: true, NotFound: missing},
			{Path: "vpcZoneIdentifiers[*]", Type: subnetToken, NotFound: invalid("The subnet ID '${value}' does not exist")},
			{
				Path: "targetGroupArns[*]", Type: targetGroupToken, Loose: true,
				NotFound: invalid("Provided Target Groups may not be valid. Please ensure they exist and try again."),
			},
		},
		Unique: [][]string{{"name"}},
		Quota: &cloud.Quota{Limit: 500, Error: cloud.Error{
			Code: "LimitExceeded", Message: "The account has the maximum number of Auto Scaling groups already.",
		}},
		Check:  scalingGroupFits,
		Make:   scaleGroup,
		Delete: endGroup,
		NotFound: cloud.Error{
			Code: "ValidationError", Message: "AutoScalingGroup name not found - no such group: ${value}",
		},
		Exists: cloud.Error{
			Code: "AlreadyExists", Message: "AutoScalingGroup by this name already exists - A group with the name ${name} already exists",
		},
		Takes: 3 * time.Minute,
	}
}

func scalingGroupValues() map[string]cloud.Value {
	const preferences = "instanceRefresh.preferences."
	values := map[string]cloud.Value{
		"defaultInstanceWarmup":                          cloud.Range(-1, 3600),
		"enabledMetrics[*]":                              cloud.Match(`^(Group|WarmPool)[A-Za-z]+$`, "a metric of groups such as GroupMinSize"),
		"healthCheckGracePeriod":                         cloud.Range(0, 7200),
		"healthCheckType":                                cloud.OneOf("EC2", "ELB"),
		"instanceMaintenancePolicy.maxHealthyPercentage": maxHealthy,
		"instanceMaintenancePolicy.minHealthyPercentage": minHealthy,
		"instanceRefresh.strategy":                       cloud.OneOf("Rolling"),
		preferences + "checkpointPercentages":            cloud.NotSimulated,
		preferences + "maxHealthyPercentage":             maxHealthy,
		preferences + "minHealthyPercentage":             minHealthy,
		preferences + "scaleInProtectedInstances":        cloud.OneOf("Ignore", "Refresh", "Wait"),
		preferences + "standbyInstances":                 cloud.OneOf("Ignore", "Terminate", "Wait"),
		"maxInstanceLifetime":                            lifetime,
		"maxSize":                                        groupSize,
		"metricsGranularity":                             cloud.OneOf("1Minute"),
		"minSize":                                        groupSize,
		"desiredCapacity":                                groupSize,
		"tags[*].key":                                    cloud.Length(1, 128),
		"terminationPolicies[*]": cloud.OneOf("AllocationStrategy", "ClosestToNextInstanceHour", "Default", "NewestInstance",
			"OldestInstance", "OldestLaunchConfiguration", "OldestLaunchTemplate"),
	}
	for _, unknown := range []string{
		"availabilityZoneDistribution", "availabilityZones", "capacityRebalance", "capacityReservationSpecification", "context",
		"desiredCapacityType", "initialLifecycleHooks", "launchConfiguration", "loadBalancers", "mixedInstancesPolicy",
		"placementGroup", "suspendedProcesses", "trafficSources", "warmPool",
	} {
		values[unknown] = cloud.NotSimulated
	}
	return values
}

var (
	groupSize  = cloud.Range(0, 10000)
	minHealthy = cloud.Range(0, 100)
	maxHealthy = cloud.Range(100, 200)
)

// lifetime is none, or from a day to a year.
var lifetime cloud.Value = func(value resource.PropertyValue) string {
	if value.IsNumber() && value.NumberValue() == 0 {
		return ""
	}
	return cloud.Range(86400, 31536000)(value)
}

// ofGroup is the reference of what goes with its group.
var ofGroup = cloud.Ref{Path: "autoscalingGroupName", Type: scalingGroupToken, By: "name", Part: true}

// scalingName is of what has a name within its group.
var scalingName = &cloud.Name{Property: "name", Max: 255, Pattern: regexp.MustCompile(`^[^:]+$`)}

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
		Refs:    []cloud.Ref{ofGroup},
		Check:   groupPolicyFits,
	}
}

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
		Refs:     []cloud.Ref{ofGroup},
		Quota: &cloud.Quota{Limit: 50, Per: "autoscalingGroupName", Error: cloud.Error{
			Code: "LimitExceeded", Message: "The group has the maximum number of lifecycle hooks already.",
		}},
	}
}

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
		Refs:    []cloud.Ref{ofGroup},
		Quota: &cloud.Quota{Limit: 125, Per: "autoscalingGroupName", Error: cloud.Error{
			Code: "LimitExceeded", Message: "The group has the maximum number of scheduled actions already.",
		}},
		Check: scheduleFits,
	}
}
