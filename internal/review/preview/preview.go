// Package preview asks Pulumi's engine what an update would do. It changes nothing: neither a stack nor its stack file.
package preview

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"

	"stagecraft/internal/review/plan"
)

// Target is what the stack's configuration becomes.
type Target struct {
	// Stage is the setting `stage`.
	Stage string
	// File is a stack file, whose configuration takes the place of the stack's whole one.
	File string
	// Config are further settings, KEY=VALUE.
	Config []string
}

// PulumiError is a failed Pulumi command whose output went to no terminal: the error is what prints it.
type PulumiError struct {
	Action string
	Output string
	Err    error
}

// Error returns the action, the exit status and the whole output.
func (e *PulumiError) Error() string {
	return strings.TrimSpace(fmt.Sprintf("%s: pulumi: %v\n%s", e.Action, e.Err, e.Output))
}

// Unwrap returns the error of the process.
func (e *PulumiError) Unwrap() error { return e.Err }

// cli makes a call of the Pulumi CLI.
type cli func(ctx context.Context, args ...string) *exec.Cmd

// run previews a stack with its target's configuration. The CLI saves what --config says in the stack file, so that it
// gets a copy of it.
func run(ctx context.Context, pulumi cli, stack, stackFile string, target Target) (plan.Plan, error) {
	configuration, err := target.write(stackFile)
	if err != nil {
		return plan.Plan{}, err
	}
	defer func() { _ = os.Remove(configuration) }()
	args := []string{"preview", "--json", "--show-sames", "--non-interactive", "--stack", stack, "--config-file", configuration}
	if target.Stage != "" {
		args = append(args, "--config", "stage="+target.Stage)
	}
	for _, setting := range target.Config {
		args = append(args, "--config", setting)
	}
	return read(pulumi(ctx, args...))
}

// read runs a preview. That the engine refuses the update is part of the plan: only without a plan is it an error.
func read(command *exec.Cmd) (plan.Plan, error) {
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) } // Pulumi winds down itself
	err := command.Run()
	var failed *exec.ExitError
	if err != nil && !errors.As(err, &failed) {
		return plan.Plan{}, err
	}
	found, unread := plan.Read(&stdout)
	switch {
	case err == nil:
		return found, unread
	case unread != nil || len(found.Errors()) == 0:
		return plan.Plan{}, &PulumiError{Action: "previewing the stack", Output: strings.TrimSpace(stderr.String()), Err: err}
	default:
		return found, nil
	}
}

// write writes a stack file with the target's configuration, and gives its path.
func (t Target) write(stackFile string) (string, error) {
	configuration, err := load(stackFile)
	if err != nil {
		return "", err
	}
	if t.File != "" {
		wanted, err := load(t.File)
		if err != nil {
			return "", err
		}
		if wanted.Config.HasSecureValue() {
			return "", fmt.Errorf("%s holds encrypted values, which belong to its own stack: give a copy of it plain stand-ins", t.File)
		}
		configuration.Config = wanted.Config
	}
	file, err := os.CreateTemp("", "Pulumi.*.yaml")
	if err != nil {
		return "", err
	}
	return file.Name(), errors.Join(file.Close(), configuration.Save(file.Name()))
}

func load(stackFile string) (*workspace.ProjectStack, error) {
	if _, err := os.Stat(stackFile); err != nil {
		return nil, fmt.Errorf("there is no stack file %s: %w", filepath.Base(stackFile), err)
	}
	path, err := workspace.DetectProjectPath()
	if err != nil {
		return nil, err
	}
	project, err := workspace.LoadProject(path)
	if err != nil {
		return nil, err
	}
	return workspace.LoadProjectStack(nil, project, stackFile)
}
