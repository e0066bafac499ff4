package tests

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"stagecraft/internal/offline/workspace"
	"stagecraft/internal/review/impact"
	"stagecraft/internal/review/plan"
	"stagecraft/internal/review/preview"
)

// stagesDiff reviews the update from a stage to another, and returns the progress messages, too.
func stagesDiff(t *testing.T, cache, from, to string) (impact.Report, string) {
	t.Helper()
	project := preview.Project{Root: root, Tools: tools}
	var progress bytes.Buffer
	update, err := preview.Plan(t.Context(), preview.Transition{
		Before: project, After: project, Stack: "stage" + from, Target: preview.Target{Stage: to}, CacheFolder: cache,
	}, &progress)
	require.NoError(t, err)
	return impact.New(impact.Subject{}, update), progress.String()
}

func TestDiffGrows(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	report, progress := stagesDiff(t, folder, "1", "2")
	require.Contains(t, progress, "Deploying stage1")
	require.False(t, report.Verdict.Refused, report.Refusals)
	require.False(t, report.Verdict.DataAtRisk)
	require.Equal(t, impact.Interruption{
		Level: impact.None, Resources: []string{"database"}, Type: "aws:rds/instance:Instance", Properties: []string{"multiAz"},
		Reason: "no downtime; writes may be slower while AWS creates or deletes the standby",
		When:   "during the update",
		Source: "Amazon RDS User Guide, Converting a DB instance to a Multi-AZ deployment for Amazon RDS",
	}, tierOf(t, report, "database").Interruptions[0])

	same, progress := stagesDiff(t, folder, "1", "1")
	require.Empty(t, progress, "what was deployed waits")
	require.Zero(t, same.Counts.Changed(), "the preview of stage 2 changed nothing")
}

func TestDiffLosesData(t *testing.T) {
	t.Parallel()
	report, _ := stagesDiff(t, t.TempDir(), "5", "4")
	require.True(t, report.Verdict.DataAtRisk)
	require.True(t, report.Verdict.Refused)
	risk := tierOf(t, report, "datastore").Risks[0]
	require.Equal(t, "visits", risk.Name)
	require.True(t, risk.Protected)
}

func TestDiffOfALiveStackChangesNothing(t *testing.T) {
	folder := t.TempDir()
	opened, err := workspace.Open(root, folder, tools)
	require.NoError(t, err)
	mine := account{t, opened}.stack("stage1")
	mine.up()
	pulumi := mine.workspace.Command(t.Context())
	t.Chdir(folder)
	for _, variable := range []string{"PULUMI_BACKEND_URL", "PULUMI_HOME", "PULUMI_CONFIG_PASSPHRASE"} {
		t.Setenv(variable, value(pulumi.Env, variable))
	}
	t.Setenv("PATH", filepath.Dir(tools.Pulumi)+string(os.PathListSeparator)+os.Getenv("PATH"))
	file, err := preview.StackFile("stage1")
	require.NoError(t, err)
	before, err := os.ReadFile(file)
	require.NoError(t, err)

	live, err := preview.Stack(t.Context(), "stage1", preview.Target{Stage: "2"})
	require.NoError(t, err)
	after, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(before), string(after))

	offline, err := preview.OfflineStack(t.Context(), mine.workspace, "stage1", preview.Target{Stage: "2"})
	require.NoError(t, err)
	for _, preview := range []plan.Plan{live, offline} {
		require.Equal(t, 1, tierOf(t, impact.New(impact.Subject{}, preview), "database").Counts.Update)
	}
	mine.run("preview", "--expect-no-changes")
}

func tierOf(t *testing.T, report impact.Report, name string) impact.Tier {
	t.Helper()
	for _, tier := range report.Tiers {
		if tier.Name == name {
			return tier
		}
	}
	require.Fail(t, "no such tier", name)
	return impact.Tier{}
}

// value returns the value of the last assignment of a variable.
func value(environment []string, variable string) (last string) {
	for _, assignment := range environment {
		if name, value, _ := strings.Cut(assignment, "="); name == variable {
			last = value
		}
	}
	return last
}
