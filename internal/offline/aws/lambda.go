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

// invocation is the ARN by which API Gateway invokes a function.
func invocation(arn string) string {
	return "arn:aws:apigateway:${region}:lambda:path/2015-03-31/functions/" + arn + "/invocations"
}

// functionAt is the function that a property has the name or ARN of.
func functionAt(account cloud.Account, of *cloud.Resource, property string) (*cloud.Resource, error) {
	name := of.Text(property)
	return account.Find(functionToken, "name", name[strings.LastIndex(name, ":")+1:])
}

// ofFunction refers to the function, by its name or ARN, that something is a part of.
func ofFunction(path string) []cloud.Ref {
	return []cloud.Ref{
		{Path: path, Type: functionToken, By: "name", Part: true, External: arnOfSomething},
		{Path: path, Type: functionToken, By: "arn", Part: true, External: nameAlone},
	}
}

// qualified refuses a qualifier that is neither a version nor an alias of a function; "" qualifies nothing.
func qualified(account cloud.Account, of *cloud.Resource, property, qualifier string) error {
	function, err := functionAt(account, of, property)
	if err != nil || qualifier == "" || published(function, qualifier) {
		return err
	}
	alias, err := account.Find(aliasToken, "", function.Text("arn")+":"+qualifier)
	if err == nil && alias == nil {
		err = refuse("ResourceNotFoundException", "Function not found: %s:%s", function.Text("arn"), qualifier)
	}
	return err
}
