package web_test

import (
	"encoding/base64"
	"regexp"
	"strings"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lb"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"stagecraft/components/role"
	"stagecraft/components/web"
	"stagecraft/internal/pulumitest"
)

const (
	groupType    = "aws:autoscaling/group:Group"
	templateType = "aws:ec2/launchTemplate:LaunchTemplate"
	scalingType  = "aws:autoscaling/policy:Policy"
	hookType     = "aws:autoscaling/lifecycleHook:LifecycleHook"
	scheduleType = "aws:autoscaling/schedule:Schedule"
	policyType   = "aws:iam/rolePolicy:RolePolicy"
)

func scaling() web.Args {
	args := private()
	args.Placement = nil
	args.Group = &web.Group{
		Min: 3, Max: 9, TargetRequests: 1000, TargetCPU: 50,
		TargetGroupArn: pulumi.String("arn:targets"), ResourceLabel: pulumi.String("app/web/1/targetgroup/web/2"),
		DeregistrationDelay: 90,
	}
	return args
}

// runGroup runs with what AWS computes of a launch template.
func runGroup(args web.Args, check func(*web.Web)) (pulumitest.Resources, error) {
	return pulumitest.Run(func(ctx *pulumi.Context) error {
		made, err := web.New(ctx, "web", &args)
		if err == nil && check != nil {
			check(made)
		}
		return err
	}, map[string]map[string]any{templateType: {"latestVersion": 7}}, nil)
}

func TestNewGroup(t *testing.T) {
	t.Parallel()
	var name string
	resources, err := runGroup(scaling(), func(made *web.Web) {
		require.Empty(t, made.Instances)
		made.GroupName.ApplyT(func(value string) string {
			name = value
			return value
		})
	})
	require.NoError(t, err)
	resources.RequireTags(t, map[string]string{"Stack": "test"})
	resources.RequireParents(t, componentType)
	require.Equal(t, "stagecraft-test-web", name)
	require.Empty(t, resources.Of(instanceType))

	group := resources.One(t, groupType)
	require.Equal(t, map[string]any{
		"name":                   "stagecraft-test-web",
		"minSize":                3.0,
		"maxSize":                9.0,
		"vpcZoneIdentifiers":     []any{"subnet-1", "subnet-2", "subnet-3"},
		"launchTemplate":         map[string]any{"id": "web-id", "version": "7"},
		"targetGroupArns":        []any{"arn:targets"},
		"healthCheckType":        "ELB",
		"healthCheckGracePeriod": 900.0,
		"defaultInstanceWarmup":  300.0,
		"waitForCapacityTimeout": "0",
		"maxInstanceLifetime":    604800.0,
		"terminationPolicies":    []any{"OldestLaunchTemplate", "OldestInstance"},
		"metricsGranularity":     "1Minute",
		"enabledMetrics": []any{
			"GroupDesiredCapacity", "GroupInServiceInstances", "GroupMaxSize", "GroupMinSize", "GroupPendingInstances",
			"GroupTerminatingInstances", "GroupTotalInstances",
		},
		"instanceMaintenancePolicy": map[string]any{"minHealthyPercentage": 100.0, "maxHealthyPercentage": 150.0},
		"instanceRefresh": map[string]any{"strategy": "Rolling", "preferences": map[string]any{
			"minHealthyPercentage": 100.0, "maxHealthyPercentage": 150.0, "skipMatching": true,
			"scaleInProtectedInstances": "Ignore", "standbyInstances": "Ignore",
			"alarmSpecification": map[string]any{"alarms": []any{"stagecraft-test-web-server-errors", "stagecraft-test-web-setup"}},
		}},
		"tags": []any{map[string]any{"key": "Stack", "value": "test", "propagateAtLaunch": false}},
	}, group.Inputs)
	require.Equal(t, []string{"desiredCapacity"}, group.IgnoreChanges)
	for _, needed := range []string{
		egressType + "::web-to-internet",
		parameterType + "::web-agent",
		policyType + "::web",
		"aws:iam/rolePolicyAttachment:RolePolicyAttachment::web-AmazonSSMManagedInstanceCore",
	} {
		require.Contains(t, strings.Join(group.DependsOn, "\n"), needed, "an instance must not boot before this is there")
	}
}

