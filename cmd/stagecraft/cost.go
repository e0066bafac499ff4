package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	offline "stagecraft/internal/offline/workspace"
	"stagecraft/internal/review/cost"
	"stagecraft/internal/review/plan"
	"stagecraft/internal/review/preview"
)

func newCostCommand() *cobra.Command {
	var format, file string
	var settings []string
	command := &cobra.Command{
		Use:   "cost STACK",
		Short: "Estimate what a stack costs in a month",
		Long: "Estimates what a stack of the offline cloud, as its program describes it now, costs in a month on AWS,\n" +
			"from the price table in internal/review/cost. What it can't price it names.",
		Args: cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, args []string) error {
			usage, err := usageOf(file, settings)
			if err := errors.Join(err, cost.Formats.Check(format)); err != nil {
				return usageError{err}
			}
			opened, err := openWorkspace(command.Context(), command.ErrOrStderr())
			if err != nil {
				return err
			}
			found, err := described(command.Context(), opened, args[0])
			if err != nil {
				return err
			}
			estimate, err := cost.Estimate(found.After(), found.Config["aws:region"], usage)
			if err != nil {
				return err
			}
			return cost.Formats.Write(command.OutOrStdout(), format, estimate)
		},
	}
	flags := command.Flags()
	flags.StringVarP(&format, "format", "f", "table", strings.Join(cost.Formats.Names(), ", "))
	flags.StringArrayVarP(&settings, "usage", "u", nil, "a usage figure, NAME=NUMBER; may be repeated")
	flags.StringVar(&file, "usage-file", "", "a YAML file of usage figures")
	return command
}

func usageOf(file string, settings []string) (cost.Usage, error) {
	usage := cost.DefaultUsage()
	if file != "" {
		text, err := os.ReadFile(file)
		if err != nil {
			return usage, err
		}
		if err := usage.Read(text); err != nil {
			return usage, err
		}
	}
	var failed []error
	for _, setting := range settings {
		failed = append(failed, usage.Set(setting))
	}
	return usage, errors.Join(failed...)
}

// described is a stack as its program describes it now, deployed or not.
func described(ctx context.Context, in *offline.Workspace, stack string) (plan.Plan, error) {
	found, err := preview.OfflineStack(ctx, in, stack, preview.Target{})
	if refused := found.Errors(); err == nil && len(refused) > 0 {
		err = fmt.Errorf("previewing %s: %s", stack, strings.Join(refused, "\n"))
	}
	return found, err
}
