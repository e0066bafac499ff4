package tests

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"stagecraft/internal/offline/cloud"
	"stagecraft/internal/offline/store"
)

// TestInterruptedUp interrupts an update early, midway and late; a plain up then finishes it.
func TestInterruptedUp(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ variable, create, want string }{
		"first create fails":   {cloud.FailCreateVariable, "1", "api error InternalError"},
		"create midway fails":  {cloud.FailCreateVariable, "40", "api error InternalError"},
		"provider dies early":  {cloud.KillCreateVariable, "3", "error"},
		"provider dies midway": {cloud.KillCreateVariable, "35", "error"},
		"provider dies late":   {cloud.KillCreateVariable, "75", "error"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			interrupted := newAccount(t).stack("stage1")
			output, err := interrupted.try([]string{test.variable + "=" + test.create}, "up", "--yes", "--skip-preview")
			require.Error(t, err, output)
			require.Contains(t, output, test.want)
			before := len(interrupted.store())

			interrupted.up()
			interrupted.requireSame(interrupted)
			require.Greater(t, len(interrupted.store()), before)
			interrupted.run("preview", "--expect-no-changes")
		})
	}
}

func TestSecondUpWhileOneRuns(t *testing.T) {
	t.Parallel()
	busy := newAccount(t).stack("stage1")
	first := busy.workspace.Command(t.Context(), "up", "--yes", "--skip-preview", "--stack", "stage1", "--non-interactive")
	first.Env = append(first.Env, cloud.TimeScaleVariable+"=0.01")
	printed, err := first.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, first.Start())
	lines := bufio.NewScanner(printed)
	started := func() bool { return strings.Contains(lines.Text(), "creating") }
	for lines.Scan() && !started() {
		continue
	}

	// Pulumi reads the state before it looks for locks, and may meet a file that the first is writing.
	var output string
	for range 10 {
		output, err = busy.try(nil, "up", "--yes", "--skip-preview")
		require.Error(t, err, output)
		if !strings.Contains(output, "failed to load checkpoint") {
			break
		}
	}
	require.Contains(t, output, "the stack is currently locked")

	for lines.Scan() {
		continue
	}
	require.NoError(t, first.Wait(), "the first is not disturbed")
	busy.requireSame(busy)
}

func TestBrokenStore(t *testing.T) {
	t.Parallel()
	broken := newAccount(t).stack("stage1")
	path := filepath.Join(broken.workspace.Backend(), store.FileName)
	content := []byte(strings.Repeat("no database ", 1000))
	require.NoError(t, os.WriteFile(path, content, 0o600))
	output, err := broken.try(nil, "up", "--yes", "--skip-preview")
	require.Error(t, err)
	require.Contains(t, output, "is broken; it was left as it is")
	after, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, content, after)
}
