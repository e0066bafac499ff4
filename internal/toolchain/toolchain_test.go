package toolchain

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/blang/semver"
	"github.com/stretchr/testify/require"
)

// fake puts a program that prints a text on PATH, as the only one.
func fake(t *testing.T, name, prints string) string {
	t.Helper()
	folder := t.TempDir()
	path := filepath.Join(folder, name)
	script := fmt.Sprintf("#!/bin/sh\necho '%s'\n", prints)
	require.NoError(t, os.WriteFile(path, []byte(script), 0o700))
	t.Setenv("PATH", folder)
	return path
}

func TestInstalled(t *testing.T) {
	wanted := semver.MustParse("3.259.0")
	for prints, usable := range map[string]bool{
		"v3.259.0": true, "v3.300.1": true, "v4.0.0": true, "v3.258.9": false, "v2.0.0": false, "unknown": false, "": false,
	} {
		t.Run(prints, func(t *testing.T) {
			path := fake(t, "pulumi", prints)
			if !usable {
				path = ""
			}
			require.Equal(t, path, installed(t.Context(), wanted))
		})
	}
	t.Run("none on PATH", func(t *testing.T) {
		t.Setenv("PATH", t.TempDir())
		require.Empty(t, installed(t.Context(), wanted))
	})
}

func TestHasOfficialHost(t *testing.T) {
	t.Run("on PATH", func(t *testing.T) {
		fake(t, "pulumi-language-go", "")
		require.True(t, hasOfficialHost("/nowhere/pulumi"))
	})
	t.Run("beside the CLI", func(t *testing.T) {
		beside := filepath.Join(filepath.Dir(fake(t, "pulumi-language-go", "")), "pulumi")
		t.Setenv("PATH", t.TempDir())
		require.True(t, hasOfficialHost(beside))
	})
	t.Run("nowhere", func(t *testing.T) {
		t.Setenv("PATH", t.TempDir())
		require.False(t, hasOfficialHost("/nowhere/pulumi"))
	})
}

func TestPinnedVersion(t *testing.T) {
	t.Parallel()
	version, err := pinnedVersion("../..")
	require.NoError(t, err)
	require.Equal(t, "3.274.1", version.String())

	_, err = pinnedVersion(t.TempDir())
	require.ErrorIs(t, err, os.ErrNotExist)

	root := newProject(t)
	write(t, root, "tools/pulumi/go.mod", "module tools\n\nrequire example.com/other v1.0.0\n")
	_, err = pinnedVersion(root)
	require.EqualError(t, err, filepath.Join(root, "tools/pulumi/go.mod")+" does not require github.com/pulumi/pulumi/pkg/v3")
	write(t, root, "tools/pulumi/go.mod", "modul")
	_, err = pinnedVersion(root)
	require.ErrorContains(t, err, filepath.Join(root, "tools/pulumi/go.mod")+":1: unknown directive: modul")
}

func write(t *testing.T, root, name, content string) {
	t.Helper()
	path := filepath.Join(root, name)
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o750))
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
}

// newProject writes a project whose programs do nothing.
func newProject(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	write(t, root, "go.mod", "module garden\n\ngo 1.26\n")
	write(t, root, "tools/pulumi/go.mod", "module tools\n\nrequire github.com/pulumi/pulumi/pkg/v3 v3.274.1\n")
	const program = "package main\n\nfunc main() {}\n"
	write(t, root, "main.go", program)
	write(t, root, "policy/main.go", program)
	write(t, root, "internal/offline/cmd/pulumi-resource-aws/main.go", program)
	write(t, root, "internal/offline/cmd/pulumi-language-go/main.go", program)
	return root
}

// cli writes a program that prints a version, and returns its path.
func cli(t *testing.T, version string) string {
	t.Helper()
	folder := t.TempDir()
	path := filepath.Join(folder, "pulumi")
	require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\n[ \"$PULUMI_SKIP_UPDATE_CHECK\" ] && echo "+version+"\n"), 0o700))
	return path
}

