package aws

import (
	"encoding/json"
	"regexp"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecr"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"stagecraft/internal/offline/cloud"
)

const repositoryToken = "aws:ecr/repository:Repository"

// repositoryPattern matches the names of repositories (Amazon ECR API Reference, CreateRepository).
const repositoryPattern = `^([a-z0-9]+([._-][a-z0-9]+)*/)*[a-z0-9]+([._-][a-z0-9]+)*$`

// ecrTypes returns the types of ECR. Repositories stay empty, since images are not simulated.
func ecrTypes() []cloud.Type {
	return []cloud.Type{{
		Token:     repositoryToken,
		Args:      ecr.RepositoryArgs{},
		State:     ecr.Repository{},
		Service:   "ECR",
		Operation: "CreateRepository",
		Change:    "PutImageTagMutability",
		Source: "CloudFormation resource schema AWS::ECR::Repository; SDK doc; Amazon ECR API Reference, CreateRepository. " +
			"No image is ever in it, so that forceDelete makes no difference",
		Name: &cloud.Name{Property: "name", Max: 256, Pattern: regexp.MustCompile(repositoryPattern), Lower: true},
		ID:   "${name}",
		Values: map[string]cloud.Value{
			"encryptionConfigurations":                   cloud.Count(0, 1),
			"encryptionConfigurations[*].encryptionType": cloud.OneOf("AES256", "KMS"),
			"imageTagMutability":                         cloud.OneOf("IMMUTABLE", "MUTABLE"),
			"name":                                       cloud.Length(2, 256),
		},
		Computed: map[string]any{
			"arn":                      "arn:aws:ecr:${region}:${account}:repository/${name}",
			"encryptionConfigurations": []any{map[string]any{"encryptionType": "AES256"}},
			"imageTagMutability":       "MUTABLE",
			"registryId":               "${account}",
			"repositoryUrl":            "${account}.dkr.ecr.${region}.amazonaws.com/${name}",
		},
		Replace: []string{"encryptionConfigurations", "name"},
		Unique:  [][]string{{"name"}},
		NotFound: cloud.Error{
			Code:    "RepositoryNotFoundException",
			Message: "The repository with name '${value}' does not exist in the registry with id '${account}'",
		},
		Exists: cloud.Error{
			Code:    "RepositoryAlreadyExistsException",
			Message: "The repository with name '${name}' already exists in the registry with id '${account}'",
		},
	}, {
		Token:     "aws:ecr/lifecyclePolicy:LifecyclePolicy",
		Args:      ecr.LifecyclePolicyArgs{},
		State:     ecr.LifecyclePolicy{},
		Service:   "ECR",
		Operation: "PutLifecyclePolicy",
		Source: "SDK doc; Amazon ECR API Reference, PutLifecyclePolicy, which silently takes over the policy of a repository; " +
			"Amazon ECR User Guide, Lifecycle policy properties in Amazon ECR",
		ID:       "${repository}",
		Values:   map[string]cloud.Value{"policy": imageLifecycle},
		Computed: map[string]any{"registryId": "${account}"},
		Replace:  []string{"repository"},
		Refs:     []cloud.Ref{{Path: "repository", Type: repositoryToken, TargetProperty: "name", OwnedBy: true}},
	}}
}

// lifecycleRule selects the images that expire.
type lifecycleRule struct {
	RulePriority int
	Selection    struct {
		TagStatus, CountType, CountUnit string
		TagPrefixList, TagPatternList   []string
		CountNumber                     int
	}
	Action struct{ Type string }
}

// imageLifecycle allows lifecycle policies. The AWS provider leaves their validation to ECR.
func imageLifecycle(value resource.PropertyValue) string {
	if wrong := cloud.JSON(value); wrong != "" {
		return wrong
	}
	var policy struct{ Rules []lifecycleRule }
	if err := json.Unmarshal([]byte(value.StringValue()), &policy); err != nil || len(policy.Rules) == 0 {
		return "Lifecycle policy validation failure: it must have rules"
	}
	seen, last := map[int]bool{}, 0
	for _, rule := range policy.Rules {
		if wrong := rule.problem(); wrong != "" {
			return "Lifecycle policy validation failure: " + wrong
		}
		if seen[rule.RulePriority] {
			return "Lifecycle policy validation failure: rule priorities must be unique"
		}
		seen[rule.RulePriority] = true
		last = max(last, rule.RulePriority)
	}
	for _, rule := range policy.Rules {
		if rule.Selection.TagStatus == "any" && rule.RulePriority != last {
			return "Lifecycle policy validation failure: the rule for any tag status must have the highest rulePriority"
		}
	}
	return ""
}

// problem returns what is wrong with a rule, "" if nothing is.
func (r lifecycleRule) problem() string {
	selection := r.Selection
	patterns := len(selection.TagPrefixList) + len(selection.TagPatternList)
	switch {
	case r.RulePriority < 1:
		return "rulePriority must be 1 or more"
	case r.Action.Type != "expire":
		return "action.type must be expire"
	case selection.TagStatus == "tagged" && patterns == 0:
		return "a rule for tagged images must have a tagPrefixList or a tagPatternList"
	case (selection.TagStatus == "untagged" || selection.TagStatus == "any") && patterns > 0:
		return "only a rule for tagged images has a tagPrefixList or a tagPatternList"
	case selection.TagStatus != "tagged" && selection.TagStatus != "untagged" && selection.TagStatus != "any":
		return "tagStatus must be tagged, untagged or any"
	case selection.CountNumber < 1:
		return "countNumber must be 1 or more"
	case selection.CountType == "sinceImagePushed" && selection.CountUnit == "days",
		selection.CountType == "imageCountMoreThan" && selection.CountUnit == "":
		return ""
	default:
		return "countType must be imageCountMoreThan, or sinceImagePushed with countUnit days"
	}
}
