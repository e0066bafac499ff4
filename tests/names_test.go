package tests

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	pulumiworkspace "github.com/pulumi/pulumi/sdk/v3/go/common/workspace"
	"github.com/stretchr/testify/require"
)

// TestLongestNames deploys stacks with the longest names of project and stack that settings take. The offline cloud rejects
// every name that AWS would, automatic ones too.
func TestLongestNames(t *testing.T) {
	t.Parallel()
	for _, stage := range []string{"stage2", "stage4", "stage5"} {
		t.Run(stage, func(t *testing.T) {
			t.Parallel()
			project, name := strings.Repeat("p", 20), strings.Repeat("s", 40)
			long := newAccount(t).renamed(project, name, stage)
			long.up("--config", "infrastructurePipeline=true")
			require.Equal(t, project+"-"+name, long.one("aws:cloudwatch/dashboard:Dashboard").ID)
			long.requireSame(long)
			long.destroy()
			require.Empty(t, long.store())
		})
	}
}

// renamed is a stack of a project, both with names of their own, with the configuration of another stack.
func (a account) renamed(project, name, like string) stack {
	a.t.Helper()
	folder := a.workspace.Command(a.t.Context()).Dir
	own, err := pulumiworkspace.LoadProject(filepath.Join(root, "Pulumi.yaml"))
	require.NoError(a.t, err)
	for from, to := range map[string]string{
		filepath.Join(folder, "Pulumi.yaml"):        filepath.Join(folder, "Pulumi.yaml"),
		filepath.Join(root, "Pulumi."+like+".yaml"): filepath.Join(folder, "Pulumi."+name+".yaml"),
	} {
		text, err := os.ReadFile(from)
		require.NoError(a.t, err)
		renamed := strings.NewReplacer(
			"name: "+own.Name.String()+"\n", "name: "+project+"\n", own.Name.String()+":", project+":",
		).Replace(string(text))
		require.NoError(a.t, os.WriteFile(to, []byte(renamed), 0o600))
	}
	renamed := stack{a, name}
	output, err := a.workspace.Command(a.t.Context(), "stack", "init", name).CombinedOutput()
	require.NoError(a.t, err, string(output))
	return renamed
}
