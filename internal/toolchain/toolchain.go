// Package toolchain finds or builds the programs that an offline run needs: the Pulumi CLI, the project's Pulumi program
// and policy pack, the simulated providers and, where the official one is missing, the Go language host.
package toolchain

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/blang/semver"
	"golang.org/x/mod/modfile"
)

// Tools are the paths of the programs.
type Tools struct {
	// Pulumi is the CLI.
	Pulumi string
	// Program is the project's Pulumi program, compiled.
	Program string
	// Policy is the policy pack, compiled.
	Policy string
	// Providers is the folder of the simulated providers.
	Providers string
	// LanguageHost is the folder of the project's own Go language host; "" if the official one is installed.
	LanguageHost string
}

// The CLI is built from its own module, in the version that the project is tested with.
const (
	cliModule      = "github.com/pulumi/pulumi/pkg/v3"
	cliPackage     = cliModule + "/cmd/pulumi"
	versionSymbol  = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version"
	toolsDirectory = "tools/pulumi"
)

// Build builds every program under the project's bin folder that is missing or out of date, and returns the tools. It
// announces each build on out, because some of them take minutes. The candidates are Pulumi CLIs that the project may use
// if they are new enough, besides the one on PATH.
func Build(ctx context.Context, root string, out io.Writer, candidates ...string) (Tools, error) {
	// The go command rebuilds a project that it reaches by another path, so that a symbolic link would cost a build.
	root, err := filepath.EvalSymlinks(root)
	if err != nil {
		return Tools{}, err
	}
	pulumi, err := buildCLI(ctx, root, out, candidates)
	if err != nil {
		return Tools{}, err
	}
	providers := filepath.Join(root, "bin", "offline")
	if err := os.MkdirAll(providers, 0o750); err != nil {
		return Tools{}, err
	}
	for _, program := range []build{
		{name: "the Pulumi program", folder: root, target: filepath.Join(root, "bin", "program"), args: []string{"."}},
		{name: "the policy pack", folder: root, target: filepath.Join(root, "bin", "policy"), args: []string{"./policy"}},
		{name: "the offline cloud", folder: root, target: providers, args: []string{"./internal/offline/cmd/..."}},
	} {
		if err := program.run(ctx, out); err != nil {
			return Tools{}, err
		}
	}
	return find(root, pulumi)
}

// buildCLI returns the path of the first CLI that is new enough: on PATH, the candidates, and the project's own, which it
// builds if it is missing or too old.
func buildCLI(ctx context.Context, root string, out io.Writer, candidates []string) (string, error) {
	wanted, err := pinnedVersion(root)
	if err != nil {
		return "", err
	}
	if path := installed(ctx, wanted); path != "" {
		return path, nil
	}
	binary := filepath.Join(root, "bin", "pulumi")
	for _, candidate := range append(slices.Clone(candidates), binary) {
		if atLeast(ctx, candidate, wanted) {
			return candidate, nil
		}
	}
	version := "-X " + versionSymbol + "=v" + wanted.String()
	return binary, build{
		name:   "the Pulumi CLI " + wanted.String(),
		folder: filepath.Join(root, toolsDirectory),
		target: binary,
		args:   []string{"-ldflags", version, cliPackage},
	}.run(ctx, out)
}

// find returns the tools of the project in root. The error for a missing one says how to build it.
func find(root, pulumi string) (Tools, error) {
	binaries := filepath.Join(root, "bin")
	tools := Tools{
		Pulumi:    pulumi,
		Program:   filepath.Join(binaries, "program"),
		Policy:    filepath.Join(binaries, "policy"),
		Providers: filepath.Join(binaries, "offline"),
	}
	if !hasOfficialHost(pulumi) {
		tools.LanguageHost = tools.Providers
	}
	for _, path := range []string{tools.Pulumi, tools.Program, tools.Policy, filepath.Join(tools.Providers, "pulumi-resource-aws")} {
		if _, err := os.Stat(path); err != nil {
			return Tools{}, fmt.Errorf("%s is missing: run `make build`: %w", path, err)
		}
	}
	return tools, nil
}

