package tests

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestRename renames a copy of the project with `make rename`. After that, every import of its packages and tests
// resolves, the program builds, and stage 1 previews under its own project name. Compiling the other programs, in which
// nothing but import paths changes, would take minutes.
func TestRename(t *testing.T) {
	t.Parallel()
	folder := copyOfTheProject(t)
	inFolder := func(name string, args ...string) string {
		t.Helper()
		command := exec.CommandContext(t.Context(), name, args...)
		command.Dir = folder
		printed, err := command.CombinedOutput()
		require.NoError(t, err, string(printed))
		return string(printed)
	}
	inFolder("git", "init", "--quiet")
	inFolder("git", "add", "--all")
	require.Contains(t, inFolder("make", "rename", "MODULE=github.com/acme/platform", "PROJECT=acme"), "Changed ")
	require.Contains(t, inFolder("go", "list", "-m"), "github.com/acme/platform")
	for _, module := range []string{".", "app"} {
		require.NotContains(t, inFolder("go", "-C", module, "list", "-deps", "-test", "./..."), "stagecraft/internal")
	}
	renamed := tools
	renamed.Program = filepath.Join(folder, "bin", "program")
	inFolder("go", "build", "-buildvcs=false", "-o", renamed.Program, ".")

	preview := openAccount(t, folder, renamed).stack("stage1").run("preview")
	require.Contains(t, preview, "pulumi:pulumi:Stack acme-stage1 create")
	require.Contains(t, preview, "stagecraft:network:Network network create", "type tokens keep their names")
	require.NotContains(t, preview, "stagecraft-stage1")
}

// copyOfTheProject copies the files under version control, as they are now.
func copyOfTheProject(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	list := exec.CommandContext(t.Context(), "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	list.Dir = root
	printed, err := list.Output()
	require.NoError(t, err)
	for name := range strings.SplitSeq(strings.Trim(string(printed), "\x00"), "\x00") {
		info, err := os.Stat(filepath.Join(root, name))
		if os.IsNotExist(err) { // deleted and not yet committed
			continue
		}
		require.NoError(t, err)
		text, err := os.ReadFile(filepath.Join(root, name))
		require.NoError(t, err)
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(folder, name)), 0o750))
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), text, info.Mode().Perm()))
	}
	return folder
}
