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

// Project is a project's folder, and the programs that were built from it.
type Project struct {
	Root  string
	Tools toolchain.Tools
}

// Transition is an update of a stack that is deployed to an offline cloud of its own.
type Transition struct {
	// Before is the project that deploys the stack, such as the base branch, and After the one that updates it.
	Before, After Project
	Stack         string
	Target        Target
	// CacheFolder holds the deployed stacks for later previews.
	CacheFolder string
}

// Plan deploys the stack, if nothing is deployed that is still up to date, and previews the update. It
// reports a deployment on progress.
func Plan(ctx context.Context, transition Transition, progress io.Writer) (plan.Plan, error) {
	folder, err := transition.deploy(ctx, progress)
	if err != nil {
		return plan.Plan{}, err
	}
	opened, err := workspace.Open(transition.After.Root, folder, transition.After.Tools)
	if err != nil {
		return plan.Plan{}, err
	}
	stackFile := opened.StackFile(transition.Stack)
	return run(ctx, opened.Command, transition.Stack, stackFile, transition.Target)
}

// deploy returns the folder of an offline workspace in which the stack is deployed as Before describes it.
func (t Transition) deploy(ctx context.Context, progress io.Writer) (string, error) {
	if _, err := os.Stat(filepath.Join(t.Before.Root, "Pulumi."+t.Stack+".yaml")); err != nil {
		return "", fmt.Errorf("there is no stack file Pulumi.%s.yaml in %s: %w", t.Stack, t.Before.Root, err)
	}
	fingerprint, err := t.Before.fingerprint(t.Stack)
	if err != nil {
		return "", err
	}
	folder := filepath.Join(t.CacheFolder, t.Stack+"-"+fingerprint)
	if _, err := os.Stat(folder); !errors.Is(err, os.ErrNotExist) {
		return folder, err
	}
	if err := os.MkdirAll(t.CacheFolder, 0o750); err != nil {
		return "", err
	}
	fresh, err := os.MkdirTemp(t.CacheFolder, "new-")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(fresh) }()
	fmt.Fprintf(progress, "Deploying %s to an offline cloud of its own, once\n", t.Stack)
	if err := t.Before.deploy(ctx, fresh, t.Stack); err != nil {
		return "", err
	}
	if err := deleteDeployments(t.CacheFolder, t.Stack); err != nil {
		return "", err
	}
	return folder, os.Rename(fresh, folder)
}

func (p Project) deploy(ctx context.Context, folder, stack string) error {
	opened, err := workspace.Open(p.Root, folder, p.Tools)
	if err != nil {
		return err
	}
	if err := opened.Select(ctx, stack); err != nil {
		return err
	}
	command := opened.Command(ctx, "up", "--yes", "--skip-preview", "--non-interactive", "--stack", stack)
	command.Env = append(command.Env, workspace.WithoutCheckpoints...)            // a deployment that fails is made again
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) } // Pulumi ends in an orderly way
	if output, err := command.CombinedOutput(); err != nil {
		return &PulumiError{Action: "deploying " + stack + " to the offline cloud", Output: string(output), Err: err}
	}
	return nil
}

// deleteDeployments deletes the outdated deployments of a stack.
func deleteDeployments(cacheFolder, stack string) error {
	const fingerprint = "????????????????"
	folders, err := filepath.Glob(filepath.Join(cacheFolder, stack+"-"+fingerprint))
	if err != nil {
		return err
	}
	for _, folder := range folders {
		if err := os.RemoveAll(folder); err != nil {
			return err
		}
	}
	return nil
}