func TestBuild(t *testing.T) {
	withoutPulumi(t)
	root, pulumi := newProject(t), cli(t, "v3.274.1")
	var out bytes.Buffer
	tools, err := Build(t.Context(), root, &out, cli(t, "v3.274.0"), pulumi)
	require.NoError(t, err, out.String())
	require.Equal(t, Tools{
		Pulumi:       pulumi,
		Program:      filepath.Join(root, "bin/program"),
		Policy:       filepath.Join(root, "bin/policy"),
		Providers:    filepath.Join(root, "bin/offline"),
		LanguageHost: filepath.Join(root, "bin/offline"),
	}, tools)
	require.Equal(t, "Building the Pulumi program (usually 5 to 30 s) ...\n"+
		"Building the policy pack (usually 5 to 30 s) ...\n"+
		"Building the offline cloud (usually 5 to 30 s) ...\n", out.String())
	require.FileExists(t, filepath.Join(root, "bin/offline/pulumi-language-go"))

	t.Run("nothing is out of date", func(t *testing.T) {
		out.Reset()
		_, err := Build(t.Context(), root, &out, pulumi)
		require.NoError(t, err)
		require.Empty(t, out.String())
	})
	t.Run("by a symbolic link", func(t *testing.T) {
		out.Reset()
		link := filepath.Join(t.TempDir(), "link")
		require.NoError(t, os.Symlink(root, link))
		again, err := Build(t.Context(), link, &out, pulumi)
		require.NoError(t, err)
		require.Equal(t, tools, again)
		require.Empty(t, out.String())
	})
	t.Run("one program is out of date", func(t *testing.T) {
		out.Reset()
		write(t, root, "policy/main.go", "package main\n\nfunc main() { println() }\n")
		_, err := Build(t.Context(), root, &out, pulumi)
		require.NoError(t, err)
		require.Equal(t, "Building the policy pack (usually 5 to 30 s) ...\n", out.String())
	})
	t.Run("a program is missing", func(t *testing.T) {
		out.Reset()
		require.NoError(t, os.Remove(tools.Program))
		_, err := Build(t.Context(), root, &out, pulumi)
		require.NoError(t, err)
		require.Equal(t, "Building the Pulumi program (usually 5 to 30 s) ...\n", out.String())
	})
	t.Run("in a folder under version control", func(t *testing.T) {
		out.Reset()
		write(t, root, ".git/HEAD", "not a repository")
		require.NoError(t, os.Remove(tools.Program))
		_, err := Build(t.Context(), root, &out, pulumi)
		require.NoError(t, err, out.String())
	})
	t.Run("the CLI of the project", func(t *testing.T) {
		own := filepath.Join(root, "bin/pulumi")
		require.NoError(t, os.Symlink(pulumi, own))
		again, err := Build(t.Context(), root, &out, cli(t, "v3.1.0"))
		require.NoError(t, err)
		require.Equal(t, own, again.Pulumi)
	})
}

func TestBuildReportsWhatFails(t *testing.T) {
	withoutPulumi(t)
	root, pulumi := newProject(t), cli(t, "v4.0.0")
	failsWith := func(printed, want string) {
		t.Helper()
		var out bytes.Buffer
		_, err := Build(t.Context(), root, &out, pulumi)
		require.ErrorContains(t, err, want)
		require.Contains(t, out.String(), printed)
	}
	write(t, root, "policy/main.go", "package main\n\nfunc main() { undefined() }\n")
	failsWith("undefined: undefined", "building the policy pack with `go build ./policy` in "+root+": exit status 1")
	write(t, root, "policy/main.go", "package")
	failsWith("main.go:1:8: expected 'IDENT'", "building the policy pack")
	require.NoError(t, os.RemoveAll(filepath.Join(root, "internal")))
	write(t, root, "policy/main.go", "package main\n\nfunc main() {}\n")
	failsWith("no such file or directory", "building the offline cloud with `go build ./internal/offline/cmd/...`")

	require.NoError(t, os.RemoveAll(filepath.Join(root, "bin")))
	write(t, root, "bin", "")
	failsWith("", "bin: not a directory")

	_, err := Build(t.Context(), filepath.Join(root, "nowhere"), &bytes.Buffer{}, pulumi)
	require.ErrorIs(t, err, os.ErrNotExist)
	require.NoError(t, os.RemoveAll(filepath.Join(root, "tools")))
	failsWith("", "tools/pulumi/go.mod")
}