// build is a call of `go build`.
type build struct {
	// name is what the build produces, in words.
	name           string
	folder, target string
	// args are the flags and the packages.
	args []string
	// gobin is the go command; "" for the one on PATH.
	gobin string
}

// Compiling the AWS SDK or the Pulumi CLI takes minutes, and linking a program takes seconds.
const (
	manyPackages = 100
	usualCompile = "2 to 6 min"
	usualLink    = "5 to 30 s"
)

// run builds what is missing or out of date, and announces it on out.
func (b build) run(ctx context.Context, out io.Writer) error {
	packages, outdated, err := b.outdated(ctx, out)
	if err != nil || !outdated {
		return err
	}
	usual := usualLink
	if packages > manyPackages {
		usual = usualCompile
	}
	fmt.Fprintf(out, "Building %s (usually %s) ...\n", b.name, usual)
	command := b.command(ctx)
	command.Stdout, command.Stderr = out, out
	return b.explain(command.Run())
}

// outdated returns how many packages a build would compile, and whether it would compile or link anything. The go
// command decides: with -n it prints the commands of a build instead of running them.
func (b build) outdated(ctx context.Context, out io.Writer) (packages int, outdated bool, err error) {
	command := b.command(ctx, "-n")
	printed, err := command.CombinedOutput()
	if err != nil {
		_, _ = out.Write(printed)
		return 0, false, b.explain(err)
	}
	packages = len(compileCommand.FindAll(printed, -1))
	return packages, packages > 0 || linkCommand.Match(printed), nil
}

// Commands of the go tool, as `go build -n` prints them.
var (
	compileCommand = regexp.MustCompile(`(?m)/compile"? -o `)
	linkCommand    = regexp.MustCompile(`(?m)/link"? -o `)
)

// command returns the call. Without -buildvcs=false each commit would cause a build, and so would another owner of the
// folder fail it.
func (b build) command(ctx context.Context, flags ...string) *exec.Cmd {
	args := slices.Concat([]string{"build", "-buildvcs=false", "-o", b.target}, flags, b.args)
	command := exec.CommandContext(ctx, cmp.Or(b.gobin, "go"), args...)
	command.Dir = b.folder
	return command
}

// explain adds to an error what was being built.
func (b build) explain(err error) error {
	if err != nil {
		return fmt.Errorf("building %s with `go build %s` in %s: %w", b.name, b.args[len(b.args)-1], b.folder, err)
	}
	return nil
}

// pinnedVersion returns the version of the CLI that the tools module requires.
func pinnedVersion(root string) (semver.Version, error) {
	path := filepath.Join(root, toolsDirectory, "go.mod")
	data, err := os.ReadFile(path)
	if err != nil {
		return semver.Version{}, err
	}
	file, err := modfile.Parse(path, data, nil)
	if err != nil {
		return semver.Version{}, err
	}
	for _, require := range file.Require {
		if require.Mod.Path == cliModule {
			return semver.ParseTolerant(require.Mod.Version)
		}
	}
	return semver.Version{}, fmt.Errorf("%s does not require %s", path, cliModule)
}

// installed returns the path of the CLI on PATH if it has at least the wanted version, and "" otherwise.
func installed(ctx context.Context, wanted semver.Version) string {
	path, err := exec.LookPath("pulumi")
	if err != nil || !atLeast(ctx, path, wanted) {
		return ""
	}
	return path
}

// atLeast reports whether a CLI runs and has at least the wanted version.
func atLeast(ctx context.Context, pulumi string, wanted semver.Version) bool {
	command := exec.CommandContext(ctx, pulumi, "version")
	command.Env = append(os.Environ(), "PULUMI_SKIP_UPDATE_CHECK=true")
	output, err := command.Output()
	if err != nil {
		return false
	}
	version, err := semver.ParseTolerant(strings.TrimSpace(string(output)))
	return err == nil && version.GE(wanted)
}

// hasOfficialHost reports whether the CLI finds the official Go language host: on PATH or beside itself.
func hasOfficialHost(pulumi string) bool {
	const host = "pulumi-language-go"
	if _, err := exec.LookPath(host); err == nil {
		return true
	}
	_, err := os.Stat(filepath.Join(filepath.Dir(pulumi), host))
	return !errors.Is(err, os.ErrNotExist)
}
