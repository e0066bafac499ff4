package aws

import (
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/inspector2"

	"stagecraft/internal/offline/cloud"
)

const enablerToken = "aws:inspector2/enabler:Enabler"

func enablerType() cloud.Type {
	return cloud.Type{
		Token:     enablerToken,
		Args:      inspector2.EnablerArgs{},
		State:     inspector2.Enabler{},
		Service:   "Inspector2",
		Operation: "Enable",
		Source: "SDK doc; Inspector API Reference, Enable, which silently takes over what is enabled already. The id is the " +
			"account's, where the AWS provider's lists the types too and changes with them",
		ID:       "${account}",
		Required: []string{"accountIds", "resourceTypes"},
		Values: map[string]cloud.Value{
			"accountIds":       cloud.Count(1, 100),
			"accountIds[*]":    cloud.OneOf(Account),
			"resourceTypes":    cloud.Count(1, 4),
			"resourceTypes[*]": cloud.OneOf("EC2", "ECR", "LAMBDA", "LAMBDA_CODE"),
		},
		Check: func(_ cloud.Account, enabler *cloud.Resource) error {
			types := enabler.Texts("resourceTypes[*]")
			if slices.Contains(types, "LAMBDA_CODE") && !slices.Contains(types, "LAMBDA") {
				return apiError("ValidationException", "LAMBDA_CODE can't be enabled without LAMBDA.")
			}
			return nil
		},
		NotFound: cloud.Error{Code: "ResourceNotFoundException", Message: "Inspector is not enabled."},
	}
}
