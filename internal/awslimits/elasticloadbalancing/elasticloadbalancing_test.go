package elasticloadbalancing_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"stagecraft/internal/awslimits/elasticloadbalancing"
)

func TestCheckPath(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/", "/*", "/api/users*", `/A-z_0.9$~"'@:+&?`, "/" + strings.Repeat("a", 127)} {
		require.NoError(t, elasticloadbalancing.CheckPath(path))
	}
	for _, path := range []string{"", "users", "/a b", "/ü", "/a;b", "/" + strings.Repeat("a", 128)} {
		require.ErrorContains(t, elasticloadbalancing.CheckPath(path), "a path must begin with / and have 128 characters at most")
	}
}

func TestWildcards(t *testing.T) {
	t.Parallel()
	require.Equal(t, 0, elasticloadbalancing.Wildcards([]string{"/a", "/b"}))
	require.Equal(t, 5, elasticloadbalancing.Wildcards([]string{"/*/?*", "/b?", "/c*"}))
	require.Equal(t, []int{3, 128, 5, 50000}, []int{
		elasticloadbalancing.MaxPaths, elasticloadbalancing.MaxPathLength, elasticloadbalancing.MaxWildcards,
		elasticloadbalancing.MaxPriority,
	})
}

func TestMatches(t *testing.T) {
	t.Parallel()
	for pattern, path := range map[string]string{
		"/api/ready": "/api/ready", "/api/*": "/api/users/1", "/a?c*": "/abc", "*/x": "/a/b/x", "/a.b": "/a.b",
	} {
		require.True(t, elasticloadbalancing.Matches(pattern, path), pattern)
	}
	for pattern, path := range map[string]string{
		"/api/ready": "/api/ready/now", "/a?c": "/ac", "/a.b": "/axb", "/api/*": "/apis", "/API/*": "/api/x",
	} {
		require.False(t, elasticloadbalancing.Matches(pattern, path), pattern)
	}
}
