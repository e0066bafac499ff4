package aws

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/codepipeline"

	"stagecraft/internal/offline/cloud"
)

const pipelineToken = "aws:codepipeline/pipeline:Pipeline"

// pipelineName matches names in CodePipeline.
const pipelineName = `^[A-Za-z0-9.@_-]{1,100}$`

func pipelineType() cloud.Type {
	named := cloud.Match(pipelineName, "1 to 100 letters, digits or .@_-")
	return cloud.Type{
		Token:     pipelineToken,
		Args:      codepipeline.PipelineArgs{},
		State:     codepipeline.Pipeline{},
		Service:   "CodePipeline",
		Operation: "CreatePipeline",
		Source: "CloudFormation resource schema AWS::CodePipeline::Pipeline; SDK doc; CodePipeline API Reference, " +
			"CreatePipeline and PipelineDeclaration; CodePipeline User Guide, Pipeline structure reference, Action structure " +
			"reference and Quotas in AWS CodePipeline. It demands that what actions use exists, which AWS finds out when they run",
		Name:     &cloud.Name{Property: "name", Max: 100, Pattern: regexp.MustCompile(pipelineName)},
		ID:       "${name}",
		Required: []string{"artifactStores", "stages"},
		Values: map[string]cloud.Value{
			"artifactStores":                                   cloud.Count(1, 1),
			"artifactStores[*].encryptionKey.type":             cloud.OneOf("KMS"),
			"artifactStores[*].region":                         cloud.NotSimulated,
			"artifactStores[*].type":                           cloud.OneOf("S3"),
			"executionMode":                                    cloud.OneOf("PARALLEL", "QUEUED", "SUPERSEDED"),
			"pipelineType":                                     cloud.OneOf("V1", "V2"),
			"stages":                                           cloud.Count(2, 50),
			"stages[*].actions":                                cloud.Count(1, 100),
			"stages[*].actions[*].category":                    cloud.OneOf("Approval", "Build", "Compute", "Deploy", "Invoke", "Source", "Test"),
			"stages[*].actions[*].name":                        named,
			"stages[*].actions[*].owner":                       cloud.OneOf("AWS", "Custom", "ThirdParty"),
			"stages[*].actions[*].region":                      cloud.NotSimulated,
			"stages[*].actions[*].roleArn":                     cloud.NotSimulated,
			"stages[*].actions[*].runOrder":                    cloud.Range(1, 999),
			"stages[*].actions[*].version":                     cloud.Match(`^[0-9A-Za-z_-]{1,9}$`, "1 to 9 letters, digits, _ or -"),
			"stages[*].beforeEntry":                            cloud.NotSimulated,
			"stages[*].name":                                   named,
			"stages[*].onFailure.condition":                    cloud.NotSimulated,
			"stages[*].onFailure.result":                       cloud.OneOf("FAIL", "RETRY", "ROLLBACK", "SKIP"),
			"stages[*].onFailure.retryConfiguration.retryMode": cloud.OneOf("ALL_ACTIONS", "FAILED_ACTIONS"),
			"stages[*].onSuccess":                              cloud.NotSimulated,
			"triggers":                                         cloud.Count(0, 50),
			"triggers[*].gitConfiguration.pushes":              cloud.Count(1, 3),
			"triggers[*].gitConfiguration.pullRequests":        cloud.Count(1, 3),
			"triggers[*].providerType":                         cloud.OneOf("CodeStarSourceConnection"),
		},
		Computed: map[string]any{
			"arn":           "arn:aws:codepipeline:${region}:${account}:${name}",
			"executionMode": "SUPERSEDED",
			"pipelineType":  "V1",
		},
		Replace: []string{"name"},
		Refs: []cloud.Ref{
			{Path: "roleArn", Type: roleToken, TargetProperty: "arn", Weak: true, NotFound: cloud.Error{
				Code: "InvalidStructureException", Message: "CodePipeline is not authorized to perform AssumeRole on role ${value}",
			}},
			{Path: "artifactStores[*].location", Type: bucketToken, Weak: true},
		},
		Unique: [][]string{{"name"}},
		Quota: &cloud.Quota{Limit: 1000, Error: cloud.Error{
			Code: "LimitExceededException", Message: "The account has the maximum number of pipelines already.",
		}},
		Check: validatePipeline,
		AfterWrite: func(_ cloud.Account, pipeline *cloud.Resource) error {
			pipeline.Set("triggerAlls", allTriggers(pipeline))
			return nil
		},
		NotFound: cloud.Error{Code: "PipelineNotFoundException", Message: "Account ${account} does not have a pipeline with name '${value}'"},
		Exists: cloud.Error{
			Code: "PipelineNameInUseException", Message: "A pipeline with the name '${name}' already exists in account '${account}'",
		},
	}
}

