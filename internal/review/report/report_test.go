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
	none := cost.Breakdown{Region: "eu-west-1"}
	some := cost.Breakdown{
		Region: "eu-west-1", Amount: cost.Amount{Fixed: 20, Usage: 1.5}, From: "2025-01-01", To: "2025-02-01",
		Tiers:       []cost.Tier{{Name: "web", Amount: cost.Amount{Fixed: 20, Usage: 1.5}}},
		Unpriced:    []cost.Unpriced{{Type: "aws:x/y:Y", Count: 2, Reason: "there is no rule for it"}},
		Assumptions: []cost.Assumption{{Name: "requestsPerMonth", Value: 1e6, Meaning: "requests"}},
		Notes:       []string{"left out"}, Unverified: []string{"rds.storage"},
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

// rejected is the review of a preview that stopped at an error.
func rejected() report.Document {
	return report.Document{Report: impact.New(
		impact.Subject{From: "stage1", To: "stage 9", Configuration: "Pulumi.stage1.yaml", Back: []string{"pulumi up"}},
		plan.Plan{Diagnostics: []plan.Diagnostic{{Severity: "error", Message: "error: there is no stage 9"}}},
	)}
}

// unchanged is the review of an update that changes nothing.
func unchanged() report.Document {
	return report.Document{Report: impact.New(
		impact.Subject{From: "stage1", To: "stage 1", Configuration: "Pulumi.stage1.yaml", Back: []string{"pulumi up"}}, plan.Plan{},
	)}
}

// printed is a review without a terminal.
func printed(t *testing.T, format string, document report.Document) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, report.Formats.Write(&out, format, document))
	return out.String()
}

func TestFormats(t *testing.T) {
	t.Setenv("COLUMNS", "80")
	require.Equal(t, []string{"table", "markdown", "json", "html"}, report.Formats.Names())
	for name, document := range map[string]report.Document{"report": sample(t), "rejected": rejected(), "unchanged": unchanged()} {
		for format, extension := range map[string]string{"table": "txt", "markdown": "markdown", "json": "json", "html": "html"} {
			t.Run(name+" "+format, func(t *testing.T) {
				got, path := printed(t, format, document), filepath.Join("testdata", name+"."+extension)
				if *update {
					require.NoError(t, os.WriteFile(path, []byte(got), 0o600))
				}
				want, err := os.ReadFile(path)
				require.NoError(t, err)
				require.Equal(t, string(want), got)
			})
		}
	}
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

// TestColours holds the table as a terminal shows it.
func TestColours(t *testing.T) {
	t.Setenv("COLUMNS", "80")
	t.Setenv("CLICOLOR_FORCE", "1")
	t.Setenv("NO_COLOR", "")
	for name, document := range map[string]report.Document{"report": sample(t), "rejected": rejected(), "unchanged": unchanged()} {
		got, path := printed(t, "table", document), filepath.Join("testdata", name+".ansi")
		if *update {
			require.NoError(t, os.WriteFile(path, []byte(got), 0o600))
		}
		want, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, string(want), got)
		require.Contains(t, got, "\x1b")
	}
}

// TestLongLists: a comment names at most forty of a kind, and a page and a table name all.
func TestLongLists(t *testing.T) {
	t.Setenv("COLUMNS", "80")
	var update plan.Plan
	for i := range 45 {
		urn := resource.URN(fmt.Sprintf("urn:pulumi:s::p::stagecraft:web:Web$aws:cloudwatch/logGroup:LogGroup::group-%02d", i))
		state := &apitype.ResourceV3{URN: urn, Type: urn.Type(), Custom: true, Protect: true}
		update.Steps = append(update.Steps, plan.Step{Op: apitype.OpDelete, URN: urn, Old: state})
	}
	document := report.Document{Report: impact.New(impact.Subject{}, update)}
	comment := printed(t, "markdown", document)
	require.Contains(t, comment, "group-38, group-39 and 5 more")
	require.Equal(t, 40, strings.Count(comment, "  - `pulumi state unprotect"))
	for _, format := range []string{"table", "html"} {
		require.Contains(t, printed(t, format, document), "group-44")
	}
}

// TestSameNames: one bucket's settings are several resources of the same name, which is listed once.
func TestSameNames(t *testing.T) {
	t.Setenv("COLUMNS", "80")
	var update plan.Plan
	for _, kind := range []string{"bucketPolicy:BucketPolicy", "bucketVersioningV2:BucketVersioningV2"} {
		urn := resource.URN("urn:pulumi:s::p::stagecraft:web:Web$aws:s3/" + kind + "::frontend")
		state := &apitype.ResourceV3{URN: urn, Type: urn.Type(), Custom: true, RetainOnDelete: true}
		update.Steps = append(update.Steps, plan.Step{Op: apitype.OpDelete, URN: urn, Old: state})
	}
	text := printed(t, "table", report.Document{Report: impact.New(impact.Subject{Back: []string{"pulumi up"}}, update)})
	require.Contains(t, text, "\n  - s3.Bucket settings        frontend (stays on AWS)\n")
	require.Contains(t, text, "\n  s3.Bucket settings frontend: stays on AWS without Pulumi; going back creates a\n")
	require.Equal(t, 2, strings.Count(text, "frontend"))
}

