package report_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/santhosh-tekuri/jsonschema/v5"
	"github.com/stretchr/testify/require"

	"stagecraft/internal/review/cost"
	"stagecraft/internal/review/duration"
	"stagecraft/internal/review/impact"
	"stagecraft/internal/review/plan"
	"stagecraft/internal/review/report"
)

// update writes the golden files: go test ./internal/review/report -update.
var update = flag.Bool("update", false, "write the golden files")

func sample(t *testing.T) report.Document {
	t.Helper()
	file, err := os.Open("testdata/plan.json")
	require.NoError(t, err)
	defer func() { require.NoError(t, file.Close()) }()
	read, err := plan.Read(file)
	require.NoError(t, err)
	none := cost.Estimate{Region: "eu-west-1"}
	some := cost.Estimate{
		Region: "eu-west-1", Amount: cost.Amount{Fixed: 20, Usage: 1.5}, From: "2025-01-01", To: "2025-02-01",
		Tiers:       []cost.Tier{{Name: "web", Amount: cost.Amount{Fixed: 20, Usage: 1.5}}},
		Unpriced:    []cost.Unpriced{{Type: "aws:x/y:Y", Count: 2, Reason: "there is no rule for it"}},
		Assumptions: []cost.Assumption{{Name: "requestsPerMonth", Value: 1e6, Meaning: "requests"}},
		Notes:       []string{"left out"}, Unseen: []string{"rds.storage"},
	}
	return report.Document{
		Report: impact.New(impact.Subject{
			From: "stage1", To: "stage 2", Configuration: "Pulumi.stage1.yaml with stage: 2 in the place of 1",
			Back: []string{"pulumi config set stage 1", "pulumi up"},
		}, read),
		Cost: report.NewCost(none, some),
		Duration: report.NewDuration(duration.Chain{Total: 15 * time.Minute, Path: []duration.Step{
			{URN: read.Steps[2].URN, Op: apitype.OpCreate, Duration: 30 * time.Second},
			{URN: read.Steps[0].URN, Op: apitype.OpUpdate, Start: 30 * time.Second, Duration: 870 * time.Second},
		}}),
	}
}

// printed is a review without a terminal, 80 columns wide.
func printed(t *testing.T, format string, of report.Document) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, report.Write(&out, format, of))
	return out.String()
}

func TestFormats(t *testing.T) {
	t.Setenv("COLUMNS", "80")
	for format, golden := range map[string]string{
		"table": "report.txt", "markdown": "report.markdown", "json": "report.json", "html": "report.html",
	} {
		t.Run(format, func(t *testing.T) {
			got, path := printed(t, format, sample(t)), filepath.Join("testdata", golden)
			if *update {
				require.NoError(t, os.WriteFile(path, []byte(got), 0o600))
			}
			want, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, string(want), got)
		})
	}
}

func TestKnows(t *testing.T) {
	t.Parallel()
	for _, format := range report.Formats() {
		require.True(t, report.Knows(format))
	}
	require.False(t, report.Knows("pdf"))
}

func TestTheTableKeepsToTheWidth(t *testing.T) {
	for _, columns := range []int{60, 80, 120} {
		t.Setenv("COLUMNS", fmt.Sprint(columns))
		for line := range strings.Lines(printed(t, "table", sample(t))) {
			if !strings.Contains(line, "pulumi state unprotect") { // whole, to be copied
				require.LessOrEqual(t, utf8.RuneCountInString(strings.TrimSuffix(line, "\n")), columns, line)
			}
		}
	}
}

func TestNoColoursWithoutATerminal(t *testing.T) {
	t.Parallel()
	require.NotContains(t, printed(t, "table", sample(t)), "\x1b")
}

func TestTheSchemaDescribesTheJSON(t *testing.T) {
	t.Parallel()
	schema, err := jsonschema.Compile("../../docs/diff.schema.json")
	require.NoError(t, err)
	for name, of := range map[string]report.Document{
		"a sample": sample(t), "nothing": {Report: impact.New(impact.Subject{From: "a", To: "b", Configuration: "c"}, plan.Plan{})},
	} {
		var document any
		require.NoError(t, json.Unmarshal([]byte(printed(t, "json", of)), &document))
		require.NoError(t, schema.Validate(document), name)
	}
	require.Error(t, schema.Validate(map[string]any{"from": "stage1"}), "the rest is missing")
}

func TestACommentIsShortEnoughForGitHub(t *testing.T) {
	t.Parallel()
	var many plan.Plan
	for i := range 3000 {
		urn := resource.URN(fmt.Sprintf("urn:pulumi:s::p::stagecraft:web:Web$aws:ec2/instance:Instance::instance-%d", i))
		state := &apitype.ResourceV3{Custom: true, Protect: true}
		many.Steps = append(many.Steps, plan.Step{Op: apitype.OpUpdate, URN: urn, Old: state, New: state, DiffReasons: []string{fmt.Sprint("a", i)}})
		many.Diagnostics = append(many.Diagnostics, plan.Diagnostic{Severity: "error", Message: strings.Repeat("protected ", 50)})
	}
	comment := printed(t, "markdown", report.Document{Report: impact.New(impact.Subject{}, many)})
	require.LessOrEqual(t, utf8.RuneCountInString(comment), 65536)
	require.Contains(t, comment, "too many for a comment")
	require.NotContains(t, printed(t, "markdown", sample(t)), "too many for a comment")
}

func TestThePagesPictures(t *testing.T) {
	t.Parallel()
	for _, format := range report.Formats() {
		illustrated := sample(t)
		illustrated.After = []byte("<svg>")
		text := printed(t, format, illustrated)
		require.Equal(t, report.Shows(format), strings.Contains(text, `<img src="data:image/svg&#43;xml;base64,PHN2Zz4="`), format)
		require.NotContains(t, text, "Before: stage1", "there is no such picture")
	}
}

func TestNothingInMarkdownOrThePageIsMarkup(t *testing.T) {
	t.Parallel()
	require.NotContains(t, printed(t, "markdown", sample(t)), `<"A|B">`)
	require.NotContains(t, printed(t, "html", sample(t)), `<"A|B">`)
}
