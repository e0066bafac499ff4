package aws

import (
	"regexp"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"

	"stagecraft/internal/offline/cloud"
)

const aliasToken = "aws:lambda/alias:Alias"

func aliasType() cloud.Type {
	return cloud.Type{
		Token:     aliasToken,
		Args:      lambda.AliasArgs{},
		State:     lambda.Alias{},
		Service:   "Lambda",
		Operation: "CreateAlias",
		Change:    "UpdateAlias",
		Source: "CloudFormation resource schema AWS::Lambda::Alias; SDK doc; Lambda API Reference, CreateAlias. Weights of two " +
			"versions are left out",
		Name: &cloud.Name{Property: "name", Max: 128, Pattern: regexp.MustCompile(`^[\w-]*[A-Za-z_-][\w-]*$`)},
		ID:   "${arn}",
		Values: map[string]cloud.Value{
			"description":     cloud.Length(0, 256),
			"functionVersion": cloud.Match(`^(\$LATEST|[0-9]+)$`, "a version"),
			"routingConfig":   cloud.NotSimulated,
		},
		Computed: map[string]any{
			"arn":       "arn:aws:lambda:${region}:${account}:function:${functionName}:${name}",
			"invokeArn": invocationARN("${arn}"),
		},
		Replace: []string{"functionName", "name"},
		Refs:    []cloud.Ref{{Path: "functionName", Type: functionToken, TargetProperty: "name", OwnedBy: true}},
		Unique:  [][]string{{"functionName", "name"}},
		Check: func(account cloud.Account, alias *cloud.Resource) error {
			function, err := findFunction(account, alias, "functionName")
			if err == nil && !isPublished(function, alias.Text("functionVersion")) {
				err = apiError("ResourceNotFoundException", "Function not found: %s:%s", function.Text("arn"), alias.Text("functionVersion"))
			}
			return err
		},
		NotFound: cloud.Error{Code: "ResourceNotFoundException", Message: "Cannot find alias arn: ${value}"},
		Exists: cloud.Error{
			Code:    "ResourceConflictException",
			Message: "Alias already exists: arn:aws:lambda:${region}:${account}:function:${functionName}:${name}",
		},
	}
}
