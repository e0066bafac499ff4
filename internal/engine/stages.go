package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"stagecraft/internal/offline/workspace"
	"stagecraft/internal/plan"
	"stagecraft/internal/toolchain"
)

// Project is a project's folder with the programs that were built from it.
type Project struct {
	Root  string
	Tools toolchain.Tools
}

// cache is where deployed stacks wait for the next preview, in the project's own folder.
var cache = filepath.Join(workspace.Folder, "diff")

// Stages previews how a stack of the project that is deployed to the offline cloud becomes the target. Before is the
// project as it was deployed: the same, or its base branch. What is deployed is kept for the next time.
func Stages(ctx context.Context, before, after Project, stack string, target Target, out io.Writer) (plan.Plan, error) {
	folder, err := deployed(ctx, before, after.Root, stack, out)
	if err != nil {
		return plan.Plan{}, err
	}
	opened, err := workspace.Open(after.Root, folder, after.Tools)
	if err != nil {
		return plan.Plan{}, err
	}
	return run(ctx, opened.Command, stack, opened.StackFile(stack), target)
}

// deployed gives the folder of an offline workspace in which the stack is deployed as the project has it now.
func deployed(ctx context.Context, of Project, keep, stack string, out io.Writer) (string, error) {
	key, err := fingerprint(of.Root)
	if err != nil {
		return "", err
	}
	kept := filepath.Join(keep, cache)
	folder := filepath.Join(kept, stack+"-"+key)
	if _, err := os.Stat(folder); !errors.Is(err, os.ErrNotExist) {
		return folder, err
	}
	if err := os.MkdirAll(kept, 0o750); err != nil {
		return "", err
	}
	fresh, err := os.MkdirTemp(kept, "new-")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(fresh) }()
	fmt.Fprintf(out, "Deploying %s to an offline cloud of its own, once\n", stack)
	if err := deploy(ctx, of, fresh, stack); err != nil {
		return "", err
	}
	if err := forget(kept, stack); err != nil {
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
	printed, err := opened.Command(ctx, "up", "--yes", "--skip-preview", "--non-interactive", "--stack", stack).CombinedOutput()
	if err != nil {
		return fmt.Errorf("deploying %s to the offline cloud: %w\n%s", stack, err, printed)
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
