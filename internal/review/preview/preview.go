// Package preview asks Pulumi's engine what an update would do. It changes neither a stack nor its stack file.
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

// Target is the configuration that the update gives the stack.
type Target struct {
	// Stage is the setting `stage`.
	Stage string
	// File is a stack file whose configuration replaces the stack's whole configuration.
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

// cli creates a command of the Pulumi CLI.
type cli func(ctx context.Context, args ...string) *exec.Cmd

// run previews a stack with its target's configuration. The CLI saves the values of --config in the stack file, so it
// gets a copy.
func run(ctx context.Context, pulumi cli, stack, stackFile string, target Target) (plan.Plan, error) {
	copied, err := target.copyStackFile(stackFile)
	if err != nil {
		return plan.Plan{}, err
	}
	defer func() { _ = os.Remove(copied) }()
	args := []string{"preview", "--json", "--show-sames", "--non-interactive", "--stack", stack, "--config-file", copied}
	if target.Stage != "" {
		args = append(args, "--config", "stage="+target.Stage)
	}
	for _, setting := range target.Config {
		args = append(args, "--config", setting)
	}
	return read(pulumi(ctx, args...))
}

// read runs a preview. If the engine rejects the update, the plan says so: a failure without a plan is an error.
func read(command *exec.Cmd) (plan.Plan, error) {
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) } // Pulumi ends in an orderly way
	err := command.Run()
	var failed *exec.ExitError
	if err != nil && !errors.As(err, &failed) {
		return plan.Plan{}, err
	}
	output := stdout.String()
	preview, readErr := plan.Read(&stdout)
	switch {
	case err == nil:
		return preview, readErr
	case readErr != nil:
		return plan.Plan{}, &PulumiError{Action: "previewing the stack", Output: stderr.String() + output, Err: err}
	case len(preview.Errors()) == 0:
		return plan.Plan{}, &PulumiError{Action: "previewing the stack", Output: stderr.String(), Err: err}
	default:
		return preview, nil
	}
}

// copyStackFile writes a copy of the stack file that has the target's configuration, and returns its path.
func (t Target) copyStackFile(stackFile string) (string, error) {
	stack, err := load(stackFile)
	if err != nil {
		return "", err
	}
	if t.File != "" {
		target, err := load(t.File)
		if err != nil {
			return "", err
		}
		if target.Config.HasSecureValue() {
			return "", fmt.Errorf("%s has encrypted values, which only its own stack can decrypt: use a copy with plain placeholders", t.File)
		}
		stack.Config = target.Config
	}
	file, err := os.CreateTemp("", "Pulumi.*.yaml")
	if err != nil {
		return "", err
	}
	return file.Name(), errors.Join(file.Close(), stack.Save(file.Name()))
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
	stack, err := workspace.LoadProjectStack(nil, project, stackFile)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", stackFile, err)
	}
	return stack, nil
}
