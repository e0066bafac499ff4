package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"stagecraft/policy/rule"
	"stagecraft/policy/rules"
)

// controlList is testdata/controls.json: the controls of FSBP, as of the day that AWS's page was read.
type controlList struct {
	Source, Read string
	Controls     []control
}

// control is a requirement of Security Hub, and the reason why no rule covers it, if none does.
type control struct{ ID, Asks, Reason string }

// TestControls compares docs/controls.md with the controls and the rules. The flag -update writes it.
func TestControls(t *testing.T) {
	t.Parallel()
	encoded, err := os.ReadFile(filepath.Join("testdata", "controls.json"))
	require.NoError(t, err)
	var list controlList
	require.NoError(t, json.Unmarshal(encoded, &list))
	require.Empty(t, disagreements(list.Controls, rules.All()))
	requireCurrent(t, "controls.md", controlTable(list, rules.All()))
}

// answers returns the names of the rules that refer to each control.
func answers(list []rule.Rule) map[string][]string {
	names := map[string][]string{}
	for _, answering := range list {
		for _, reference := range answering.References {
			if id, is := strings.CutPrefix(reference, "FSBP "); is {
				names[id] = append(names[id], "`"+answering.Name+"`")
			}
		}
	}
	return names
}

// disagreements returns the contradictions between controls and rules.
func disagreements(controls []control, list []rule.Rule) []string {
	var wrong []string
	answered, seen := answers(list), map[string]bool{}
	for _, current := range controls {
		names := answered[current.ID]
		switch {
		case len(names) == 0 && current.Reason == "":
			wrong = append(wrong, current.ID+": no rule refers to it, and it has no reason")
		case len(names) > 0 && current.Reason != "":
			wrong = append(wrong, fmt.Sprintf("%s: %s refers to it, although it has a reason", current.ID, names[0]))
		}
		if seen[current.ID] {
			wrong = append(wrong, current.ID+": the list contains it twice")
		}
		seen[current.ID] = true
	}
	for id, names := range answered {
		if !seen[id] {
			wrong = append(wrong, fmt.Sprintf("%s: %s refers to it, but the list does not contain it", id, names[0]))
		}
	}
	return wrong
}

// controlTable returns a table with a row for each control.
func controlTable(list controlList, answering []rule.Rule) string {
	answered := answers(answering)
	var text strings.Builder
	shown := len(slices.DeleteFunc(slices.Clone(list.Controls), func(listed control) bool { return listed.Reason != "" }))
	fmt.Fprintf(&text, "As of %s, the controls are from this page:\n%s.\nRules cover %d of %d controls.\n\n",
		list.Read, list.Source, shown, len(list.Controls))
	text.WriteString("| control | requirement | rules, or the reason for none |\n|---|---|---|\n")
	for _, listed := range list.Controls {
		answer := listed.Reason
		if names := answered[listed.ID]; len(names) > 0 {
			answer = strings.Join(names, ", ")
		}
		fmt.Fprintf(&text, "| %s | %s | %s |\n", listed.ID, cell(listed.Asks), cell(answer))
	}
	return text.String()
}

func TestControlTable(t *testing.T) {
	t.Parallel()
	list := controlList{Source: "a page", Read: "2026-01-01", Controls: []control{{"A.1", "a | b", ""}, {"A.2", "c", "why"}}}
	require.Equal(t, `As of 2026-01-01, the controls are from this page:
a page.
Rules cover 1 of 2 controls.

| control | requirement | rules, or the reason for none |
|---|---|---|
| A.1 | a \| b | `+"`x`, `y`"+` |
| A.2 | c | why |
`, controlTable(list, []rule.Rule{{Name: "x", References: []string{"CIS 1", "FSBP A.1"}}, {Name: "y", References: []string{"FSBP A.1"}}}))
}

func TestDisagreements(t *testing.T) {
	t.Parallel()
	refers := []rule.Rule{{Name: "x", References: []string{"FSBP A.1"}}}
	for name, test := range map[string]struct {
		controls []control
		wrong    string
	}{
		"agreement":             {[]control{{"A.1", "a", ""}, {"A.2", "b", "why"}}, ""},
		"neither rule nor why":  {[]control{{"A.1", "a", ""}, {"A.2", "b", ""}}, "A.2: no rule refers to it, and it has no reason"},
		"a rule and why not":    {[]control{{"A.1", "a", "why"}}, "A.1: `x` refers to it, although it has a reason"},
		"an unknown control":    {[]control{{"A.2", "b", "why"}}, "A.1: `x` refers to it, but the list does not contain it"},
		"a control in two rows": {[]control{{"A.1", "a", ""}, {"A.2", "b", "why"}, {"A.2", "b", "why"}}, "A.2: the list contains it twice"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wrong := disagreements(test.controls, refers)
			if test.wrong == "" {
				require.Empty(t, wrong)
			} else {
				require.Contains(t, wrong, test.wrong)
			}
		})
	}
}
