package aws

import (
	"encoding/json"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"

	"stagecraft/internal/offline/cloud"
)

const invocationToken = "aws:lambda/invocation:Invocation"

// gateHandler is the handler of the function that proves paths (components/gate).
const gateHandler = "gate.handler"

func invocationType() cloud.Type {
	return cloud.Type{
		Token:     invocationToken,
		Args:      lambda.InvocationArgs{},
		State:     lambda.Invocation{},
		Service:   "Lambda",
		Operation: "Invoke",
		Source: "SDK doc; Lambda API Reference, Invoke; provider source, internal/service/lambda/invocation.go: with the scope " +
			"CREATE_ONLY another input replaces it. No code runs: the offline cloud answers for the gate, and null for others",
		ID:       "${functionName},${qualifier},${hex32}",
		Required: []string{"functionName", "input"},
		Values: map[string]cloud.Value{
			"input":          cloud.JSON,
			"lifecycleScope": cloud.OneOf("CREATE_ONLY"),
			"terraformKey":   cloud.NotSimulated,
		},
		Computed: map[string]any{"lifecycleScope": "CREATE_ONLY", "qualifier": latest, "result": "null", "terraformKey": "tf"},
		Replace:  []string{"functionName", "input", "qualifier", "triggers"},
		Refs:     functionRef("functionName"),
		Check:    invoke,
		NotFound: cloud.Error{
			Code:    "ResourceNotFoundException",
			Message: "Function not found: arn:aws:lambda:${region}:${account}:function:${value}",
		},
	}
}

// invoke sets the result that a function returns, or fails as the provider does when the function raises an error.
func invoke(account cloud.Account, invocation *cloud.Resource) error {
	if invocation.Before != nil {
		return nil
	}
	function, err := findFunction(account, invocation, "functionName")
	if err != nil || function.Text("handler") != gateHandler {
		return err
	}
	var event gateEvent
	if err := json.Unmarshal([]byte(invocation.Text("input")), &event); err != nil {
		return err
	}
	result, err := event.answer(account)
	if err != nil {
		return err
	}
	invocation.Set("result", result)
	return nil
}
