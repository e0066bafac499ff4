package delivery

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Limits of a deployment group (CodeDeploy User Guide, "CodeDeploy limits"; CodeDeploy API Reference,
// "CreateDeploymentGroup", TagSetListLimitExceeded).
const (
	maxTagGroups     = 3
	maxScalingGroups = 10
	maxAlarms        = 10
)

// defaultProvider hosts the repository unless Args says otherwise.
const defaultProvider = "GitHub"

var (
	// providers can be connected without a host of one's own (CodeConnections API Reference, "CreateConnection").
	providers  = []string{defaultProvider, "Bitbucket", "GitLab", "AzureDevOps"}
	repository = regexp.MustCompile(`^[\w.-]+(/[\w.-]+)+$`)
	branch     = regexp.MustCompile(`^[\w./-]+$`)
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
		refuse("LogRetentionDays is %d: keep logs for a day at least", a.LogRetentionDays)
	}
	instances := a.Instances
	if tags := len(instances.Tags); tags < 1 || tags > maxTagGroups {
		refuse("Instances.Tags has %d tags: CodeDeploy selects instances by one to %d", tags, maxTagGroups)
	}
	if groups := len(instances.GroupNames); groups > maxScalingGroups {
		refuse("Instances.GroupNames has %d groups: CodeDeploy takes %d", groups, maxScalingGroups)
	}
	if instances.RoleName == nil {
		refuse("Instances.RoleName must be set: instances could not read what is deployed to them")
	}
	if alarms := len(instances.RollbackAlarms); alarms > maxAlarms {
		refuse("Instances.RollbackAlarms has %d alarms: CodeDeploy watches %d", alarms, maxAlarms)
	}
	if change := a.Infrastructure; change != nil &&
		(change.StateBucket == "" || !strings.HasPrefix(change.SecretsKeyAlias, "alias/") || change.DeployRoleArn == "") {
		refuse("Infrastructure must have a StateBucket, a SecretsKeyAlias (alias/...) and a DeployRoleArn")
	}
	return errors.Join(errs...)
}
