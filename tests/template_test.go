package tests

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"
	"github.com/stretchr/testify/require"
)

// TestTemplate creates a project with `pulumi new` from a copy of this one. It asks for what a stack needs, and the new
// stack previews, as do those of the stack files.
func TestTemplate(t *testing.T) {
	t.Parallel()
	template, folder := copyOfTheProject(t), t.TempDir()
	command := exec.CommandContext(t.Context(), tools.Pulumi, "new", template, "--yes", "--offline", "--name", "acme", "--stack", "dev",
		"--config", "alarmEmail=platform@example.com", "--config", "repository=acme/service")
	command.Dir = folder
	command.Env = append(os.Environ(),
		"PATH="+tools.LanguageHost+string(os.PathListSeparator)+os.Getenv("PATH"),
		"PULUMI_HOME="+t.TempDir(), "PULUMI_BACKEND_URL=file://"+t.TempDir(), "PULUMI_CONFIG_PASSPHRASE=x",
		"PULUMI_SKIP_UPDATE_CHECK=true",
		"HTTPS_PROXY=http://127.0.0.1:1") // it would download the official plugins, and fails to
	printed, err := command.CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(printed), "Created project 'acme'")
	require.Contains(t, string(printed), "Saved config")
	require.Contains(t, string(printed), "failed to download plugin", "nothing else fails")

	project, err := workspace.LoadProject(filepath.Join(folder, "Pulumi.yaml"))
	require.NoError(t, err)
	require.Equal(t, "acme", project.Name.String())
	require.Nil(t, project.Template)
	account := openAccount(t, folder, tools)
	for _, name := range []string{"dev", "stage1"} {
		preview := account.stack(name).run("preview", "--policy-pack", tools.Policy)
		require.Contains(t, preview, "pulumi:pulumi:Stack acme-"+name+" create")
	}
}
