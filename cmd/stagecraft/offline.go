package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/spf13/cobra"

	"stagecraft/internal/offline/aws"
	"stagecraft/internal/offline/cloud"
	"stagecraft/internal/offline/store"
	offline "stagecraft/internal/offline/workspace"
)

func newOfflineCommand(env environment) *cobra.Command {
	return newGroupCommand("offline", "Inspect the offline cloud, and change it without Pulumi's knowledge",
		newListCommand(env, runList), newShowCommand(env, runShow), newSetCommand(env, runSet), newDeleteCommand(env, runDelete))
}

// resourceOptions are the options of the commands on one resource of the offline cloud.
type resourceOptions struct {
	environment

	region, typ, id string
}

func (o *resourceOptions) addTo(command *cobra.Command) {
	command.Flags().StringVar(&o.region, "region", "eu-west-1", "the AWS region")
}

// openRegion opens the region of the offline cloud.
func (o resourceOptions) openRegion() (*cloud.Region, error) {
	root, err := projectRoot()
	if err != nil {
		return nil, err
	}
	return aws.New(offline.Store(root), nil).Region(o.region, nil)
}

// listOptions are the options of offline list.
type listOptions struct {
	environment

	region string
}

func newListCommand(env environment, run func(context.Context, listOptions) error) *cobra.Command {
	options := listOptions{environment: env}
	command := &cobra.Command{
		Use:   "list",
		Short: "List the resources of the offline cloud",
		Args:  cobra.NoArgs,
		RunE:  func(command *cobra.Command, _ []string) error { return run(command.Context(), options) },
	}
	command.Flags().StringVar(&options.region, "region", "", "only the resources of this AWS region, and no global ones")
	return command
}

func runList(_ context.Context, options listOptions) error {
	root, err := projectRoot()
	if err != nil {
		return err
	}
	opened := offline.Store(root)
	if options.region != "" {
		if _, err := aws.New(opened, nil).Region(options.region, nil); err != nil {
			return err
		}
	}
	var records []store.Record
	if err := opened.View(func(tx *store.Tx) (err error) {
		records, err = tx.All()
		return err
	}); err != nil {
		return err
	}
	if options.region != "" {
		records = slices.DeleteFunc(records, func(record store.Record) bool { return record.Region != options.region })
	}
	fmt.Fprint(options.out, listing(records))
	return nil
}

// listing returns a heading for each region and type, and a line for each resource: its ID, and the Pulumi resource
// that created it. IDs are complete, because other commands take them.
func listing(records []store.Record) string {
	var text strings.Builder
	region, typ := "-", ""
	for _, record := range records {
		if record.Region != region {
			region, typ = record.Region, ""
			heading := region
			if region == "" {
				heading = "global"
			}
			fmt.Fprintf(&text, "%s\n", heading)
		}
		if record.Type != typ {
			typ = record.Type
			fmt.Fprintf(&text, "  %s\n", typ)
		}
		fmt.Fprintf(&text, "    %s", record.ID)
		if record.URN != "" {
			urn := resource.URN(record.URN)
			fmt.Fprintf(&text, " (%s of %s)", urn.Name(), urn.Stack())
		}
		text.WriteString("\n")
	}
	return text.String()
}

func newShowCommand(env environment, run func(context.Context, resourceOptions) error) *cobra.Command {
	options := resourceOptions{environment: env}
	command := &cobra.Command{
		Use:   "show TYPE ID",
		Short: "Show a resource's properties as JSON",
		Args:  cobra.ExactArgs(2),
		RunE: func(command *cobra.Command, args []string) error {
			options.typ, options.id = args[0], args[1]
			return run(command.Context(), options)
		},
	}
	options.addTo(command)
	return command
}

func runShow(_ context.Context, options resourceOptions) error {
	region, err := options.openRegion()
	if err != nil {
		return err
	}
	_, outputs, err := region.Read(options.typ, options.id)
	if err != nil {
		return err
	}
	if outputs == nil {
		return fmt.Errorf("%s has no %s with the ID %q: `stagecraft offline list` lists the resources",
			options.region, options.typ, options.id)
	}
	encoder := json.NewEncoder(options.out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(outputs.Mappable())
}

// setOptions are the options of offline set.
type setOptions struct {
	resourceOptions

	property string
	value    any
}

func newSetCommand(env environment, run func(context.Context, setOptions) error) *cobra.Command {
	options := setOptions{resourceOptions: resourceOptions{environment: env}}
	command := &cobra.Command{
		Use:   "set TYPE ID PROPERTY JSON",
		Short: "Change a property, as someone in the AWS console would",
		Args:  cobra.ExactArgs(4),
		RunE: func(command *cobra.Command, args []string) error {
			options.typ, options.id, options.property = args[0], args[1], args[2]
			if err := json.Unmarshal([]byte(args[3]), &options.value); err != nil {
				return usageError{fmt.Errorf("%q is not JSON (a text needs double quotes): %w", args[3], err)}
			}
			return run(command.Context(), options)
		},
	}
	options.addTo(command)
	return command
}

func runSet(_ context.Context, options setOptions) error {
	region, err := options.openRegion()
	if err != nil {
		return err
	}
	if err := region.Drift(options.typ, options.id, options.property, options.value); err != nil {
		return err
	}
	fmt.Fprintf(options.errors, "Changed %s of %s in the offline cloud; Pulumi learns of it at the next refresh.\n",
		options.property, options.id)
	return nil
}

func newDeleteCommand(env environment, run func(context.Context, resourceOptions) error) *cobra.Command {
	options := resourceOptions{environment: env}
	command := &cobra.Command{
		Use:   "delete TYPE ID",
		Short: "Delete a resource, as someone in the AWS console would",
		Args:  cobra.ExactArgs(2),
		RunE: func(command *cobra.Command, args []string) error {
			options.typ, options.id = args[0], args[1]
			return run(command.Context(), options)
		},
	}
	options.addTo(command)
	return command
}

func runDelete(_ context.Context, options resourceOptions) error {
	region, err := options.openRegion()
	if err != nil {
		return err
	}
	if err := region.ForceDelete(options.typ, options.id); err != nil {
		return err
	}
	fmt.Fprintf(options.errors, "Deleted %s from the offline cloud; Pulumi learns of it at the next refresh.\n", options.id)
	return nil
}
