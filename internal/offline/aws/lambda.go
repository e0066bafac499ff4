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

// lambdaTypes returns functions, permissions to invoke them, aliases, and the configuration of versions and aliases.
func lambdaTypes() []cloud.Type {
	return []cloud.Type{
		functionType(), permissionType(), aliasType(), provisionedConcurrencyType(), eventInvokeConfigType(),
		invocationType(),
	}
}

// invalidFunction is the code of most errors of Lambda.
const invalidFunction = "InvalidParameterValueException"

// latest is the unpublished version of a function.
const latest = "$LATEST"

// invocationARN returns the ARN by which API Gateway invokes a function.
func invocationARN(arn string) string {
	return "arn:aws:apigateway:${region}:lambda:path/2015-03-31/functions/" + arn + "/invocations"
}

// findFunction returns the function whose name or ARN a property holds.
func findFunction(account cloud.Account, referrer *cloud.Resource, property string) (*cloud.Resource, error) {
	name := referrer.Text(property)
	return account.Find(functionToken, "name", name[strings.LastIndex(name, ":")+1:])
}

// functionRef returns the references, by name or ARN, to the function that owns a resource.
func functionRef(path string) []cloud.Ref {
	return []cloud.Ref{
		{Path: path, Type: functionToken, TargetProperty: "name", OwnedBy: true, External: arnOfSomething},
		{Path: path, Type: functionToken, TargetProperty: "arn", OwnedBy: true, External: nameAlone},
	}
}

// validateQualifier rejects a qualifier that is neither a version nor an alias of a function; "" is no qualifier.
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
