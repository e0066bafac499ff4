package delivery

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	limits "stagecraft/internal/awslimits/codeconnections"
	"stagecraft/internal/validate"
)

// Limits of a deployment (CodeDeploy User Guide, "CodeDeploy limits"; CodeDeploy API Reference,
// "CreateDeploymentGroup", TagSetListLimitExceeded; CodePipeline User Guide, "AWS Lambda deploy action reference").
const (
	maxTagGroups     = 3
	maxScalingGroups = 10
	maxAlarms        = 10
)

// targetName is part of an action's and of a file's name.
var targetName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,49}$`)

func (a *Args) sourceProvider() string { return cmp.Or(a.SourceProvider, limits.Providers()[0]) }

func (a *Args) validate() error {
	var problems validate.Problems
	if a.AccountID == "" || a.Region == "" {
		problems.Addf("AccountID and Region must be set")
	}
	if !limits.Repository.MatchString(a.Repository) {
		problems.Addf("Repository is %q: it must be owner and name, such as example/service", a.Repository)
	}
	if !limits.Branch.MatchString(a.Branch) {
		problems.Addf("Branch is %q: it must be the name of a branch, such as main", a.Branch)
	}
	if !slices.Contains(limits.Providers(), a.sourceProvider()) {
		problems.Addf("SourceProvider is %q: it must be one of %s", a.SourceProvider, strings.Join(limits.Providers(), ", "))
	}
	problems.Retention("LogRetentionDays", a.LogRetentionDays)
	a.validateTargets(&problems)
	if change := a.Infrastructure; change != nil &&
		(change.StateBucket == "" || !strings.HasPrefix(change.SecretsKeyAlias, "alias/") || change.DeployRoleArn == "") {
		problems.Addf("Infrastructure must have a StateBucket, a SecretsKeyAlias (alias/...) and a DeployRoleArn")
	}
	return problems.Err()
}

func (a *Args) validateTargets(problems *validate.Problems) {
	if a.Instances == nil && len(a.Services) == 0 && len(a.Functions) == 0 {
		problems.Addf("Instances, Services or Functions must be set, or the service is deployed nowhere")
	}
	if a.Instances != nil {
		a.Instances.validate(problems)
	}
	names := map[string]bool{}
	for i, service := range a.Services {
		validateName(problems, fmt.Sprintf("Services[%d].Name", i), service.Name, names)
		service.validate(problems, fmt.Sprintf("Services[%d]", i))
	}
	clear(names)
	for i, function := range a.Functions {
		validateName(problems, fmt.Sprintf("Functions[%d].Name", i), function.Name, names)
		function.validate(problems, fmt.Sprintf("Functions[%d]", i))
	}
}

func validateName(problems *validate.Problems, field, name string, taken map[string]bool) {
	if !targetName.MatchString(name) {
		problems.Addf("%s is %q: it must be 1 to 50 lower-case letters, digits and hyphens, a letter first", field, name)
	}
	if taken[name] {
		problems.Addf("%s is %q, which another one has already: names must differ", field, name)
	}
	taken[name] = true
}

func (i *Instances) validate(problems *validate.Problems) {
	if tags := len(i.Tags); tags < 1 || tags > maxTagGroups {
		problems.Addf("Instances.Tags has %d tags: CodeDeploy selects instances by 1 to %d", tags, maxTagGroups)
	}
	if tags := len(i.FixedTags); tags > maxTagGroups || tags > 0 && len(i.GroupNames) == 0 {
		problems.Addf("Instances.FixedTags has %d tags: it may have %d beside GroupNames, and none without", tags, maxTagGroups)
	}
	if groups := len(i.GroupNames); groups > maxScalingGroups {
		problems.Addf("Instances.GroupNames has %d groups: CodeDeploy accepts %d", groups, maxScalingGroups)
	}
	if i.RoleName == nil {
		problems.Addf("Instances.RoleName must be set, or instances cannot read bundles")
	}
	if alarms := len(i.RollbackAlarms); alarms > maxAlarms {
		problems.Addf("Instances.RollbackAlarms has %d alarms: CodeDeploy watches %d", alarms, maxAlarms)
	}
}

func (s *Service) validate(problems *validate.Problems, field string) {
	if s.ClusterName == nil || s.ServiceName == nil || s.ContainerName == nil {
		problems.Addf("%s must have a ClusterName, a ServiceName and a ContainerName", field)
	}
	if s.RepositoryURL == nil || s.RepositoryArn == nil {
		problems.Addf("%s must have a RepositoryURL and a RepositoryArn", field)
	}
	if len(s.RoleArns) == 0 {
		problems.Addf("%s.RoleArns must be set, or the pipeline cannot register a task definition with its roles", field)
	}
}

func (f *Function) validate(problems *validate.Problems, field string) {
	if f.FunctionName == nil || f.FunctionArn == nil || f.AliasName == nil {
		problems.Addf("%s must have a FunctionName, a FunctionArn and an AliasName", field)
	}
	if alarms := len(f.RollbackAlarms); alarms > maxAlarms {
		problems.Addf("%s.RollbackAlarms has %d alarms: CodePipeline watches %d", field, alarms, maxAlarms)
	}
}
