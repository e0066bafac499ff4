package main

import (
	"context"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/spf13/cobra"

	"stagecraft/internal/offline/store"
	offline "stagecraft/internal/offline/workspace"
)

func newDestroyCommand(env environment, run func(context.Context, stackOptions) error) *cobra.Command {
	options := stackOptions{environment: env}
	command := &cobra.Command{
		Use:   "destroy",
		Short: "Delete a stack's resources from the offline cloud, including protected ones",
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

// runDestroy takes the two steps that deleting a protected stack on AWS needs: make it ephemeral, then delete it.
func runDestroy(ctx context.Context, options stackOptions) error {
	opened, err := options.openStack(ctx)
	if err != nil {
		return err
	}
	empty, err := opened.Empty(ctx, options.stack)
	if err != nil {
		return err
	}
	if empty {
		fmt.Fprintf(options.errors, "The stack %s is empty: there is nothing to delete.\n", options.stack)
		return nil
	}
	fmt.Fprintln(options.errors, "Removing the stack's protections first (ephemeral: true), which AWS would require, too.")
	if err := options.run(ctx, opened, operation{
		phases: []string{"Removing the protections of"},
		args:   []string{"up", "--yes", "--skip-preview", "--config", "ephemeral=true"},
	}); err != nil {
		return err
	}
	if err := options.run(ctx, opened, operation{
		phases: []string{"Previewing the deletion of", "Deleting"},
		args:   append([]string{"destroy", "--yes"}, options.flags...),
	}); err != nil {
		return err
	}
	return options.reportRetained()
}

// reportRetained lists what stays in the offline cloud. Pulumi retains some data when a tier goes away
// (docs/growing.md), and does not delete it with the stack.
func (o stackOptions) reportRetained() error {
	root, err := projectRoot()
	if err != nil {
		return err
	}
	var retained []store.Record
	if err := offline.Store(root).View(func(tx *store.Tx) error {
		records, err := tx.All()
		for _, record := range records {
			if record.URN != "" && string(resource.URN(record.URN).Stack()) == o.stack {
				retained = append(retained, record)
			}
		}
		return err
	}); err != nil {
		return err
	}
	if len(retained) > 0 {
		fmt.Fprintln(o.out,
			"Still in the offline cloud, because their tier went away and their data is retained (docs/growing.md):")
		for _, record := range retained {
			fmt.Fprintf(o.out, "  %s %s\n", record.Type, record.ID)
		}
	}
	fmt.Fprintf(o.out, "The stack's history stays. To delete it, too, run: bin/stagecraft pulumi -- stack rm %s\n", o.stack)
	return nil
}
