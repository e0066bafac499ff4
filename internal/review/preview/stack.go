package preview

import (
	"context"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"

	offline "stagecraft/internal/offline/workspace"
	"stagecraft/internal/review/plan"
)

// Stack previews how a stack becomes the target, with the caller's Pulumi CLI, backend, plugins and credentials. The
// working directory must be in the project.
func Stack(ctx context.Context, stack string, target Target) (plan.Plan, error) {
	file, err := StackFile(stack)
	if err != nil {
		return plan.Plan{}, err
	}
	pulumi := func(ctx context.Context, args ...string) *exec.Cmd {
		return exec.CommandContext(ctx, "pulumi", args...)
	}
	return run(ctx, pulumi, stack, file, target)
}

// OfflineStack previews how a stack of the project's offline workspace becomes the target.
func OfflineStack(ctx context.Context, opened *offline.Workspace, stack string, target Target) (plan.Plan, error) {
	if err := opened.Select(ctx, stack); err != nil {
		return plan.Plan{}, err
	}
	return run(ctx, opened.Command, stack, opened.StackFile(stack), target)
}

// StackFile returns the file of a stack. The stack's name may include its organization and project.
func StackFile(stack string) (string, error) {
	name := stack[strings.LastIndex(stack, "/")+1:]
	_, file, err := workspace.DetectProjectStackPath(tokens.QName(name))
	return file, err
}

// Stage returns the setting `stage` of a stack file, "" if the file does not have it.
func Stage(stackFile string) (string, error) {
	configuration, err := load(stackFile)
	if err != nil {
		return "", err
	}
	for key, value := range configuration.Config {
		if key.Name() == "stage" {
			return value.Value(nil)
		}
	}
	return "", nil
}

// Name returns the name of the stack that a stack file belongs to, such as acme for Pulumi.acme.yaml.
func Name(stackFile string) string {
	return strings.TrimSuffix(strings.TrimPrefix(filepath.Base(stackFile), "Pulumi."), ".yaml")
}
