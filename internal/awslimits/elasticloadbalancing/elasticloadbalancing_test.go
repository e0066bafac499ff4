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