func TestNewCost(t *testing.T) {
	t.Parallel()
	before := cost.Breakdown{
		Region: "eu-west-1", Amount: cost.Amount{Fixed: 1}, From: "2025-03-01", To: "2025-04-01", Notes: []string{"b", "a"},
		Unverified: []string{"x"}, Tiers: []cost.Tier{{Name: "web", Amount: cost.Amount{Fixed: 1}}},
		Unpriced: []cost.Unpriced{{Type: "gone"}},
	}
	after := cost.Breakdown{
		Region: "eu-west-1", Amount: cost.Amount{Usage: 2}, From: "2025-02-01", To: "2025-03-01", Notes: []string{"c", "a"},
		Unverified: []string{"x", "y"}, Assumptions: []cost.Assumption{{Name: "n"}}, Unpriced: []cost.Unpriced{{Type: "t"}},
	}
	require.Equal(t, &report.Cost{
		Region: "eu-west-1", Before: cost.Amount{Fixed: 1}, After: cost.Amount{Usage: 2},
		Tiers:     []cost.Difference{{Tier: "web", Before: cost.Amount{Fixed: 1}}},
		NotPriced: []cost.Unpriced{{Type: "t"}}, Assumptions: []cost.Assumption{{Name: "n"}}, Notes: []string{"a", "b", "c"},
		From: "2025-02-01", To: "2025-04-01", Unverified: []string{"x", "y"},
	}, report.NewCost(before, after))
	after.From, after.To, after.Unpriced = "", "", nil
	both := report.NewCost(before, after)
	require.Equal(t, []string{"2025-03-01", "2025-04-01"}, []string{both.From, both.To})
	require.NotNil(t, both.NotPriced, "the JSON has no null lists")
	require.Equal(t, "USD 1.00 → 2.00", both.Verdict())
	require.Equal(t, []report.CostRow{{"web", "1.00", "0.00", "-1.00"}, {"total", "1.00", "2.00", "+1.00"}}, both.Rows())
	both.From = both.To
	require.Contains(t, both.Remarks(), "Prices of eu-west-1 on demand, without taxes, recorded on 2025-04-01.")
	both.To = ""
	require.Equal(t, []string{
		"Assumed per month (change with --usage NAME=NUMBER): n=0.", "Also: a.", "Also: b.", "Also: c.",
		"2 of the prices were not verified on AWS's pages: x, y.",
	}, both.Remarks())
}

func TestDuration(t *testing.T) {
	t.Parallel()
	urn := resource.URN("urn:pulumi:s::p::aws:ec2/instance:Instance::web")
	taken := report.NewDuration(duration.Chain{Total: 121 * time.Second, Path: []duration.Step{
		{URN: urn, Op: apitype.OpUpdate, Start: 2 * time.Second, Duration: 119 * time.Second},
	}})
	require.Equal(t, &report.Duration{Seconds: 121, Path: []report.Wait{{URN: urn, Op: apitype.OpUpdate, From: 2, Takes: 119}}}, taken)
	require.Equal(t, "about 2 min", taken.Verdict())
	require.Equal(t, []string{"after 2 s: update ec2.Instance web takes 119 s"}, taken.Lines())
	require.Equal(t, []report.Wait{}, report.NewDuration(duration.Chain{}).Path, "the JSON has no null lists")
}

func TestNoColoursWithoutATerminal(t *testing.T) {
	t.Parallel()
	require.NotContains(t, printed(t, "table", sample(t)), "\x1b")
}

func TestTheSchemaDescribesTheJSON(t *testing.T) {
	t.Parallel()
	schema, err := jsonschema.Compile("../../../docs/diff.schema.json")
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
	for _, format := range report.Formats.Names() {
		illustrated := sample(t)
		illustrated.After = []byte("<svg>")
		text := printed(t, format, illustrated)
		require.Equal(t, report.HasDiagrams(format), strings.Contains(text, `<img src="data:image/svg&#43;xml;base64,PHN2Zz4="`), format)
		require.NotContains(t, text, "Before: stage1", "there is no such picture")
	}
}

func TestNothingInMarkdownOrThePageIsMarkup(t *testing.T) {
	t.Parallel()
	require.NotContains(t, printed(t, "markdown", sample(t)), `<"A|B">`)
	require.NotContains(t, printed(t, "html", sample(t)), `<"A|B">`)
}
