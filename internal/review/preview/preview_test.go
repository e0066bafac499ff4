package preview

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/stretchr/testify/require"

	"stagecraft/internal/offline/workspace"
	"stagecraft/internal/toolchain"
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

func TestFailuresCarryPulumisOutput(t *testing.T) {
	t.Parallel()
	for script, want := range map[string]string{
		"echo 'error: no stack named x' >&2; exit 255": "previewing the stack: pulumi: exit status 255\nerror: no stack named x",
		"echo '{}'; echo 'log in first' >&2; exit 3":   "previewing the stack: pulumi: exit status 3\nlog in first",
		"echo '{}'; exit 1":                            "previewing the stack: pulumi: exit status 1",
		"echo 'panic: x'; exit 2":                      "previewing the stack: pulumi: exit status 2\npanic: x",
	} {
		_, err := read(shell(t, script))
		require.EqualError(t, err, want, script)
		var failed *exec.ExitError
		require.ErrorAs(t, err, &failed)
	}
	_, err := read(shell(t, "echo hello"))
	require.ErrorContains(t, err, "reading the preview")
	_, err = read(exec.CommandContext(t.Context(), filepath.Join(t.TempDir(), "pulumi")))
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestAnInterruptedPreviewIsInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	folder := t.TempDir()
	script := "trap 'touch wound-down; exit 1' INT; touch started; while :; do sleep 0.05; done"
	command := exec.CommandContext(ctx, "sh", "-c", script)
	command.Dir = folder
	go func() {
		for !exists(filepath.Join(folder, "started")) {
			time.Sleep(10 * time.Millisecond)
		}
		cancel()
	}()
	_, err := read(command)
	require.Error(t, err)
	require.FileExists(t, filepath.Join(folder, "wound-down"))
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// project writes a project's files, and makes its folder the working directory.
func project(t *testing.T, files map[string]string) {
	t.Helper()
	t.Chdir(t.TempDir())
	if files["Pulumi.yaml"] == "" {
		files["Pulumi.yaml"] = "name: garden\nruntime: go\n"
	}
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
		path, err := target.copyStackFile("Pulumi.a.yaml")
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

	_, err = Target{File: "Pulumi.c.yaml"}.copyStackFile("Pulumi.a.yaml")
	require.ErrorContains(t, err, "has encrypted values")
	_, err = Target{File: "Pulumi.d.yaml"}.copyStackFile("Pulumi.a.yaml")
	require.ErrorContains(t, err, "there is no stack file Pulumi.d.yaml")
	_, err = Target{Stage: "2"}.copyStackFile("Pulumi.d.yaml")
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

// fakePulumi writes a CLI that logs its arguments, one call a line, and then runs the script.
func fakePulumi(t *testing.T, script string) (path string, calls func() string) {
	t.Helper()
	folder := t.TempDir()
	path, log := filepath.Join(folder, "pulumi"), filepath.Join(folder, "log")
	require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\necho \"$*\" >>"+log+"\n"+script+"\n"), 0o700))
	return path, func() string {
		text, err := os.ReadFile(log)
		require.NoError(t, err)
		require.NoError(t, os.Remove(log))
		return temporary.ReplaceAllString(string(text), "COPY")
	}
}

// temporary is the path of a copied stack file.
var temporary = regexp.MustCompile(`/\S*/Pulumi\.[0-9]+\.yaml`)

const newBucket = `echo '{"steps": [{"op": "create"}], "config": {"a": "b"}}'`

func TestStack(t *testing.T) {
	project(t, map[string]string{"Pulumi.a.yaml": "config:\n  garden:stage: 1\n"})
	path, calls := fakePulumi(t, newBucket)
	t.Setenv("TMPDIR", t.TempDir())
	t.Setenv("PATH", filepath.Dir(path)+string(os.PathListSeparator)+os.Getenv("PATH"))
	update, err := Stack(t.Context(), "company/garden/a", Target{Stage: "2", Config: []string{"x=1", "y=2"}})
	require.NoError(t, err)
	require.Equal(t, apitype.OpCreate, update.Steps[0].Op)
	require.Equal(t, "preview --json --show-sames --non-interactive --stack company/garden/a --config-file COPY "+
		"--config stage=2 --config x=1 --config y=2\n", calls())
	left, err := os.ReadDir(os.TempDir())
	require.NoError(t, err)
	require.Empty(t, left, "the copy is deleted")
	_, err = Stack(t.Context(), "b", Target{Stage: "2"})
	require.ErrorContains(t, err, "there is no stack file Pulumi.b.yaml")
}

// deployable is a project with fake programs, in the working directory.
func deployable(t *testing.T, script string) (Project, func() string) {
	t.Helper()
	project(t, map[string]string{
		"Pulumi.yaml":             "name: garden\nruntime: go\nconfig:\n  site:\n    default: app/web\n",
		"Pulumi.a.yaml":           "config:\n  garden:stage: 1\n  garden:archive: code.zip\n  garden:missing: none.zip\n",
		"Pulumi.b.yaml":           "config:\n  garden:stage: 1\n",
		"main.go":                 "package main",
		"app/web/index.html":      "<p>",
		"app/main.go":             "package main",
		"code.zip":                "zip",
		"bin/program":             "program",
		"bin/policy":              "policy",
		"bin/pulumi-resource-aws": "aws",
	})
	root, err := filepath.Abs(".")
	require.NoError(t, err)
	path, calls := fakePulumi(t, script)
	return Project{Root: root, Tools: toolchain.Tools{
		Pulumi: path, Program: filepath.Join(root, "bin/program"), Providers: filepath.Join(root, "bin"),
	}}, calls
}

