package aws

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"

	"stagecraft/internal/offline/cloud"
)

const provisionedConcurrencyToken = "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig"

func provisionedConcurrencyType() cloud.Type {
	return cloud.Type{
		Token:     provisionedConcurrencyToken,
		Args:      lambda.ProvisionedConcurrencyConfigArgs{},
		State:     lambda.ProvisionedConcurrencyConfig{},
		Service:   "Lambda",
		Operation: "PutProvisionedConcurrencyConfig",
		Source: "SDK doc; Lambda API Reference, PutProvisionedConcurrencyConfig; Lambda Developer Guide, Configuring provisioned " +
			"concurrency",
		ID: "${functionName},${qualifier}",
		Values: map[string]cloud.Value{
			"provisionedConcurrentExecutions": cloud.Range(1, accountConcurrency),
			"skipDestroy":                     cloud.NotSimulated,
		},
		Computed: map[string]any{"skipDestroy": false},
		Replace:  []string{"functionName", "qualifier"},
		Refs:     functionRef("functionName"),
		Unique:   [][]string{{"functionName", "qualifier"}},
		Check:    validateProvisionedConcurrency,
		NotFound: cloud.Error{
			Code:    "ProvisionedConcurrencyConfigNotFoundException",
			Message: "No Provisioned Concurrency Config found for this function",
		},
		Exists: cloud.Error{
			Code: "ResourceConflictException", Message: "Provisioned Concurrency is set already for ${functionName}:${qualifier}",
		},
	}
}

func validateProvisionedConcurrency(account cloud.Account, config *cloud.Resource) error {
	qualifier := config.Text("qualifier")
	if err := validateQualifier(account, config, "functionName", qualifier); err != nil {
		return err
	}
	function, err := findFunction(account, config, "functionName")
	if err != nil {
		return err
	}
	version := qualifier
	alias, err := account.Find(aliasToken, "", function.Text("arn")+":"+qualifier)
	if err != nil {
		return err
	}
	if alias != nil {
		version = alias.Text("functionVersion")
	}
	provisioned, reserved := number(config, "provisionedConcurrentExecutions"), number(function, "reservedConcurrentExecutions")
	switch {
	case version == latest:
		return apiError(invalidFunction, "Provisioned Concurrency Configs cannot be applied to unpublished function versions.")
	case reserved >= 0 && provisioned > reserved:
		return apiError(invalidFunction, "Requested Provisioned Concurrency should not be greater than the "+
			"reservedConcurrentExecution for function")
	case reserved < 0 && accountConcurrency-provisioned < leastUnreserved:
		return apiError(invalidFunction, "Specified ConcurrentExecutions for function decreases account's "+
			"UnreservedConcurrentExecution below its minimum value of [%d].", leastUnreserved)
	}
	return nil
}
