package pulumitest_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"stagecraft/internal/pulumitest"
)

func TestDefaults(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "Pulumi.yaml")
	require.NoError(t, os.WriteFile(path, []byte(`
name: acme
config:
  stage: {type: integer}
  days: {type: integer, default: 7}
  domain: {type: string, default: ""}
  owned: {type: boolean, default: false}
  plans: {type: array, default: [a, b]}
  tags: {type: object, default: {}}
`), 0o600))
	require.Equal(t, map[string]string{
		"acme:days": "7", "acme:domain": "", "acme:owned": "false", "acme:plans": `["a","b"]`, "acme:tags": "{}",
	}, pulumitest.Defaults(path))
	require.Equal(t, []string{"days", "domain", "owned", "plans", "stage", "tags"}, pulumitest.Keys(path))

	require.Panics(t, func() { pulumitest.Defaults(filepath.Join(t.TempDir(), "Pulumi.yaml")) }, "no such file")
	require.NoError(t, os.WriteFile(path, []byte("config: ["), 0o600))
	require.Panics(t, func() { pulumitest.Defaults(path) }, "broken")
}
