package aws

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

var minimalECS = map[string]func(*testAccount) map[string]any{
	clusterToken: func(a *testAccount) map[string]any {
		return map[string]any{"name": "services", "configuration": execLogging(
			map[string]any{"cloudWatchLogGroupName": a.create(logGroupToken, map[string]any{"name": "/exec"}).id})}
	},
	capacityProvidersToken: func(a *testAccount) map[string]any {
		return capacityInputs(a.create(clusterToken, map[string]any{"name": "services"}))
	},
	taskDefinitionToken: func(a *testAccount) map[string]any { return a.taskDefinitionInputs(nil) },
	ecsServiceToken:     func(a *testAccount) map[string]any { return a.ecsServiceInputs(a.network("0"), nil) },
}

func capacityInputs(cluster created) map[string]any {
	return map[string]any{"clusterName": cluster.text("name"), "capacityProviders": []any{"FARGATE"}}
}

func execLogging(logs any) map[string]any {
	return map[string]any{"executeCommandConfiguration": map[string]any{"logging": "OVERRIDE", "logConfiguration": logs}}
}

// containerOf returns a container definition of a web server, with changes.
func containerOf(more map[string]any) map[string]any {
	return with(map[string]any{
		"name": "users", "image": "public.ecr.aws/nginx/nginx:1", "portMappings": []any{map[string]any{"containerPort": 8080}},
	}, more)
}

func containersJSON(containers ...map[string]any) map[string]any {
	document, _ := json.Marshal(containers)
	return map[string]any{"containerDefinitions": string(document)}
}

// taskDefinitionInputs returns the inputs of tasks of one container, with changes.
func (a *testAccount) taskDefinitionInputs(more map[string]any) map[string]any {
	a.t.Helper()
	tasks := a.serviceRole("ecs-tasks")
	return with(with(map[string]any{
		"family": "users", "requiresCompatibilities": []any{"FARGATE"}, "networkMode": "awsvpc", "cpu": "256", "memory": "512",
		"executionRoleArn": tasks.text("arn"), "taskRoleArn": tasks.text("arn"),
	}, containersJSON(containerOf(nil))), more)
}

// ecsServiceInputs returns the inputs of a service behind a load balancer, with changes of its task definition.
func (a *testAccount) ecsServiceInputs(network testNetwork, definition map[string]any) map[string]any {
	a.t.Helper()
	cluster := a.create(clusterToken, map[string]any{"name": "services"})
	a.create(capacityProvidersToken, capacityInputs(cluster))
	targets := a.create(targetGroupToken, with(targetGroupInputs(network.vpc, "users"), map[string]any{
		"targetType": "ip", "port": 8080,
	}))
	a.create(listenerToken, listenerInputs(a.loadBalancer(network, "web"), targets))
	return map[string]any{
		"name": "users", "cluster": cluster.id, "desiredCount": 2,
		"taskDefinition":             a.create(taskDefinitionToken, a.taskDefinitionInputs(definition)).text("arn"),
		"capacityProviderStrategies": []any{map[string]any{"capacityProvider": "FARGATE", "weight": 1}},
		"networkConfiguration": map[string]any{
			"subnets":        []any{network.subnets[0].id, network.subnets[1].id},
			"securityGroups": []any{a.securityGroup(network.vpc, "users").id},
		},
		"loadBalancers": []any{map[string]any{"targetGroupArn": targets.id, "containerName": "users", "containerPort": 8080}},
		"alarms": map[string]any{
			"enable": true, "rollback": true,
			"alarmNames": []any{a.create(metricAlarmToken, alarmInputs(a.topic())).id},
		},
	}
}

func (a *testAccount) ecsService() created {
	a.t.Helper()
	return a.create(ecsServiceToken, a.ecsServiceInputs(a.network("0"), nil))
}

func TestClusterRejections(t *testing.T) {
	t.Parallel()
	runRejections(t, []rejection{
		{
			"log settings without a log", invalidECS, clusterToken,
			but(clusterToken, map[string]any{"configuration": execLogging(nil)}),
		},
		{
			"default capacity that it does not have", invalidECS, capacityProvidersToken,
			but(capacityProvidersToken, map[string]any{"defaultCapacityProviderStrategies": []any{
				map[string]any{"capacityProvider": "FARGATE_SPOT"},
			}}),
		},
	})
}