func TestNewGroupAfter(t *testing.T) {
	t.Parallel()
	resources, err := pulumitest.Run(func(ctx *pulumi.Context) error {
		args := scaling()
		listener, err := lb.NewListener(ctx, "http", &lb.ListenerArgs{
			LoadBalancerArn: pulumi.String("arn:balancer"), DefaultActions: lb.ListenerDefaultActionArray{},
		})
		if err != nil {
			return err
		}
		args.Group.After = []pulumi.Resource{listener}
		_, err = web.New(ctx, "web", &args)
		return err
	}, nil, nil)
	require.NoError(t, err)
	require.Contains(t, strings.Join(resources.One(t, groupType).DependsOn, "\n"), "aws:lb/listener:Listener::http",
		"its creation waits for healthy targets, which none is without a listener")
}

func TestNewTemplate(t *testing.T) {
	t.Parallel()
	resources, err := runGroup(scaling(), nil)
	require.NoError(t, err)
	template := resources.One(t, templateType)
	tags := map[string]any{"Stack": "test", "Name": "test-web", "PatchGroup": "stagecraft-test"}
	require.NotEmpty(t, template.Inputs["userData"])
	delete(template.Inputs, "userData")
	require.Equal(t, map[string]any{
		"description":          "Web servers of the auto-scaling group",
		"imageId":              "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64",
		"instanceType":         "t4g.small",
		"vpcSecurityGroupIds":  []any{"web-id"},
		"iamInstanceProfile":   map[string]any{"name": "web"},
		"monitoring":           map[string]any{"enabled": true},
		"ebsOptimized":         "true",
		"creditSpecification":  map[string]any{"cpuCredits": "unlimited"},
		"updateDefaultVersion": true,
		"metadataOptions": map[string]any{
			"httpEndpoint": "enabled", "httpTokens": "required", "httpPutResponseHopLimit": 1.0, "instanceMetadataTags": "enabled",
		},
		"blockDeviceMappings": []any{map[string]any{"deviceName": "/dev/xvda", "ebs": map[string]any{
			"volumeType": "gp3", "volumeSize": 10.0, "encrypted": "true", "deleteOnTermination": "true",
		}}},
		"tagSpecifications": []any{
			map[string]any{"resourceType": "instance", "tags": tags},
			map[string]any{"resourceType": "volume", "tags": tags},
		},
		"tags": map[string]any{"Stack": "test"},
	}, template.Inputs)
	require.Empty(t, template.IgnoreChanges, "a change of the set-up renews the instances")

	args := scaling()
	args.InstanceType = "m7g.large"
	resources, err = runGroup(args, nil)
	require.NoError(t, err)
	require.NotContains(t, resources.One(t, templateType).Inputs, "creditSpecification")
}

func TestNewScaling(t *testing.T) {
	t.Parallel()
	resources, err := runGroup(scaling(), nil)
	require.NoError(t, err)
	policy := func(target float64, metric map[string]any) map[string]any {
		return map[string]any{
			"autoscalingGroupName": "stagecraft-test-web", "policyType": "TargetTrackingScaling",
			"targetTrackingConfiguration": map[string]any{
				"targetValue": target, "disableScaleIn": false, "predefinedMetricSpecification": metric,
			},
		}
	}
	require.Equal(t, map[string]map[string]any{
		"web-requests": policy(1000, map[string]any{
			"predefinedMetricType": "ALBRequestCountPerTarget", "resourceLabel": "app/web/1/targetgroup/web/2",
		}),
		"web-cpu": policy(50, map[string]any{"predefinedMetricType": "ASGAverageCPUUtilization"}),
	}, inputs(t, resources, scalingType))
	require.Empty(t, resources.Of(scheduleType))
}

func TestNewFloor(t *testing.T) {
	t.Parallel()
	args := scaling()
	args.Group.ScheduledMinimum = &web.ScheduledMinimum{Instances: 6, Begin: "0 7 * * MON-FRI", End: "0 19 * * MON-FRI", TimeZone: "Europe/Berlin"}
	resources, err := runGroup(args, nil)
	require.NoError(t, err)
	action := func(name, recurrence string, least float64) map[string]any {
		return map[string]any{
			"autoscalingGroupName": "stagecraft-test-web", "scheduledActionName": name, "recurrence": recurrence,
			"timeZone": "Europe/Berlin", "minSize": least, "maxSize": -1.0, "desiredCapacity": -1.0,
		}
	}
	require.Equal(t, map[string]map[string]any{
		"web-floor-begin": action("floor-begin", "0 7 * * MON-FRI", 6),
		"web-floor-end":   action("floor-end", "0 19 * * MON-FRI", 3),
	}, inputs(t, resources, scheduleType))
	require.Equal(t, []string{"desiredCapacity", "minSize"}, resources.One(t, groupType).IgnoreChanges,
		"an update must not lower what the floor raised")

	args.Group.ScheduledMinimum.TimeZone = ""
	resources, err = runGroup(args, nil)
	require.NoError(t, err)
	require.Equal(t, "Etc/UTC", resources.Named(t, scheduleType, "web-floor-begin").Inputs["timeZone"])
}

