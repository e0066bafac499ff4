package tests

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestPolicyPack runs a pack from its source, as the language host does, and sees it judge both stages.
func TestPolicyPack(t *testing.T) {
	t.Parallel()
	shared := newAccount(t)
	pack := filepath.Join(root, "tests", "testdata", "policy")

	output, err := shared.stack("stage1").try(nil, "preview", "--policy-pack", pack)
	require.Error(t, err, output)
	require.Contains(t, output, "the database has no standby")

	output, err = shared.stack("stage2").try(nil, "preview", "--policy-pack", pack)
	require.NoError(t, err, output)
	require.NotContains(t, output, "the database has no standby")
}
