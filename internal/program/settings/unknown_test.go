package settings_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"stagecraft/internal/program/settings"
	"stagecraft/internal/pulumitest"
)

// readOf reads a configuration, which the engine also passes in a variable, in the project of a folder.
func readOf(t *testing.T, folder, encoded string) error {
	t.Helper()
	t.Setenv(pulumi.EnvConfig, encoded)
	configured := configuration(t, nil)
	_, err := pulumitest.Run(func(ctx *pulumi.Context) error {
		_, err := settings.Read(ctx)
		return err
	}, nil, nil, func(info *pulumi.RunInfo) {
		info.Config, info.Stack, info.RootDirectory = configured, "stage1", folder
	})
	return err
}

func TestUnknownKeys(t *testing.T) {
	const root = "../../.."
	require.NoError(t, readOf(t, root, ""))
	require.NoError(t, readOf(t, root, `{"stagecraft:stage": "1", "aws:region": "eu-west-1", "pulumi:tags": "{}", "awsx:stag": "1"}`))

	err := readOf(t, root, `{"stagecraft:stag": "1", "stagecraft:databaseInstanceClas": "db.t4g.large", "stagecraft:stage": "1"}`)
	require.ErrorContains(t, err, "stagecraft:databaseInstanceClas is not a setting: did you mean stagecraft:databaseInstanceClass?\n"+
		"stagecraft:stag is not a setting: did you mean stagecraft:stage?")

	require.ErrorContains(t, readOf(t, root, "stage: 1"), "reading PULUMI_CONFIG: invalid character")
	require.ErrorContains(t, readOf(t, t.TempDir(), `{"stagecraft:stage": "1"}`), "Pulumi.yaml")
	require.NoError(t, readOf(t, "", `{"stagecraft:stag": "1"}`), "a program under test has no project folder")
}
