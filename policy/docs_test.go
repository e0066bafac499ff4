package main

import (
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/policyx"
	"github.com/stretchr/testify/require"

	"stagecraft/policy/rule"
	"stagecraft/policy/rules"
)

var update = flag.Bool("update", false, "write docs/policies.md and docs/controls.md")

// TestDocs compares docs/policies.md with the rules. The flag -update writes it.
func TestDocs(t *testing.T) {
	t.Parallel()
	requireCurrent(t, "policies.md", tables(rules.All()))
}

// requireCurrent compares a page of the docs with its head in testdata and the generated rest, or writes the page.
func requireCurrent(t *testing.T, page, rest string) {
	t.Helper()
	head, err := os.ReadFile(filepath.Join("testdata", page))
	require.NoError(t, err)
	want := string(head) + rest
	file := filepath.Join("..", "docs", page)
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(want), 0o644))
	}
	current, err := os.ReadFile(file)
	require.NoError(t, err)
	require.True(t, want == string(current), "docs/%s is not current: run go test ./policy ./policy/rules -update", page)
}

// TestExample requires the example in the docs to name existing rules.
func TestExample(t *testing.T) {
	t.Parallel()
	head, err := os.ReadFile(filepath.Join("testdata", "policies.md"))
	require.NoError(t, err)
	_, example, _ := strings.Cut(string(head), "```json\n")
	example, _, _ = strings.Cut(example, "```")
	var config map[string]any
	require.NoError(t, json.Unmarshal([]byte(example), &config))
	names := []string{"all", "settings"}
	for _, documented := range rules.All() {
		names = append(names, documented.Name, "fix-"+documented.Name)
	}
	require.Subset(t, names, slices.Collect(maps.Keys(config)))
}

// tables returns a table of rules for each theme.
func tables(list []rule.Rule) string {
	var text strings.Builder
	fmt.Fprintf(&text, "## Rules\n\nThe pack has %d rules.\n", len(list))
	for _, theme := range rule.Themes {
		themed := slices.DeleteFunc(slices.Clone(list), func(candidate rule.Rule) bool { return candidate.Theme != theme })
		slices.SortFunc(themed, func(a, b rule.Rule) int { return cmp.Compare(a.Name, b.Name) })
		if len(themed) == 0 {
			continue
		}
		fmt.Fprintf(&text, "\n### %s\n\n", theme)
		text.WriteString("| rule | severity | level | from stage | requirement | references | configuration |\n|---|---|---|---|---|---|---|\n")
		for _, row := range themed {
			fmt.Fprintf(&text, "| `%s` | %s | %s | %s | %s | %s | %s |\n", row.Name, row.Severity, level(row.Level), stage(row.FromStage),
				cell(row.Description), cell(strings.Join(row.References, ", ")), cell(configuration(&row)))
		}
	}
	return text.String()
}

func level(enforced policyx.EnforcementLevel) string {
	if enforced == policyx.EnforcementLevelMandatory {
		return "mandatory"
	}
	return "advisory"
}

func stage(number int) string {
	if number == 0 {
		return ""
	}
	return fmt.Sprint(number)
}

// configuration returns a rule's parameters and its remediation.
func configuration(configured *rule.Rule) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(configured.Parameters)) {
		number := configured.Parameters[name]
		parts = append(parts, fmt.Sprintf("`%s`: %s; %v, from %v to %v", name, number.Description, number.Default, number.Min, number.Max))
	}
	if configured.Remediation != nil {
		parts = append(parts, fmt.Sprintf("`fix-%s`", configured.Name))
	}
	return strings.Join(parts, "<br>")
}

func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }

func TestTables(t *testing.T) {
	t.Parallel()
	require.Equal(t, `## Rules

The pack has 2 rules.

### encryption

| rule | severity | level | from stage | requirement | references | configuration |
|---|---|---|---|---|---|---|
| `+"`a`"+` | low | advisory |  | a \| b |  |  |
| `+"`b`"+` | high | mandatory | 2 | It holds | FSBP A.1, WAF B | `+"`days`: Days; 7, from 1 to 35<br>`fix-b`"+` |
`, tables([]rule.Rule{
		{
			Name: "b", Severity: rule.High, Theme: rule.Encryption, Level: policyx.EnforcementLevelMandatory, FromStage: 2,
			Description: "It holds", References: []string{"FSBP A.1", "WAF B"},
			Parameters:  map[string]rule.Parameter{"days": {Description: "Days", Default: 7, Min: 1, Max: 35}},
			Remediation: func(*rule.Resource) bool { return false },
		},
		{Name: "a", Severity: rule.Low, Theme: rule.Encryption, Description: "a | b"},
	}))
}
