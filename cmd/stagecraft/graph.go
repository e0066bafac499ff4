package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/spf13/cobra"

	"stagecraft/internal/review/diagram"
)

// graphOptions are the options of graph.
type graphOptions struct {
	environment

	stack, output string
	live          bool
}

func newGraphCommand(env environment, run func(context.Context, graphOptions) error) *cobra.Command {
	options := graphOptions{environment: env}
	command := &cobra.Command{
		Use:   "graph STACK",
		Short: "Draw a stack's architecture as SVG",
		Long: "Draws the architecture of a stack of the offline cloud as its program describes it now: what serves users, the\n" +
			"networks, and where traffic goes. Resources that only configure others are left out, and the rest are counted.\n" +
			"With --live it draws a stack of your own from Pulumi's state.",
		Args: cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, args []string) error {
			options.stack = args[0]
			if err := checkOutput(options.output); err != nil {
				return err
			}
			return run(command.Context(), options)
		},
	}
	flags := command.Flags()
	flags.BoolVar(&options.live, "live", false, "draw a stack of your own instead of an offline one; it is only read")
	flags.StringVarP(&options.output, "output", "o", "", "write to this file instead of the terminal")
	return command
}

func runGraph(ctx context.Context, options graphOptions) error {
	resources, err := options.resources(ctx)
	if err != nil {
		return err
	}
	picture, err := diagram.SVG(ctx, resources, nil)
	if err != nil {
		return err
	}
	if options.output == "" {
		_, err = options.out.Write(picture)
		return err
	}
	if err := os.WriteFile(options.output, picture, 0o644); err != nil { // #nosec G306 -- a picture for others to see
		return err
	}
	fmt.Fprintf(options.errors, "Wrote %s\n", options.output)
	return nil
}

// resources returns the resources of the stack.
func (o graphOptions) resources(ctx context.Context) ([]apitype.ResourceV3, error) {
	if o.live {
		return deployedResources(ctx, o)
	}
	preview, err := o.previewStack(ctx, o.stack)
	return preview.After(), err
}

// deployedResources returns the resources of the user's own stack, from the user's own Pulumi CLI and backend.
func deployedResources(ctx context.Context, o graphOptions) ([]apitype.ResourceV3, error) {
	export := exec.CommandContext(ctx, "pulumi", "stack", "export", "--stack", o.stack)
	printed, err := export.Output() // the error holds what Pulumi says on the standard error
	if err != nil {
		return nil, fmt.Errorf("reading the stack %s: %w", o.stack, err)
	}
	var exported struct{ Deployment apitype.DeploymentV3 }
	if err := json.Unmarshal(printed, &exported); err != nil {
		return nil, fmt.Errorf("reading the stack %s: %w", o.stack, err)
	}
	return exported.Deployment.Resources, nil
}
