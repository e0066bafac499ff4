package tests

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestCustomerKey has a stack encrypt with a key of its own, for all its life.
func TestCustomerKey(t *testing.T) {
	t.Parallel()
	deployed := newAccount(t).stack("stage2")
	deployed.up("--config", "encryptionKey=customer")
	deployed.requireSame(deployed)

	var key struct{ Arn string }
	require.NoError(t, json.Unmarshal(deployed.one("aws:kms/key:Key").Outputs, &key))
	var database struct{ KmsKeyID string }
	require.NoError(t, json.Unmarshal(deployed.one("aws:rds/instance:Instance").Outputs, &database))
	require.Equal(t, key.Arn, database.KmsKeyID)

	deployed.run("preview", "--expect-no-changes", "--diff")
	deployed.run("refresh", "--yes", "--skip-preview", "--expect-no-changes")
	opened := deployed.up("--config", "ephemeral=true")
	require.NotContains(t, opened, "replaced", "who opens a stack keeps its key")
	deployed.run("destroy", "--yes", "--skip-preview")
	require.Empty(t, deployed.store())
}
