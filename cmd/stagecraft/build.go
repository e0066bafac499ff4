package main

import (
	"context"

	"github.com/spf13/cobra"
)

// buildOptions are the options of build, which has no flags.
type buildOptions struct{ environment }

func newBuildCommand(env environment, run func(context.Context, buildOptions) error) *cobra.Command {
	return &cobra.Command{
		Use:   "build",
		Short: "Build every program under bin/ that is missing or out of date",
		Args:  cobra.NoArgs,
		RunE:  func(command *cobra.Command, _ []string) error { return run(command.Context(), buildOptions{env}) },
	}
}

func runBuild(ctx context.Context, options buildOptions) error {
	root, err := projectRoot()
	if err != nil {
		return err
	}
	_, err = options.build(ctx, root, options.errors)
	return err
}
