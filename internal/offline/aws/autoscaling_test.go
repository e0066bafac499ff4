package aws

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"stagecraft/internal/offline/cloud"
)

var minimalAutoScaling = map[string]func(*testAccount) map[string]any{
	scalingGroupToken: inTemplate(nil),
	groupPolicyToken:  func(a *testAccount) map[string]any { return minimalPolicy(a.scalingGroup()) },
	lifecycleHookToken: func(a *testAccount) map[string]any {
		return map[string]any{
			"name": "drain", "autoscalingGroupName": a.scalingGroup(), "lifecycleTransition": "autoscaling:EC2_INSTANCE_TERMINATING",
		}
	},
	scalingScheduleToken: func(a *testAccount) map[string]any {
		return map[string]any{
			"scheduledActionName": "floor", "autoscalingGroupName": a.scalingGroup(), "recurrence": "0 7 * * MON-FRI", "minSize": 3,
			"maxSize": -1, "desiredCapacity": -1,
		}
	},
}

func scalingGroupInputs(network testNetwork, template created) map[string]any {
	return map[string]any{
		"name": "web", "minSize": 2, "maxSize": 4, "launchTemplate": map[string]any{"id": template.id, "version": "1"},
		"vpcZoneIdentifiers": []any{network.subnets[0].id, network.subnets[1].id},
		"instanceRefresh":    map[string]any{"strategy": "Rolling"},
	}
}

// scalingGroup returns the name of a group.
func (a *testAccount) scalingGroup() string {
	a.t.Helper()
	return a.create(scalingGroupToken, inTemplate(nil)(a)).text("name")
}

// instances returns the account's instances.
func (a *testAccount) instances() []*cloud.Resource {
	a.t.Helper()
	ids, err := a.list(instanceToken)
	require.NoError(a.t, err)
	var instances []*cloud.Resource
	for _, id := range ids {
		_, outputs, err := a.Read(instanceToken, id)
		require.NoError(a.t, err)
		instances = append(instances, &cloud.Resource{ID: id, Outputs: outputs})
	}
	return instances
}

// targets returns the ids of the instances that are registered with a target group.
func (a *testAccount) targets(group created) []string {
	a.t.Helper()
	attachments, err := a.list(targetGroupAttachmentToken)
	require.NoError(a.t, err)
	var ids []string
	for _, id := range attachments {
		_, outputs, err := a.Read(targetGroupAttachmentToken, id)
		require.NoError(a.t, err)
		attachment := &cloud.Resource{Outputs: outputs}
		require.Equal(a.t, group.id, attachment.Text("targetGroupArn"))
		ids = append(ids, attachment.Text("targetId"))
	}
	slices.Sort(ids)
	return ids
}

// inTemplate returns the minimal inputs of a group with a changed launch template.
func inTemplate(more map[string]any) func(*testAccount) map[string]any {
	return func(a *testAccount) map[string]any {
		network := a.network("0")
		inputs := with(templateInputs(a.securityGroup(network.vpc, "web").id), more)
		return scalingGroupInputs(network, a.create(launchTemplateToken, inputs))
	}
}

// trackRequests returns a policy on the requests to the targets of a load balancer.
func trackRequests(label string) map[string]any {
	return map[string]any{
		"name": "requests", "autoscalingGroupName": "web", "policyType": "TargetTrackingScaling",
		"targetTrackingConfiguration": map[string]any{"targetValue": 1000, "predefinedMetricSpecification": map[string]any{
			"predefinedMetricType": requestsPerTarget, "resourceLabel": label,
		}},
	}
}

