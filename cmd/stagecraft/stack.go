package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"

	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"
	"github.com/spf13/cobra"

	"stagecraft/internal/offline/cloud"
	offline "stagecraft/internal/offline/workspace"
	"stagecraft/internal/toolchain"
)

func newBuildCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "build",
		Short: "Build everything under bin/ that is missing or out of date",
		Args:  cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			root, err := projectRoot()
			if err != nil {
				return err
			}
			_, err = toolchain.Build(command.Context(), root, command.ErrOrStderr())
			return err
		},
	}
}

// stackOptions are the flags of the commands that run a stack.
type stackOptions struct {
	stack                  string
	failCreate, killCreate int
	timeScale              float64
	noPolicy               bool
}

func newStackCommands() []*cobra.Command {
	return []*cobra.Command{
		newStackCommand("up", "Deploy a stack to the offline cloud, by the rules of the policy pack", up, policyFlag),
		newStackCommand("preview", "Show what up would change, and what the policy pack says", previewStack, policyFlag),
		newStackCommand("refresh", "Take over what changed behind Pulumi's back", refresh),
		newStackCommand("destroy", "Delete a stack from the offline cloud, protected resources included", destroy),
	}
}

// stackWork is what a command does with a stack; the texts are flags of Pulumi.
type stackWork func(context.Context, *offline.Workspace, stackOptions, []string) error

// policyFlag is the flag of commands whose work the policy pack judges.
func policyFlag(command *cobra.Command, options *stackOptions) {
	command.Flags().BoolVar(&options.noPolicy, "no-policy", false, "leave the policy pack out")
}

func newStackCommand(use, short string, work stackWork, more ...func(*cobra.Command, *stackOptions)) *cobra.Command {
	var options stackOptions
	command := &cobra.Command{
		Use:   use + " --stack NAME [-- PULUMI-FLAG...]",
		Short: short,
		RunE: func(command *cobra.Command, args []string) error {
			if options.stack == "" {
				return usageError{errors.New("--stack is missing: name the stack, such as --stack stage1")}
			}
			opened, err := openWorkspace(command.Context(), command.ErrOrStderr())
			if err != nil {
				return err
			}
			if err := opened.Select(command.Context(), options.stack); err != nil {
				return err
			}
			fmt.Fprintln(command.ErrOrStderr(), "OFFLINE: this is the offline cloud. Nothing here exists on AWS.")
			return work(command.Context(), opened, options, args)
		},
	}
	flags := command.Flags()
	flags.StringVarP(&options.stack, "stack", "s", "", "the stack, such as stage1")
	flags.IntVar(&options.failCreate, "fail-create", 0, "let the Nth create of this run fail")
	flags.IntVar(&options.killCreate, "kill-create", 0, "let the provider die at the Nth create of this run")
	flags.Float64Var(&options.timeScale, "time-scale", 0, "let provisioning take this part of AWS's typical time")
	for _, add := range more {
		add(command, &options)
	}
	return command
}

func (o stackOptions) environment() []string {
	var variables []string
	if o.failCreate != 0 {
		variables = append(variables, cloud.FailCreateVariable+"="+strconv.Itoa(o.failCreate))
	}
	if o.killCreate != 0 {
		variables = append(variables, cloud.KillCreateVariable+"="+strconv.Itoa(o.killCreate))
	}
	if o.timeScale != 0 {
		variables = append(variables, cloud.TimeScaleVariable+"="+strconv.FormatFloat(o.timeScale, 'g', -1, 64))
	}
	return variables
}

// policies are the flags that have Pulumi judge by the policy pack.
func (o stackOptions) policies(in *offline.Workspace) []string {
	if o.noPolicy {
		return nil
	}
	return []string{"--policy-pack", in.PolicyPack()}
}

func up(ctx context.Context, in *offline.Workspace, options stackOptions, args []string) error {
	return pulumi(in.Command(ctx, slices.Concat([]string{"up", "--yes", "--stack", options.stack}, options.policies(in), args)...), options)
}

func previewStack(ctx context.Context, in *offline.Workspace, options stackOptions, args []string) error {
	return pulumi(in.Command(ctx, slices.Concat([]string{"preview", "--stack", options.stack}, options.policies(in), args)...), options)
}

func refresh(ctx context.Context, in *offline.Workspace, options stackOptions, args []string) error {
	return pulumi(in.Command(ctx, append([]string{"refresh", "--yes", "--stack", options.stack}, args...)...), options)
}

// destroy does what a person does with a protected stack on AWS: first make it ephemeral, then delete it.
func destroy(ctx context.Context, in *offline.Workspace, options stackOptions, args []string) error {
	empty, err := in.Empty(ctx, options.stack)
	if err != nil {
		return err
	}
	if empty {
		fmt.Fprintf(os.Stderr, "The stack %s is empty: there is nothing to destroy.\n", options.stack)
		return nil
	}
	fmt.Fprintln(os.Stderr, "Opening the stack's protections first (ephemeral: true), as destroying it on AWS would take.")
	if err := pulumi(in.Command(ctx, "up", "--yes", "--skip-preview", "--stack", options.stack,
		"--config", "ephemeral=true"), options); err != nil {
		return err
	}
	return pulumi(in.Command(ctx, append([]string{"destroy", "--yes", "--stack", options.stack}, args...)...), options)
}

func newPulumiCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "pulumi -- ARG...",
		Short: "Run any Pulumi command in the offline workspace, such as: stagecraft pulumi -- stack ls",
		RunE: func(command *cobra.Command, args []string) error {
			opened, err := openWorkspace(command.Context(), command.ErrOrStderr())
			if err != nil {
				return err
			}
			return pulumi(opened.Command(command.Context(), args...), stackOptions{})
		},
	}
}

// pulumi runs the CLI on this process's terminal. Interrupting it lets Pulumi itself wind down.
func pulumi(command *exec.Cmd, options stackOptions) error {
	command.Stdin, command.Stdout, command.Stderr = os.Stdin, os.Stdout, os.Stderr
	command.Env = append(command.Env, options.environment()...)
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGINT) }
	err := command.Run()
	if failed := (*exec.ExitError)(nil); errors.As(err, &failed) {
		return printedError{failed}
	}
	return err
}

func openWorkspace(ctx context.Context, out io.Writer) (*offline.Workspace, error) {
	root, err := projectRoot()
	if err != nil {
		return nil, err
	}
	tools, err := toolchain.Build(ctx, root, out)
	if err != nil {
		return nil, err
	}
	return offline.Open(root, filepath.Join(root, offline.Folder), tools)
}

// projectRoot is the nearest folder above the working directory that has a Pulumi.yaml.
func projectRoot() (string, error) {
	path, err := workspace.DetectProjectPath()
	if err != nil {
		return "", fmt.Errorf("run stagecraft in the project's folder or below it: %w", err)
	}
	return filepath.Dir(path), nil
}
