package tests

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"stagecraft/internal/offline/cloud"
	"stagecraft/internal/offline/workspace"
)

// holders are the types that hold data. A standby, a replica and a cache hold copies only.
var holders = []string{
	"aws:cloudwatch/logGroup:LogGroup", "aws:dynamodb/table:Table", "aws:ecr/repository:Repository", "aws:kms/key:Key",
	"aws:rds/instance:Instance", "aws:s3/bucketV2:BucketV2", "aws:secretsmanager/secret:Secret",
}

// data are what exists and holds data.
func (a account) data() []string {
	a.t.Helper()
	var holding []string
	for _, record := range a.store() {
		replica := strings.Contains(string(record.Inputs), "replicateSourceDb")
		if slices.Contains(holders, record.Type) && !replica {
			holding = append(holding, record.Type+" "+record.ID)
		}
	}
	return holding
}

// deployed are the folders of accounts with a stack that has a public name, by its stage: each is deployed once, when the
// first test asks for it.
var deployed = map[string]func() (string, error){
	"1": deployOnce("1"), "2": deployOnce("2"), "3": deployOnce("3"), "4": deployOnce("4"), "5": deployOnce("5"),
}

func deployOnce(stage string) func() (string, error) {
	return sync.OnceValues(func() (string, error) { return deployNamed(stage) })
}

func deployNamed(stage string) (folder string, err error) {
	folder = filepath.Join(shared, "stage"+stage)
	opened, err := workspace.Open(root, folder, tools)
	if err != nil {
		return "", err
	}
	if err := opened.Select(context.Background(), "stage1"); err != nil {
		return "", err
	}
	for _, args := range [][]string{
		{"config", "set", "domain", publicName},
		{"config", "set", "hostedZone", "example.com"},
		{"config", "set", "stage", stage},
		{"up", "--yes", "--skip-preview"},
	} {
		command := opened.Command(context.Background(), append(args, "--stack", "stage1", "--non-interactive")...)
		command.Env = append(command.Env, workspace.WithoutCheckpoints...)
		if output, err := command.CombinedOutput(); err != nil {
			return "", fmt.Errorf("%s: %w\n%s", args, err, output)
		}
	}
	return folder, nil
}

// growing is a stack with a public name that is at a stage, in an account of its own.
func growing(t *testing.T, stage string) stack {
	t.Helper()
	folder, err := deployed[stage]()
	require.NoError(t, err)
	grown := copyOf(t, filepath.Join(folder, "backend"), "stage1")
	grown.set("stage", stage)
	return grown
}

func (s stack) set(key, value string) {
	s.t.Helper()
	s.run("config", "set", key, value)
}

// grow updates the stack, during which users are served at every step, and no data is lost.
func (s stack) grow(to string) {
	s.t.Helper()
	before := s.data()
	s.set("stage", to)
	watched := s.probe(interruption{})
	require.NoError(s.t, watched.failed, watched.output)
	require.Empty(s.t, watched.breaks, "to stage %s", to)
	require.Subset(s.t, s.data(), before, "to stage %s", to)
	s.run("preview", "--expect-no-changes", "--diff")
}

// growWatched grows in three updates: one creates the new tiers, one routes users to them, one deletes the old tiers.
func (s stack) growWatched(from, to string) {
	s.t.Helper()
	s.set("keepStage", to)
	s.grow(from)
	s.set("keepStage", from)
	s.grow(to)
	s.run("config", "rm", "keepStage")
	s.grow(to)
}

func TestGrowth(t *testing.T) {
	t.Parallel()
	for _, stages := range [][]string{
		{"1", "2", "3", "4", "5"}, {"1", "3"}, {"2", "4"}, {"1", "5"}, {"3", "2"},
	} {
		t.Run(strings.Join(stages, " to "), func(t *testing.T) {
			t.Parallel()
			grown := growing(t, stages[0])
			for _, to := range stages[1:] {
				grown.grow(to)
			}
		})
	}
}

func TestWatchedGrowth(t *testing.T) {
	t.Parallel()
	for _, stages := range [][]string{{"1", "2", "1"}, {"3", "4", "3"}, {"4", "5"}} {
		t.Run(strings.Join(stages, " to "), func(t *testing.T) {
			t.Parallel()
			grown := growing(t, stages[0])
			for i, to := range stages[1:] {
				grown.growWatched(stages[i], to)
			}
		})
	}
}

