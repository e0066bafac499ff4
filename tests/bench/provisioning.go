package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"stagecraft/internal/offline/cloud"
	"stagecraft/internal/review/duration"
	"stagecraft/internal/review/plan"
	"stagecraft/internal/toolchain"
)

// timeScale is the part of AWS's typical times that provisioning takes here: the longest stage some thirty seconds.
const timeScale = 0.02

// benchProvisioning prints how long `up` takes with AWS's typical times, for each stage, against the longest chain that
// AWS itself imposes: resources that take each other's properties.
func benchProvisioning(ctx context.Context, root, scratch string, tools toolchain.Tools) error {
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table,
		"provisioning with AWS's typical times\tmeasured\tby the program's order\tlower bound\tmeasured : bound\torder : bound")
	var paths strings.Builder
	for number := 1; number <= 5; number++ {
		name := fmt.Sprint("stage", number)
		stage, err := open(ctx, root, filepath.Join(scratch, "provisioned-"+name), name, tools)
		if err != nil {
			return err
		}
		printed, _, err := stage.preview(ctx, "--json")
		if err != nil {
			return err
		}
		update, err := plan.Read(strings.NewReader(string(printed)))
		if err != nil {
			return err
		}
		ordered, bound := duration.Estimate(update), duration.LowerBound(update)
		instant, err := open(ctx, root, filepath.Join(scratch, "instant-"+name), name, tools)
		if err != nil {
			return err
		}
		measured, err := provision(ctx, stage, instant, name)
		if err != nil {
			return err
		}
		fmt.Fprintf(table, "  %s\t%s\t%s\t%s\t%.2f\t%.2f\n", name, measured.Round(time.Second), ordered.Total, bound.Total,
			measured.Seconds()/bound.Total.Seconds(), ordered.Total.Seconds()/bound.Total.Seconds())
		fmt.Fprintf(&paths, "the chain that %s waits for\n", name)
		for _, step := range ordered.Path {
			fmt.Fprintf(&paths, "  %8s  +%s  %s %s\n", step.Start, step.Duration, step.URN.Type(), step.URN.Name())
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err := fmt.Print(paths.String())
	return err
}

// provision deploys a stack and its like on a cloud that takes no time, and gives the time that it would take unscaled:
// the engine's own work, which no scale makes shorter, counts once.
func provision(ctx context.Context, timed, instant subject, stack string) (time.Duration, error) {
	own, err := instant.up(ctx, stack, 0)
	if err != nil {
		return 0, err
	}
	whole, err := timed.up(ctx, stack, timeScale)
	return own + time.Duration(float64(whole-own)/timeScale), err
}

func (s subject) up(ctx context.Context, stack string, scale float64) (time.Duration, error) {
	command := s.workspace.Command(ctx, "up", "--yes", "--skip-preview", "--non-interactive", "--stack", stack)
	command.Env = append(command.Env, cloud.TimeScaleVariable+"="+strconv.FormatFloat(scale, 'g', -1, 64))
	start := time.Now()
	if printed, err := command.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("%s: %w\n%s", command, err, printed)
	}
	return time.Since(start), nil
}
