package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"stagecraft/internal/review/cost"
	"stagecraft/internal/review/plan"
	"stagecraft/internal/review/preview"
)

// costOptions are the options of cost.
type costOptions struct {
	environment
	usageOptions

	stack, format string
}

func newCostCommand(env environment, run func(context.Context, costOptions) error) *cobra.Command {
	options := costOptions{environment: env}
	command := &cobra.Command{
		Use:   "cost STACK",
		Short: "Estimate what a stack costs in a month",
		Long: "Estimates what a stack of the offline cloud, as its program describes it now, costs in a month on AWS, from the\n" +
			"price table in internal/review/cost. It names the resources that it has no price for.",
		Args: cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, args []string) error {
			options.stack = args[0]
			if err := options.parse(); err != nil {
				return err
			}
			if err := cost.Formats.Check(options.format); err != nil {
				return usageError{err}
			}
			return run(command.Context(), options)
		},
	}
	command.Flags().StringVarP(&options.format, "format", "f", "table", strings.Join(cost.Formats.Names(), ", "))
	options.addTo(command)
	return command
}

func runCost(ctx context.Context, options costOptions) error {
	preview, err := options.previewStack(ctx, options.stack)
	if err != nil {
		return err
	}
	estimate, err := cost.Estimate(preview.After(), preview.Config["aws:region"], options.usage)
	if err != nil {
		return err
	}
	return cost.Formats.Write(options.out, options.format, estimate)
}

// previewStack previews a stack of the offline cloud, deployed or not, as its program describes it now.
func (e environment) previewStack(ctx context.Context, stack string) (plan.Plan, error) {
	opened, err := e.openWorkspace(ctx)
	if err != nil {
		return plan.Plan{}, err
	}
	previewed, err := preview.OfflineStack(ctx, opened, stack, preview.Target{})
	if problems := previewed.Errors(); err == nil && len(problems) > 0 {
		err = fmt.Errorf("previewing %s: %s", stack, strings.Join(problems, "\n"))
	}
	return previewed, err
}

// usageOptions are the usage figures that costs depend on.
type usageOptions struct {
	file     string
	settings []string
	usage    cost.Usage
}

func (o *usageOptions) addTo(command *cobra.Command) {
	flags := command.Flags()
	flags.StringArrayVarP(&o.settings, "usage", "u", nil, "a usage figure for the costs, NAME=NUMBER; may be repeated")
	flags.StringVar(&o.file, "usage-file", "", "a YAML file of usage figures")
}

// parse reads the usage figures.
func (o *usageOptions) parse() error {
	o.usage = cost.DefaultUsage()
	if o.file != "" {
		text, err := os.ReadFile(o.file)
		if err != nil {
			return usageError{err}
		}
		if err := o.usage.Read(text); err != nil {
			return usageError{fmt.Errorf("%s: %w", o.file, err)}
		}
	}
	var problems []error
	for _, setting := range o.settings {
		problems = append(problems, o.usage.Set(setting))
	}
	if err := errors.Join(problems...); err != nil {
		return usageError{err}
	}
	return nil
}
