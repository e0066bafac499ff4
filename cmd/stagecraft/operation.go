package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"stagecraft/cmd/stagecraft/display"
	offline "stagecraft/internal/offline/workspace"
)

// stackOptions are the options of the commands that run Pulumi on a stack of the offline cloud.
type stackOptions struct {
	environment

	stack               string
	verbose, advisories bool
	// flags are flags of Pulumi.
	flags []string
}

// addTo adds the flags that these commands share.
func (o *stackOptions) addTo(command *cobra.Command) {
	command.Use += " --stack NAME [-- PULUMI-FLAG...]"
	flags := command.Flags()
	flags.StringVarP(&o.stack, "stack", "s", "", "name of the stack, such as stage1")
	flags.BoolVarP(&o.verbose, "verbose", "v", false, "show all of Pulumi's own output; implied by -- --diff and -- --json")
}

// parse checks the words of the command line.
func (o *stackOptions) parse(command *cobra.Command, args []string) error {
	words := command.ArgsLenAtDash() // before "--"; -1 without it
	switch {
	case words < 0 && len(args) > 0, words > 0:
		return usageError{fmt.Errorf("unexpected argument %q: only flags of Pulumi may follow, after --", args[0])}
	case len(args) > 0 && !strings.HasPrefix(args[0], "-"):
		return usageError{fmt.Errorf("unexpected argument %q: only flags of Pulumi may follow --", args[0])}
	case o.stack == "":
		return usageError{errors.New("--stack is missing: name the stack, such as --stack stage1")}
	}
	o.flags = args
	o.verbose = o.verbose || slices.Contains(args, "--diff") || slices.Contains(args, "--json")
	return nil
}

// openStack opens the offline workspace and selects the stack.
func (o stackOptions) openStack(ctx context.Context) (*offline.Workspace, error) {
	opened, err := o.openWorkspace(ctx)
	if err != nil {
		return nil, err
	}
	if err := opened.Select(ctx, o.stack); err != nil {
		return nil, err
	}
	fmt.Fprintln(o.errors, "OFFLINE: this is the offline cloud. Nothing here exists on AWS.")
	return opened, nil
}

// policyOptions are the options of commands that check the policy pack.
type policyOptions struct{ noPolicy bool }

func (o *policyOptions) addTo(command *cobra.Command, advisories *bool) {
	command.Flags().BoolVar(&o.noPolicy, "no-policy", false, "leave the policy pack out")
	command.Flags().BoolVar(advisories, "advisories", false, "list the violations of advisory policies")
}

// arguments returns Pulumi's flags for the policy pack.
func (o policyOptions) arguments(opened *offline.Workspace) []string {
	if o.noPolicy {
		return nil
	}
	return []string{"--policy-pack", opened.PolicyPack()}
}

// operation is a call of Pulumi that previews or changes a stack.
type operation struct {
	// phases are what the display calls its steps.
	phases           []string
	preview, outputs bool
	args             []string
	// variables are added to the environment of Pulumi and its plugins.
	variables []string
}

// run runs an operation on the stack, and shows it.
func (o stackOptions) run(ctx context.Context, opened *offline.Workspace, operation operation) error {
	command := opened.Command(ctx, append(operation.args, "--stack", o.stack)...)
	command.Env = append(command.Env, operation.variables...)
	if o.verbose {
		return o.runOnTerminal(command)
	}
	view := display.New(display.Options{
		Out: o.out, Stack: o.stack, Phases: operation.phases, Preview: operation.preview, Outputs: operation.outputs,
		Advisories: o.advisories,
	})
	printed, err := offline.Run(command, view.Event)
	view.Finish(printed, err)
	return alreadyPrinted(err)
}

// runOnTerminal runs a command of Pulumi that has the terminal to itself. Pulumi finishes what it has begun when it is
// interrupted.
func (e environment) runOnTerminal(command *exec.Cmd) error {
	command.Stdin, command.Stdout, command.Stderr = e.in, e.out, e.errors
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	err := alreadyPrinted(command.Run())
	if err != nil {
		fmt.Fprintln(e.errors, "Run the Pulumi commands that Pulumi suggests as: bin/stagecraft pulumi -- COMMAND")
	}
	return err
}

// alreadyPrinted marks the error of a process whose output the user has seen.
func alreadyPrinted(err error) error {
	if failed := (*exec.ExitError)(nil); errors.As(err, &failed) {
		return printedError{failed}
	}
	return err
}
