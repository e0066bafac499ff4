package codeconnections_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"stagecraft/internal/awslimits/codeconnections"
)

func TestProviders(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"GitHub", "Bitbucket", "GitLab", "AzureDevOps"}, codeconnections.Providers())
	codeconnections.Providers()[0] = ""
	require.Equal(t, "GitHub", codeconnections.Providers()[0], "callers get a copy")
}

func TestNames(t *testing.T) {
	t.Parallel()
	for _, repository := range []string{"example/service", "a-b/c.d_e", "group/team/service"} {
		require.Regexp(t, codeconnections.Repository, repository)
	}
	for _, repository := range []string{"", "service", "/service", "example/", "https://example.com/a/b", "a b/c"} {
		require.NotRegexp(t, codeconnections.Repository, repository)
	}
	for _, branch := range []string{"main", "release/1.2", "a-b_c"} {
		require.Regexp(t, codeconnections.Branch, branch)
	}
	for _, branch := range []string{"", "a b", "main;"} {
		require.NotRegexp(t, codeconnections.Branch, branch)
	}
}