func TestNewDraining(t *testing.T) {
	t.Parallel()
	resources, err := runGroup(scaling(), nil)
	require.NoError(t, err)
	require.Equal(t, map[string]any{
		"autoscalingGroupName": "stagecraft-test-web", "name": "drain", "defaultResult": "CONTINUE", "heartbeatTimeout": 150.0,
		"lifecycleTransition": "autoscaling:EC2_INSTANCE_TERMINATING",
	}, resources.One(t, hookType).Inputs)
	require.JSONEq(t, `{"Version": "2012-10-17", "Statement": [{
		"Effect": "Allow", "Action": ["autoscaling:CompleteLifecycleAction"], "Resource": ["arn:web"]
	}]}`, resources.Named(t, policyType, "web-drain").Inputs["policy"].(string))
}

func TestNewGroupAlarms(t *testing.T) {
	t.Parallel()
	made := 0
	resources, err := runGroup(scaling(), func(tier *web.Web) { made = len(tier.Alarms) })
	require.NoError(t, err)
	const dimension = " AutoScalingGroupName=stagecraft-test-web "
	alarms := resources.Alarms(t)
	require.Equal(t, map[string]string{
		"web-server-errors":   "Sum of stagecraft/test WebServerErrors >= 10 in 1 x 300 s, missing data notBreaching: arn:topic",
		"web-setup":           "Sum of stagecraft/test SetupFailures >= 1 in 1 x 300 s, missing data notBreaching: arn:topic",
		"web-at-maximum":      "Average of AWS/AutoScaling GroupInServiceInstances" + dimension + ">= 9 in 15 x 60 s, missing data missing: arn:topic",
		"web-too-few":         "Average of AWS/AutoScaling GroupInServiceInstances" + dimension + "< 3 in 10 x 60 s, missing data missing: arn:topic",
		"web-cpu":             "Average of AWS/EC2 CPUUtilization" + dimension + ">= 80 in 10 x 60 s, missing data missing: arn:topic",
		"web-memory":          "Maximum of CWAgent mem_used_percent" + dimension + ">= 90 in 5 x 60 s, missing data missing: arn:topic",
		"web-disk":            "Maximum of CWAgent disk_used_percent" + dimension + ">= 85 in 5 x 60 s, missing data missing: arn:topic",
		"web-surplus-credits": "Maximum of AWS/EC2 CPUSurplusCreditsCharged" + dimension + "> 0 in 1 x 300 s, missing data missing: arn:topic",
	}, alarms)
	require.Len(t, alarms, made)
	configuration := resources.One(t, parameterType).Inputs["insecureValue"]
	require.Contains(t, configuration, `"aggregation_dimensions":[["InstanceId"],["AutoScalingGroupName"]]`)
	require.Contains(t, configuration, `"AutoScalingGroupName":"${aws:AutoScalingGroupName}"`)
}

// TestAtMaximum requires no alarm on the maximum of a group that is meant to be at it.
func TestAtMaximum(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*web.Group){
		"fixed size": func(g *web.Group) { g.Min = g.Max },
		"floor at a maximum": func(g *web.Group) {
			g.ScheduledMinimum = &web.ScheduledMinimum{Instances: g.Max, Begin: "0 7 * * *", End: "0 19 * * *"}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := scaling()
			change(args.Group)
			resources, err := runGroup(args, nil)
			require.NoError(t, err)
			require.NotContains(t, resources.Names(alarmType), "web-at-maximum")
		})
	}
}

// TestRefreshAlarms requires that the renewal of a group is stopped by alarms of its own servers, ten at most, and not by
// those of fixed servers beside it.
func TestRefreshAlarms(t *testing.T) {
	t.Parallel()
	args := scaling()
	args.Placement, args.Public = private().Placement, publicHTTPS().Public
	resources, err := pulumitest.Run(func(ctx *pulumi.Context) error {
		_, err := web.New(ctx, "web", &args)
		return err
	}, map[string]map[string]any{templateType: {"latestVersion": 7}}, answers)
	require.NoError(t, err)
	refresh := resources.One(t, groupType).Inputs["instanceRefresh"].(map[string]any)["preferences"].(map[string]any)
	require.Equal(t, map[string]any{"alarms": []any{"stagecraft-test-web-server-errors", "stagecraft-test-web-setup"}},
		refresh["alarmSpecification"])
}