func TestScalingPolicyOnRequests(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	network := account.network("0")
	template := account.create(launchTemplateToken, templateInputs(account.securityGroup(network.vpc, "web").id))
	targets := account.create(targetGroupToken, targetGroupInputs(network.vpc, "web"))
	balancer := account.loadBalancer(network, "web")
	label := balancer.text("arnSuffix") + "/" + targets.text("arnSuffix")
	group := account.create(scalingGroupToken, scalingGroupInputs(network, template))

	account.rejects("ValidationError", groupPolicyToken, trackRequests("web"))
	account.rejects("ValidationError", groupPolicyToken, trackRequests(label))
	_, err := account.update(group, with(scalingGroupInputs(network, template), map[string]any{"targetGroupArns": []any{targets.id}}))
	require.NoError(t, err)
	account.rejects("ValidationError", groupPolicyToken, trackRequests(label)) // no listener yet
	account.create(listenerToken, listenerInputs(balancer, targets))
	policy := account.create(groupPolicyToken, trackRequests(label))
	require.Contains(t, policy.text("arn"), ":autoScalingGroupName/web:policyName/requests")

	labelled := minimalPolicy("web")
	labelled["targetTrackingConfiguration"].(map[string]any)["predefinedMetricSpecification"].(map[string]any)["resourceLabel"] = label
	account.rejects("ValidationError", groupPolicyToken, labelled)
}

func minimalPolicy(group string) map[string]any {
	return map[string]any{
		"name": "cpu", "autoscalingGroupName": group, "policyType": "TargetTrackingScaling",
		"targetTrackingConfiguration": map[string]any{
			"targetValue": 60, "predefinedMetricSpecification": map[string]any{"predefinedMetricType": "ASGAverageCPUUtilization"},
		},
	}
}

func TestScalingGroupLaunches(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	network := account.network("0")
	security := account.securityGroup(network.vpc, "web")
	template := account.create(launchTemplateToken, templateInputs(security.id))
	targets := account.create(targetGroupToken, targetGroupInputs(network.vpc, "web"))
	inputs := with(scalingGroupInputs(network, template), map[string]any{"targetGroupArns": []any{targets.id}})
	group := account.create(scalingGroupToken, inputs)
	require.Equal(t, 2.0, group.outputs["desiredCapacity"].NumberValue())

	instances := account.instances()
	require.Len(t, instances, 2)
	var subnets, ids []string
	for _, instance := range instances {
		ids, subnets = append(ids, instance.ID), append(subnets, instance.Text("subnetId"))
		require.Equal(t, armImage, instance.Text("ami"), "the parameter's AMI")
		require.Equal(t, "web", instance.Text("tags.Tier"))
		require.Equal(t, "web", instance.Text("tags."+groupTag))
		require.Equal(t, "20", instance.Text("rootBlockDevice.volumeSize"))
		require.NotEmpty(t, instance.Text("privateIp"))
	}
	require.ElementsMatch(t, []string{network.subnets[0].id, network.subnets[1].id}, subnets, "one in each zone")
	slices.Sort(ids)
	require.Equal(t, ids, account.targets(targets))
	requireCode(t, "DependencyViolation", account.Delete(security.token, security.id))

	require.NoError(t, account.Delete(group.token, group.id))
	require.Empty(t, account.instances())
	require.Empty(t, account.targets(targets))
	require.NoError(t, account.Delete(security.token, security.id))
}

func TestScalingGroupScales(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	inputs := minimal[scalingGroupToken](account)
	group := account.create(scalingGroupToken, inputs)
	for _, step := range []struct {
		name      string
		more      map[string]any
		instances int
	}{
		{"up to the least", map[string]any{"minSize": 4}, 4},
		{"not down with it", map[string]any{"minSize": 1}, 4},
		{"down to the most", map[string]any{"minSize": 1, "maxSize": 2}, 2},
		{"to what is wanted", map[string]any{"desiredCapacity": 4}, 4},
	} {
		before := idsOf(account.instances())
		_, err := account.update(group, with(inputs, step.more))
		require.NoError(t, err, step.name)
		after := account.instances()
		require.Len(t, after, step.instances, step.name)
		if len(before) < len(after) {
			require.Subset(t, idsOf(after), before, "%s: it keeps what it need not end", step.name)
		}
		perSubnet := map[string]int{}
		for _, instance := range after {
			perSubnet[instance.Text("subnetId")]++
		}
		for _, count := range perSubnet {
			require.Equal(t, len(after)/2, count, "%s: zones are in balance", step.name)
		}
	}

	_, err := account.update(group, with(inputs, map[string]any{"vpcZoneIdentifiers": inputs["vpcZoneIdentifiers"].([]any)[:1]}))
	require.NoError(t, err)
	for _, instance := range account.instances() {
		require.Equal(t, inputs["vpcZoneIdentifiers"].([]any)[0], instance.Text("subnetId"), "it leaves a zone that it lost")
	}
}

