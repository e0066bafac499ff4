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

func newGraphCommand() *cobra.Command {
	var live bool
	var output string
	command := &cobra.Command{
		Use:   "graph STACK",
		Short: "Draw a stack's architecture as SVG",
		Long: "Draws what a stack of the offline cloud, as its program describes it now, consists of: what serves, where it\n" +
			"stands and where its traffic goes. What only says more about that is folded, and the rest counted. With --live\n" +
			"it draws a stack of yours, as Pulumi's state has it.",
		Args: cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, args []string) error {
			resources, err := drawable(command, args[0], live)
			if err != nil {
				return err
			}
			drawn, err := diagram.SVG(command.Context(), resources, nil)
			if err != nil {
				return err
			}
			if output != "" {
				return os.WriteFile(output, drawn, 0o644) // #nosec G306 -- a picture for others to see
			}
			_, err = command.OutOrStdout().Write(drawn)
			return err
		},
	}
	command.Flags().BoolVar(&live, "live", false, "a stack of yours, in the place of one of the offline cloud; it is not changed")
	command.Flags().StringVarP(&output, "output", "o", "", "the file to write, in the place of the terminal")
	return command
}

func drawable(command *cobra.Command, stack string, live bool) ([]apitype.ResourceV3, error) {
	if live {
		return deployed(command.Context(), stack)
	}
	opened, err := openWorkspace(command.Context(), command.ErrOrStderr())
	if err != nil {
		return nil, err
	}
	found, err := described(command.Context(), opened, stack)
	return found.After(), err
}

// deployed are the resources of a person's own stack, by the Pulumi CLI and the backend that the person has.
func deployed(ctx context.Context, stack string) ([]apitype.ResourceV3, error) {
	export := exec.CommandContext(ctx, "pulumi", "stack", "export", "--stack", stack)
	export.Stderr = os.Stderr
	printed, err := export.Output()
	if err != nil {
		return nil, fmt.Errorf("reading the stack %s: %w", stack, err)
	}
	var exported struct{ Deployment apitype.DeploymentV3 }
	if err := json.Unmarshal(printed, &exported); err != nil {
		return nil, fmt.Errorf("reading the stack %s: %w", stack, err)
	}
	return exported.Deployment.Resources, nil
}