func TestOfflineStack(t *testing.T) {
	in, calls := deployable(t, newBucket)
	opened, err := workspace.Open(in.Root, t.TempDir(), in.Tools)
	require.NoError(t, err)
	update, err := OfflineStack(t.Context(), opened, "a", Target{Stage: "2"})
	require.NoError(t, err)
	require.Equal(t, apitype.OpCreate, update.Steps[0].Op)
	require.Equal(t, "stack init a\npreview --json --show-sames --non-interactive --stack a --config-file COPY --config stage=2\n", calls())
	_, err = OfflineStack(t.Context(), opened, "c", Target{})
	require.ErrorContains(t, err, `there is no stack "c"`)
}

func TestPlan(t *testing.T) {
	in, calls := deployable(t, newBucket)
	cache := filepath.Join(t.TempDir(), "diff")
	transition := Transition{Before: in, After: in, Stack: "a", Target: Target{Stage: "2"}, CacheFolder: cache}
	preview := func() (string, string) {
		var progress bytes.Buffer
		update, err := Plan(t.Context(), transition, &progress)
		require.NoError(t, err)
		require.Equal(t, apitype.OpCreate, update.Steps[0].Op)
		folders, err := filepath.Glob(filepath.Join(cache, "*"))
		require.NoError(t, err)
		require.Len(t, folders, 1, "outdated and unfinished deployments are deleted")
		return progress.String(), calls()
	}
	const (
		deployed  = "stack init a\nup --yes --skip-preview --non-interactive --stack a\n"
		previewed = "preview --json --show-sames --non-interactive --stack a --config-file COPY --config stage=2\n"
	)
	progress, called := preview()
	require.Equal(t, "Deploying a to an offline cloud of its own, once\n", progress)
	require.Equal(t, deployed+previewed, called)
	progress, called = preview()
	require.Empty(t, progress)
	require.Equal(t, previewed, called)
	require.NoError(t, os.WriteFile("app/web/index.html", []byte("<h1>"), 0o600))
	progress, called = preview()
	require.NotEmpty(t, progress)
	require.Equal(t, deployed+previewed, called)
	transition.Stack = "c"
	_, err := Plan(t.Context(), transition, io.Discard)
	require.ErrorContains(t, err, "there is no stack file Pulumi.c.yaml in "+in.Root)
}

func TestAFailedDeploymentSaysWhy(t *testing.T) {
	in, _ := deployable(t, `[ "$1" = up ] && { echo 'error: stage 9'; echo 'no space left' >&2; exit 2; }; exit 0`)
	cache := t.TempDir()
	_, err := Plan(t.Context(), Transition{Before: in, After: in, Stack: "a", CacheFolder: cache}, io.Discard)
	require.EqualError(t, err, "deploying a to the offline cloud: pulumi: exit status 2\nerror: stage 9\nno space left")
	left, err := os.ReadDir(cache)
	require.NoError(t, err)
	require.Empty(t, left, "it is not taken for deployed")
}

func TestDeploymentsOfOtherStacksStay(t *testing.T) {
	t.Parallel()
	cache := t.TempDir()
	for _, name := range []string{"a-0123456789abcdef", "a-fedcba9876543210", "a-b-0123456789abcdef", "b-0123456789abcdef"} {
		require.NoError(t, os.MkdirAll(filepath.Join(cache, name, "backend"), 0o750))
	}
	require.NoError(t, deleteDeployments(cache, "a"))
	left, err := filepath.Glob(filepath.Join(cache, "*"))
	require.NoError(t, err)
	require.Equal(t, []string{filepath.Join(cache, "a-b-0123456789abcdef"), filepath.Join(cache, "b-0123456789abcdef")}, left)
}

// TestFingerprint: only what a deployment reads makes it outdated.
func TestFingerprint(t *testing.T) {
	in, _ := deployable(t, "")
	fingerprint := func() string {
		sum, err := in.fingerprint("a")
		require.NoError(t, err)
		return sum
	}
	current := fingerprint()
	require.Regexp(t, "^[0-9a-f]{16}$", current)
	for _, path := range []string{
		"README.md", "main.go", "main_test.go", "app/main.go", "Pulumi.b.yaml", "Pulumi.c.yaml", "bin/policy", ".git/x", "docs/x.svg",
	} {
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o750))
		require.NoError(t, os.WriteFile(path, []byte("config: {}"), 0o600))
		require.Equal(t, current, fingerprint(), path)
	}
	for path, text := range map[string]string{
		"bin/program": "other", "bin/pulumi-resource-aws": "other", "app/web/index.html": "other", "app/web/assets/x.js": "new",
		"code.zip": "other", "none.zip": "there now", "Pulumi.a.yaml": "config:\n  garden:stage: 2\n  garden:archive: code.zip\n  garden:missing: none.zip\n",
		"Pulumi.yaml": "name: meadow\nruntime: go\nconfig:\n  site:\n    default: app/web\n",
	} {
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o750))
		before, _ := os.ReadFile(path)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		require.NotEqual(t, current, fingerprint(), path)
		if before == nil {
			require.NoError(t, os.Remove(path))
		} else {
			require.NoError(t, os.WriteFile(path, before, 0o600))
		}
		require.Equal(t, current, fingerprint(), path)
	}
}
