package preview

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/stretchr/testify/require"
)

// shell stands for the Pulumi CLI.
func shell(t *testing.T, script string) *exec.Cmd {
	t.Helper()
	return exec.CommandContext(t.Context(), "sh", "-c", script)
}

func TestRead(t *testing.T) {
	t.Parallel()
	found, err := read(shell(t, `echo '{"steps": [{"op": "create"}]}'`))
	require.NoError(t, err)
	require.Equal(t, apitype.OpCreate, found.Steps[0].Op)
}

func TestARefusedUpdateIsAPlan(t *testing.T) {
	t.Parallel()
	found, err := read(shell(t, `echo '{"diagnostics": [{"severity": "error", "message": "it is protected"}]}'; exit 1`))
	require.NoError(t, err)
	require.Equal(t, []string{"it is protected"}, found.Errors())
}

func TestWhatIsNoPlan(t *testing.T) {
	t.Parallel()
	for script, want := range map[string]string{
		"echo 'error: no stack named x' >&2; exit 255": "error: no stack named x",
		"echo '{}'; exit 1":                            "exit status 1",
		"echo hello":                                   "reading the preview",
	} {
		_, err := read(shell(t, script))
		require.ErrorContains(t, err, want, script)
	}
	_, err := read(exec.CommandContext(t.Context(), filepath.Join(t.TempDir(), "pulumi")))
	require.ErrorIs(t, err, os.ErrNotExist)
}

// project makes a project's files and goes to its folder.
func project(t *testing.T, files map[string]string) {
	t.Helper()
	t.Chdir(t.TempDir())
	files["Pulumi.yaml"] = "name: garden\nruntime: go\n"
	for name, text := range files {
		require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o750))
		require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
	}
}

func TestTheStackFileIsCopied(t *testing.T) {
	stack := "encryptionsalt: v1:salt\nconfig:\n  garden:stage: 1\n"
	project(t, map[string]string{
		"Pulumi.a.yaml": stack,
		"Pulumi.b.yaml": "config:\n  garden:stage: 2\n  garden:domain: www.example.com\n",
		"Pulumi.c.yaml": "config:\n  garden:token:\n    secure: v1:x\n",
	})
	for _, target := range []Target{{Stage: "2"}, {File: "Pulumi.b.yaml"}} {
		path, err := target.write("Pulumi.a.yaml")
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, os.Remove(path)) })
		written, err := load(path)
		require.NoError(t, err)
		require.Equal(t, "v1:salt", written.EncryptionSalt)
		require.Len(t, written.Config, map[string]int{"": 1, "Pulumi.b.yaml": 2}[target.File])
	}
	kept, err := os.ReadFile("Pulumi.a.yaml")
	require.NoError(t, err)
	require.Equal(t, stack, string(kept))

	_, err = Target{File: "Pulumi.c.yaml"}.write("Pulumi.a.yaml")
	require.ErrorContains(t, err, "holds encrypted values")
	_, err = Target{File: "Pulumi.d.yaml"}.write("Pulumi.a.yaml")
	require.ErrorContains(t, err, "there is no stack file Pulumi.d.yaml")
	_, err = Target{Stage: "2"}.write("Pulumi.d.yaml")
	require.ErrorContains(t, err, "there is no stack file Pulumi.d.yaml")
}

func TestStackFiles(t *testing.T) {
	project(t, map[string]string{"Pulumi.a.yaml": "config:\n  garden:stage: 3\n", "Pulumi.b.yaml": "config: {}\n"})
	file, err := StackFile("company/garden/a")
	require.NoError(t, err)
	require.Equal(t, "Pulumi.a.yaml", filepath.Base(file))
	require.Equal(t, "a", Name(file))
	stage, err := Stage(file)
	require.NoError(t, err)
	require.Equal(t, "3", stage)
	stage, err = Stage("Pulumi.b.yaml")
	require.NoError(t, err)
	require.Empty(t, stage)
}

func TestFingerprint(t *testing.T) {
	project(t, map[string]string{"main.go": "package main", "app/web/index.html": "<p>"})
	of := func() string {
		sum, err := fingerprint(".")
		require.NoError(t, err)
		return sum
	}
	first := of()
	require.Len(t, first, 16)
	for _, path := range []string{"README.md", "main_test.go", "bin/program", ".stagecraft/backend/x", ".git/x"} {
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o750))
		require.NoError(t, os.WriteFile(path, []byte("x"), 0o600))
		require.Equal(t, first, of(), path)
	}
	for _, path := range []string{"main.go", "app/web/index.html", "Pulumi.a.yaml"} {
		require.NoError(t, os.WriteFile(path, []byte("other"), 0o600))
		require.NotEqual(t, first, of(), path)
		first = of()
	}
}
