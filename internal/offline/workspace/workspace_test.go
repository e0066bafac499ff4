package workspace_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"stagecraft/internal/offline/workspace"
	"stagecraft/internal/toolchain"
)

// project writes a project with the given stack file, and opens a workspace whose CLI notes how it was called.
func project(t *testing.T, stackFile string) (*workspace.Workspace, string) {
	t.Helper()
	root, folder := t.TempDir(), t.TempDir()
	write := func(path, content string, mode os.FileMode) {
		require.NoError(t, os.WriteFile(path, []byte(content), mode))
	}
	write(filepath.Join(root, "Pulumi.yaml"), "name: garden\nruntime: go\nconfig:\n  size:\n    type: integer\n    default: 2\n", 0o600)
	write(filepath.Join(root, "Pulumi.rose.yaml"), stackFile, 0o600)
	cli := filepath.Join(root, "pulumi")
	write(cli, "#!/bin/sh\nenv > \""+folder+"/environment\"\necho \"$@\" > \""+folder+"/arguments\"\n", 0o700)
	tools := toolchain.Tools{Pulumi: cli, Program: "/bin/program", Providers: "/bin/offline", LanguageHost: "/bin/host"}
	opened, err := workspace.Open(root, folder, tools)
	require.NoError(t, err)
	return opened, folder
}

func read(t *testing.T, path ...string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(path...))
	require.NoError(t, err)
	return string(content)
}

func TestOpenWritesTheProject(t *testing.T) {
	t.Parallel()
	opened, folder := project(t, "config:\n  garden:size: 3\n")
	written := read(t, folder, "Pulumi.yaml")
	for _, part := range []string{
		"name: garden", "binary: /bin/program", "main: ", "size:", "path: /bin/offline", "path: /bin/host",
	} {
		require.Contains(t, written, part)
	}
	require.DirExists(t, opened.Backend())
}

func TestSelect(t *testing.T) {
	t.Parallel()
	opened, folder := project(t, "secretsprovider: awskms://key\nencryptedkey: abc\nconfig:\n  garden:size: 3\n")
	require.NoError(t, opened.Select(t.Context(), "rose"))
	require.Equal(t, "stack init rose\n", read(t, folder, "arguments"))
	environment := read(t, folder, "environment")
	require.Contains(t, environment, "PULUMI_BACKEND_URL=file://"+opened.Backend())
	require.Contains(t, environment, "PULUMI_HOME="+folder)
	stack := read(t, folder, "Pulumi.rose.yaml")
	require.Contains(t, stack, `garden:size: "3"`)
	require.NotContains(t, stack, "awskms", "the real stack's encryption is not the offline stack's")

	salted := "encryptionsalt: v1:salt\n" + stack
	require.NoError(t, os.WriteFile(filepath.Join(folder, "Pulumi.rose.yaml"), []byte(salted), 0o600))
	require.NoError(t, opened.Select(t.Context(), "rose"))
	require.Contains(t, read(t, folder, "Pulumi.rose.yaml"), "encryptionsalt: v1:salt", "the offline stack keeps its own")
}

func TestSelectRefuses(t *testing.T) {
	t.Parallel()
	opened, _ := project(t, "config:\n  garden:key:\n    secure: v1:abc\n")
	require.ErrorContains(t, opened.Select(t.Context(), "rose"), "holds encrypted values, which the offline cloud cannot read")
	require.ErrorContains(t, opened.Select(t.Context(), "lily"), `there is no stack "lily": `)
	require.ErrorContains(t, opened.Select(t.Context(), "lily"), "has rose")
}
