package main

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// pulumiOptions are the options of pulumi.
type pulumiOptions struct {
	environment

	args []string
}

func newPulumiCommand(env environment, run func(context.Context, pulumiOptions) error) *cobra.Command {
	options := pulumiOptions{environment: env}
	return &cobra.Command{
		Use:   "pulumi -- ARG...",
		Short: "Run any Pulumi command in the offline workspace, such as: stagecraft pulumi -- stack ls",
		Long: "Runs a Pulumi command in the offline workspace, .stagecraft, which is also Pulumi's working directory. Paths in\n" +
			"the flags --policy-pack, --policy-pack-config, --config-file, --file, --plan, --save-plan and --import-file\n" +
			"are relative to your own working directory.",
		RunE: func(command *cobra.Command, args []string) error {
			if command.ArgsLenAtDash() != 0 || len(args) == 0 {
				return usageError{errors.New("put -- before the Pulumi command, such as: stagecraft pulumi -- stack ls")}
			}
			options.args = args
			return run(command.Context(), options)
		},
	}
}

func runPulumi(ctx context.Context, options pulumiOptions) error {
	opened, err := options.openWorkspace(ctx)
	if err != nil {
		return err
	}
	args, err := absolutePaths(options.args)
	if err != nil {
		return err
	}
	return options.runOnTerminal(opened.Command(ctx, args...))
}

// pathFlags are Pulumi's flags whose value is a path.
var pathFlags = []string{
	"--policy-pack", "--policy-pack-config", "--config-file", "--file", "--plan", "--save-plan", "--import-file",
}

// absolutePaths returns the arguments with the paths of flags made absolute, because Pulumi runs in another folder.
func absolutePaths(args []string) ([]string, error) {
	absolute := slices.Clone(args)
	for i, arg := range args {
		flag, value, joined := strings.Cut(arg, "=")
		switch {
		case joined && slices.Contains(pathFlags, flag):
			path, err := filepath.Abs(value)
			if err != nil {
				return nil, err
			}
			absolute[i] = flag + "=" + path
		case i > 0 && slices.Contains(pathFlags, args[i-1]):
			path, err := filepath.Abs(arg)
			if err != nil {
				return nil, err
			}
			absolute[i] = path
		}
	}
	return absolute, nil
}
