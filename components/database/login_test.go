package database_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"stagecraft/components/database"
)

// TestLogin checks that the login is created once, and that rotation changes it from then on.
func TestLogin(t *testing.T) {
	t.Parallel()
	resources, err := run("database", valid())
	require.NoError(t, err)
	secret := resources.One(t, "aws:secretsmanager/secret:Secret")
	require.Equal(t, 30.0, secret.Inputs["recoveryWindowInDays"])
	require.NotContains(t, secret.Inputs, "name", "its name is automatic")

	version := resources.One(t, "aws:secretsmanager/secretVersion:SecretVersion")
	require.Equal(t, "arn:database", version.Inputs["secretId"])
	require.JSONEq(t, `{"username": "app_admin", "password": "correct-horse"}`, version.Inputs["secretString"].(string))
	require.Equal(t, []any{"initial"}, version.Inputs["versionStages"])
	require.Equal(t, []string{"secretString", "versionStages"}, version.IgnoreChanges)
	require.Equal(t, []string{"secretString"}, version.Secrets)
	require.Equal(t, []string{"password"}, resources.One(t, instanceType).Secrets)

	rotation := resources.One(t, "aws:secretsmanager/secretRotation:SecretRotation")
	require.Equal(t, "arn:database", rotation.Inputs["secretId"])
	function := resources.One(t, "aws:lambda/function:Function")
	require.Equal(t, map[string]any{"variables": map[string]any{"INSTANCE": "test-database"}}, function.Inputs["environment"])
}

func TestLoginOfEphemeral(t *testing.T) {
	t.Parallel()
	resources, err := run("database", with(func(a *database.Args) { a.Ephemeral = true }))
	require.NoError(t, err)
	require.Equal(t, 0.0, resources.One(t, "aws:secretsmanager/secret:Secret").Inputs["recoveryWindowInDays"])
}