func TestTaskDefinitionRejections(t *testing.T) {
	t.Parallel()
	definition := func(more map[string]any) func(*testAccount) map[string]any {
		return func(a *testAccount) map[string]any { return a.taskDefinitionInputs(more) }
	}
	containers := func(containers ...map[string]any) func(*testAccount) map[string]any {
		return definition(containersJSON(containers...))
	}
	container := func(more map[string]any) func(*testAccount) map[string]any { return containers(containerOf(more)) }
	withoutRole := func(more map[string]any) func(*testAccount) map[string]any {
		return definition(with(containersJSON(containerOf(more)), map[string]any{"executionRoleArn": nil}))
	}
	list := func(element map[string]any) []any { return []any{element} }
	for name, inputs := range map[string]func(*testAccount) map[string]any{
		"a bridge":                  definition(map[string]any{"networkMode": "bridge"}),
		"no size":                   definition(map[string]any{"cpu": nil}),
		"a size of no task":         definition(map[string]any{"memory": "4096"}),
		"a folder of the host":      definition(map[string]any{"volumes": list(map[string]any{"name": "a", "hostPath": "/a"})}),
		"nothing essential":         container(map[string]any{"essential": false}),
		"a container twice":         containers(containerOf(nil), containerOf(nil)),
		"a container's bad name":    container(map[string]any{"name": "a b"}),
		"no image":                  container(map[string]any{"image": ""}),
		"minutes to stop":           container(map[string]any{"stopTimeout": 121}),
		"a volume that is not":      container(map[string]any{"mountPoints": list(map[string]any{"sourceVolume": "a"})}),
		"waiting for nobody":        container(map[string]any{"dependsOn": list(map[string]any{"containerName": "a"})}),
		"another port of the host":  container(map[string]any{"portMappings": list(map[string]any{"containerPort": 80, "hostPort": 81})}),
		"logs without a role":       withoutRole(map[string]any{"logConfiguration": map[string]any{"logDriver": "awslogs"}}),
		"parameters without a role": withoutRole(map[string]any{"secrets": list(map[string]any{"name": "A", "valueFrom": "a"})}),
		"a variable twice": container(map[string]any{
			"secrets":     list(map[string]any{"name": "A", "valueFrom": "a"}),
			"environment": list(map[string]any{"name": "A", "value": "a"}),
		}),
		"waiting for the end of what does not end": containers(
			containerOf(map[string]any{"dependsOn": list(map[string]any{"containerName": "other", "condition": "SUCCESS"})}),
			containerOf(map[string]any{"name": "other"}),
		),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			account := newTestAccount(t)
			account.rejects(clientECS, taskDefinitionToken, inputs(account))
		})
	}
}

func TestTaskDefinitionRevisions(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	inputs := account.taskDefinitionInputs(nil)
	first, second := account.create(taskDefinitionToken, inputs), account.create(taskDefinitionToken, inputs)
	other := account.create(taskDefinitionToken, with(inputs, map[string]any{"family": "other"}))
	require.Equal(t, "arn:aws:ecs:eu-west-1:123456789012:task-definition/users:1", first.text("arn"))
	require.Equal(t, "arn:aws:ecs:eu-west-1:123456789012:task-definition/users:2", second.text("arn"))
	require.Equal(t, "arn:aws:ecs:eu-west-1:123456789012:task-definition/other:1", other.text("arn"))
	require.NoError(t, account.Delete(first.token, first.id))
	require.True(t, account.exists(second))
	tagged, err := account.update(second, with(inputs, map[string]any{"tags": map[string]any{"a": "b"}}))
	require.NoError(t, err)
	require.InDelta(t, 2, tagged["revision"].NumberValue(), 0)
}

