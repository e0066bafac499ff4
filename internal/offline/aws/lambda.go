package aws

import (
	"regexp"
	"strings"

	"stagecraft/internal/offline/cloud"
)

var (
	arnOfSomething = regexp.MustCompile(`^arn:`)
	nameAlone      = regexp.MustCompile(`^[^:]*$`)
)

// lambdaTypes are functions, who may invoke them, names for their versions, and what is set on versions and aliases.
func lambdaTypes() []cloud.Type {
	return []cloud.Type{
		functionType(), permissionType(), aliasType(), provisionedConcurrencyType(), eventInvokeConfigType(),
	}
}

// invalidFunction is the code of nearly everything that Lambda refuses.
const invalidFunction = "InvalidParameterValueException"

// latest is the version of a function that is still changed.
const latest = "$LATEST"

// invocationARN is the ARN by which API Gateway invokes a function.
func invocationARN(arn string) string {
	return "arn:aws:apigateway:${region}:lambda:path/2015-03-31/functions/" + arn + "/invocations"
}

// findFunction is the function that a property has the name or ARN of.
func findFunction(account cloud.Account, referrer *cloud.Resource, property string) (*cloud.Resource, error) {
	name := referrer.Text(property)
	return account.Find(functionToken, "name", name[strings.LastIndex(name, ":")+1:])
}

// functionRef refers to the function, by its name or ARN, that something is a part of.
func functionRef(path string) []cloud.Ref {
	return []cloud.Ref{
		{Path: path, Type: functionToken, TargetProperty: "name", OwnedBy: true, External: arnOfSomething},
		{Path: path, Type: functionToken, TargetProperty: "arn", OwnedBy: true, External: nameAlone},
	}
}

// validateQualifier refuses a qualifier that is neither a version nor an alias of a function; "" qualifies nothing.
func validateQualifier(account cloud.Account, referrer *cloud.Resource, property, qualifier string) error {
	function, err := findFunction(account, referrer, property)
	if err != nil || qualifier == "" || isPublished(function, qualifier) {
		return err
	}
	alias, err := account.Find(aliasToken, "", function.Text("arn")+":"+qualifier)
	if err == nil && alias == nil {
		err = apiError("ResourceNotFoundException", "Function not found: %s:%s", function.Text("arn"), qualifier)
	}
	return err
}
