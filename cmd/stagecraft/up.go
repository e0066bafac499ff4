package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"stagecraft/internal/offline/cloud"
)

// upOptions are the options of up.
type upOptions struct {
	stackOptions
	policyOptions
	faultOptions
}

// faultOptions are faults of the offline cloud, for tests of how an update recovers.
type faultOptions struct {
	failCreate, killCreate int
	timeScale              float64
	unhealthy, released    []string
}

func newUpCommand(env environment, run func(context.Context, upOptions) error) *cobra.Command {
	options := upOptions{stackOptions: stackOptions{environment: env}}
	command := &cobra.Command{
		Use:   "up",
		Short: "Deploy a stack to the offline cloud, under the policy pack",
		RunE: func(command *cobra.Command, args []string) error {
			if err := options.parse(command, args); err != nil {
				return err
			}
			if err := options.check(); err != nil {
				return err
			}
			return run(command.Context(), options)
		},
	}
	options.stackOptions.addTo(command)
	options.policyOptions.addTo(command, &options.advisories)
	flags := command.Flags()
	flags.IntVar(&options.failCreate, "fail-create", 0, "make the Nth creation of this run fail")
	flags.IntVar(&options.killCreate, "kill-create", 0, "make the provider crash at the Nth creation of this run")
	flags.Float64Var(&options.timeScale, "time-scale", 0, "make creations take this fraction of AWS's typical time")
	flags.StringSliceVar(&options.unhealthy, "unhealthy", nil, "make resources of this type never become healthy")
	flags.StringSliceVar(&options.released, "released", nil, "treat resources of this type as released to")
	return command
}

// check rejects faults that cannot happen.
func (o faultOptions) check() error {
	switch {
	case o.failCreate < 0:
		return usageError{fmt.Errorf("--fail-create is %d: it must be 1 or more", o.failCreate)}
	case o.killCreate < 0:
		return usageError{fmt.Errorf("--kill-create is %d: it must be 1 or more", o.killCreate)}
	case o.timeScale < 0:
		return usageError{fmt.Errorf("--time-scale is %g: it must be 0 or more", o.timeScale)}
	}
	return nil
}

// variables returns the environment variables that cause the faults, and the sentences that announce them.
func (o faultOptions) variables() (variables, announcements []string) {
	if o.failCreate != 0 {
		variables = append(variables, cloud.FailCreateVariable+"="+strconv.Itoa(o.failCreate))
		announcements = append(announcements, fmt.Sprintf("--fail-create: creation number %d of this run will fail.", o.failCreate))
	}
	if o.killCreate != 0 {
		variables = append(variables, cloud.KillCreateVariable+"="+strconv.Itoa(o.killCreate))
		announcements = append(announcements,
			fmt.Sprintf("--kill-create: the provider will crash at creation number %d of this run.", o.killCreate))
	}
	if o.timeScale != 0 {
		variables = append(variables, cloud.TimeScaleVariable+"="+strconv.FormatFloat(o.timeScale, 'g', -1, 64))
	}
	if len(o.unhealthy) > 0 {
		variables = append(variables, cloud.UnhealthyVariable+"="+strings.Join(o.unhealthy, ","))
		announcements = append(announcements, fmt.Sprintf("--unhealthy: no %s becomes healthy in this run.", strings.Join(o.unhealthy, ", ")))
	}
	if len(o.released) > 0 {
		variables = append(variables, cloud.ReleasedVariable+"="+strings.Join(o.released, ","))
	}
	return variables, announcements
}

func runUp(ctx context.Context, options upOptions) error {
	opened, err := options.openStack(ctx)
	if err != nil {
		return err
	}
	variables, announcements := options.variables()
	for _, announcement := range announcements {
		fmt.Fprintln(options.errors, announcement)
	}
	return options.run(ctx, opened, operation{
		phases:    []string{"Previewing", "Updating"},
		outputs:   true,
		args:      slices.Concat([]string{"up", "--yes"}, options.arguments(opened), options.flags),
		variables: variables,
	})
}
