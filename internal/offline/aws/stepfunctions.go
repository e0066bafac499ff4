package aws

import (
	"encoding/json"
	"regexp"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sfn"

	"stagecraft/internal/offline/cloud"
)

const stateMachineToken = "aws:sfn/stateMachine:StateMachine"

// longestDefinition is the maximum size of a definition, in bytes (AWS Step Functions API Reference,
// CreateStateMachine).
const longestDefinition = 1 << 20

func stateMachineTypes() []cloud.Type {
	return []cloud.Type{{
		Token:     stateMachineToken,
		Args:      sfn.StateMachineArgs{},
		State:     sfn.StateMachine{},
		Service:   "SFN",
		Operation: "CreateStateMachine",
		Change:    "UpdateStateMachine",
		Source: "CloudFormation resource schema AWS::StepFunctions::StateMachine; SDK doc; AWS Step Functions API Reference, " +
			"CreateStateMachine; AWS Step Functions Developer Guide, Quotas",
		Name:      &cloud.Name{Property: "name", Max: 80, Pattern: regexp.MustCompile(`^[A-Za-z0-9_-]+$`)},
		ID:        "arn:aws:states:${region}:${account}:stateMachine:${name}",
		Conflicts: [][]string{{"name", "namePrefix"}},
		Values: map[string]cloud.Value{
			"definition":                 cloud.All(cloud.JSON, cloud.Length(1, longestDefinition)),
			"encryptionConfiguration":    cloud.NotSimulated,
			"loggingConfiguration.level": cloud.OneOf("ALL", "ERROR", "FATAL", "OFF"),
			"publish":                    cloud.NotSimulated,
			"type":                       cloud.OneOf("STANDARD", "EXPRESS"),
		},
		Computed: map[string]any{
			"arn":                     "${id}",
			"creationDate":            "${now}",
			"encryptionConfiguration": map[string]any{"type": "AWS_OWNED_KEY"},
			"name":                    "${namePrefix}${digits26}",
			"status":                  "ACTIVE",
			"tracingConfiguration":    map[string]any{"enabled": false},
			"type":                    "STANDARD",
		},
		Replace: []string{"name", "namePrefix", "type"},
		Refs: []cloud.Ref{{Path: "roleArn", Type: roleToken, TargetProperty: "arn", Weak: true, NotFound: cloud.Error{
			Code: "AccessDeniedException", Message: "Neither the global service principal states.amazonaws.com, nor the regional one is " +
				"authorized to assume the provided role: ${value}",
		}}},
		Unique: [][]string{{"name"}},
		Quota: &cloud.Quota{Limit: 100000, Error: cloud.Error{
			Code: "StateMachineLimitExceeded", Message: "The maximum number of state machines has been reached.",
		}},
		Check: validateStateMachine,
		NotFound: cloud.Error{
			Code: "StateMachineDoesNotExist", Message: "State Machine Does Not Exist: '${value}'",
		},
		Exists: cloud.Error{Code: "StateMachineAlreadyExists", Message: "State Machine Already Exists: '${id}'"},
	}}
}

// validateStateMachine rejects an invalid definition, a role that Step Functions cannot assume, and logging without the
// role's permission.
func validateStateMachine(account cloud.Account, machine *cloud.Resource) error {
	if err := validateDefinition(machine.Text("definition")); err != nil {
		return err
	}
	const states = "states.amazonaws.com"
	if err := requireAssumable(account, machine.Text("roleArn"), states, "AccessDeniedException",
		"Neither the global service principal "+states+", nor the regional one is authorized to assume the provided role: "); err != nil {
		return err
	}
	level, destination := machine.Text("loggingConfiguration.level"), machine.Text("loggingConfiguration.logDestination")
	if level == "" || level == "OFF" {
		return nil
	}
	arn, ok := strings.CutSuffix(destination, ":*")
	group, err := account.Find(logGroupToken, "arn", arn)
	if err != nil {
		return err
	}
	if !ok || group == nil {
		return apiError("InvalidLoggingConfiguration",
			"Invalid Logging Configuration: Log Destination %s must be the ARN of a log group, and end with :*.", destination)
	}
	role, err := account.Find(roleToken, "arn", machine.Text("roleArn"))
	if err != nil {
		return err
	}
	if may, err := hasPermission(account, role, "", "logs:CreateLogDelivery"); err != nil || may {
		return err
	}
	return apiError("AccessDeniedException", "The state machine IAM Role is not authorized to access the Log Destination")
}

// validateDefinition rejects references to missing states (Amazon States Language, "Structure of a state machine").
func validateDefinition(definition string) error {
	invalid := func(problem string) error {
		return apiError("InvalidDefinition", "Invalid State Machine Definition: '%s'", problem)
	}
	type state struct {
		Type, Resource, Next string
		End                  bool
	}
	var machine struct {
		StartAt string
		States  map[string]state
	}
	if err := json.Unmarshal([]byte(definition), &machine); err != nil {
		return invalid("INVALID_JSON_DESCRIPTION: " + err.Error())
	}
	if _, known := machine.States[machine.StartAt]; !known {
		return invalid("MISSING_TRANSITION_TARGET: Missing 'Next' target: " + machine.StartAt + " at /StartAt")
	}
	for name, state := range machine.States {
		_, known := machine.States[state.Next]
		switch {
		case state.Type == "":
			return invalid("SCHEMA_VALIDATION_FAILED: The field 'Type' is required at /States/" + name)
		case state.Type == "Task" && state.Resource == "":
			return invalid("SCHEMA_VALIDATION_FAILED: The field 'Resource' is required at /States/" + name)
		case state.Next != "" && !known:
			return invalid("MISSING_TRANSITION_TARGET: Missing 'Next' target: " + state.Next + " at /States/" + name)
		case state.Type == "Task" && state.Next == "" && !state.End:
			return invalid("SCHEMA_VALIDATION_FAILED: One of 'Next' and 'End' is required at /States/" + name)
		}
	}
	return nil
}
