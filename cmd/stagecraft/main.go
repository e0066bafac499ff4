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
	code := run(ctx, terminal(), os.Args[1:])
	stop()
	os.Exit(code)
}

// Exit codes. A failure of Pulumi on the user's terminal keeps Pulumi's code.
const (
	exitFailure = 1
	exitAtRisk  = 2
	exitUsage   = 64 // EX_USAGE of sysexits.h
)

// run runs a command line and returns its exit code.
func run(ctx context.Context, env environment, args []string) int {
	command, parsed := newRootCommand(env), false
	command.PersistentPreRun = func(*cobra.Command, []string) { parsed = true }
	command.SetArgs(args)
	err := command.ExecuteContext(ctx)
	return exitCode(env, command, args, parsed, err)
}

// exitCode prints the error of a command line, if the user has not seen it, and returns the exit code. An error of a
// command line that was not parsed is a usage error.
func exitCode(env environment, command *cobra.Command, args []string, parsed bool, err error) int {
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
	case !parsed, errors.As(err, &usage):
		fmt.Fprintf(env.errors, "stagecraft: %v\nRun '%s --help' for the commands and flags.\n", err, called(command, args))
		return exitUsage
	default:
		fmt.Fprintln(env.errors, "stagecraft:", err)
		if failed := (*exec.ExitError)(nil); errors.As(err, &failed) && len(failed.Stderr) > 0 {
			fmt.Fprintf(env.errors, "%s\n", failed.Stderr)
		}
		return exitFailure
	}
}

// printedError is the failure of a command whose output the user has seen. Every other error is printed.
type printedError struct{ *exec.ExitError }

// usageError is a command line that only the command itself can reject.
type usageError struct{ error }

// called returns the path of the command that the arguments call, such as "stagecraft offline list".
func called(root *cobra.Command, args []string) string {
	if command, _, err := root.Find(args); err == nil {
		return command.CommandPath()
	}
	return root.CommandPath()
}