func idsOf(resources []*cloud.Resource) []string {
	var ids []string
	for _, res := range resources {
		ids = append(ids, res.ID)
	}
	return ids
}

func TestScalingGroupRefreshes(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		refresh any
		renewed bool
	}{
		"with a refresh":  {map[string]any{"strategy": "Rolling"}, true},
		"without refresh": {nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			account := newTestAccount(t)
			network := account.network("0")
			described := templateInputs(account.securityGroup(network.vpc, "web").id)
			template := account.create(launchTemplateToken, described)
			inputs := with(scalingGroupInputs(network, template), map[string]any{"instanceRefresh": test.refresh})
			group := account.create(scalingGroupToken, inputs)
			before := idsOf(account.instances())

			_, err := account.update(template, with(described, map[string]any{"instanceType": "t4g.medium"}))
			require.NoError(t, err)
			require.Equal(t, before, idsOf(account.instances()), "the group still names the first version")
			_, err = account.update(group, with(inputs, map[string]any{"minSize": 3}))
			require.ErrorContains(t, err, "is not kept offline")

			_, err = account.update(group, with(inputs, map[string]any{
				"launchTemplate": map[string]any{"id": template.id, "version": "2"},
			}))
			require.NoError(t, err)
			for _, instance := range account.instances() {
				require.Equal(t, !test.renewed, slices.Contains(before, instance.ID))
				require.Equal(t, test.renewed, instance.Text("instanceType") == "t4g.medium")
			}
		})
	}
}

func TestGroupTakesItsPartsAlong(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	hook := account.create(lifecycleHookToken, minimal[lifecycleHookToken](account))
	policy := account.create(groupPolicyToken, minimalPolicy("web"))
	require.NoError(t, account.Delete(scalingGroupToken, "web"))
	require.False(t, account.exists(hook))
	require.False(t, account.exists(policy))
}

func TestAutoScalingInputsRejected(t *testing.T) {
	t.Parallel()
	preferences := func(name string, value any) map[string]any {
		return map[string]any{"instanceRefresh": map[string]any{
			"strategy": "Rolling", "preferences": map[string]any{name: value},
		}}
	}
	tracking := func(more map[string]any) map[string]any {
		return map[string]any{"targetTrackingConfiguration": with(map[string]any{"targetValue": 1}, more)}
	}
	runInputRejections(t, []inputRejection{
		{scalingGroupToken, "maxInstanceLifetime", map[string]any{"maxInstanceLifetime": 86399}},
		{scalingGroupToken, "minSize", map[string]any{"minSize": -1}},
		{scalingGroupToken, "healthCheckType", map[string]any{"healthCheckType": "HTTP"}},
		{scalingGroupToken, "terminationPolicies[0]", map[string]any{"terminationPolicies": []any{"Youngest"}}},
		{scalingGroupToken, "warmPool", map[string]any{"warmPool": map[string]any{}}},
		{scalingGroupToken, "launchTemplate", map[string]any{"launchConfiguration": "web"}},
		{scalingGroupToken, "instanceRefresh.preferences.minHealthyPercentage", preferences("minHealthyPercentage", 101)},
		{scalingGroupToken, "instanceRefresh.preferences.maxHealthyPercentage", preferences("maxHealthyPercentage", 99)},
		{scalingGroupToken, "instanceRefresh.preferences.standbyInstances", preferences("standbyInstances", "Refresh")},
		{groupPolicyToken, "policyType", map[string]any{"policyType": "StepScaling"}},
		{groupPolicyToken, "targetTrackingConfiguration.targetValue", tracking(map[string]any{"targetValue": 0})},
		{groupPolicyToken, "targetTrackingConfiguration.predefinedMetricSpecification.predefinedMetricType", tracking(map[string]any{
			"predefinedMetricSpecification": map[string]any{"predefinedMetricType": "ASGAverageLoad"},
		})},
		{lifecycleHookToken, "heartbeatTimeout", map[string]any{"heartbeatTimeout": 29}},
		{lifecycleHookToken, "defaultResult", map[string]any{"defaultResult": "WAIT"}},
		{lifecycleHookToken, "lifecycleTransition", map[string]any{"lifecycleTransition": "autoscaling:EC2_INSTANCE_REBOOTING"}},
		{scalingScheduleToken, "recurrence", map[string]any{"recurrence": "cron(0 7 * * ? *)"}},
		{scalingScheduleToken, "minSize", map[string]any{"minSize": -2}},
		{scalingScheduleToken, "startTime", map[string]any{"startTime": "2030-01-01T00:00:00Z"}},
	})
}