func TestECSServiceRejections(t *testing.T) {
	t.Parallel()
	service := func(more map[string]any) func(*testAccount) map[string]any { return but(ecsServiceToken, more) }
	balancer := func(more map[string]any) func(*testAccount) map[string]any {
		return func(a *testAccount) map[string]any {
			inputs := minimal[ecsServiceToken](a)
			own := inputs["loadBalancers"].([]any)[0].(map[string]any)
			return with(inputs, map[string]any{"loadBalancers": []any{with(own, more)}})
		}
	}
	targets := func(group func(testNetwork) map[string]any, balanced bool) func(*testAccount) map[string]any {
		return func(a *testAccount) map[string]any {
			network := a.network("0")
			inputs := a.ecsServiceInputs(network, nil)
			target := a.create(targetGroupToken, group(network))
			if balanced {
				a.create(listenerToken, with(listenerInputs(a.loadBalancer(network, "other"), target), map[string]any{"port": 81}))
			}
			own := inputs["loadBalancers"].([]any)[0].(map[string]any)
			return with(inputs, map[string]any{"loadBalancers": []any{with(own, map[string]any{"targetGroupArn": target.id})}})
		}
	}
	inOtherNetwork := func(property string) func(*testAccount) map[string]any {
		return func(a *testAccount) map[string]any {
			inputs, other := minimal[ecsServiceToken](a), a.network("1")
			ids := map[string]string{"subnets": other.subnets[0].id, "securityGroups": a.securityGroup(other.vpc, "other").id}
			network := inputs["networkConfiguration"].(map[string]any)
			both := append([]any{ids[property]}, network[property].([]any)...)
			return with(inputs, map[string]any{"networkConfiguration": with(network, map[string]any{property: both})})
		}
	}
	runRejections(t, []rejection{
		{"grace without a load balancer", invalidECS, ecsServiceToken, service(map[string]any{
			"loadBalancers": nil, "healthCheckGracePeriodSeconds": 60,
		})},
		{"rebalancing without room", invalidECS, ecsServiceToken, service(map[string]any{
			"availabilityZoneRebalancing": "ENABLED", "deploymentMaximumPercent": 100,
		})},
		{"capacity that the cluster does not have", invalidECS, ecsServiceToken, service(map[string]any{
			"capacityProviderStrategies": []any{map[string]any{"capacityProvider": "FARGATE_SPOT"}},
		})},
		{"no such task definition", clientECS, ecsServiceToken, service(map[string]any{
			"taskDefinition": "arn:aws:ecs:eu-west-1:123456789012:task-definition/other:1",
		})},
		{"no such container", invalidECS, ecsServiceToken, balancer(map[string]any{"containerName": "other"})},
		{"no such port", invalidECS, ecsServiceToken, balancer(map[string]any{"containerPort": 80})},
		{"targets without a load balancer", invalidECS, ecsServiceToken, targets(func(network testNetwork) map[string]any {
			return with(targetGroupInputs(network.vpc, "other"), map[string]any{"targetType": "ip"})
		}, false)},
		{"targets that are instances", invalidECS, ecsServiceToken, targets(func(network testNetwork) map[string]any {
			return targetGroupInputs(network.vpc, "other")
		}, true)},
		{"subnets of two networks", invalidECS, ecsServiceToken, inOtherNetwork("subnets")},
		{"a security group of another network", invalidECS, ecsServiceToken, inOtherNetwork("securityGroups")},
		{"targets in another network", invalidECS, ecsServiceToken, func(a *testAccount) map[string]any {
			inputs, other := minimal[ecsServiceToken](a), a.network("1")
			return with(inputs, map[string]any{"networkConfiguration": map[string]any{"subnets": []any{other.subnets[0].id}}})
		}},
	})
}

// TestTasksThatDoNotStart creates services of tasks that AWS would accept and never start.
func TestTasksThatDoNotStart(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		code      string
		container map[string]any
	}{
		"no parameter": {"ResourceInitializationError", map[string]any{"secrets": []any{
			map[string]any{"name": "A", "valueFrom": "arn:aws:ssm:eu-west-1:123456789012:parameter/a"},
		}}},
		"no parameter of that name": {"ResourceInitializationError", map[string]any{"secrets": []any{
			map[string]any{"name": "A", "valueFrom": "a"},
		}}},
		"no log group": {"ResourceInitializationError", map[string]any{"logConfiguration": map[string]any{
			"logDriver": "awslogs", "options": map[string]any{"awslogs-group": "/users"},
		}}},
		"no repository": {"CannotPullContainerError", map[string]any{
			"image": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/users:1",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			account := newTestAccount(t)
			account.rejects(test.code, ecsServiceToken,
				account.ecsServiceInputs(account.network("0"), containersJSON(containerOf(test.container))))
		})
	}
	account := newTestAccount(t)
	account.rejects("TaskFailedToStart", ecsServiceToken, account.ecsServiceInputs(account.network("0"),
		map[string]any{"taskRoleArn": account.role("web").text("arn")}))
}

