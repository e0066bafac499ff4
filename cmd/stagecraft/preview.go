package main

import (
	"context"
	"slices"

	"github.com/spf13/cobra"
)

// previewOptions are the options of preview.
type previewOptions struct {
	stackOptions
	policyOptions
}

func newPreviewCommand(env environment, run func(context.Context, previewOptions) error) *cobra.Command {
	options := previewOptions{stackOptions: stackOptions{environment: env}}
	command := &cobra.Command{
		Use:   "preview",
		Short: "Show what up would change, and check the policy pack",
		RunE: func(command *cobra.Command, args []string) error {
			if err := options.parse(command, args); err != nil {
				return err
			}
			return run(command.Context(), options)
		},
	}
	options.stackOptions.addTo(command)
	options.policyOptions.addTo(command, &options.advisories)
	return command
}

func runPreview(ctx context.Context, options previewOptions) error {
	opened, err := options.openStack(ctx)
	if err != nil {
		return err
	}
	return options.run(ctx, opened, operation{
		phases:  []string{"Previewing"},
		preview: true,
		args:    slices.Concat([]string{"preview"}, options.arguments(opened), options.flags),
	})
}
