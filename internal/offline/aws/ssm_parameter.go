package aws

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ssm"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"stagecraft/internal/offline/cloud"
)

const parameterToken = "aws:ssm/parameter:Parameter"

func parameterTypes() []cloud.Type {
	return []cloud.Type{{
		Token:     parameterToken,
		Args:      ssm.ParameterArgs{},
		State:     ssm.Parameter{},
		Service:   "SSM",
		Operation: "PutParameter",
		Source:    "CloudFormation resource schema AWS::SSM::Parameter; SDK doc; Systems Manager API Reference, PutParameter",
		Name:      &cloud.Name{Property: "name", Max: 1011, AutoMax: 255, Pattern: regexp.MustCompile(`^[a-zA-Z0-9_.\-/]+$`)},
		ID:        "${name}",
		OneOf:     [][]string{{"value", "insecureValue"}},
		Values: map[string]cloud.Value{
			"allowedPattern": cloud.Length(0, 1024),
			"dataType":       cloud.OneOf("text", "aws:ec2:image", "aws:ssm:integration"),
			"description":    cloud.Length(0, 1024),
			"keyId":          cloud.OneOf("alias/aws/ssm"),
			"tier":           cloud.OneOf("Standard", "Advanced", "Intelligent-Tiering"),
			"type":           cloud.OneOf("String", "StringList", "SecureString"),
		},
		Computed:   map[string]any{"dataType": "text", "tier": "Standard"},
		Replace:    []string{"dataType", "name"},
		Unique:     [][]string{{"name"}},
		Overwrites: "overwrite",
		Quota: &cloud.Quota{Limit: 10000, Error: cloud.Error{
			Code: "ParameterLimitExceeded", Message: "You have exceeded the number of parameters for this AWS account.",
		}},
		Check:      validateParameter,
		AfterWrite: describeParameter,
		NotFound:   cloud.Error{Code: "ParameterNotFound", Message: "Parameter ${value} not found."},
		Exists: cloud.Error{
			Code:    "ParameterAlreadyExists",
			Message: "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.",
		},
	}}
}

// longestParameter is the maximum length of a parameter's value, in characters, by tier.
var longestParameter = map[string]int{"Standard": 4096, "Advanced": 8192, "Intelligent-Tiering": 8192}

// parameterDepth is the maximum number of levels in a hierarchy of parameters.
const parameterDepth = 15

func validateParameter(_ cloud.Account, parameter *cloud.Resource) error {
	name, value, tier := parameter.Text("name"), parameterValue(parameter), parameter.Text("tier")
	first := strings.ToLower(strings.TrimPrefix(name, "/"))
	switch {
	case strings.Contains(name, "/") && !strings.HasPrefix(name, "/"),
		strings.HasSuffix(name, "/"), strings.Contains(name, "//"):
		return apiError("ValidationException", "Parameter name must be a fully qualified name.")
	case strings.HasPrefix(first, "aws"), strings.HasPrefix(first, "ssm"):
		return apiError("ValidationException", "Parameter name: can't be prefixed with %q or %q (case-insensitive).", "aws", "ssm")
	case strings.Count(name, "/") > parameterDepth:
		return apiError("HierarchyLevelLimitExceededException", "Parameter hierarchy levels must not exceed %d.", parameterDepth)
	case parameter.Text("type") == "SecureString" && parameter.Text("insecureValue") != "":
		return apiError("ValidationException", "insecureValue is not valid for a parameter of the type SecureString.")
	case value == "":
		return apiError("ValidationException", "Parameter value can't be empty.")
	case len(value) > longestParameter[tier]:
		return apiError("ValidationException", "%s tier parameters support a maximum parameter value of %d characters.",
			tier, longestParameter[tier])
	}
	if allowed := parameter.Text("allowedPattern"); allowed != "" {
		pattern, err := regexp.Compile(allowed)
		if err != nil {
			return apiError("InvalidAllowedPatternException", "Allowed pattern is not a valid regular expression: %s", allowed)
		}
		if !pattern.MatchString(value) {
			return apiError("ParameterPatternMismatchException",
				"Parameter value, cannot be validated against allowedPattern: %s", allowed)
		}
	}
	return nil
}

func parameterValue(parameter *cloud.Resource) string {
	if value := parameter.Text("insecureValue"); value != "" {
		return value
	}
	return parameter.Text("value")
}

// describeParameter increments the version of a parameter at each change, except of tags alone.
func describeParameter(_ cloud.Account, parameter *cloud.Resource) error {
	version := 1.0
	if before := parameter.Before; before != nil {
		version = number(before, "version")
		diff := before.Inputs.Diff(parameter.Inputs, resource.IsInternalPropertyKey)
		if diff != nil && !slices.Equal(diff.ChangedKeys(), []resource.PropertyKey{"tags"}) {
			version++
		}
	}
	parameter.Set("version", version)
	parameter.Set("arn", fmt.Sprintf("arn:aws:ssm:%s:%s:parameter/%s",
		parameter.Region, Account, strings.TrimPrefix(parameter.Text("name"), "/")))
	return nil
}

func parameterAnswer(name, arn, kind, value string, version float64) map[string]any {
	answer := map[string]any{
		"id": name, "arn": arn, "name": name, "type": kind, "value": value, "insecureValue": value, "version": version,
		"withDecryption": true,
	}
	if kind == "SecureString" {
		delete(answer, "insecureValue")
	}
	return answer
}
