package delivery

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/codedeploy"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ssm"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/role"
)

// oneAtATime keeps every instance but one healthy, and still deploys to a single instance (CodeDeploy User Guide,
// "Working with deployment configurations in CodeDeploy").
const oneAtATime = "CodeDeployDefault.OneAtATime"

// deploymentGroup is the name of the deployment group of all instances.
const deploymentGroup = "instances"

//go:embed agent.sh
var agentScript string

// AgentScript returns a script that installs the CodeDeploy agent, and the last release if CodeDeploy does not deploy
// it by itself. An instance that a group launches waits up to ten minutes for CodeDeploy before it serves: it must run
// the script itself, as the last step of its set-up, since a deployment begins as soon as the agent runs (CodeDeploy
// User Guide, "Integrating CodeDeploy with Amazon EC2 Auto Scaling").
func AgentScript() string { return agentScript }

// newDeploymentGroup creates the group of instances that CodeDeploy deploys to: all instances of the auto-scaling
// groups or with the tags, one at a time, behind the load balancer if there is one. Auto-scaling groups are deployed to
// in place, too: for blue/green, CodeDeploy would copy the group and delete the one that Pulumi created.
func (d *Delivery) newDeploymentGroup(ctx *pulumi.Context) (*codedeploy.DeploymentGroup, error) {
	permissions, err := d.newDeployRole(ctx)
	if err != nil {
		return nil, err
	}
	if err := d.newInstanceSetup(ctx); err != nil {
		return nil, err
	}
	application, err := codedeploy.NewApplication(ctx, d.name, &codedeploy.ApplicationArgs{
		Name:            pulumi.Sprintf("%s-%s", ctx.Project(), ctx.Stack()),
		ComputePlatform: pulumi.String("Server"),
		Tags:            d.args.Tags,
	}, d.parent)
	if err != nil {
		return nil, err
	}
	args := &codedeploy.DeploymentGroupArgs{
		AppName:              application.Name,
		DeploymentGroupName:  pulumi.String(deploymentGroup),
		ServiceRoleArn:       permissions.Arn,
		DeploymentConfigName: pulumi.String(oneAtATime),
		DeploymentStyle: codedeploy.DeploymentGroupDeploymentStyleArgs{
			DeploymentType:   pulumi.String("IN_PLACE"),
			DeploymentOption: pulumi.String("WITHOUT_TRAFFIC_CONTROL"),
		},
		AutoscalingGroups: d.args.Instances.GroupNames,
		AutoRollbackConfiguration: codedeploy.DeploymentGroupAutoRollbackConfigurationArgs{
			Enabled: pulumi.Bool(true),
			Events:  pulumi.ToStringArray([]string{"DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"}),
		},
		AlarmConfiguration: d.args.Instances.alarmConfiguration(),
		Tags:               d.args.Tags,
	}
	if sets := d.args.Instances.tagSets(); len(sets) > 0 {
		args.Ec2TagSets = sets
	}
	if targets := d.args.Instances.TargetGroupArn; targets != nil {
		args.DeploymentStyle = codedeploy.DeploymentGroupDeploymentStyleArgs{
			DeploymentType:   pulumi.String("IN_PLACE"),
			DeploymentOption: pulumi.String("WITH_TRAFFIC_CONTROL"),
		}
		args.LoadBalancerInfo = codedeploy.DeploymentGroupLoadBalancerInfoArgs{
			TargetGroupInfos: codedeploy.DeploymentGroupLoadBalancerInfoTargetGroupInfoArray{
				codedeploy.DeploymentGroupLoadBalancerInfoTargetGroupInfoArgs{Name: targetGroupName(targets)},
			},
		}
	}
	return codedeploy.NewDeploymentGroup(ctx, d.name, args, d.parent, pulumi.DependsOn(permissions.Policies))
}