func invalidStructure(format string, values ...any) error {
	return apiError("InvalidStructureException", format, values...)
}

func validatePipeline(account cloud.Account, pipeline *cloud.Resource) error {
	if err := requireAssumable(account, pipeline.Text("roleArn"), "codepipeline.amazonaws.com", "InvalidStructureException",
		"CodePipeline is not authorized to perform AssumeRole on role "); err != nil {
		return err
	}
	if err := validatePipelineType(pipeline); err != nil {
		return err
	}
	if err := validateTriggers(pipeline); err != nil {
		return err
	}
	if name, twice := firstDuplicate(pipeline.Texts("stages[*].name")); twice {
		return invalidStructure("The pipeline has two stages with the name %s", name)
	}
	artifacts := map[string]bool{}
	for i, stage := range pipeline.Elements("stages") {
		if name, twice := firstDuplicate(stage.Texts("actions[*].name")); twice {
			return invalidStructure("Stage %s has two actions with the name %s", stage.Text("name"), name)
		}
		for _, action := range stage.Elements("actions") {
			if (action.Text("category") == "Source") != (i == 0) {
				return invalidStructure("Pipeline should start with a stage that only contains source actions, and have none in "+
					"others: see action %s of stage %s", action.Text("name"), stage.Text("name"))
			}
			if err := validateAction(account, action, artifacts); err != nil {
				return err
			}
		}
	}
	return nil
}

// validatePipelineType rejects features of type V2 in a pipeline of type V1.
func validatePipelineType(pipeline *cloud.Resource) error {
	if pipeline.Text("pipelineType") == "V2" {
		return nil
	}
	switch {
	case len(pipeline.Elements("triggers")) > 0:
		return invalidStructure("Triggers can only be used with pipelines of type V2")
	case len(pipeline.Elements("variables")) > 0:
		return invalidStructure("Variables can only be used with pipelines of type V2")
	case pipeline.Text("executionMode") != "SUPERSEDED":
		return invalidStructure("Execution mode %s can only be used with pipelines of type V2", pipeline.Text("executionMode"))
	case len(pipeline.Texts("stages[*].onFailure")) > 0:
		return invalidStructure("Failure conditions can only be used with pipelines of type V2")
	case slices.Contains(pipeline.Texts("stages[*].actions[*].provider"), "Lambda"):
		return invalidStructure("Actions of the provider Lambda can only be used with pipelines of type V2")
	}
	return nil
}

// validateTriggers checks that each trigger starts one source action.
func validateTriggers(pipeline *cloud.Resource) error {
	started := pipeline.Texts("triggers[*].gitConfiguration.sourceActionName")
	if name, twice := firstDuplicate(started); twice {
		return invalidStructure("The pipeline has two triggers for action %s", name)
	}
	for _, name := range started {
		if !slices.Contains(connectedActions(pipeline), name) {
			return invalidStructure("The trigger's source action %s is no action with the provider CodeStarSourceConnection", name)
		}
	}
	return nil
}

// connectedActions returns the names of the source actions that use a connection.
func connectedActions(pipeline *cloud.Resource) []string {
	var names []string
	for _, stage := range pipeline.Elements("stages") {
		for _, action := range stage.Elements("actions") {
			if action.Text("provider") == "CodeStarSourceConnection" {
				names = append(names, action.Text("name"))
			}
		}
	}
	return names
}

// actionType describes the actions of a provider.
type actionType struct {
	categories         []string
	required, optional []string
	// values are the allowed values of the configuration, by key.
	values map[string]*regexp.Regexp
	// inputs and outputs are the minimum and maximum number of artefacts.
	inputs, outputs [2]int
}