// While a stack grows, fixed instances and the group stand side by side.
func TestGroupStandsBesideInstances(t *testing.T) {
	t.Parallel()
	fixed, err := run(private(), nil)
	require.NoError(t, err)
	group, err := runGroup(scaling(), nil)
	require.NoError(t, err)
	for _, shared := range []string{"aws:ec2/securityGroup:SecurityGroup", egressType, "aws:iam/instanceProfile:InstanceProfile"} {
		require.Equal(t, inputs(t, fixed, shared), inputs(t, group, shared), "%s stays as it is", shared)
	}
	for _, name := range fixed.Names(alarmType) {
		if name != "web-server-errors" && name != "web-setup" {
			require.NotContains(t, group.Names(alarmType), name)
		}
	}
}

func TestNewCache(t *testing.T) {
	t.Parallel()
	args := scaling()
	args.CacheSecurityGroupID = pulumi.String("sg-cache")
	args.Permissions = []role.Statement{{
		Actions: []string{"elasticache:Connect"}, Resources: pulumi.ToStringArray([]string{"arn:cache"}),
	}}
	resources, err := runGroup(args, nil)
	require.NoError(t, err)
	require.Equal(t, map[string]any{
		"securityGroupId": "web-id", "referencedSecurityGroupId": "sg-cache", "ipProtocol": "tcp",
		"fromPort": 6379.0, "toPort": 6379.0, "description": "Valkey to the cache",
	}, inputs(t, resources, egressType)["web-to-cache"])
	require.Contains(t, strings.Join(resources.One(t, groupType).DependsOn, "\n"), egressType+"::web-to-cache")
	require.JSONEq(t, `{"Version": "2012-10-17", "Statement": [
		{"Effect": "Allow", "Action": ["secretsmanager:GetSecretValue"], "Resource": ["arn:secret"]},
		{"Effect": "Allow", "Action": ["elasticache:Connect"], "Resource": ["arn:cache"]}
	]}`, resources.Named(t, policyType, "web").Inputs["policy"].(string))
}

func TestGroupUserData(t *testing.T) {
	t.Parallel()
	args := scaling()
	args.Setup = []string{"#!/bin/sh\necho agent\n"}
	resources, err := runGroup(args, nil)
	require.NoError(t, err)
	decoded, err := base64.StdEncoding.DecodeString(resources.One(t, templateType).Inputs["userData"].(string))
	require.NoError(t, err)
	script := string(decoded)
	for _, text := range []string{
		"--auto-scaling-group-name 'stagecraft-test-web' --lifecycle-hook-name 'drain'",
		"\nsleep 90\n",
		"cat >\"${setup}\" <<'END'\n#!/bin/sh\necho agent\nEND\nretry sh \"${setup}\"\n",
	} {
		require.Contains(t, script, text)
	}
	require.NotContains(t, script, "{{")
	require.Less(t, len(script), 12<<10)
	requireShell(t, script)
	for _, inner := range regexp.MustCompile(`(?s)<<'END'\n(#!/bin/bash\n.*?)\nEND\n`).FindAllStringSubmatch(script, -1) {
		requireShell(t, inner[1])
	}

	args.Setup = []string{strings.Repeat("# long\n", 2000)}
	_, err = runGroup(args, nil)
	require.ErrorContains(t, err, "and EC2 accepts 16384: shorten Setup")
}

