package preview

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"stagecraft/internal/offline/workspace"
	"stagecraft/internal/review/plan"
	"stagecraft/internal/toolchain"
)

// Project is a project's folder with the programs that were built from it.
type Project struct {
	Root  string
	Tools toolchain.Tools
}

// Way is what leads from one stack to another on the offline cloud.
type Way struct {
	// Before is the project with which the stack is deployed: the same as After, or its base branch.
	Before, After Project
	Stack         string
	Target        Target
	// Kept is the folder in which the deployed stack waits for the next preview.
	Kept string
}

// Stages previews a way. Deploying the stack is told on out: it is done once, and again when the project changes.
func Stages(ctx context.Context, way Way, out io.Writer) (plan.Plan, error) {
	folder, err := way.deployed(ctx, out)
	if err != nil {
		return plan.Plan{}, err
	}
	opened, err := workspace.Open(way.After.Root, folder, way.After.Tools)
	if err != nil {
		return plan.Plan{}, err
	}
	return run(ctx, opened.Command, way.Stack, opened.StackFile(way.Stack), way.Target)
}

// deployed gives the folder of an offline workspace in which the stack is deployed as the project has it now.
func (w Way) deployed(ctx context.Context, out io.Writer) (string, error) {
	key, err := fingerprint(w.Before.Root)
	if err != nil {
		return "", err
	}
	folder := filepath.Join(w.Kept, w.Stack+"-"+key)
	if _, err := os.Stat(folder); !errors.Is(err, os.ErrNotExist) {
		return folder, err
	}
	if err := os.MkdirAll(w.Kept, 0o750); err != nil {
		return "", err
	}
	fresh, err := os.MkdirTemp(w.Kept, "new-")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(fresh) }()
	fmt.Fprintf(out, "Deploying %s to an offline cloud of its own, once\n", w.Stack)
	if err := deploy(ctx, w.Before, fresh, w.Stack); err != nil {
		return "", err
	}
	if err := forget(w.Kept, w.Stack); err != nil {
		return "", err
	}
	return folder, os.Rename(fresh, folder)
}

func deploy(ctx context.Context, of Project, folder, stack string) error {
	opened, err := workspace.Open(of.Root, folder, of.Tools)
	if err != nil {
		return err
	}
	if err := opened.Select(ctx, stack); err != nil {
		return err
	}
	command := opened.Command(ctx, "up", "--yes", "--skip-preview", "--non-interactive", "--stack", stack)
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	if printed, err := command.CombinedOutput(); err != nil {
		return &PulumiError{Action: "deploying " + stack + " to the offline cloud", Output: string(printed), Err: err}
	}
	return nil
}

// forget deletes what is kept of the stack as it was at other times.
func forget(kept, stack string) error {
	old, err := filepath.Glob(filepath.Join(kept, stack+"-*"))
	if err != nil {
		return err
	}
	for _, folder := range old {
		if err := os.RemoveAll(folder); err != nil {
			return err
		}
	}
	return nil
}
