package aws

import (
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"

	"stagecraft/internal/offline/cloud"
)

const eventInvokeConfigToken = "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig"

func eventInvokeConfigType() cloud.Type {
	unknown := cloud.Error{Code: invalidFunction, Message: "The destination ARN ${value} is invalid."}
	const failure = "destinationConfig.onFailure.destination"
	return cloud.Type{
		Token:     eventInvokeConfigToken,
		Args:      lambda.FunctionEventInvokeConfigArgs{},
		State:     lambda.FunctionEventInvokeConfig{},
		Service:   "Lambda",
		Operation: "PutFunctionEventInvokeConfig",
		Source: "CloudFormation resource schema AWS::Lambda::EventInvokeConfig; SDK doc; Lambda API Reference, " +
			"PutFunctionEventInvokeConfig, which silently replaces a configuration. Destinations are queues and topics here",
		ID: "${functionName}:${qualifier}",
		Values: map[string]cloud.Value{
			failure:                       cloud.Match(`^arn:aws:s[qn]s:`, "the ARN of a queue or a topic"),
			"destinationConfig.onSuccess": cloud.NotSimulated,
			"maximumEventAgeInSeconds":    cloud.Range(60, 21600),
			"maximumRetryAttempts":        cloud.Range(0, 2),
		},
		Computed: map[string]any{"maximumRetryAttempts": 2},
		Replace:  []string{"functionName", "qualifier"},
		Refs: append(functionRef("functionName"),
			cloud.Ref{Path: failure, Type: queueToken, TargetProperty: "arn", Weak: true, External: notQueue, NotFound: unknown},
			cloud.Ref{Path: failure, Type: topicToken, TargetProperty: "arn", Weak: true, External: notTopic, NotFound: unknown},
		),
		Check: func(account cloud.Account, config *cloud.Resource) error {
			if err := validateQualifier(account, config, "functionName", config.Text("qualifier")); err != nil {
				return err
			}
			return validateDestination(account, config, config.Text(failure))
		},
		NotFound: cloud.Error{
			Code: "ResourceNotFoundException", Message: "The function ${value} doesn't have an EventInvokeConfig",
		},
	}
}

// validateDestination rejects a destination that the function's role may not send to.
func validateDestination(account cloud.Account, config *cloud.Resource, destination string) error {
	if destination == "" {
		return nil
	}
	function, err := findFunction(account, config, "functionName")
	if err != nil {
		return err
	}
	role, err := account.Find(roleToken, "arn", function.Text("role"))
	if err != nil {
		return err
	}
	action := "sqs:SendMessage"
	if strings.HasPrefix(destination, "arn:aws:sns:") {
		action = "sns:Publish"
	}
	permitted, err := hasPermission(account, role, "", action)
	if err == nil && !permitted {
		_, call, _ := strings.Cut(action, ":")
		err = apiError(invalidFunction, "The function's execution role does not have permissions to call %s on %s", call, destination)
	}
	return err
}
