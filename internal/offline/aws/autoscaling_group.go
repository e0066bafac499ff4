package aws

import (
	"strconv"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/autoscaling"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"stagecraft/internal/offline/cloud"
)

const scalingGroupToken = "aws:autoscaling/group:Group"

var (
	groupSize  = cloud.Range(0, 10000)
	minHealthy = cloud.Range(0, 100)
	maxHealthy = cloud.Range(100, 200)
)

const malformedTemplate = "You must use a valid fully-formed launch template. "

func scalingGroupType() cloud.Type {
	missing := validationError(malformedTemplate + "The specified launch template, ${value}, does not exist.")
	return cloud.Type{
		Token:     scalingGroupToken,
		Args:      autoscaling.GroupArgs{},
		State:     autoscaling.Group{},
		Service:   scalingService,
		Operation: "CreateAutoScalingGroup",
		Source: "SDK doc; CloudFormation resource schema AWS::AutoScaling::AutoScalingGroup; EC2 Auto Scaling API Reference, " +
			"CreateAutoScalingGroup and RollbackInstanceRefresh; EC2 Auto Scaling User Guide, quotas. What a refresh would reject " +
			"is rejected at once. It launches, replaces and terminates instances during the update, where AWS does so afterwards",
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
			{Path: "launchTemplate.id", Type: launchTemplateToken, Weak: true, NotFound: missing},
			{Path: "launchTemplate.name", Type: launchTemplateToken, TargetProperty: "name", Weak: true, NotFound: missing},
			{Path: "vpcZoneIdentifiers[*]", Type: subnetToken, NotFound: validationError("The subnet ID '${value}' does not exist")},
			{
				Path: "targetGroupArns[*]", Type: targetGroupToken, Weak: true,
				NotFound: validationError("Provided Target Groups may not be valid. Please ensure they exist and try again."),
			},
		},
		Unique: [][]string{{"name"}},
		Quota: &cloud.Quota{Limit: 500, Error: cloud.Error{
			Code: "LimitExceeded", Message: "The account has the maximum number of Auto Scaling groups already.",
		}},
		Check:      validateScalingGroup,
		AfterWrite: scaleGroup,
		Delete:     deleteGroupResources,
		NotFound: cloud.Error{
			Code: "ValidationError", Message: "AutoScalingGroup name not found - no such group: ${value}",
		},
		Exists: cloud.Error{
			Code: "AlreadyExists", Message: "AutoScalingGroup by this name already exists - A group with the name ${name} already exists",
		},
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
		preferences + "alarmSpecification.alarms":        cloud.Count(0, 10),
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

// lifetime allows no limit, or a day to a year.
var lifetime cloud.Value = func(value resource.PropertyValue) string {
	if value.IsNumber() && value.NumberValue() == 0 {
		return ""
	}
	return cloud.Range(86400, 31536000)(value)
}

func validateScalingGroup(account cloud.Account, group *cloud.Resource) error {
	least, most := int(number(group, "minSize")), int(number(group, "maxSize"))
	if least > most {
		return apiError("ValidationError", "Max bound, %d, must be greater than or equal to min bound, %d", most, least)
	}
	if wanted := group.Inputs["desiredCapacity"]; wanted.IsNumber() &&
		(int(wanted.NumberValue()) < least || int(wanted.NumberValue()) > most) {
		return apiError("ValidationError", "Desired capacity:%d must be between the specified min size:%d and max size:%d",
			int(wanted.NumberValue()), least, most)
	}
	if len(group.Texts("vpcZoneIdentifiers[*]")) == 0 {
		return apiError("ValidationError", "At least one Availability Zone or VPC Subnet is required.")
	}
	template, version, err := templateOf(account, group)
	if err != nil {
		return err
	}
	if group.Text("instanceRefresh.preferences.autoRollback") == "true" &&
		(strings.HasPrefix(template.Text("imageId"), fromParameter) || version == "" || version[0] == '$') {
		return apiError("ValidationError", "The AutoRollback parameter cannot be set to true with a launch template whose "+
			"version is not a number, or whose AMI is a Systems Manager parameter.")
	}
	return validateGroupTargets(account, group)
}

// validateGroupTargets rejects target groups that do not accept instances of the group's VPC.
func validateGroupTargets(account cloud.Account, group *cloud.Resource) error {
	subnet, err := account.Find(subnetToken, "", group.Text("vpcZoneIdentifiers[*]"))
	if err != nil {
		return err
	}
	for _, arn := range group.Texts("targetGroupArns[*]") {
		targets, err := account.Find(targetGroupToken, "", arn)
		if err != nil {
			return err
		}
		if targets.Text("targetType") != "instance" || targets.Text("vpcId") != subnet.Text("vpcId") {
			return apiError("ValidationError", "The target group %s does not take instances of %s", arn, subnet.Text("vpcId"))
		}
	}
	return nil
}

// templateOf returns a group's launch template, and the version that the group names.
func templateOf(account cloud.Account, group *cloud.Resource) (*cloud.Resource, string, error) {
	version := group.Text("launchTemplate.version")
	template, err := account.Find(launchTemplateToken, "", group.Text("launchTemplate.id"))
	if err == nil && template == nil {
		template, err = account.Find(launchTemplateToken, "name", group.Text("launchTemplate.name"))
	}
	if err != nil {
		return nil, "", err
	}
	latest, fixed := int(number(template, "latestVersion")), template.Text("defaultVersion")
	named, numeric := strconv.Atoi(strings.NewReplacer("$Latest", strconv.Itoa(latest), "$Default", fixed).Replace(version))
	switch {
	case version == "":
		named, numeric = strconv.Atoi(fixed)
	case numeric != nil || named < 1 || named > latest:
		return nil, "", apiError("ValidationError", malformedTemplate+"Could not find the launch template version, %s, for the "+
			"specified launch template, with template ID %s.", version, template.ID)
	}
	if numeric != nil || named != latest {
		return nil, "", apiError("ValidationError", "version %s of launch template %s is not kept offline: only the latest, %d, is",
			version, template.ID, latest)
	}
	return template, version, nil
}
