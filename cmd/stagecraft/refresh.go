package main

import (
	"context"

	"github.com/spf13/cobra"
)

func newRefreshCommand(env environment, run func(context.Context, stackOptions) error) *cobra.Command {
	options := stackOptions{environment: env}
	command := &cobra.Command{
		Use:   "refresh",
		Short: "Update a stack's state to what the offline cloud has now",
		RunE: func(command *cobra.Command, args []string) error {
			if err := options.parse(command, args); err != nil {
				return err
			}
			return run(command.Context(), options)
		},
	}
	options.addTo(command)
	return command
}

func runRefresh(ctx context.Context, options stackOptions) error {
	opened, err := options.openStack(ctx)
	if err != nil {
		return err
	}
	return options.run(ctx, opened, operation{
		phases: []string{"Refreshing"},
		args:   append([]string{"refresh", "--yes", "--skip-preview"}, options.flags...),
	})
}