func TestNewGroupRefuses(t *testing.T) {
	t.Parallel()
	floor := func(change func(*web.ScheduledMinimum)) func(*web.Group) {
		return func(group *web.Group) {
			group.ScheduledMinimum = &web.ScheduledMinimum{Instances: 6, Begin: "0 7 * * *", End: "0 19 * * *"}
			change(group.ScheduledMinimum)
		}
	}
	tests := map[string]struct {
		change func(*web.Group)
		says   string
	}{
		"none":                {func(g *web.Group) { g.Min = 0 }, "Group has 0 to 9 instances"},
		"fewer than least":    {func(g *web.Group) { g.Max = 2 }, "Group has 3 to 2 instances"},
		"no requests":         {func(g *web.Group) { g.TargetRequests = 0 }, "Group.TargetRequests is 0"},
		"idle CPU":            {func(g *web.Group) { g.TargetCPU = 9 }, "Group.TargetCPU is 9"},
		"CPU in alarm":        {func(g *web.Group) { g.TargetCPU = 80 }, "Group.TargetCPU is 80"},
		"negative warm-up":    {func(g *web.Group) { g.WarmupSeconds = -1 }, "Group.WarmupSeconds is -1"},
		"long warm-up":        {func(g *web.Group) { g.WarmupSeconds = 3601 }, "Group.WarmupSeconds is 3601"},
		"no delay":            {func(g *web.Group) { g.DeregistrationDelay = 0 }, "Group.DeregistrationDelay is 0"},
		"long delay":          {func(g *web.Group) { g.DeregistrationDelay = 3601 }, "Group.DeregistrationDelay is 3601"},
		"no targets":          {func(g *web.Group) { g.TargetGroupArn = nil }, "Group.TargetGroupArn and"},
		"no label":            {func(g *web.Group) { g.ResourceLabel = nil }, "Group.ResourceLabel must be set"},
		"floor of the least":  {floor(func(f *web.ScheduledMinimum) { f.Instances = 3 }), "Group.ScheduledMinimum: instances is 3"},
		"floor above":         {floor(func(f *web.ScheduledMinimum) { f.Instances = 10 }), "Group.ScheduledMinimum: instances is 10"},
		"floor at no time":    {floor(func(f *web.ScheduledMinimum) { f.Begin = "seven" }), `Group.ScheduledMinimum: begin is "seven"`},
		"floor without end":   {floor(func(f *web.ScheduledMinimum) { f.End = "" }), `end ""`},
		"floor of no length":  {floor(func(f *web.ScheduledMinimum) { f.End = f.Begin }), "and differ"},
		"floor in a bad zone": {floor(func(f *web.ScheduledMinimum) { f.TimeZone = "UTC +1" }), `Group.ScheduledMinimum: timeZone is "UTC +1"`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := scaling()
			test.change(args.Group)
			requireRefused(t, args, test.says)
		})
	}
}

// TestGrowingTier includes all kinds of servers stand side by side, each under the name that it has alone.
func TestGrowingTier(t *testing.T) {
	t.Parallel()
	args := scaling()
	args.Placement, args.Public = private().Placement, public().Public
	resources, err := pulumitest.Run(func(ctx *pulumi.Context) error {
		made, err := web.New(ctx, "web", &args)
		if err == nil {
			require.Len(t, made.Instances, 4, "those behind a load balancer")
			require.Len(t, made.Serving, 2)
		}
		return err
	}, map[string]map[string]any{templateType: {"latestVersion": 7}}, answers)
	require.NoError(t, err)
	require.Equal(t, []string{
		"web-private-1-1", "web-private-1-2", "web-private-2-1", "web-private-2-2", "web-public-1-1",
	}, resources.Names(instanceType))
	require.Equal(t, []string{"web"}, resources.Names(groupType))
	for _, instance := range resources.Of(instanceType) {
		balanced := strings.HasPrefix(instance.Name, "web-private")
		require.Equal(t, balanced, strings.Contains(instance.Inputs["userData"].(string), "web-leave.service"),
			"%s leaves a load balancer before it stops", instance.Name)
	}
}

func requireRefused(t *testing.T, args web.Args, says string) {
	t.Helper()
	resources, err := runGroup(args, nil)
	require.ErrorContains(t, err, `web "web": `)
	require.ErrorContains(t, err, says)
	require.Empty(t, resources.Of(componentType), "refused before anything is made")
}

func TestNewGroupWarmup(t *testing.T) {
	t.Parallel()
	args := scaling()
	args.Group.WarmupSeconds = 120
	resources, err := runGroup(args, nil)
	require.NoError(t, err)
	require.Subset(t, resources.One(t, groupType).Inputs, map[string]any{"healthCheckGracePeriod": 900.0, "defaultInstanceWarmup": 120.0})
}

// TestNewGroupTakesLimits accepts the least and the greatest values.
func TestNewGroupTakesLimits(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*web.Group){
		"least": func(g *web.Group) {
			g.Min, g.Max, g.TargetRequests, g.TargetCPU, g.WarmupSeconds, g.DeregistrationDelay = 1, 1, 1, 10, 1, 1
		},
		"most": func(g *web.Group) { g.TargetCPU, g.WarmupSeconds, g.DeregistrationDelay = 79, 3600, 3600 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := scaling()
			args.VolumeGiB = 8
			change(args.Group)
			_, err := runGroup(args, nil)
			require.NoError(t, err)
		})
	}
}
