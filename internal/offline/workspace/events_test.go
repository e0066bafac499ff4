package workspace_test

import (
	"context"
	"os/exec"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/stretchr/testify/require"

	"stagecraft/internal/offline/clitest"
	"stagecraft/internal/offline/workspace"
)

func diagnostic(text string) apitype.EngineEvent {
	return apitype.EngineEvent{DiagnosticEvent: &apitype.DiagnosticEvent{Message: text}}
}

func TestRun(t *testing.T) {
	t.Parallel()
	opened := newProject(t, "config: {}\n")
	opened.cli.Answer("up", clitest.Answer{
		Phases: [][]apitype.EngineEvent{{diagnostic("preview"), diagnostic("2")}, {diagnostic("update")}},
		Stdout: "printed\n", Stderr: "an error\n", Code: 6,
	})
	var received []string
	printed, err := workspace.Run(opened.Command(t.Context(), "up", "--yes"), func(event apitype.EngineEvent) {
		received = append(received, event.DiagnosticEvent.Message)
	})
	var failed *exec.ExitError
	require.ErrorAs(t, err, &failed)
	require.Equal(t, 6, failed.ExitCode())
	require.Equal(t, "printed\nan error\n", printed)
	require.Equal(t, []string{"preview", "2", "update"}, received)
	require.Equal(t, []string{"up --yes --non-interactive --event-log"}, opened.cli.Calls())
	require.Equal(t, []string{"PULUMI_DEBUG_COMMANDS=true"}, opened.cli.Environment("PULUMI_DEBUG"))
}

func TestRunReportsMalformedEvents(t *testing.T) {
	t.Parallel()
	opened := newProject(t, "config: {}\n")
	opened.cli.Answer("up", clitest.Answer{Malformed: "{", Phases: [][]apitype.EngineEvent{{diagnostic("after it")}}})
	received := 0
	_, err := workspace.Run(opened.Command(t.Context(), "up"), func(apitype.EngineEvent) { received++ })
	require.ErrorContains(t, err, "reading an event of Pulumi: unexpected end of JSON input")
	require.Equal(t, 1, received)
}

func TestRunWithoutPulumi(t *testing.T) {
	t.Parallel()
	_, err := workspace.Run(exec.CommandContext(t.Context(), "/nowhere/pulumi"), nil)
	require.ErrorContains(t, err, "/nowhere/pulumi: no such file or directory")
}

// TestRunIsInterrupted checks that Pulumi receives an interrupt, after which it ends by itself.
func TestRunIsInterrupted(t *testing.T) {
	t.Parallel()
	opened := newProject(t, "config: {}\n")
	opened.cli.Answer("up", clitest.Answer{
		Phases: [][]apitype.EngineEvent{{diagnostic("started")}}, Waits: true, Code: 4,
	})
	ctx, cancel := context.WithCancel(t.Context())
	begin := time.Now()
	printed, err := workspace.Run(opened.Command(ctx, "up"), func(apitype.EngineEvent) { cancel() })
	require.Error(t, err)
	require.Equal(t, "interrupted\n", printed)
	require.Less(t, time.Since(begin), 30*time.Second)
}
