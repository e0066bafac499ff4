package tests

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/stretchr/testify/require"

	"stagecraft/cmd/stagecraft/display"
	"stagecraft/internal/offline/workspace"
)

// TestDisplay shows a real preview: the tiers' numbers add up to Pulumi's own, and so does the number of advisories.
func TestDisplay(t *testing.T) {
	t.Parallel()
	stack := newAccount(t).stack("stage1")
	command := stack.workspace.Command(t.Context(), "preview", "--stack", stack.name, "--policy-pack", tools.Policy)
	var out bytes.Buffer
	view := display.New(display.Options{Out: &out, Stack: stack.name, Phases: []string{"Previewing"}, Preview: true})
	created, advisories := 0, 0
	printed, err := workspace.Run(command, func(event apitype.EngineEvent) {
		view.Event(event)
		if event.SummaryEvent != nil {
			created = event.SummaryEvent.ResourceChanges[apitype.OpCreate]
		}
		if event.PolicyEvent != nil {
			advisories++
		}
	})
	view.Finish(printed, err)
	require.NoError(t, err, out.String())
	require.Greater(t, created, 100)
	sum := 0
	tiers := regexp.MustCompile(`(?m)^  (\S+) +(\d+) to create$`).FindAllStringSubmatch(out.String(), -1)
	require.Greater(t, len(tiers), 5, out.String())
	for _, tier := range tiers {
		count, err := strconv.Atoi(tier[2])
		require.NoError(t, err)
		sum += count
	}
	require.Equal(t, created, sum, out.String())
	require.Contains(t, out.String(), fmt.Sprintf("\nstage1: %d to create in ", created))
	require.Contains(t, out.String(), fmt.Sprintf("\nPolicies: %d advisory violations of ", advisories))
}
