package pulumitest

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// longText is the length from which a golden file has a text's hash in its place.
const longText = 3000

// RequireGolden compares all resources with a golden file: types, names, options and whole inputs. With update it
// writes the file. Replacements are pairs of texts that differ between runs, such as a temporary folder, and their
// placeholders.
func (r Resources) RequireGolden(t testing.TB, path string, update bool, replacements ...string) {
	t.Helper()
	text := r.golden(t, strings.NewReplacer(replacements...))
	if update {
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o750))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	}
	golden, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(golden), text, "go test -update writes %s", path)
}

func (r Resources) golden(t testing.TB, replacer *strings.Replacer) string {
	t.Helper()
	sorted := slices.Clone(r)
	slices.SortFunc(sorted, func(a, b Resource) int {
		return strings.Compare(a.Type+" "+a.Name, b.Type+" "+b.Name)
	})
	var text strings.Builder
	for _, resource := range sorted {
		fmt.Fprintf(&text, "%s %s\n", resource.Type, resource.Name)
		for _, option := range resource.options() {
			fmt.Fprintf(&text, "  %s\n", option)
		}
		text.WriteString(replacer.Replace(indented(t, shortened(resource.Inputs))) + "\n")
	}
	return text.String()
}

// options are those of a resource that are set, as lines.
func (r Resource) options() []string {
	var lines []string
	for _, option := range []struct {
		name string
		set  bool
		text any
	}{
		{"parent", r.Parent != "", shortURN(r.Parent)},
		{"provider", r.Provider != "", shortURN(r.Provider)},
		{"protect", r.Protect, true},
		{"retain on delete", r.RetainOnDelete, true},
		{"ignore changes", len(r.IgnoreChanges) > 0, r.IgnoreChanges},
		{"replace on changes", len(r.ReplaceOnChanges) > 0, r.ReplaceOnChanges},
		{"replacement trigger", r.ReplacementTrigger != nil, r.ReplacementTrigger},
		{"secrets", len(r.Secrets) > 0, r.Secrets},
	} {
		if option.set {
			lines = append(lines, fmt.Sprintf("%s: %v", option.name, option.text))
		}
	}
	needed := make([]string, 0, len(r.DependsOn))
	for _, urn := range r.DependsOn {
		needed = append(needed, "needs "+shortURN(urn))
	}
	slices.Sort(needed)
	return append(lines, slices.Compact(needed)...)
}

// shortURN leaves out a URN's stack, project and parents.
func shortURN(urn string) string {
	parts := strings.Split(urn, "::")
	if len(parts) < 4 {
		return urn
	}
	types := strings.Split(parts[2], "$")
	return types[len(types)-1] + " " + parts[3]
}

// shortened is inputs with the hashes of long texts in their place.
func shortened(value any) any {
	switch value := value.(type) {
	case map[string]any:
		short := map[string]any{}
		for name, element := range value {
			short[name] = shortened(element)
		}
		return short
	case []any:
		short := make([]any, len(value))
		for i, element := range value {
			short[i] = shortened(element)
		}
		return short
	case string:
		var document any
		if strings.HasPrefix(value, "{") && json.Unmarshal([]byte(value), &document) == nil {
			return map[string]any{"JSON": document}
		}
		if len(value) > longText {
			return fmt.Sprintf("%d characters, SHA-256 %x", len(value), sha256.Sum256([]byte(value)))
		}
	}
	return value
}

func indented(t testing.TB, value any) string {
	t.Helper()
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("  ", "  ")
	require.NoError(t, encoder.Encode(value))
	return "  " + text.String()
}
