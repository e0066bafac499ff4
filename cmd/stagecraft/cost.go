package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/config"
	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"
	"github.com/spf13/cobra"

	"stagecraft/internal/cost"
	offline "stagecraft/internal/offline/workspace"
	"stagecraft/internal/plan"
)

func newCostCommand() *cobra.Command {
	var format, file string
	var settings []string
	command := &cobra.Command{
		Use:   "cost STACK",
		Short: "Estimate what a stack costs in a month",
		Long: "Estimates what a stack of the offline cloud, as its program describes it now, costs in a month on AWS,\n" +
			"from the price table in internal/cost. What it can't price it names.",
		Args: cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, args []string) error {
			usage, err := usageOf(file, settings)
			if err == nil && !cost.Knows(format) {
				err = fmt.Errorf("%q is not a format: choose one of %s", format, strings.Join(cost.Formats(), ", "))
			}
			if err != nil {
				return usageError{err}
			}
			opened, err := openWorkspace(command.Context(), command.ErrOrStderr())
			if err != nil {
				return err
			}
			resources, err := described(command.Context(), opened, args[0])
			if err != nil {
				return err
			}
			region, err := regionOf(args[0])
			if err != nil {
				return err
			}
			estimate, err := cost.Of(resources, region, usage)
			if err != nil {
				return err
			}
			return cost.Write(command.OutOrStdout(), format, estimate)
		},
	}
	flags := command.Flags()
	flags.StringVarP(&format, "format", "f", "table", strings.Join(cost.Formats(), ", "))
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

// described are the resources that a stack has once its program has run, deployed or not.
func described(ctx context.Context, in *offline.Workspace, stack string) ([]apitype.ResourceV3, error) {
	if err := in.Select(ctx, stack); err != nil {
		return nil, err
	}
	var stderr bytes.Buffer
	preview := in.Command(ctx, "preview", "--json", "--show-sames", "--non-interactive", "--stack", stack)
	preview.Stderr = &stderr
	printed, err := preview.Output()
	if err != nil {
		return nil, fmt.Errorf("previewing %s: %w\n%s%s", stack, err, stderr.Bytes(), printed)
	}
	read, err := plan.Read(bytes.NewReader(printed))
	if err != nil {
		return nil, err
	}
	return read.After(), nil
}

// regionOf is the region in a stack's file.
func regionOf(stack string) (string, error) {
	root, err := projectRoot()
	if err != nil {
		return "", err
	}
	project, err := workspace.LoadProject(filepath.Join(root, "Pulumi.yaml"))
	if err != nil {
		return "", err
	}
	file, err := workspace.LoadProjectStack(nil, project, filepath.Join(root, "Pulumi."+stack+".yaml"))
	if err != nil {
		return "", err
	}
	value, given := file.Config[config.MustMakeKey("aws", "region")]
	if !given {
		return "", fmt.Errorf("aws:region is missing in Pulumi.%s.yaml: prices go by it", stack)
	}
	return value.Value(config.NopDecrypter)
}
