package aws

import (
	"slices"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/require"
)

var minimalPipeline = map[string]func(*testAccount) map[string]any{
	pipelineToken: func(a *testAccount) map[string]any {
		return pipelineInputs(a, stageOf(a.sourceAction()), stageOf(a.buildAction()))
	},
}

func stageOf(action map[string]any) map[string]any {
	return map[string]any{"name": action["name"], "actions": []any{action}}
}

// pipelineInputs returns the inputs of a pipeline of the given stages, with a new role and bucket.
func pipelineInputs(a *testAccount, stages ...any) map[string]any {
	return map[string]any{
		"name": "web", "pipelineType": "V2", "roleArn": a.serviceRole("codepipeline").text("arn"),
		"artifactStores": []any{map[string]any{"type": "S3", "location": a.bucket("artifacts").id}},
		"stages":         stages,
	}
}

func actionOf(name, category, provider string, configuration map[string]any) map[string]any {
	return map[string]any{
		"name": name, "category": category, "owner": "AWS", "provider": provider, "version": "1",
		"configuration": configuration,
	}
}

// sourceAction returns an action that produces the artefact "source".
func (a *testAccount) sourceAction() map[string]any {
	connection := a.create(connectionToken, map[string]any{"name": "source", "providerType": "GitHub"})
	return with(actionOf("Source", "Source", "CodeStarSourceConnection", map[string]any{
		"ConnectionArn": connection.id, "FullRepositoryId": "example/service", "BranchName": "main",
	}), map[string]any{"outputArtifacts": []any{"source"}})
}

// buildAction returns an action that builds the artefact "bundle" from "source".
func (a *testAccount) buildAction() map[string]any {
	a.create(buildProjectToken, buildProjectInputs(a.serviceRole("codebuild")))
	return with(actionOf("Build", "Build", "CodeBuild", map[string]any{"ProjectName": "test"}),
		map[string]any{"inputArtifacts": []any{"source"}, "outputArtifacts": []any{"bundle"}})
}

func trigger(action string) map[string]any {
	return map[string]any{"providerType": "CodeStarSourceConnection", "gitConfiguration": map[string]any{
		"sourceActionName": action,
		"pushes":           []any{map[string]any{"branches": map[string]any{"includes": []any{"main"}}}},
	}}
}

// changed returns the inputs of the minimal pipeline with another second action.
func changed(change func(*testAccount, map[string]any) map[string]any) func(*testAccount) map[string]any {
	return func(a *testAccount) map[string]any {
		source, build := a.sourceAction(), a.buildAction()
		return pipelineInputs(a, stageOf(source), stageOf(change(a, build)))
	}
}

func second(more map[string]any) func(*testAccount) map[string]any {
	return changed(func(_ *testAccount, build map[string]any) map[string]any { return with(build, more) })
}

func TestPipelineStructureRejections(t *testing.T) {
	t.Parallel()
	var rejections []rejection
	for name, inputs := range map[string]func(*testAccount) map[string]any{
		"another service's role": func(a *testAccount) map[string]any {
			return with(minimal[pipelineToken](a), map[string]any{"roleArn": a.role("web").text("arn")})
		},
		"no source first": func(a *testAccount) map[string]any {
			return pipelineInputs(a, stageOf(a.buildAction()), stageOf(a.sourceAction()))
		},
		"source again": func(a *testAccount) map[string]any {
			source := a.sourceAction()
			return pipelineInputs(a, stageOf(source), stageOf(with(source, map[string]any{"name": "Again"})))
		},
		"two stages of a name": func(a *testAccount) map[string]any {
			build := stageOf(a.buildAction())
			return pipelineInputs(a, stageOf(a.sourceAction()), build, build)
		},
		"two actions of a name": func(a *testAccount) map[string]any {
			build := a.buildAction()
			return pipelineInputs(a, stageOf(a.sourceAction()), map[string]any{"name": "Build", "actions": []any{build, build}})
		},
		"trigger of V1":  but(pipelineToken, map[string]any{"pipelineType": nil, "triggers": []any{trigger("Source")}}),
		"variable of V1": but(pipelineToken, map[string]any{"pipelineType": "V1", "variables": []any{map[string]any{"name": "A"}}}),
		"function of V1": func(a *testAccount) map[string]any {
			return with(deploys("Lambda", map[string]any{"FunctionName": "users"})(a), map[string]any{"pipelineType": "V1"})
		},
		"queue of V1":          but(pipelineToken, map[string]any{"pipelineType": "V1", "executionMode": "QUEUED"}),
		"trigger of nothing":   but(pipelineToken, map[string]any{"triggers": []any{trigger("Build")}}),
		"two triggers for one": but(pipelineToken, map[string]any{"triggers": []any{trigger("Source"), trigger("Source")}}),
		"failure condition of V1": func(a *testAccount) map[string]any {
			build := with(stageOf(a.buildAction()), map[string]any{"onFailure": map[string]any{"result": "RETRY"}})
			return with(pipelineInputs(a, stageOf(a.sourceAction()), build), map[string]any{"pipelineType": "V1"})
		},
	} {
		rejections = append(rejections, rejection{name, "InvalidStructureException", pipelineToken, inputs})
	}
	runRejections(t, rejections)
}