// TestBuildOfTheCLI compiles a module in the place of Pulumi's, which takes minutes.
func TestBuildOfTheCLI(t *testing.T) {
	root := newProject(t)
	write(t, root, "tools/pulumi/go.mod", `module tools

go 1.26

require (
	github.com/pulumi/pulumi/pkg/v3 v3.274.1
	github.com/pulumi/pulumi/sdk/v3 v3.274.1
)

replace github.com/pulumi/pulumi/pkg/v3 => ./pkg

replace github.com/pulumi/pulumi/sdk/v3 => ./sdk
`)
	write(t, root, "tools/pulumi/pkg/go.mod",
		"module github.com/pulumi/pulumi/pkg/v3\n\ngo 1.26\n\nrequire github.com/pulumi/pulumi/sdk/v3 v3.274.1\n")
	write(t, root, "tools/pulumi/pkg/cmd/pulumi/main.go", `package main

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/version"
)

func main() { fmt.Println(version.Version) }
`)
	write(t, root, "tools/pulumi/sdk/go.mod", "module github.com/pulumi/pulumi/sdk/v3\n\ngo 1.26\n")
	write(t, root, "tools/pulumi/sdk/go/common/version/version.go", "package version\n\nvar Version string\n")
	t.Setenv("GOFLAGS", "-mod=mod")
	withoutPulumi(t)
	var out bytes.Buffer
	tools, err := Build(t.Context(), root, &out)
	require.NoError(t, err, out.String())
	require.Equal(t, filepath.Join(root, "bin/pulumi"), tools.Pulumi)
	require.True(t, strings.HasPrefix(out.String(), "Building the Pulumi CLI 3.274.1 (usually 5 to 30 s) ...\n"), out.String())
	printed, err := exec.CommandContext(t.Context(), tools.Pulumi).Output()
	require.NoError(t, err)
	require.Equal(t, "v3.274.1\n", string(printed))

	out.Reset()
	_, err = Build(t.Context(), root, &out)
	require.NoError(t, err)
	require.Empty(t, out.String())

	write(t, root, "tools/pulumi/go.mod", "module tools\n\nrequire github.com/pulumi/pulumi/pkg/v3 v3.300.0\n")
	_, err = Build(t.Context(), root, &out)
	require.ErrorContains(t, err, "building the Pulumi CLI 3.300.0 with `go build github.com/pulumi/pulumi/pkg/v3/cmd/pulumi`")
}

// withoutPulumi leaves only the go command on PATH.
func withoutPulumi(t *testing.T) {
	t.Helper()
	gobin, err := exec.LookPath("go")
	require.NoError(t, err)
	folder := t.TempDir()
	require.NoError(t, os.Symlink(gobin, filepath.Join(folder, "go")))
	t.Setenv("PATH", folder)
}

// TestManyPackages checks the announcement of a build that compiles more than the project's own packages.
func TestManyPackages(t *testing.T) {
	t.Parallel()
	for count, want := range map[int]string{101: "usually 2 to 6 min", 100: "usually 5 to 30 s"} {
		folder := t.TempDir()
		script := fmt.Sprintf("#!/bin/sh\nfor a in \"$@\"; do [ \"$a\" = -n ] && exec seq -f '/tool/compile -o %%g' %d; done; exit 0\n", count)
		program := filepath.Join(folder, "go")
		require.NoError(t, os.WriteFile(program, []byte(script), 0o700))
		var out bytes.Buffer
		require.NoError(t, build{name: "it", folder: folder, gobin: program, args: []string{"."}}.run(t.Context(), &out))
		require.Equal(t, "Building it ("+want+") ...\n", out.String())
	}
}

func TestFindNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for _, name := range []string{"pulumi", "program", "policy", "offline/pulumi-resource-aws"} {
		path := filepath.Join(root, "bin", name)
		_, err := find(root, filepath.Join(root, "bin", "pulumi"))
		require.ErrorContains(t, err, path+" is missing: run `make build`")
		write(t, root, "bin/"+name, "")
	}
	_, err := find(root, filepath.Join(root, "bin", "pulumi"))
	require.NoError(t, err)
}
