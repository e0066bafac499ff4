// Package toolchain finds or builds the programs that an offline run consists of: the Pulumi CLI, the project's own
// Pulumi program and policy pack, the simulated providers and, where the official one is missing, the Go language host.
package toolchain

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/blang/semver"
	"golang.org/x/mod/modfile"
)

// Tools are where the programs are.
type Tools struct {
	// Pulumi is the CLI.
	Pulumi string
	// Program is the project's Pulumi program, compiled.
	Program string
	// Policy is the policy pack, compiled.
	Policy string
	// Providers is the folder of the simulated providers.
	Providers string
	// LanguageHost is the folder of the project's own Go language host; "" where the official one is on PATH.
	LanguageHost string
}

// The CLI is built from its own module: the version that the tools module pins is what the project is tested with.
const (
	cliModule      = "github.com/pulumi/pulumi/pkg/v3"
	cliPackage     = cliModule + "/cmd/pulumi"
	versionSymbol  = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version"
	toolsDirectory = "tools/pulumi"
)

// Build makes everything under the project's bin folder that is missing or out of date, and gives where it is. What
// it does is told on out.
func Build(ctx context.Context, root string, out io.Writer) (Tools, error) {
	pulumi, err := buildCLI(ctx, root, out)
	if err != nil {
		return Tools{}, err
	}
	for name, source := range map[string]string{"program": ".", "policy": "./policy"} {
		if err := goBuild(ctx, root, out, filepath.Join(root, "bin", name), source); err != nil {
			return Tools{}, err
		}
	}
	providers := filepath.Join(root, "bin", "offline")
	if err := os.MkdirAll(providers, 0o750); err != nil {
		return Tools{}, err
	}
	if err := goBuild(ctx, root, out, providers, "./internal/offline/cmd/..."); err != nil {
		return Tools{}, err
	}
	return find(root, pulumi)
}

// buildCLI gives the CLI on PATH if it is new enough, else the project's own, which it builds if need be.
func buildCLI(ctx context.Context, root string, out io.Writer) (string, error) {
	wanted, err := pinnedVersion(root)
	if err != nil {
		return "", err
	}
	if path := installed(ctx, wanted); path != "" {
		return path, nil
	}
	built := filepath.Join(root, "bin", "pulumi")
	if atLeast(ctx, built, wanted) {
		return built, nil
	}
	fmt.Fprintf(out, "Building the Pulumi CLI %s, once: this takes some minutes\n", wanted)
	version := "-X " + versionSymbol + "=v" + wanted.String()
	return built, goBuild(ctx, filepath.Join(root, toolsDirectory), out, built, "-ldflags", version, cliPackage)
}

// find gives the tools of the project in root. A missing one is an error that says how to make it.
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

func goBuild(ctx context.Context, folder string, out io.Writer, target string, args ...string) error {
	command := exec.CommandContext(ctx, "go", append([]string{"build", "-o", target}, args...)...)
	command.Dir, command.Stdout, command.Stderr = folder, out, out
	if err := command.Run(); err != nil {
		return fmt.Errorf("go build %s in %s: %w", args[len(args)-1], folder, err)
	}
	return nil
}

// pinnedVersion is the version of the CLI's module in the tools module.
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

// installed is the CLI on PATH if it is at least of the wanted version, else "".
func installed(ctx context.Context, wanted semver.Version) string {
	path, err := exec.LookPath("pulumi")
	if err != nil || !atLeast(ctx, path, wanted) {
		return ""
	}
	return path
}

func atLeast(ctx context.Context, pulumi string, wanted semver.Version) bool {
	command := exec.CommandContext(ctx, pulumi, "version")
	command.Env = append(os.Environ(), "PULUMI_SKIP_UPDATE_CHECK=true")
	output, err := command.Output()
	if err != nil {
		return false
	}
	found, err := semver.ParseTolerant(strings.TrimSpace(string(output)))
	return err == nil && found.GE(wanted)
}

// hasOfficialHost tells whether the CLI finds the official Go language host: on PATH, or beside itself.
func hasOfficialHost(pulumi string) bool {
	const host = "pulumi-language-go"
	if _, err := exec.LookPath(host); err == nil {
		return true
	}
	_, err := os.Stat(filepath.Join(filepath.Dir(pulumi), host))
	return !errors.Is(err, os.ErrNotExist)
}
