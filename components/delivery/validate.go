package delivery

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Limits of a deployment (CodeDeploy User Guide, "CodeDeploy limits"; CodeDeploy API Reference,
// "CreateDeploymentGroup", TagSetListLimitExceeded; CodePipeline User Guide, "AWS Lambda deploy action reference").
const (
	maxTagGroups     = 3
	maxScalingGroups = 10
	maxAlarms        = 10
)

// defaultProvider is the source provider unless Args has another.
const defaultProvider = "GitHub"

var (
	// providers are those that do not need a self-hosted installation (CodeConnections API Reference, "CreateConnection").
	providers  = []string{defaultProvider, "Bitbucket", "GitLab", "AzureDevOps"}
	repository = regexp.MustCompile(`^[\w.-]+(/[\w.-]+)+$`)
	branch     = regexp.MustCompile(`^[\w./-]+$`)
	// targetName is part of an action's and of a file's name.
	targetName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,49}$`)
)

func (a *Args) sourceProvider() string { return cmp.Or(a.SourceProvider, defaultProvider) }

func (a *Args) validate() error {
	var errs []error
	refuse := func(format string, values ...any) { errs = append(errs, fmt.Errorf(format, values...)) }

	if a.AccountID == "" || a.Region == "" {
		refuse("AccountID and Region must be set")
	}
	if !repository.MatchString(a.Repository) {
		refuse("Repository is %q: it must be owner and name, such as example/service", a.Repository)
	}
	if !branch.MatchString(a.Branch) {
		refuse("Branch is %q: it must be the name of a branch, such as main", a.Branch)
	}
	if !slices.Contains(providers, a.sourceProvider()) {
		refuse("SourceProvider is %q: it must be one of %s", a.SourceProvider, strings.Join(providers, ", "))
	}
	if a.LogRetentionDays < 1 {
		refuse("LogRetentionDays is %d: it must be 1 or more, or logs are kept forever", a.LogRetentionDays)
	}
	a.validateTargets(refuse)
	if change := a.Infrastructure; change != nil &&
		(change.StateBucket == "" || !strings.HasPrefix(change.SecretsKeyAlias, "alias/") || change.DeployRoleArn == "") {
		refuse("Infrastructure must have a StateBucket, a SecretsKeyAlias (alias/...) and a DeployRoleArn")
	}
	return errors.Join(errs...)
}

// refusal collects a problem of the arguments.
type refusal func(format string, values ...any)

func (a *Args) validateTargets(refuse refusal) {
	if a.Instances == nil && len(a.Services) == 0 && len(a.Functions) == 0 {
		refuse("Instances, Services or Functions must be set, or the service is deployed nowhere")
	}
	if a.Instances != nil {
		a.Instances.validate(refuse)
	}
	names := map[string]bool{}
	for i, service := range a.Services {
		validateName(refuse, fmt.Sprintf("Services[%d].Name", i), service.Name, names)
		service.validate(refuse, fmt.Sprintf("Services[%d]", i))
	}
	clear(names)
	for i, function := range a.Functions {
		validateName(refuse, fmt.Sprintf("Functions[%d].Name", i), function.Name, names)
		function.validate(refuse, fmt.Sprintf("Functions[%d]", i))
	}
}

func validateName(refuse refusal, field, name string, taken map[string]bool) {
	if !targetName.MatchString(name) {
		refuse("%s is %q: it must be 1 to 50 lower-case letters, digits and hyphens, a letter first", field, name)
	}
	if taken[name] {
		refuse("%s is %q, which another one has already: names must differ", field, name)
	}
	taken[name] = true
}

func (i *Instances) validate(refuse refusal) {
	if tags := len(i.Tags); tags < 1 || tags > maxTagGroups {
		refuse("Instances.Tags has %d tags: CodeDeploy selects instances by 1 to %d", tags, maxTagGroups)
	}
	if groups := len(i.GroupNames); groups > maxScalingGroups {
		refuse("Instances.GroupNames has %d groups: CodeDeploy accepts %d", groups, maxScalingGroups)
	}
	if i.RoleName == nil {
		refuse("Instances.RoleName must be set, or instances cannot read bundles")
	}
	if alarms := len(i.RollbackAlarms); alarms > maxAlarms {
		refuse("Instances.RollbackAlarms has %d alarms: CodeDeploy watches %d", alarms, maxAlarms)
	}
}

func (s *Service) validate(refuse refusal, field string) {
	if s.ClusterName == nil || s.ServiceName == nil || s.ContainerName == nil {
		refuse("%s must have a ClusterName, a ServiceName and a ContainerName", field)
	}
	if s.RepositoryURL == nil || s.RepositoryArn == nil {
		refuse("%s must have a RepositoryURL and a RepositoryArn", field)
	}
	if len(s.RoleArns) == 0 {
		refuse("%s.RoleArns must be set, or the pipeline cannot register a task definition with its roles", field)
	}
}

func (f *Function) validate(refuse refusal, field string) {
	if f.FunctionName == nil || f.FunctionArn == nil || f.AliasName == nil {
		refuse("%s must have a FunctionName, a FunctionArn and an AliasName", field)
	}
	if alarms := len(f.RollbackAlarms); alarms > maxAlarms {
		refuse("%s.RollbackAlarms has %d alarms: CodePipeline watches %d", field, alarms, maxAlarms)
	}
}