// deploys returns the inputs of the minimal pipeline with an action that deploys "source".
func deploys(provider string, configuration map[string]any) func(*testAccount) map[string]any {
	return changed(func(*testAccount, map[string]any) map[string]any {
		return with(actionOf("Deploy", "Deploy", provider, configuration), map[string]any{"inputArtifacts": []any{"source"}})
	})
}

func TestPipelineDeploymentRejections(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		inputs func(*testAccount) map[string]any
		want   string
	}{
		"a service of no cluster": {deploys("ECS", map[string]any{"ServiceName": "users"}), "'ClusterName'"},
		"no service":              {deploys("ECS", map[string]any{"ClusterName": "main"}), "'ServiceName'"},
		"for no time": {deploys("ECS", map[string]any{
			"ClusterName": "main", "ServiceName": "users", "DeploymentTimeout": "0",
		}), "'DeploymentTimeout' is '0'"},
		"for too long": {deploys("ECS", map[string]any{
			"ClusterName": "main", "ServiceName": "users", "DeploymentTimeout": "61",
		}), "'DeploymentTimeout' is '61'"},
		"a cluster that is not there": {
			deploys("ECS", map[string]any{"ClusterName": "main", "ServiceName": "users"}), "ClusterName main does not exist",
		},
		"no function": {deploys("Lambda", map[string]any{"FunctionAlias": "live"}), "'FunctionName'"},
		"in a way unknown": {deploys("Lambda", map[string]any{
			"FunctionName": "users", "FunctionAlias": "live", "DeployStrategy": "Canary",
		}), "'DeployStrategy' is 'Canary'"},
		"gradually to no alias": {deploys("Lambda", map[string]any{
			"FunctionName": "users", "DeployStrategy": "AllAtOnce",
		}), "only available with 'FunctionAlias'"},
		"too many alarms": {deploys("Lambda", map[string]any{
			"FunctionName": "users", "FunctionAlias": "live", "Alarms": "a,b,c,d,e,f,g,h,i,j,k",
		}), "'Alarms' is 'a,b,c,d,e,f,g,h,i,j,k'"},
		"a function that is not there": {deploys("Lambda", map[string]any{"FunctionName": "users"}), "FunctionName users does not exist"},
		"no code": {changed(func(*testAccount, map[string]any) map[string]any {
			return actionOf("Deploy", "Deploy", "Lambda", map[string]any{"FunctionName": "users"})
		}), "'PublishedTargetVersion' is required"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			account := newTestAccount(t)
			inputs := test.inputs(account)
			account.rejects("InvalidActionDeclarationException", pipelineToken, inputs)
			_, _, err := account.Create(t.Context(), pipelineToken, urn(pipelineToken), resource.NewPropertyMapFromMap(inputs), false)
			require.ErrorContains(t, err, test.want)
		})
	}
}

func TestPipelineActionRejections(t *testing.T) {
	t.Parallel()
	var rejections []rejection
	for name, inputs := range map[string]func(*testAccount) map[string]any{
		"unknown provider":   second(map[string]any{"provider": "Jenkins"}),
		"unknown owner":      second(map[string]any{"owner": "Custom"}),
		"wrong category":     second(map[string]any{"category": "Deploy"}),
		"no configuration":   second(map[string]any{"configuration": map[string]any{}}),
		"too much of it":     second(map[string]any{"configuration": map[string]any{"ProjectName": "test", "Colour": "green"}}),
		"no such project":    second(map[string]any{"configuration": map[string]any{"ProjectName": "missing"}}),
		"no input":           second(map[string]any{"inputArtifacts": nil}),
		"input from nowhere": second(map[string]any{"inputArtifacts": []any{"binaries"}}),
		"output of another":  second(map[string]any{"outputArtifacts": []any{"source"}}),
		"approval with artefacts": second(map[string]any{
			"category": "Approval", "provider": "Manual", "configuration": nil,
		}),
		"approval by nobody": changed(func(*testAccount, map[string]any) map[string]any {
			return actionOf("Approve", "Approval", "Manual", map[string]any{
				"NotificationArn": "arn:aws:sns:eu-west-1:123456789012:missing",
			})
		}),
		"deployment to a group of another application": changed(func(a *testAccount, _ map[string]any) map[string]any {
			a.create(deploymentGroupToken, minimal[deploymentGroupToken](a))
			a.create(applicationToken, map[string]any{"name": "other"})
			return with(actionOf("Deploy", "Deploy", "CodeDeploy", map[string]any{
				"ApplicationName": "other", "DeploymentGroupName": "instances",
			}), map[string]any{"inputArtifacts": []any{"source"}})
		}),
	} {
		rejections = append(rejections, rejection{name, "InvalidActionDeclarationException", pipelineToken, inputs})
	}
	runRejections(t, rejections)
}

