package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"text/tabwriter"
	"time"

	"stagecraft/internal/toolchain"
)

// benchPolicies prints what the policy pack adds to previews, beside a pack without rules, which is what the engine itself
// takes to ask any pack, and beside one of ten rules on Node.js.
func benchPolicies(ctx context.Context, root, scratch string, tools toolchain.Tools) error {
	packs := filepath.Join(scratch, "packs")
	if err := build(ctx, root, packs, "./tests/bench/empty"); err != nil {
		return err
	}
	config := filepath.Join(scratch, "policies.json")
	if err := os.WriteFile(config, []byte(`{"all": "advisory"}`), 0o600); err != nil {
		return err
	}
	ours := []string{"--policy-pack", tools.Policy, "--policy-pack-config", config}
	started, err := start(ctx, tools.Policy)
	if err != nil {
		return err
	}
	fmt.Printf("start of the policy pack, median of %d runs: %.3f s\n", runs, started.Seconds())
	stage, err := open(ctx, root, filepath.Join(scratch, "policed"), "stage5", tools)
	if err != nil {
		return err
	}
	compared := []judged{
		{"without a policy pack", stage},
		{"with a pack without rules", stage.with("--policy-pack", filepath.Join(packs, "empty"))},
		{"with the policy pack", stage.with(ours...)},
	}
	if theirs, err := installNodePack(ctx, root, scratch); err != nil {
		fmt.Fprintf(os.Stderr, "A pack on Node.js is left out: %v\n", err)
	} else {
		node := stage.with("--policy-pack", theirs)
		node.environment = []string{"PATH=" + theirs + string(os.PathListSeparator) + os.Getenv("PATH")}
		compared = append(compared, judged{"with ten rules on @pulumi/policy", node})
	}
	if err := compare(ctx, "preview of stage 5", compared); err != nil {
		return err
	}
	for _, resources := range []int{500, 1000, 2000} {
		sized, err := openFloor(ctx, root, scratch, tools, "sized", resources)
		if err != nil {
			return err
		}
		compared := []judged{
			{"without a policy pack", sized},
			{"with a pack without rules", sized.with("--policy-pack", filepath.Join(packs, "empty"))},
			{"with the policy pack", sized.with(ours...)},
		}
		if err := compare(ctx, fmt.Sprintf("preview of %d resources", resources), compared); err != nil {
			return err
		}
	}
	return nil
}

// judged is a preview with or without a pack.
type judged struct {
	title string
	subject
}

// with is the same preview with more flags.
func (s subject) with(flags ...string) subject {
	s.args = append(slices.Clone(s.args), flags...)
	return s
}

// compare prints what previews take, and how much more than the first.
func compare(ctx context.Context, title string, of []judged) error {
	subjects := make([]subject, len(of))
	for i, each := range of {
		subjects[i] = each.subject
	}
	medians, err := inTurn(ctx, subjects...)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "%s, medians of %d runs\tclock\tadded\tprocessors\tadded\n", title, runs)
	for i, taken := range medians {
		fmt.Fprintf(table, "  %s\t%.2f s\t%s\t%.2f s\t%s\n", of[i].title, taken.wall.Seconds(), added(medians[0].wall, taken.wall),
			taken.processor.Seconds(), added(medians[0].processor, taken.processor))
	}
	return table.Flush()
}

func added(without, with time.Duration) string {
	return fmt.Sprintf("%.2f s, %.0f %%", (with - without).Seconds(), 100*(with.Seconds()/without.Seconds()-1))
}

// start is the median time until a pack tells its port.
func start(ctx context.Context, pack string) (time.Duration, error) {
	var times []time.Duration
	for range runs {
		command := exec.CommandContext(ctx, pack)
		stdout, err := command.StdoutPipe()
		if err != nil {
			return 0, err
		}
		began := time.Now()
		if err := command.Start(); err != nil {
			return 0, err
		}
		_, err = bufio.NewReader(stdout).ReadString('\n')
		times = append(times, time.Since(began))
		err = errors.Join(err, command.Process.Kill())
		_ = command.Wait() // it was killed
		if err != nil {
			return 0, err
		}
	}
	return median(times), nil
}

// installNodePack returns a copy of the pack on Node.js, with its dependencies as they are locked.
func installNodePack(ctx context.Context, root, scratch string) (string, error) {
	for _, program := range []string{"node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			return "", err
		}
	}
	folder := filepath.Join(scratch, "nodejs")
	if err := os.CopyFS(folder, os.DirFS(filepath.Join(root, "tests", "bench", "nodejs"))); err != nil {
		return "", err
	}
	install := exec.CommandContext(ctx, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	install.Dir = folder
	if printed, err := install.CombinedOutput(); err != nil {
		return "", fmt.Errorf("npm ci: %w\n%s", err, printed)
	}
	return folder, nil
}
