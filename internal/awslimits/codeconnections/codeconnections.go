// Package codeconnections knows what CodeConnections and CodePipeline accept of repositories.
package codeconnections

import (
	"regexp"
	"slices"
)

var (
	// Repository is a repository's owner and name at its provider, such as "example/service".
	Repository = regexp.MustCompile(`^[\w.-]+(/[\w.-]+)+$`)
	// Branch is the name of a branch.
	Branch = regexp.MustCompile(`^[\w./-]+$`)
)

// providers do not need a self-hosted installation (CodeConnections API Reference, "CreateConnection").
var providers = []string{"GitHub", "Bitbucket", "GitLab", "AzureDevOps"}

// Providers returns the hosts of repositories that a connection can be created for, the most common first.
func Providers() []string { return slices.Clone(providers) }