// newDeployRole creates the role with which CodeDeploy finds the instances, watches the alarms, and takes instances out
// of the target group and back in: the permissions of the managed policy AWSCodeDeployRole for that, and no more.
func (d *Delivery) newDeployRole(ctx *pulumi.Context) (*role.Role, error) {
	statements := []role.Statement{{
		// None of these actions takes a resource.
		Actions: []string{
			"autoscaling:DescribeAutoScalingGroups",
			"autoscaling:DescribeLifecycleHooks",
			"cloudwatch:DescribeAlarms",
			"ec2:DescribeInstanceStatus",
			"ec2:DescribeInstances",
			"elasticloadbalancing:DescribeTargetGroupAttributes",
			"elasticloadbalancing:DescribeTargetGroups",
			"elasticloadbalancing:DescribeTargetHealth",
			"tag:GetResources",
		},
		Resources: pulumi.ToStringArray([]string{"*"}),
	}}
	if targets := d.args.Instances.TargetGroupArn; targets != nil {
		statements = append(statements, role.Statement{
			Actions:   []string{"elasticloadbalancing:DeregisterTargets", "elasticloadbalancing:RegisterTargets"},
			Resources: pulumi.StringArray{targets},
		})
	}
	if groups := d.args.Instances.GroupNames; len(groups) > 0 {
		statements = append(statements, role.Statement{
			// A lifecycle hook that CodeDeploy adds to each group notifies it of new instances.
			Actions: []string{
				"autoscaling:CompleteLifecycleAction",
				"autoscaling:DeleteLifecycleHook",
				"autoscaling:PutLifecycleHook",
				"autoscaling:RecordLifecycleActionHeartbeat",
			},
			Resources: d.groupArns(groups),
		})
	}
	return role.New(ctx, d.name+"-deploy", &role.Args{
		Service:       "codedeploy.amazonaws.com",
		SourceAccount: d.args.AccountID,
		Description:   "CodeDeploy: takes instances out of service, and watches alarms",
		Statements:    statements,
		Tags:          d.args.Tags,
	}, d.parent)
}

// groupArns returns the ARNs of groups, with any of the ids that AWS assigns when it creates them.
func (d *Delivery) groupArns(names pulumi.StringArray) pulumi.StringArray {
	arns := make(pulumi.StringArray, len(names))
	for i, name := range names {
		arns[i] = pulumi.Sprintf("arn:aws:autoscaling:%s:%s:autoScalingGroup:*:autoScalingGroupName/%s",
			d.args.Region, d.args.AccountID, name)
	}
	return arns
}

// newInstanceSetup creates the association with which Systems Manager installs the CodeDeploy agent, and allows the
// instances to read bundles and the service's settings: each parameter below /project/stack/service is an environment
// variable of the service.
//
// The agent comes from its installer, since the package AWSCodeDeployAgent of Systems Manager's Distributor does not
// exist for arm64 (issue 393 of github.com/aws/aws-codedeploy-agent).
func (d *Delivery) newInstanceSetup(ctx *pulumi.Context) error {
	targets := ssm.AssociationTargetArray{}
	for _, key := range d.args.Instances.tagKeys() {
		targets = append(targets, ssm.AssociationTargetArgs{
			Key: pulumi.String("tag:" + key), Values: pulumi.StringArray{pulumi.String(d.args.Instances.Tags[key])},
		})
	}
	_, err := ssm.NewAssociation(ctx, d.name+"-agent", &ssm.AssociationArgs{
		AssociationName:    pulumi.Sprintf("%s-%s-%s-agent", ctx.Project(), ctx.Stack(), d.name),
		Name:               pulumi.String("AWS-RunShellScript"),
		ScheduleExpression: pulumi.String("rate(7 days)"),
		Parameters:         pulumi.StringMap{"commands": pulumi.String(agentScript)},
		Targets:            targets,
		Tags:               d.args.Tags,
	}, d.parent)
	if err != nil {
		return err
	}
	_, err = role.Allow(ctx, d.name+"-instances", d.args.Instances.RoleName, []role.Statement{d.readStatement(), {
		// A new server asks for the last release.
		Actions: []string{"codedeploy:GetDeployment", "codedeploy:GetDeploymentGroup"},
		Resources: pulumi.StringArray{pulumi.Sprintf("arn:aws:codedeploy:%s:%s:deploymentgroup:%s-%s/%s",
			d.args.Region, d.args.AccountID, ctx.Project(), ctx.Stack(), deploymentGroup)},
	}, {
		Actions: []string{"ssm:GetParametersByPath"},
		Resources: pulumi.StringArray{pulumi.Sprintf("arn:aws:ssm:%s:%s:parameter/%s/%s/service",
			d.args.Region, d.args.AccountID, ctx.Project(), ctx.Stack())},
	}}, d.parent)
	return err
}