// actionTypes are the action types by provider.
var actionTypes = map[string]actionType{
	"CodeStarSourceConnection": {
		categories: []string{"Source"},
		required:   []string{"BranchName", "ConnectionArn", "FullRepositoryId"},
		optional:   []string{"DetectChanges", "OutputArtifactFormat"},
		outputs:    [2]int{1, 1},
	},
	"CodeBuild": {
		categories: []string{"Build", "Test"},
		required:   []string{"ProjectName"},
		optional:   []string{"BatchEnabled", "BuildspecOverride", "CombineArtifacts", "EnvironmentVariables", "PrimarySource"},
		inputs:     [2]int{1, 5},
		outputs:    [2]int{0, 5},
	},
	"CodeDeploy": {
		categories: []string{"Deploy"},
		required:   []string{"ApplicationName", "DeploymentGroupName"},
		inputs:     [2]int{1, 1},
	},
	"ECS": {
		categories: []string{"Deploy"},
		required:   []string{"ClusterName", "ServiceName"},
		optional:   []string{"DeploymentTimeout", "FileName"},
		// The maximum is the action's own timeout, an hour (Quotas in AWS CodePipeline).
		values: map[string]*regexp.Regexp{"DeploymentTimeout": regexp.MustCompile(`^([1-9]|[1-5][0-9]|60)$`)},
		inputs: [2]int{1, 1},
	},
	"Lambda": {
		categories: []string{"Deploy"},
		required:   []string{"FunctionName"},
		optional:   []string{"Alarms", "DeployStrategy", "FunctionAlias", "PublishedTargetVersion"},
		values: map[string]*regexp.Regexp{
			"Alarms":         regexp.MustCompile(`^[^,]+(,[^,]+){0,9}$`),
			"DeployStrategy": regexp.MustCompile(`^(AllAtOnce|Canary[0-9]+Percent[0-9]+Minutes?|Linear[0-9]+PercentEvery[0-9]+Minutes?)$`),
		},
		inputs: [2]int{0, 1},
	},
	"Manual": {
		categories: []string{"Approval"},
		optional:   []string{"CustomData", "ExternalEntityLink", "NotificationArn"},
	},
}

func invalidAction(action *cloud.Resource, format string, values ...any) error {
	return apiError("InvalidActionDeclarationException", "Action %s: %s", action.Text("name"), fmt.Sprintf(format, values...))
}

