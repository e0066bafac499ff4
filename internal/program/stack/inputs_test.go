package stack_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"stagecraft/internal/pulumitest"
)

var update = flag.Bool("update", false, "write testdata: the inputs of every resource by stage, and what each setting changes")

// TestInputs holds the inputs and options of every resource against testdata/inputs: those of stage 1, and for each other
// stage and variation what differs from the one that it is based on. With -update it writes the files.
func TestInputs(t *testing.T) {
	t.Parallel()
	domain := map[string]string{"stagecraft:domain": "www.example.com", "stagecraft:hostedZone": "example.com"}
	for name, test := range map[string]struct {
		base, changes map[string]string
	}{
		"stage1":              {changes: stageOf("1")},
		"stage2":              {base: stageOf("1"), changes: stageOf("2")},
		"stage3":              {base: stageOf("2"), changes: stageOf("3")},
		"stage4":              {base: stageOf("3"), changes: stageOf("4")},
		"stage5":              {base: stageOf("4"), changes: stageOf("5")},
		"stage1-domain":       {base: stageOf("1"), changes: merged(stageOf("1"), domain)},
		"stage2-domain":       {base: stageOf("2"), changes: merged(stageOf("2"), domain)},
		"stage4-domain":       {base: stageOf("4"), changes: merged(stageOf("4"), domain)},
		"stage5-domain":       {base: stageOf("5"), changes: merged(stageOf("5"), domain)},
		"stage4-keeps-5":      {base: stageOf("4"), changes: merged(stageOf("4"), keeping("5"))},
		"stage5-keeps-4":      {base: stageOf("5"), changes: merged(stageOf("5"), keeping("4"))},
		"stage4-keeps-5-name": {base: merged(stageOf("4"), domain), changes: merged(stageOf("4"), keeping("5"), domain)},
		"stage1-keeps-2":      {base: stageOf("1"), changes: merged(stageOf("1"), keeping("2"))},
		"stage3-keeps-4":      {base: stageOf("3"), changes: merged(stageOf("3"), keeping("4"))},
		"stage5-customer-key": {
			base: stageOf("5"), changes: merged(stageOf("5"), map[string]string{"stagecraft:encryptionKey": "customer"}),
		},
		"stage3-customer-key": {
			base: stageOf("3"), changes: merged(stageOf("3"), map[string]string{"stagecraft:encryptionKey": "customer"}),
		},
		"stage2-ephemeral": {
			base: stageOf("2"), changes: merged(stageOf("2"), map[string]string{"stagecraft:ephemeral": "true"}),
		},
		"stage2-us-east-1": {
			base: stageOf("2"), changes: merged(stageOf("2"), map[string]string{"aws:region": "us-east-1"}),
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			base := map[string]map[string]string{}
			if test.base != nil {
				base = inputsOf(t, test.base)
			}
			requireGolden(t, filepath.Join(testdata, "inputs", name+".txt"), difference(base, inputsOf(t, test.changes)))
		})
	}
}

func stageOf(number string) map[string]string { return map[string]string{"stagecraft:stage": number} }

func keeping(number string) map[string]string {
	return map[string]string{"stagecraft:keepStage": number}
}

func merged(all ...map[string]string) map[string]string {
	union := map[string]string{}
	for _, changes := range all {
		maps.Copy(union, changes)
	}
	return union
}

// requireGolden compares a file with what it should contain. With the flag -update it writes the file.
func requireGolden(t *testing.T, path, want string) {
	t.Helper()
	if *update {
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(want), 0o644))
	}
	golden, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(golden), want, "if the change is meant: go test ./internal/program/stack -update")
}

// inputsOf returns the inputs and options of all resources of a program's run, as text by resource and property.
func inputsOf(t *testing.T, changes map[string]string) map[string]map[string]string {
	t.Helper()
	resources, err := runWithNetwork(changes)
	require.NoError(t, err)
	inputs := map[string]map[string]string{}
	for _, resource := range resources {
		inputs[resource.Type+" "+resource.Name] = properties(t, resource)
	}
	return inputs
}

func properties(t *testing.T, resource pulumitest.Resource) map[string]string {
	t.Helper()
	text := func(value any) string {
		encoded, err := json.Marshal(value)
		require.NoError(t, err)
		return string(encoded)
	}
	found := map[string]string{}
	for property, value := range resource.Inputs {
		found[property] = text(value)
		if slices.Contains(resource.Secrets, property) {
			found[property] += " (secret)"
		}
	}
	for option, value := range map[string]any{
		"protect": resource.Protect, "retainOnDelete": resource.RetainOnDelete, "provider": resource.Provider != "",
	} {
		if value == true {
			found["("+option+")"] = "true"
		}
	}
	for option, values := range map[string][]string{
		"ignoreChanges": resource.IgnoreChanges, "replaceOnChanges": resource.ReplaceOnChanges, "dependsOn": short(resource.DependsOn),
		"parent": short([]string{resource.Parent}),
	} {
		if len(values) > 0 {
			found["("+option+")"] = strings.Join(values, " ")
		}
	}
	return found
}

// short returns the types and names of URNs, sorted.
func short(urns []string) []string {
	var names []string
	for _, urn := range urns {
		if parts := strings.Split(urn, "::"); len(parts) == 4 {
			types := strings.Split(parts[2], "$")
			names = append(names, types[len(types)-1]+"("+parts[3]+")")
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// difference lists what a run adds to another's resources, what it removes, and which of their properties it changes.
func difference(before, after map[string]map[string]string) string {
	text := &strings.Builder{}
	all := maps.Clone(before)
	maps.Copy(all, after)
	for _, resource := range slices.Sorted(maps.Keys(all)) {
		before, existed := before[resource]
		after, exists := after[resource]
		if existed && exists && maps.Equal(before, after) {
			continue
		}
		sign := "~"
		if !existed {
			sign = "+"
		}
		if !exists {
			fmt.Fprintf(text, "- %s\n", resource)
			continue
		}
		fmt.Fprintf(text, "%s %s\n", sign, resource)
		properties := maps.Clone(before)
		if properties == nil {
			properties = map[string]string{}
		}
		maps.Copy(properties, after)
		for _, property := range slices.Sorted(maps.Keys(properties)) {
			old, had := before[property]
			value, has := after[property]
			switch {
			case had && has && old == value:
			case !has:
				fmt.Fprintf(text, "  - %s: %s\n", property, old)
			case had:
				fmt.Fprintf(text, "  - %s: %s\n  + %s: %s\n", property, old, property, value)
			default:
				fmt.Fprintf(text, "  %s: %s\n", property, value)
			}
		}
	}
	return text.String()
}
