// Command stagecraft builds the project's programs, runs its stacks on the offline cloud, and reviews updates.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

// Exit codes: what failed in Pulumi keeps Pulumi's own code.
const (
	exitFailure = 1
	exitAtRisk  = 2
	exitUsage   = 64 // EX_USAGE of sysexits.h
)

// run gives the exit code.
func run(ctx context.Context, args []string) int {
	command, understood := newCommand(), false
	command.PersistentPreRun = func(*cobra.Command, []string) { understood = true }
	command.SetArgs(args)
	err := command.ExecuteContext(ctx)
	var printed printedError
	var usage usageError
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errAtRisk):
		return exitAtRisk
	case errors.Is(err, errRefused):
		return exitFailure
	case errors.As(err, &printed):
		return printed.ExitCode()
	case !understood, errors.As(err, &usage):
		fmt.Fprintf(os.Stderr, "stagecraft: %v\nRun 'stagecraft --help' for the commands.\n", err)
		return exitUsage
	default:
		fmt.Fprintln(os.Stderr, "stagecraft:", err)
		if failed := (*exec.ExitError)(nil); errors.As(err, &failed) && len(failed.Stderr) > 0 {
			fmt.Fprintf(os.Stderr, "%s\n", failed.Stderr)
		}
		return exitFailure
	}
}

// printedError is the failure of a command that had the terminal, and so has said itself what went wrong. Every other
// error is printed.
type printedError struct{ *exec.ExitError }

// usageError is a call with wrong words that only the command itself can tell.
type usageError struct{ error }

func newCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "stagecraft",
		Short: "Run Stagecraft's stacks on the offline cloud, and review updates",
		Long: "Runs Stagecraft's stacks on the offline cloud: the real Pulumi engine with simulated AWS providers, without\n" +
			"an AWS account. Nothing it does changes anything on AWS; `diff --stack` looks at a stack there. Works from any\n" +
			"folder of the project.\n\n" +
			"Exit codes: 0 done, 1 failed, 2 data at risk (diff), 64 wrong words; a failed Pulumi command gives its own.",
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.AddCommand(newBuildCommand())
	root.AddCommand(newStackCommands()...)
	root.AddCommand(newDiffCommand(), newCostCommand(), newGraphCommand(), newPulumiCommand(), newOfflineCommand())
	return root
}