func TestAutoScalingRejections(t *testing.T) {
	t.Parallel()
	const code = "ValidationError"
	rollback := map[string]any{"instanceRefresh": map[string]any{
		"strategy": "Rolling", "preferences": map[string]any{"autoRollback": true},
	}}
	runRejections(t, []rejection{
		{"more than the most", code, scalingGroupToken, but(scalingGroupToken, map[string]any{"minSize": 5})},
		{"wanting too many", code, scalingGroupToken, but(scalingGroupToken, map[string]any{"desiredCapacity": 5})},
		{"wanting too few", code, scalingGroupToken, but(scalingGroupToken, map[string]any{"desiredCapacity": 1})},
		{"nowhere", code, scalingGroupToken, but(scalingGroupToken, map[string]any{"vpcZoneIdentifiers": []any{}})},
		{"a version that is not there", code, scalingGroupToken, func(a *testAccount) map[string]any {
			inputs := minimal[scalingGroupToken](a)
			inputs["launchTemplate"].(map[string]any)["version"] = "2"
			return inputs
		}},
		{"a parameter that names no AMI", code, scalingGroupToken, inTemplate(map[string]any{"imageId": fromParameter + "/nothing"})},
		{"another architecture", code, scalingGroupToken, inTemplate(map[string]any{"instanceType": "m7i.large"})},
		{"no instance type", code, scalingGroupToken, inTemplate(map[string]any{"instanceType": nil})},
		{"no security group", code, scalingGroupToken, inTemplate(map[string]any{"vpcSecurityGroupIds": []any{"sg-1"}})},
		{"another VPC's security group", code, scalingGroupToken, func(a *testAccount) map[string]any {
			return inTemplate(map[string]any{"vpcSecurityGroupIds": []any{a.securityGroup(a.network("1").vpc, "web").id}})(a)
		}},
		{"another VPC's target group", code, scalingGroupToken, func(a *testAccount) map[string]any {
			other := a.create(targetGroupToken, targetGroupInputs(a.network("1").vpc, "web"))
			return with(minimal[scalingGroupToken](a), map[string]any{"targetGroupArns": []any{other.id}})
		}},
		{"rollback with the newest AMI", code, scalingGroupToken, but(scalingGroupToken, rollback)},
		{"rollback to the latest", code, scalingGroupToken, func(a *testAccount) map[string]any {
			inputs := with(inTemplate(map[string]any{"imageId": armImage})(a), rollback)
			inputs["launchTemplate"].(map[string]any)["version"] = "$Latest"
			return inputs
		}},
		{"a schedule of nothing", code, scalingScheduleToken, but(scalingScheduleToken, map[string]any{"minSize": -1})},
		{"a schedule upside down", code, scalingScheduleToken, but(scalingScheduleToken, map[string]any{"maxSize": 2})},
	})
}
