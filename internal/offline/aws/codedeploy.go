package aws

import (
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/codedeploy"

	"stagecraft/internal/offline/cloud"
)

const (
	applicationToken     = "aws:codedeploy/application:Application"
	deploymentGroupToken = "aws:codedeploy/deploymentGroup:DeploymentGroup"
)

func codeDeployTypes() []cloud.Type {
	return []cloud.Type{applicationType(), deploymentGroupType()}
}

func applicationType() cloud.Type {
	return cloud.Type{
		Token:     applicationToken,
		Args:      codedeploy.ApplicationArgs{},
		State:     codedeploy.Application{},
		Service:   "CodeDeploy",
		Operation: "CreateApplication",
		Source: "CloudFormation resource schema AWS::CodeDeploy::Application; CodeDeploy API Reference, CreateApplication; " +
			"CodeDeploy User Guide, CodeDeploy limits",
		Name:   &cloud.Name{Property: "name", Max: 100},
		ID:     uuid + ":${name}",
		Values: map[string]cloud.Value{"computePlatform": cloud.OneOf("ECS", "Lambda", "Server")},
		Computed: map[string]any{
			"arn":               "arn:aws:codedeploy:${region}:${account}:application:${name}",
			"computePlatform":   "Server",
			"githubAccountName": "",
			"linkedToGithub":    false,
		},
		Replace: []string{"computePlatform", "name"},
		Unique:  [][]string{{"name"}},
		Quota: &cloud.Quota{Limit: 1000, Error: cloud.Error{
			Code: "ApplicationLimitExceededException", Message: "The account has the maximum number of applications already.",
		}},
		AfterWrite: func(_ cloud.Account, application *cloud.Resource) error {
			id, _, _ := strings.Cut(application.ID, ":")
			application.Set("applicationId", id)
			return nil
		},
		NotFound: cloud.Error{
			Code: "ApplicationDoesNotExistException", Message: "Applications not found for ${value}",
		},
		Exists: cloud.Error{Code: "ApplicationAlreadyExistsException", Message: "Application already exists: ${name}"},
	}
}

