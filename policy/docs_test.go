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

// TestDocs holds docs/policies.md against the rules. With the flag -update it writes it.
func TestDocs(t *testing.T) {
	t.Parallel()
	requireCurrent(t, "policies.md", tables(rules.All()))
}

// requireCurrent holds a page of the docs against its head in testdata and the rest, or writes it.
func requireCurrent(t *testing.T, page, rest string) {
	t.Helper()
	head, err := os.ReadFile(filepath.Join("testdata", page))
	require.NoError(t, err)
	want := string(head) + rest
	file := filepath.Join("..", "docs", page)
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(want), 0o644))
	}
	found, err := os.ReadFile(file)
	require.NoError(t, err)
	require.True(t, want == string(found), "docs/%s is not current: go test ./policy -update", page)
}

// The example in the docs is about rules that there are.
func TestExample(t *testing.T) {
	t.Parallel()
	head, err := os.ReadFile(filepath.Join("testdata", "policies.md"))
	require.NoError(t, err)
	_, example, _ := strings.Cut(string(head), "```json\n")
	example, _, _ = strings.Cut(example, "```")
	var config map[string]any
	require.NoError(t, json.Unmarshal([]byte(example), &config))
	names := []string{"all", "settings"}
	for _, of := range rules.All() {
		names = append(names, of.Name, "fix-"+of.Name)
	}
	require.Subset(t, names, slices.Collect(maps.Keys(config)))
}

// tables are the rules, a table a theme.
func tables(of []rule.Rule) string {
	var text strings.Builder
	fmt.Fprintf(&text, "## Rules\n\nThere are %d.\n", len(of))
	for _, theme := range rule.Themes {
		themed := slices.DeleteFunc(slices.Clone(of), func(each rule.Rule) bool { return each.Theme != theme })
		slices.SortFunc(themed, func(a, b rule.Rule) int { return cmp.Compare(a.Name, b.Name) })
		if len(themed) == 0 {
			continue
		}
		fmt.Fprintf(&text, "\n### %s\n\n", theme)
		text.WriteString("| rule | severity | level | from stage | what holds | references | configuration |\n|---|---|---|---|---|---|---|\n")
		for _, each := range themed {
			fmt.Fprintf(&text, "| `%s` | %s | %s | %s | %s | %s | %s |\n", each.Name, each.Severity, level(each.Level), stage(each.FromStage),
				cell(each.Description), cell(strings.Join(each.References, ", ")), cell(configuration(&each)))
		}
	}
	return text.String()
}

func level(of policyx.EnforcementLevel) string {
	if of == policyx.EnforcementLevelMandatory {
		return "mandatory"
	}
	return "advisory"
}

func stage(of int) string {
	if of == 0 {
		return ""
	}
	return fmt.Sprint(of)
}

// configuration is a rule's numbers, and its remediation.
func configuration(of *rule.Rule) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(of.Numbers)) {
		number := of.Numbers[name]
		parts = append(parts, fmt.Sprintf("`%s`: %s; %v, from %v to %v", name, number.Description, number.Default, number.Least, number.Most))
	}
	if of.Remediation != nil {
		parts = append(parts, fmt.Sprintf("`fix-%s`", of.Name))
	}
	return strings.Join(parts, "<br>")
}

func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }

func TestTables(t *testing.T) {
	t.Parallel()
	require.Equal(t, `## Rules

There are 2.

### encryption

| rule | severity | level | from stage | what holds | references | configuration |
|---|---|---|---|---|---|---|
| `+"`a`"+` | low | advisory |  | a \| b |  |  |
| `+"`b`"+` | high | mandatory | 2 | It holds | FSBP A.1, WAF B | `+"`days`: Days; 7, from 1 to 35<br>`fix-b`"+` |
`, tables([]rule.Rule{
		{
			Name: "b", Severity: rule.High, Theme: rule.Encryption, Level: policyx.EnforcementLevelMandatory, FromStage: 2,
			Description: "It holds", References: []string{"FSBP A.1", "WAF B"},
			Numbers:     map[string]rule.Number{"days": {Description: "Days", Default: 7, Least: 1, Most: 35}},
			Remediation: func(*rule.Resource) bool { return false },
		},
		{Name: "a", Severity: rule.Low, Theme: rule.Encryption, Description: "a | b"},
	}))
}