// TestECSService starts tasks that use a parameter, a log group and an image of the account.
func TestECSService(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	parameter := account.create(parameterToken, parameterInputs("/service/A"))
	account.create(logGroupToken, map[string]any{"name": "/users"})
	repository := account.create(repositoryToken, map[string]any{"name": "team/users"})
	service := account.create(ecsServiceToken, account.ecsServiceInputs(account.network("0"), containersJSON(containerOf(map[string]any{
		"image":            repository.text("repositoryUrl") + ":1",
		"secrets":          []any{map[string]any{"name": "A", "valueFrom": parameter.text("arn")}},
		"logConfiguration": map[string]any{"logDriver": "awslogs", "options": map[string]any{"awslogs-group": "/users"}},
	}))))
	require.Equal(t, "arn:aws:ecs:eu-west-1:123456789012:service/services/users", service.id)

	requireCode(t, "ResourceInUseException", account.Delete(capacityProvidersToken, "services"))
	require.NoError(t, account.Delete(service.token, service.id))
	require.NoError(t, account.Delete(capacityProvidersToken, "services"))
}

// TestInactiveTaskDefinition checks that a service keeps a deleted task definition, and that no other service can start
// with it.
func TestInactiveTaskDefinition(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	inputs := minimal[ecsServiceToken](account)
	service := account.create(ecsServiceToken, inputs)
	definitions, err := account.list(taskDefinitionToken)
	require.NoError(t, err)
	require.NoError(t, account.Delete(taskDefinitionToken, definitions[0]))
	_, err = account.update(service, with(inputs, map[string]any{"enableExecuteCommand": true}))
	require.NoError(t, err)
	account.rejects(clientECS, ecsServiceToken, with(inputs, map[string]any{"name": "other"}))
}

func TestECSInputsRejected(t *testing.T) {
	t.Parallel()
	runInputRejections(t, []inputRejection{
		{clusterToken, "name", map[string]any{"name": "my cluster"}},
		{clusterToken, "settings[0].value", map[string]any{
			"settings": []any{map[string]any{"name": "containerInsights", "value": "on"}},
		}},
		{clusterToken, "configuration.executeCommandConfiguration.logging", map[string]any{
			"configuration": map[string]any{"executeCommandConfiguration": map[string]any{"logging": "ALL"}},
		}},
		{capacityProvidersToken, "capacityProviders[0]", map[string]any{"capacityProviders": []any{"MINE"}}},
		{taskDefinitionToken, "family", map[string]any{"family": "a/b"}},
		{taskDefinitionToken, "containerDefinitions", map[string]any{"containerDefinitions": "{}"}},
		{taskDefinitionToken, "containerDefinitions", map[string]any{"containerDefinitions": "[]"}},
		{taskDefinitionToken, "requiresCompatibilities[0]", map[string]any{"requiresCompatibilities": []any{"EC2"}}},
		{taskDefinitionToken, "runtimePlatform.cpuArchitecture", map[string]any{
			"runtimePlatform": map[string]any{"cpuArchitecture": "arm64"},
		}},
		{taskDefinitionToken, "skipDestroy", map[string]any{"skipDestroy": true}},
		{taskDefinitionToken, "volumes[0].efsVolumeConfiguration", map[string]any{"volumes": []any{
			map[string]any{"name": "a", "efsVolumeConfiguration": map[string]any{"fileSystemId": "fs-1"}},
		}}},
		{ecsServiceToken, "launchType", map[string]any{"launchType": "FARGATE"}},
		{ecsServiceToken, "deploymentController.type", map[string]any{
			"deploymentController": map[string]any{"type": "CODE_DEPLOY"},
		}},
		{ecsServiceToken, "deploymentMaximumPercent", map[string]any{"deploymentMaximumPercent": 99}},
		{ecsServiceToken, "propagateTags", map[string]any{"propagateTags": "ALL"}},
		{ecsServiceToken, "schedulingStrategy", map[string]any{"schedulingStrategy": "DAEMON"}},
		{ecsServiceToken, "availabilityZoneRebalancing", map[string]any{"availabilityZoneRebalancing": "ON"}},
		{ecsServiceToken, "networkConfiguration.subnets", map[string]any{
			"networkConfiguration": map[string]any{"subnets": []any{}},
		}},
	})
}
