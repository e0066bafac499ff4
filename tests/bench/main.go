// Command bench prints how long a preview takes and how much memory it needs, beside what the engine itself costs, what
// the policy pack adds, and how long provisioning takes against what AWS imposes.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"stagecraft/internal/offline/workspace"
	"stagecraft/internal/toolchain"
)

const runs = 7

func main() {
	if err := bench(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func bench(ctx context.Context) error {
	root, err := os.Getwd()
	if err != nil {
		return err
	}
	tools, err := toolchain.Build(ctx, root, os.Stderr)
	if err != nil {
		return err
	}
	scratch, err := os.MkdirTemp("", "stagecraft-bench")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(scratch) }()

	cold, err := coldPreview(ctx, root, scratch, tools)
	if err != nil {
		return err
	}
	stage, err := open(ctx, root, filepath.Join(scratch, "stage"), "stage1", tools)
	if err != nil {
		return err
	}
	resources, err := stage.count(ctx)
	if err != nil {
		return err
	}
	floor, err := openFloor(ctx, root, scratch, tools, "program", resources)
	if err != nil {
		return err
	}
	warm, err := inTurn(ctx, stage, floor)
	if err != nil {
		return err
	}
	memory, err := stage.memory(ctx)
	if err != nil {
		return err
	}
	if err := report(resources, cold, warm[0].wall, warm[1].wall, memory); err != nil {
		return err
	}
	if err := benchPolicies(ctx, root, scratch, tools); err != nil {
		return err
	}
	return benchProvisioning(ctx, root, scratch, tools)
}

// subject is a stack whose preview is measured.
type subject struct {
	workspace *workspace.Workspace
	args      []string
	// environment is what it is given beside the workspace's own.
	environment []string
}

func open(ctx context.Context, root, folder, stack string, tools toolchain.Tools, config ...string) (subject, error) {
	opened, err := workspace.Open(root, folder, tools)
	if err != nil {
		return subject{}, err
	}
	args := append([]string{"preview", "--non-interactive", "--stack", stack}, config...)
	return subject{workspace: opened, args: args}, opened.Select(ctx, stack)
}

// openFloor readies a program that declares as many resources, of which its provider knows nothing.
func openFloor(
	ctx context.Context, root, scratch string, tools toolchain.Tools, program string, resources int,
) (subject, error) {
	source, built := filepath.Join(root, "tests", "bench", "floor"), filepath.Join(scratch, "bin")
	if err := build(ctx, source, built, "./..."); err != nil {
		return subject{}, err
	}
	tools.Program, tools.Providers = filepath.Join(built, program), built
	return open(ctx, source, filepath.Join(scratch, fmt.Sprint("floor-", program, resources)), "floor", tools,
		"--config", "resources="+strconv.Itoa(resources))
}

// build compiles packages into a folder that may be new.
func build(ctx context.Context, source, folder, packages string) error {
	command := exec.CommandContext(ctx, "go", "build", "-o", folder+"/", packages)
	command.Dir, command.Stderr = source, os.Stderr
	return command.Run()
}

// spent is the time on the clock, and on all processors: of the engine and the programs that it ran.
type spent struct{ wall, processor time.Duration }

func (s subject) preview(ctx context.Context, more ...string) ([]byte, spent, error) {
	command := s.workspace.Command(ctx, append(slices.Clone(s.args), more...)...)
	command.Env = append(command.Env, s.environment...)
	start := time.Now()
	printed, err := command.Output()
	if err != nil {
		return nil, spent{}, fmt.Errorf("%s: %w\n%s", command, err, printed)
	}
	return printed, spent{time.Since(start), command.ProcessState.UserTime() + command.ProcessState.SystemTime()}, nil
}

// inTurn returns the medians of previews that are measured in turn, so that all meet the same machine.
func inTurn(ctx context.Context, subjects ...subject) ([]spent, error) {
	walls, processors := make([][]time.Duration, len(subjects)), make([][]time.Duration, len(subjects))
	for range runs {
		for i, of := range subjects {
			_, taken, err := of.preview(ctx)
			if err != nil {
				return nil, err
			}
			walls[i], processors[i] = append(walls[i], taken.wall), append(processors[i], taken.processor)
		}
	}
	medians := make([]spent, len(subjects))
	for i := range subjects {
		medians[i] = spent{median(walls[i]), median(processors[i])}
	}
	return medians, nil
}

// count is how many resources the preview would create.
func (s subject) count(ctx context.Context) (int, error) {
	printed, _, err := s.preview(ctx, "--json")
	if err != nil {
		return 0, err
	}
	var digest struct{ ChangeSummary map[string]int }
	if err := json.Unmarshal(printed, &digest); err != nil {
		return 0, err
	}
	return digest.ChangeSummary["create"], nil
}

// coldPreview is the median time from nothing but built programs to a preview: new home, new backend, new stack.
func coldPreview(ctx context.Context, root, scratch string, tools toolchain.Tools) (time.Duration, error) {
	var times []time.Duration
	for i := range runs {
		start := time.Now()
		fresh, err := open(ctx, root, filepath.Join(scratch, fmt.Sprint("cold-", i)), "stage1", tools)
		if err != nil {
			return 0, err
		}
		if _, _, err := fresh.preview(ctx); err != nil {
			return 0, err
		}
		times = append(times, time.Since(start))
	}
	return median(times), nil
}

func median(times []time.Duration) time.Duration {
	slices.Sort(times)
	return times[len(times)/2]
}

// memory is the peak resident memory, in MiB, of each of the project's programs during a preview.
func (s subject) memory(ctx context.Context) (map[string]int, error) {
	command := s.workspace.Command(ctx, s.args...)
	if err := command.Start(); err != nil {
		return nil, err
	}
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	peaks := map[string]int{}
	for {
		select {
		case err := <-ended:
			return peaks, err
		case <-time.After(5 * time.Millisecond):
			observe(peaks)
		}
	}
}

// observe reads the high-water mark of resident memory that Linux keeps for each process (proc(5), VmHWM).
func observe(peaks map[string]int) {
	processes, _ := filepath.Glob("/proc/[0-9]*") // the pattern is well-formed
	for _, process := range processes {
		program, err := os.Readlink(filepath.Join(process, "exe"))
		if err != nil || !strings.Contains(program, "/bin/") {
			continue
		}
		name := filepath.Base(program)
		if name != "program" && !strings.HasPrefix(name, "pulumi-") {
			continue
		}
		status, _ := os.ReadFile(filepath.Join(process, "status")) // it may have ended
		for line := range strings.Lines(string(status)) {
			if fields := strings.Fields(line); len(fields) == 3 && fields[0] == "VmHWM:" {
				kibibytes, _ := strconv.Atoi(fields[1]) // the kernel writes a number
				peaks[name] = max(peaks[name], kibibytes/1024)
			}
		}
	}
}

func report(resources int, cold, warm, lowest time.Duration, memory map[string]int) error {
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "preview of stage 1, %d resources, medians of %d runs\t\n", resources, runs)
	fmt.Fprintf(table, "  cold (new home, backend and stack)\t%.2f s\n", cold.Seconds())
	fmt.Fprintf(table, "  warm\t%.2f s\n", warm.Seconds())
	fmt.Fprintf(table, "  floor: as many trivial resources\t%.2f s\n", lowest.Seconds())
	fmt.Fprintf(table, "  warm : floor\t%.2f\n", warm.Seconds()/lowest.Seconds())
	fmt.Fprintln(table, "peak resident memory during the preview\t")
	for _, name := range slices.Sorted(maps.Keys(memory)) {
		fmt.Fprintf(table, "  %s\t%d MiB\n", name, memory[name])
	}
	return table.Flush()
}