// validateAction checks an action against its type, the artefacts of earlier actions, and the existing resources.
func validateAction(account cloud.Account, action *cloud.Resource, artifacts map[string]bool) error {
	provider := action.Text("provider")
	known, ok := actionTypes[provider]
	if !ok || action.Text("owner") != "AWS" || !slices.Contains(known.categories, action.Text("category")) {
		return invalidAction(action, "ActionType (Category: '%s', Provider: '%s', Owner: '%s') is not available. (The offline "+
			"cloud has actions of the owner AWS and of the providers %s.)", action.Text("category"), provider,
			action.Text("owner"), strings.Join(slices.Sorted(maps.Keys(actionTypes)), ", "))
	}
	values := map[string]string{}
	if configuration := action.Outputs["configuration"]; configuration.IsObject() {
		for key := range configuration.ObjectValue() {
			values[string(key)] = action.Text("configuration." + string(key))
		}
	}
	for _, key := range known.required {
		if values[key] == "" {
			return invalidAction(action, "configuration is missing required configuration '%s'", key)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		if !slices.Contains(known.required, key) && !slices.Contains(known.optional, key) {
			return invalidAction(action, "configuration contains unknown configuration '%s'", key)
		}
		if allowed := known.values[key]; allowed != nil && !allowed.MatchString(values[key]) {
			return invalidAction(action, "configuration '%s' is '%s': it must match %s", key, values[key], allowed)
		}
	}
	if provider == "Lambda" {
		if err := validateFunctionDeployment(action, values); err != nil {
			return err
		}
	}
	if err := validateArtifacts(action, known, artifacts); err != nil {
		return err
	}
	return validateConfiguration(account, action, values)
}

// validateFunctionDeployment rejects a deployment without a version, and one that updates no alias (CodePipeline User
// Guide, "AWS Lambda deploy action reference").
func validateFunctionDeployment(action *cloud.Resource, configuration map[string]string) error {
	switch {
	case configuration["PublishedTargetVersion"] == "" && len(action.Texts("inputArtifacts[*]")) == 0:
		return invalidAction(action, "configuration 'PublishedTargetVersion' is required where there is no input artifact")
	case configuration["FunctionAlias"] == "" && configuration["DeployStrategy"] != "":
		return invalidAction(action, "configuration 'DeployStrategy' is only available with 'FunctionAlias'")
	}
	return nil
}

func validateArtifacts(action *cloud.Resource, known actionType, artifacts map[string]bool) error {
	inputs, outputs := action.Texts("inputArtifacts[*]"), action.Texts("outputArtifacts[*]")
	switch {
	case len(inputs) < known.inputs[0] || len(inputs) > known.inputs[1]:
		return invalidAction(action, "it has %d input artifacts, and takes %d to %d", len(inputs), known.inputs[0], known.inputs[1])
	case len(outputs) < known.outputs[0] || len(outputs) > known.outputs[1]:
		return invalidAction(action, "it has %d output artifacts, and takes %d to %d", len(outputs), known.outputs[0], known.outputs[1])
	}
	for _, input := range inputs {
		if !artifacts[input] {
			return invalidAction(action, "input artifact %s is no output artifact of an action before it", input)
		}
	}
	for _, output := range outputs {
		if artifacts[output] {
			return invalidAction(action, "output artifact %s is one of another action already", output)
		}
		artifacts[output] = true
	}
	return nil
}

// reference is a key of an action's configuration, and the resource that it names by a property.
type reference struct{ key, token, by, value string }

func references(region string, configuration map[string]string) []reference {
	arn := func(key, format string, parts ...any) string {
		if configuration[key] == "" {
			return ""
		}
		return fmt.Sprintf(format, append([]any{region, Account}, parts...)...)
	}
	named := []reference{
		{"ApplicationName", applicationToken, "name", configuration["ApplicationName"]},
		{"ClusterName", clusterToken, "name", configuration["ClusterName"]},
		{"ConnectionArn", connectionToken, "arn", configuration["ConnectionArn"]},
		{
			"DeploymentGroupName", deploymentGroupToken, "arn",
			arn("DeploymentGroupName", "arn:aws:codedeploy:%s:%s:deploymentgroup:%s/%s",
				configuration["ApplicationName"], configuration["DeploymentGroupName"]),
		},
		{"FunctionName", functionToken, "name", configuration["FunctionName"]},
		{
			"FunctionAlias", aliasToken, "arn",
			arn("FunctionAlias", "arn:aws:lambda:%s:%s:function:%s:%s", configuration["FunctionName"], configuration["FunctionAlias"]),
		},
		{"NotificationArn", topicToken, "arn", configuration["NotificationArn"]},
		{"ProjectName", buildProjectToken, "name", configuration["ProjectName"]},
		{
			"ServiceName", ecsServiceToken, "",
			arn("ServiceName", "arn:aws:ecs:%s:%s:service/%s/%s", configuration["ClusterName"], configuration["ServiceName"]),
		},
	}
	for alarm := range strings.SplitSeq(configuration["Alarms"], ",") {
		named = append(named, reference{"Alarms", "aws:cloudwatch/metricAlarm:MetricAlarm", "name", alarm})
	}
	return named
}

func validateConfiguration(account cloud.Account, action *cloud.Resource, configuration map[string]string) error {
	for _, reference := range references(action.Region, configuration) {
		if reference.value == "" {
			continue
		}
		referenced, err := account.Find(reference.token, reference.by, reference.value)
		if err != nil {
			return err
		}
		if referenced == nil {
			return invalidAction(action, "%s %s does not exist", reference.key, configuration[reference.key])
		}
	}
	return nil
}

// allTriggers returns a pipeline's triggers as it lists them (SDK doc). The trigger that AWS adds for a source that
// detects changes itself is not simulated.
func allTriggers(pipeline *cloud.Resource) []any {
	all := []any{}
	for _, trigger := range pipeline.Elements("triggers") {
		git := trigger.Outputs["gitConfiguration"].ObjectValue().Mappable()
		listed := map[string]any{"sourceActionName": git["sourceActionName"]}
		for _, kind := range []string{"pullRequests", "pushes"} {
			if filters, ok := git[kind].([]any); ok {
				listed[kind] = listedFilters(filters)
			}
		}
		all = append(all, map[string]any{
			"providerType": trigger.Text("providerType"), "gitConfigurations": []any{listed},
		})
	}
	return all
}

// listedFilters returns filters with each criterion in a list, as in the outputs.
func listedFilters(filters []any) []any {
	listed := make([]any, 0, len(filters))
	for _, filter := range filters {
		criteria, _ := filter.(map[string]any)
		wrapped := map[string]any{}
		for name, criterion := range criteria {
			if _, single := criterion.(map[string]any); single {
				criterion = []any{criterion}
			}
			wrapped[name] = criterion
		}
		listed = append(listed, wrapped)
	}
	return listed
}