// TestShrinkingThatLosesData checks that the preview rejects it, before anything is changed.
func TestShrinkingThatLosesData(t *testing.T) {
	t.Parallel()
	for from, to := range map[string]string{"5": "4", "4": "3", "2": "1"} {
		t.Run(from+" to "+to, func(t *testing.T) {
			t.Parallel()
			grown := growing(t, from)
			output, err := grown.try(nil, "preview", "--config", "stagecraft:stage="+to)
			require.Error(t, err)
			require.Contains(t, output, "protected")
		})
	}
}

// TestGoingBack gives stage 5 up on purpose, as documented: to its end, at the first step of the way there, and after the
// users have moved. Nobody is without an answer.
func TestGoingBack(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		from  string
		steps [][2]string // stage and keepStage
	}{
		"5 to 4":                 {"5", [][2]string{{"4", "5"}, {"4", ""}}},
		"after the first step":   {"4", [][2]string{{"4", "5"}, {"4", ""}}},
		"after users have moved": {"4", [][2]string{{"4", "5"}, {"5", "4"}, {"4", "5"}, {"4", ""}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			back := growing(t, test.from)
			for _, step := range test.steps {
				back.set("stage", step[0])
				if step[1] == "" {
					back.run("config", "rm", "keepStage")
				} else {
					back.set("keepStage", step[1])
				}
				watched := back.probe(interruption{})
				require.NoError(t, watched.failed, watched.output)
				require.Empty(t, watched.breaks, "stage %s, keepStage %s", step[0], step[1])
			}
			back.run("preview", "--expect-no-changes", "--diff")
		})
	}
}

// TestInterruptedGrowth interrupts the growth of a stack; users are served all the same, and an update finishes it.
func TestInterruptedGrowth(t *testing.T) {
	t.Parallel()
	interruptions := map[string]interruption{
		"first create fails":   {fault: cloud.FailCreateVariable + "=1"},
		"create midway fails":  {fault: cloud.FailCreateVariable + "=25"},
		"provider dies early":  {fault: cloud.KillCreateVariable + "=3"},
		"provider dies midway": {fault: cloud.KillCreateVariable + "=30"},
		"cancelled":            {cancel: 200, fault: cloud.TimeScaleVariable + "=0.001"},
	}
	for _, pair := range [][2]string{{"1", "2"}, {"3", "4"}, {"4", "5"}} {
		t.Run(pair[0]+" to "+pair[1], func(t *testing.T) {
			t.Parallel()
			before := growing(t, pair[0])
			whole := before.copy(t)
			whole.grow(pair[1])
			for name, interrupted := range interruptions {
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					broken := before.copy(t)
					broken.set("stage", pair[1])
					watched := broken.probe(interrupted)
					require.Error(t, watched.failed, watched.output)
					require.Empty(t, watched.breaks)
					broken.grow(pair[1])
					broken.requireSameButLogs()
					require.ElementsMatch(t, whole.urns(), broken.urns())
				})
			}
		})
	}
}

// copy is a stack in an account of its own that is in the same state.
func (s stack) copy(t *testing.T) stack {
	t.Helper()
	return copyOf(t, s.workspace.Backend(), s.name)
}

func copyOf(t *testing.T, backend, name string) stack {
	t.Helper()
	folder := t.TempDir()
	require.NoError(t, os.CopyFS(filepath.Join(folder, "backend"), os.DirFS(backend)))
	opened, err := workspace.Open(root, folder, tools)
	require.NoError(t, err)
	copied := account{t, opened}.stack(name)
	copied.set("domain", publicName)
	copied.set("hostedZone", "example.com")
	return copied
}

// requireSameButLogs leaves out log groups that outlived their tier.
func (s stack) requireSameButLogs() {
	s.t.Helper()
	believed, existing := s.inventories(s)
	existing = slices.DeleteFunc(existing, func(one string) bool {
		return strings.HasPrefix(one, "aws:cloudwatch/logGroup:LogGroup ") && !slices.Contains(believed, one)
	})
	require.ElementsMatch(s.t, believed, existing)
}

func (s stack) urns() []string {
	s.t.Helper()
	var urns []string
	for _, known := range s.state() {
		urns = append(urns, string(known.URN))
	}
	return urns
}
