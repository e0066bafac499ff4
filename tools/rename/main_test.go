package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// repository writes files under version control, and returns their folder.
func repository(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o750))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	}
	for _, args := range [][]string{{"init", "--quiet"}, {"add", "--all"}} {
		command := exec.CommandContext(t.Context(), "git", args...)
		command.Dir = root
		printed, err := command.CombinedOutput()
		require.NoError(t, err, string(printed))
	}
	return root
}

func TestRename(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ before, after string }{
		"go.mod":              {"module stagecraft\n\ngo 1.26\n", "module github.com/acme/platform\n\ngo 1.26\n"},
		"app/go.mod":          {"module stagecraft/app\n", "module github.com/acme/platform/app\n"},
		"tools/other/go.mod":  {"module stagecraftish\n", "module stagecraftish\n"},
		".golangci.yml":       {"module-path: stagecraft\nlocal-prefixes:\n  - stagecraft\n", "module-path: github.com/acme/platform\nlocal-prefixes:\n  - github.com/acme/platform\n"},
		"Pulumi.yaml":         {"name: stagecraft\nruntime: go\n", "name: acme\nruntime: go\n"},
		"Pulumi.stage1.yaml":  {"config:\n  aws:region: eu-west-1\n  stagecraft:stage: 1\n", "config:\n  aws:region: eu-west-1\n  acme:stage: 1\n"},
		"bootstrap/b.yaml":    {"  Default: stagecraft\n  Default: main\n", "  Default: acme\n  Default: main\n"},
		"other.yaml":          {"Default: stagecraft\nname: stagecraft\n", "Default: stagecraft\nname: stagecraft\n"},
		"docs/a.md":           {"`stagecraft:services` of stagecraft-stage2-session, s3://stagecraft-state-1, bin/stagecraft\n", "`acme:services` of acme-stage2-session, s3://acme-state-1, bin/stagecraft\n"},
		"docs/b.md":           {"stagecraft:network:Network, notstagecraft:stage, stagecraft: a word\n", "stagecraft:network:Network, notstagecraft:stage, stagecraft: a word\n"},
		"main.go":             {"import \"stagecraft/internal/x\" // stagecraft:stage\n", "import \"github.com/acme/platform/internal/x\" // stagecraft:stage\n"},
		"main_test.go":        {"x(`stagecraft/x`, \"stagecraft\", \"stagecraft-\", \"a/stagecraft/x\")\n", "x(`github.com/acme/platform/x`, \"github.com/acme/platform\", \"stagecraft-\", \"a/stagecraft/x\")\n"},
		"tests/a_test.go":     {"\"stagecraft:stage is\", \"stagecraft-stage1-x\", \"stagecraft:web:Web\"\n", "\"acme:stage is\", \"acme-stage1-x\", \"stagecraft:web:Web\"\n"},
		"components/a/a.go":   {"\"stagecraft:a:A\"\n", "\"stagecraft:a:A\"\n"},
		"delivery/x.service":  {"/opt/stagecraft/service\n", "/opt/stagecraft/service\n"},
		"untouched/binary.gz": {"\x1f\x8b\x00\n", "\x1f\x8b\x00\n"},
	}
	before, changed := map[string]string{}, 0
	for name, test := range tests {
		before[name] = test.before
		if test.before != test.after {
			changed++
		}
	}
	root := repository(t, before)
	require.NoError(t, os.WriteFile(filepath.Join(root, "untracked.md"), []byte("stagecraft:stage"), 0o600))
	require.NoError(t, os.Chmod(filepath.Join(root, "main.go"), 0o755))
	count, err := rename(root, "github.com/acme/platform", "acme")
	require.NoError(t, err)
	require.Equal(t, changed, count)
	for name, test := range tests {
		text, err := os.ReadFile(filepath.Join(root, name))
		require.NoError(t, err)
		require.Equal(t, test.after, string(text), name)
	}
	text, err := os.ReadFile(filepath.Join(root, "untracked.md"))
	require.NoError(t, err)
	require.Equal(t, "stagecraft:stage", string(text))
	info, err := os.Stat(filepath.Join(root, "main.go"))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o755), info.Mode().Perm())

	again, err := rename(root, "github.com/acme/platform", "acme")
	require.NoError(t, err)
	require.Zero(t, again)
	count, err = rename(root, "example.com/garden", "rose")
	require.NoError(t, err)
	require.Equal(t, changed, count, "a renamed project can be renamed again")
}

func TestRenameRejects(t *testing.T) {
	t.Parallel()
	root := repository(t, map[string]string{"go.mod": "module stagecraft\n", "Pulumi.yaml": "name: stagecraft\n"})
	for _, test := range []struct{ root, module, project, want string }{
		{root, "", "acme", "MODULE: malformed import path"},
		{root, "acme corp", "acme", "MODULE: malformed import path"},
		{root, "example.com/acme", "", `PROJECT is ""`},
		{root, "example.com/acme", "Acme", `PROJECT is "Acme"`},
		{root, "example.com/acme", "acme-", `PROJECT is "acme-"`},
		{root, "example.com/acme", "a23456789012345678901", "at most 20"},
		{t.TempDir(), "example.com/acme", "acme", "go.mod: no such file"},
		{repository(t, map[string]string{"go.mod": "module a\n"}), "example.com/acme", "acme", "Pulumi.yaml: no such file"},
		{repository(t, map[string]string{"go.mod": "", "Pulumi.yaml": "name: a\n"}), "example.com/acme", "acme", "go.mod has no module"},
		{repository(t, map[string]string{"go.mod": "module a\n", "Pulumi.yaml": ""}), "example.com/acme", "acme", "Pulumi.yaml no name"},
	} {
		_, err := rename(test.root, test.module, test.project)
		require.ErrorContains(t, err, test.want)
	}
	_, err := rename(root, "example.com/acme", "a2345678901234567890")
	require.NoError(t, err)
}

func TestRenameWithoutGit(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(root, "go.mod"), []byte("module stagecraft\n"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(root, "Pulumi.yaml"), []byte("name: stagecraft\n"), 0o600))
	_, err := rename(root, "example.com/acme", "acme")
	require.ErrorContains(t, err, "git ls-files: exit status 128")
}

func TestDeletedFilesAreSkipped(t *testing.T) {
	t.Parallel()
	root := repository(t, map[string]string{
		"go.mod": "module stagecraft\n", "Pulumi.yaml": "name: stagecraft\n", "gone.md": "stagecraft:stage", "tests/z.md": "stagecraft:stage",
	})
	require.NoError(t, os.Remove(filepath.Join(root, "gone.md")))
	count, err := rename(root, "example.com/acme", "acme")
	require.NoError(t, err)
	require.Equal(t, 3, count)
}
