package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

// newRootCommand returns the command stagecraft with all its subcommands.
func newRootCommand(env environment) *cobra.Command {
	root := &cobra.Command{
		Use:   "stagecraft",
		Short: "Run Stagecraft's stacks on the offline cloud, and review updates",
		Long: "Runs Stagecraft's stacks on the offline cloud: the real Pulumi engine with simulated AWS providers, which needs\n" +
			"no AWS account. No command changes anything on AWS; `diff --stack` and `graph --live` only read a stack there.\n" +
			"Works from any folder of the project.\n\n" +
			"Exit codes: 0 success, 1 failure, 2 data at risk (diff), 64 usage error. A command that runs Pulumi on your\n" +
			"terminal returns Pulumi's exit code.",
		Version:       version(),
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetIn(env.in)
	root.SetOut(env.out)
	root.SetErr(env.errors)
	root.SetVersionTemplate("{{.Version}}")
	root.AddCommand(
		newBuildCommand(env, runBuild),
		newUpCommand(env, runUp),
		newPreviewCommand(env, runPreview),
		newRefreshCommand(env, runRefresh),
		newDestroyCommand(env, runDestroy),
		newDiffCommand(env, runDiff),
		newCostCommand(env, runCost),
		newGraphCommand(env, runGraph),
		newPulumiCommand(env, runPulumi),
		newOfflineCommand(env),
		newVersionCommand(env),
	)
	return root
}

// newGroupCommand returns a command that has subcommands, and rejects words that name none of them.
func newGroupCommand(use, short string, subcommands ...*cobra.Command) *cobra.Command {
	group := &cobra.Command{
		Use:   use,
		Short: short,
		RunE: func(command *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError{fmt.Errorf("unknown command %q for %q", args[0], command.CommandPath())}
			}
			return command.Help()
		},
	}
	group.AddCommand(subcommands...)
	return group
}
