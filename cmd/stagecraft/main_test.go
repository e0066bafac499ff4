package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	offline "stagecraft/internal/offline/workspace"
	"stagecraft/internal/toolchain"
)

func TestExitCodes(t *testing.T) {
	tests := map[string]struct {
		args []string
		want int
	}{
		"help":                  {[]string{"--help"}, 0},
		"no such command":       {[]string{"deploy"}, exitUsage},
		"no such flag":          {[]string{"up", "--stak", "stage1"}, exitUsage},
		"no stack":              {[]string{"up"}, exitUsage},
		"no usage like that":    {[]string{"cost", "stage1", "--usage", "visitors=1"}, exitUsage},
		"no format like that":   {[]string{"cost", "stage1", "--format", "xml"}, exitUsage},
		"no policies here":      {[]string{"refresh", "--stack", "stage1", "--no-policy"}, exitUsage},
		"too many words":        {[]string{"build", "all"}, exitUsage},
		"too few words":         {[]string{"offline", "show", "aws:sns/topic:Topic"}, exitUsage},
		"half a diff":           {[]string{"diff", "1"}, exitUsage},
		"a diff of nothing":     {[]string{"diff", "--stack", "shop", "--to", "2"}, exitFailure},
		"a value that isn't":    {[]string{"offline", "set", "aws:sns/topic:Topic", "x", "displayName", "new"}, exitUsage},
		"a region that isn't":   {[]string{"offline", "list", "--region", "mars-1"}, exitFailure},
		"a resource that's not": {[]string{"offline", "delete", "aws:sns/topic:Topic", "x"}, exitFailure},
	}
	t.Chdir(t.TempDir())
	require.NoError(t, os.WriteFile("Pulumi.yaml", []byte("name: garden\nruntime: go\n"), 0o600))
	require.NoError(t, os.MkdirAll(".stagecraft/backend", 0o750))
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.want, run(t.Context(), test.args))
		})
	}
}

func TestInAnyFolderOfTheProject(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, os.WriteFile("Pulumi.yaml", []byte("name: garden\nruntime: go\n"), 0o600))
	require.NoError(t, os.MkdirAll("beds/roses", 0o750))
	t.Chdir("beds/roses")
	require.Zero(t, run(t.Context(), []string{"offline", "list"}))
}

func TestOutsideOfAProject(t *testing.T) {
	t.Chdir(t.TempDir())
	require.Equal(t, exitFailure, run(t.Context(), []string{"build"}))
}

func TestPulumisExitCodeIsKept(t *testing.T) {
	t.Parallel()
	command := exec.CommandContext(t.Context(), "sh", "-c", "exit 7")
	var printed printedError
	require.ErrorAs(t, pulumi(command, stackOptions{}), &printed)
	require.Equal(t, 7, printed.ExitCode())
	require.ErrorIs(t, pulumi(exec.CommandContext(t.Context(), filepath.Join(t.TempDir(), "pulumi")), stackOptions{}), os.ErrNotExist)
}

// TestNoFailureIsSilent reviews a stack with a Pulumi CLI that fails as one without a login does: its words and its
// exit code are not lost, and no code of Pulumi's passes for "data at risk".
func TestNoFailureIsSilent(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, os.WriteFile("Pulumi.yaml", []byte("name: garden\nruntime: go\n"), 0o600))
	require.NoError(t, os.WriteFile("Pulumi.shop.yaml", []byte("config:\n  garden:stage: 1\n"), 0o600))
	bin := t.TempDir()
	script := "#!/bin/sh\necho 'error: log in first' >&2\nexit 2\n"
	require.NoError(t, os.WriteFile(filepath.Join(bin, "pulumi"), []byte(script), 0o700)) // #nosec G306 -- it is run
	t.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	for _, args := range [][]string{{"diff", "--stack", "shop", "--to", "2"}, {"graph", "shop", "--live"}} {
		said, code := captureStderr(t, func() int { return run(t.Context(), args) })
		require.Equal(t, exitFailure, code, args)
		require.Contains(t, said, "error: log in first", args)
		require.Contains(t, said, "exit status 2", args)
	}
}

// captureStderr returns what the function prints on the standard error, and its result.
func captureStderr(t *testing.T, command func() int) (string, int) {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	require.NoError(t, err)
	terminal := os.Stderr
	os.Stderr = file
	defer func() { os.Stderr = terminal }()
	code := command()
	require.NoError(t, file.Close())
	text, err := os.ReadFile(file.Name())
	require.NoError(t, err)
	return string(text), code
}

func TestFaultsReachTheProvider(t *testing.T) {
	t.Parallel()
	require.Empty(t, stackOptions{}.environment())
	require.Equal(t, []string{
		"STAGECRAFT_OFFLINE_FAIL_CREATE=3", "STAGECRAFT_OFFLINE_KILL_CREATE=4", "STAGECRAFT_OFFLINE_TIME_SCALE=0.01",
	}, stackOptions{failCreate: 3, killCreate: 4, timeScale: 0.01}.environment())
}

func TestPolicies(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(root, "Pulumi.yaml"), []byte("name: garden\nruntime: go\n"), 0o600))
	opened, err := offline.Open(root, t.TempDir(), toolchain.Tools{Policy: "/bin/policy"})
	require.NoError(t, err)
	require.Equal(t, []string{"--policy-pack", "/bin/policy"}, stackOptions{}.policies(opened))
	require.Empty(t, stackOptions{noPolicy: true}.policies(opened))
}
