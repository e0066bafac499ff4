package aws

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ssm"

	"stagecraft/internal/offline/cloud"
)

// ssmTypes returns the types of Systems Manager (quotas: AWS General Reference, "AWS Systems Manager endpoints and
// quotas").
func ssmTypes() []cloud.Type {
	return slices.Concat(parameterTypes(), patchTypes(), maintenanceTypes(), associationTypes(), documentTypes())
}

// ssmName returns the rules of most names in Systems Manager (Systems Manager API Reference).
func ssmName() *cloud.Name {
	return &cloud.Name{Property: "name", Max: 128, Pattern: regexp.MustCompile(`^[a-zA-Z0-9_\-.]{3,}$`)}
}

func ssmQuota(limit int, per string) *cloud.Quota {
	return &cloud.Quota{Limit: limit, Scope: per, Error: cloud.Error{
		Code: "ResourceLimitExceededException", Message: fmt.Sprintf("The limit of %d is reached.", limit),
	}}
}

func validateTargets(res *cloud.Resource, keys *regexp.Regexp) error {
	for _, target := range res.Elements("targets") {
		if !keys.MatchString(target.Text("key")) {
			return apiError("InvalidTarget", "Target key %s is not valid here: it must match %s", target.Text("key"), keys)
		}
	}
	return nil
}

// ssmFunctions returns the functions of Systems Manager.
func ssmFunctions() []cloud.Function {
	return []cloud.Function{{
		Token:  "aws:ssm/getParameter:getParameter",
		Args:   ssm.LookupParameterArgs{},
		Source: "SDK doc; Systems Manager User Guide, Calling the public parameter for EC2 AMIs",
		Invoke: func(request cloud.InvokeRequest) (map[string]any, error) {
			name := request.Text("name")
			if _, public := amazonLinux[name]; public {
				arn := "arn:aws:ssm:" + request.Region + "::parameter" + name
				return parameterAnswer(name, arn, "String", imageID(request.Region, name), 1), nil
			}
			parameter, err := request.Account.Find(parameterToken, "", name)
			if err != nil {
				return nil, err
			}
			if parameter == nil {
				return nil, apiError("ParameterNotFound", "Parameter %s not found.", name)
			}
			return parameterAnswer(
				name, parameter.Text("arn"), parameter.Text("type"), parameterValue(parameter), number(parameter, "version")), nil
		},
	}}
}
