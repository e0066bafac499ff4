package aws

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ssm"

	"stagecraft/internal/offline/cloud"
)

// ssmTypes are Systems Manager's types (quotas: AWS General Reference, "AWS Systems Manager endpoints and quotas").
func ssmTypes() []cloud.Type {
	return slices.Concat(parameterTypes(), patchTypes(), maintenanceTypes(), associationTypes(), documentTypes())
}

// ssmName is how the names of most things in Systems Manager look (Systems Manager API Reference).
func ssmName() *cloud.Name {
	return &cloud.Name{Property: "name", Max: 128, Pattern: regexp.MustCompile(`^[a-zA-Z0-9_\-.]{3,}$`)}
}

func ssmQuota(limit int, per string) *cloud.Quota {
	return &cloud.Quota{Limit: limit, Per: per, Error: cloud.Error{
		Code: "ResourceLimitExceededException", Message: fmt.Sprintf("The limit of %d is reached.", limit),
	}}
}

func targetsFit(of *cloud.Resource, keys *regexp.Regexp) error {
	for _, target := range of.Elements("targets") {
		if !keys.MatchString(target.Text("key")) {
			return refuse("InvalidTarget", "Target key %s is not valid here: it must match %s", target.Text("key"), keys)
		}
	}
	return nil
}

// ssmFunctions are questions to Systems Manager.
func ssmFunctions() []cloud.Function {
	return []cloud.Function{{
		Token:  "aws:ssm/getParameter:getParameter",
		Args:   ssm.LookupParameterArgs{},
		Source: "SDK doc; Systems Manager User Guide, Calling the public parameter for EC2 AMIs",
		Answer: func(question cloud.Question) (map[string]any, error) {
			name := question.Text("name")
			if _, public := amazonLinux[name]; public {
				arn := "arn:aws:ssm:" + question.Region + "::parameter" + name
				return parameterAnswer(name, arn, "String", imageID(question.Region, name), 1), nil
			}
			found, err := question.Account.Find(parameterToken, "", name)
			if err != nil {
				return nil, err
			}
			if found == nil {
				return nil, refuse("ParameterNotFound", "Parameter %s not found.", name)
			}
			return parameterAnswer(
				name, found.Text("arn"), found.Text("type"), parameterValue(found), number(found, "version")), nil
		},
	}}
}