func TestPipelineDeploysAfterApproval(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	account.create(deploymentGroupToken, minimal[deploymentGroupToken](account))
	topics, err := account.list(topicToken)
	require.NoError(t, err)
	inputs := pipelineInputs(account,
		stageOf(account.sourceAction()),
		stageOf(account.buildAction()),
		stageOf(actionOf("Approve", "Approval", "Manual", map[string]any{"NotificationArn": topics[0]})),
		stageOf(with(actionOf("Deploy", "Deploy", "CodeDeploy", map[string]any{
			"ApplicationName": "web", "DeploymentGroupName": "instances",
		}), map[string]any{"inputArtifacts": []any{"bundle"}})),
	)
	pipeline := account.create(pipelineToken, with(inputs, map[string]any{"triggers": []any{trigger("Source")}}))
	require.Equal(t, "SUPERSEDED", pipeline.text("executionMode"))
	require.Equal(t, []any{map[string]any{
		"providerType": "CodeStarSourceConnection",
		"gitConfigurations": []any{map[string]any{
			"sourceActionName": "Source",
			"pushes": []any{map[string]any{
				"branches": []any{map[string]any{"includes": []any{"main"}}},
			}},
		}},
	}}, pipeline.outputs.Mappable()["triggerAlls"])
}

func TestPipelineDeploysServicesAndFunctions(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	service := account.ecsService()
	alias := account.create(aliasToken, minimal[aliasToken](account))
	bundled := map[string]any{"inputArtifacts": []any{"bundle"}}
	toService := map[string]any{"ClusterName": "services", "ServiceName": service.text("name"), "DeploymentTimeout": "30"}
	toFunction := map[string]any{
		"FunctionName": alias.text("functionName"), "FunctionAlias": "live", "DeployStrategy": "Canary10Percent5Minutes",
		"Alarms": alarmInputs(created{})["name"],
	}
	deployment := func(service, function map[string]any) map[string]any {
		return map[string]any{"name": "Deploy", "actions": []any{
			with(actionOf("Service", "Deploy", "ECS", with(toService, service)), bundled),
			with(actionOf("Function", "Deploy", "Lambda", with(toFunction, function)), bundled),
		}}
	}
	inputs := pipelineInputs(account, stageOf(account.sourceAction()), stageOf(account.buildAction()), deployment(nil, nil))
	account.create(pipelineToken, inputs)
	for _, missing := range []struct{ service, function map[string]any }{
		{service: map[string]any{"ServiceName": "orders"}},
		{function: map[string]any{"FunctionAlias": "next"}},
		{function: map[string]any{"Alarms": toFunction["Alarms"].(string) + ",missing"}},
	} {
		stages := slices.Clone(inputs["stages"].([]any))
		stages[2] = deployment(missing.service, missing.function)
		account.rejects("InvalidActionDeclarationException", pipelineToken, with(inputs, map[string]any{"name": "next", "stages": stages}))
	}
}

// TestPipelineChanges checks which changes replace a pipeline.
func TestPipelineChanges(t *testing.T) {
	t.Parallel()
	runChanges(t, []change{
		{pipelineToken, "mode", false, map[string]any{"executionMode": "QUEUED"}},
		{pipelineToken, "name", true, map[string]any{"name": "next"}},
	})
}

func TestPipelineInputsRejected(t *testing.T) {
	t.Parallel()
	runInputRejections(t, []inputRejection{
		{pipelineToken, "name", map[string]any{"name": "a pipeline"}},
		{pipelineToken, "stages", map[string]any{"stages": []any{map[string]any{"name": "Source", "actions": []any{}}}}},
		{pipelineToken, "stages[0].actions", map[string]any{"stages": []any{map[string]any{"name": "Source", "actions": []any{}}}}},
		{pipelineToken, "artifactStores[0].type", map[string]any{
			"artifactStores": []any{map[string]any{"type": "EFS", "location": "b"}},
		}},
		{pipelineToken, "executionMode", map[string]any{"executionMode": "RANDOM"}},
		{pipelineToken, "pipelineType", map[string]any{"pipelineType": "V3"}},
	})
}