func deploymentGroupType() cloud.Type {
	return cloud.Type{
		Token:     deploymentGroupToken,
		Args:      codedeploy.DeploymentGroupArgs{},
		State:     codedeploy.DeploymentGroup{},
		Service:   "CodeDeploy",
		Operation: "CreateDeploymentGroup",
		Source: "CloudFormation resource schema AWS::CodeDeploy::DeploymentGroup; CodeDeploy API Reference, " +
			"CreateDeploymentGroup; CodeDeploy User Guide, CodeDeploy limits. It demands that alarms exist, which AWS finds " +
			"out when it deploys",
		Name: &cloud.Name{Property: "deploymentGroupName", Max: 100, Manual: true},
		ID:   uuid,
		Values: map[string]cloud.Value{
			"alarmConfiguration.alarms": cloud.Count(0, 10),
			"autoRollbackConfiguration.events[*]": cloud.OneOf("DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM",
				"DEPLOYMENT_STOP_ON_REQUEST"),
			"autoscalingGroups":                    cloud.Count(0, 10),
			"blueGreenDeploymentConfig":            cloud.NotSimulated,
			"deploymentConfigName":                 serverDeployments,
			"deploymentStyle.deploymentOption":     cloud.OneOf("WITHOUT_TRAFFIC_CONTROL", "WITH_TRAFFIC_CONTROL"),
			"deploymentStyle.deploymentType":       cloud.OneOf("IN_PLACE"),
			"ec2TagFilters":                        cloud.Count(0, 10),
			"ec2TagFilters[*].type":                tagFilter,
			"ec2TagSets":                           cloud.Count(0, 3),
			"ec2TagSets[*].ec2TagFilters":          cloud.Count(1, 10),
			"ec2TagSets[*].ec2TagFilters[*].type":  tagFilter,
			"ecsService":                           cloud.NotSimulated,
			"loadBalancerInfo.elbInfos":            cloud.NotSimulated,
			"loadBalancerInfo.targetGroupPairInfo": cloud.NotSimulated,
			"onPremisesInstanceTagFilters[*].type": tagFilter,
			"outdatedInstancesStrategy":            cloud.OneOf("IGNORE", "UPDATE"),
			"triggerConfigurations":                cloud.Count(0, 10),
			"triggerConfigurations[*].triggerEvents[*]": cloud.OneOf("DeploymentFailure", "DeploymentReady", "DeploymentRollback",
				"DeploymentStart", "DeploymentStop", "DeploymentSuccess", "InstanceFailure", "InstanceReady", "InstanceStart",
				"InstanceSuccess"),
		},
		Computed: map[string]any{
			"arn":                       "arn:aws:codedeploy:${region}:${account}:deploymentgroup:${appName}/${deploymentGroupName}",
			"blueGreenDeploymentConfig": map[string]any{},
			"deploymentConfigName":      "CodeDeployDefault.OneAtATime",
			"deploymentGroupId":         "${id}",
			"outdatedInstancesStrategy": "UPDATE",
		},
		Replace: []string{"appName", "deploymentGroupName"},
		Refs: []cloud.Ref{
			{Path: "appName", Type: applicationToken, TargetProperty: "name", OwnedBy: true},
			{Path: "serviceRoleArn", Type: roleToken, TargetProperty: "arn", Weak: true, NotFound: cloud.Error{
				Code: "InvalidRoleException", Message: "AWS CodeDeploy does not have the permissions required to assume the role ${value}.",
			}},
			{
				Path: "autoscalingGroups[*]", Type: scalingGroupToken, TargetProperty: "name", Weak: true, NotFound: cloud.Error{
					Code: "InvalidAutoScalingGroupException", Message: "The Auto Scaling group ${value} could not be found.",
				},
			},
			{
				Path: "loadBalancerInfo.targetGroupInfos[*].name", Type: targetGroupToken, TargetProperty: "name", Weak: true,
				NotFound: cloud.Error{Code: "InvalidLoadBalancerInfoException", Message: "Target group ${value} could not be found."},
			},
			{
				Path: "alarmConfiguration.alarms[*]", Type: metricAlarmToken, TargetProperty: "name", Weak: true,
				NotFound: cloud.Error{Code: "InvalidAlarmConfigException", Message: "Alarm ${value} could not be found."},
			},
			{
				Path: "triggerConfigurations[*].triggerTargetArn", Type: topicToken, TargetProperty: "arn", Weak: true,
				NotFound: cloud.Error{Code: "InvalidTriggerConfigException", Message: "Topic ARN ${value} is not valid."},
			},
		},
		Unique: [][]string{{"appName", "deploymentGroupName"}},
		Quota: &cloud.Quota{Limit: 1000, Scope: "appName", Error: cloud.Error{
			Code: "DeploymentGroupLimitExceededException", Message: "The application has the maximum number of deployment groups already.",
		}},
		Check: validateDeploymentGroup,
		AfterWrite: func(account cloud.Account, group *cloud.Resource) error {
			application, err := account.Find(applicationToken, "name", group.Text("appName"))
			if err == nil {
				group.Set("computePlatform", application.Text("computePlatform"))
			}
			return err
		},
		NotFound: cloud.Error{
			Code: "DeploymentGroupDoesNotExistException", Message: "No Deployment Group found for name: ${value}",
		},
		Exists: cloud.Error{
			Code: "DeploymentGroupAlreadyExistsException", Message: "Deployment group name ${deploymentGroupName} already exists.",
		},
	}
}

var (
	tagFilter = cloud.OneOf("KEY_AND_VALUE", "KEY_ONLY", "VALUE_ONLY")
	// serverDeployments are AWS's own deployment configurations for instances; custom ones are not simulated.
	serverDeployments = cloud.OneOf("CodeDeployDefault.AllAtOnce", "CodeDeployDefault.HalfAtATime", "CodeDeployDefault.OneAtATime")
)

func validateDeploymentGroup(account cloud.Account, group *cloud.Resource) error {
	if err := requireAssumable(account, group.Text("serviceRoleArn"), "codedeploy.amazonaws.com", "InvalidRoleException",
		"AWS CodeDeploy does not have the permissions required to assume the role "); err != nil {
		return err
	}
	alarms := group.Texts("alarmConfiguration.alarms[*]")
	_, twice := firstDuplicate(alarms)
	switch {
	case len(group.Elements("ec2TagFilters")) > 0 && len(group.Elements("ec2TagSets")) > 0:
		return apiError("InvalidEC2TagCombinationException", "Both ec2TagFilters and ec2TagSet were specified: only one can be.")
	case group.Text("deploymentStyle.deploymentOption") == "WITH_TRAFFIC_CONTROL" &&
		len(group.Texts("loadBalancerInfo.targetGroupInfos[*].name")) != 1:
		return apiError("InvalidLoadBalancerInfoException", "A deployment with traffic control needs the name of one target group.")
	case group.Text("autoRollbackConfiguration.enabled") == "true" &&
		len(group.Texts("autoRollbackConfiguration.events[*]")) == 0:
		return apiError("InvalidAutoRollbackConfigException", "Automatic rollback is enabled, but no event types are listed.")
	case group.Text("alarmConfiguration.enabled") == "true" && len(alarms) == 0:
		return apiError("InvalidAlarmConfigException", "The alarm configuration is enabled, but the alarm list is empty.")
	case twice:
		return apiError("InvalidAlarmConfigException", "Two alarms with the same name have been specified.")
	}
	return nil
}
