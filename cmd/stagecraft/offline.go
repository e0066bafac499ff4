package main

import (
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"stagecraft/internal/offline/aws"
	"stagecraft/internal/offline/cloud"
	"stagecraft/internal/offline/store"
	offline "stagecraft/internal/offline/workspace"
)

func newOfflineCommand() *cobra.Command {
	command := &cobra.Command{
		Use:   "offline",
		Short: "Look at the offline cloud, and change it behind Pulumi's back",
	}
	command.AddCommand(
		newStoreCommand("list", "List every resource of the offline cloud", cobra.NoArgs, list),
		newStoreCommand("show TYPE ID", "Show a resource's properties as JSON", cobra.ExactArgs(2), show),
		newStoreCommand("set TYPE ID PROPERTY JSON", "Change a property, as somebody in the console would", cobra.ExactArgs(4), set),
		newStoreCommand("delete TYPE ID", "Delete a resource, as somebody in the console would", cobra.ExactArgs(2), remove),
	)
	return command
}

func newStoreCommand(
	use, short string, args cobra.PositionalArgs, work func(io.Writer, *cloud.Region, *store.Store, []string) error,
) *cobra.Command {
	var region string
	command := &cobra.Command{
		Use:   use,
		Short: short,
		Args:  args,
		RunE: func(command *cobra.Command, args []string) error {
			root, err := projectRoot()
			if err != nil {
				return err
			}
			kept := offline.Store(root)
			there, err := aws.New(kept, nil).Region(region, nil)
			if err != nil {
				return err
			}
			return work(command.OutOrStdout(), there, kept, args)
		},
	}
	command.Flags().StringVar(&region, "region", "eu-west-1", "the AWS region")
	return command
}

func list(out io.Writer, _ *cloud.Region, kept *store.Store, _ []string) error {
	return kept.View(func(tx *store.Tx) error {
		records, err := tx.All()
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "REGION\tTYPE\tID\tURN")
		for _, record := range records {
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", record.Region, record.Type, record.ID, record.URN)
		}
		return table.Flush()
	})
}

func show(out io.Writer, region *cloud.Region, _ *store.Store, args []string) error {
	_, outputs, err := region.Read(args[0], args[1])
	if err != nil {
		return err
	}
	if outputs == nil {
		return fmt.Errorf("%s has no %s with the id %q: `stagecraft offline list` shows what there is",
			region.Name, args[0], args[1])
	}
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(outputs.Mappable())
}

func set(_ io.Writer, region *cloud.Region, _ *store.Store, args []string) error {
	var value any
	if err := json.Unmarshal([]byte(args[3]), &value); err != nil {
		return usageError{fmt.Errorf("%q is not JSON (a text needs its quotes): %w", args[3], err)}
	}
	return region.Drift(args[0], args[1], args[2], value)
}

func remove(_ io.Writer, region *cloud.Region, _ *store.Store, args []string) error {
	return region.ForceDelete(args[0], args[1])
}