func (i *Instances) tagKeys() []string { return slices.Sorted(maps.Keys(i.Tags)) }

// tagSets returns the sets that select instances with every tag, since an instance must match each set. CodeDeploy
// deploys to these and to the groups (CodeDeploy API Reference, "CreateDeploymentGroup").
func (i *Instances) tagSets() codedeploy.DeploymentGroupEc2TagSetArray {
	tags := i.Tags
	if len(i.GroupNames) > 0 {
		tags = i.FixedTags
	}
	var sets codedeploy.DeploymentGroupEc2TagSetArray
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		sets = append(sets, codedeploy.DeploymentGroupEc2TagSetArgs{
			Ec2TagFilters: codedeploy.DeploymentGroupEc2TagSetEc2TagFilterArray{
				codedeploy.DeploymentGroupEc2TagSetEc2TagFilterArgs{
					Key: pulumi.String(key), Value: pulumi.String(tags[key]), Type: pulumi.String("KEY_AND_VALUE"),
				},
			},
		})
	}
	return sets
}

// alarmConfiguration returns the alarms that stop a deployment, nil without any.
func (i *Instances) alarmConfiguration() codedeploy.DeploymentGroupAlarmConfigurationPtrInput {
	if len(i.RollbackAlarms) == 0 {
		return nil
	}
	return codedeploy.DeploymentGroupAlarmConfigurationArgs{
		Enabled: pulumi.Bool(true), Alarms: i.RollbackAlarms.Names(),
	}
}

// targetGroupName returns the name in a target group's ARN, which ends in targetgroup/NAME/ID.
func targetGroupName(arn pulumi.StringInput) pulumi.StringPtrOutput {
	return arn.ToStringOutput().ApplyT(func(arn string) (*string, error) {
		parts := strings.Split(arn, "/")
		if len(parts) != 3 || !strings.HasSuffix(parts[0], ":targetgroup") {
			return nil, fmt.Errorf("Instances.TargetGroupArn is %q: it must be the ARN of a target group", arn)
		}
		return &parts[1], nil
	}).(pulumi.StringPtrOutput)
}

// deployStatement allows a pipeline to deploy to the group (CodePipeline User Guide, "Add permissions to the
// CodePipeline service role").
func (d *Delivery) deployStatement(group *codedeploy.DeploymentGroup) role.Statement {
	arn := func(kind string, path pulumi.StringInput) pulumi.StringInput {
		return pulumi.Sprintf("arn:aws:codedeploy:%s:%s:%s:%s", d.args.Region, d.args.AccountID, kind, path)
	}
	return role.Statement{
		Actions: []string{
			"codedeploy:CreateDeployment",
			"codedeploy:GetApplication",
			"codedeploy:GetApplicationRevision",
			"codedeploy:GetDeployment",
			"codedeploy:GetDeploymentConfig",
			"codedeploy:RegisterApplicationRevision",
		},
		Resources: pulumi.StringArray{
			arn("application", group.AppName),
			arn("deploymentgroup", pulumi.Sprintf("%s/%s", group.AppName, group.DeploymentGroupName)),
			arn("deploymentconfig", pulumi.String(oneAtATime)),
		},
	}
}
