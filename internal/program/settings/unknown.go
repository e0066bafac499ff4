package settings

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/agext/levenshtein"
	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// unknownKeys rejects configuration keys of the project that Pulumi.yaml does not declare, because Pulumi passes a
// misspelt key on without a word. Keys of other namespaces, such as aws:region, belong to providers.
func unknownKeys(ctx *pulumi.Context) []error {
	// The SDK reads single keys only; the engine passes all of them in this variable. Unit tests have neither.
	encoded := os.Getenv(pulumi.EnvConfig)
	if encoded == "" || ctx.RootDirectory() == "" {
		return nil
	}
	var configuration map[string]string
	if err := json.Unmarshal([]byte(encoded), &configuration); err != nil {
		return []error{fmt.Errorf("reading %s: %w", pulumi.EnvConfig, err)}
	}
	project, err := workspace.LoadProject(filepath.Join(ctx.RootDirectory(), "Pulumi.yaml"))
	if err != nil {
		return []error{err}
	}
	var declared []string
	for key := range project.Config {
		declared = append(declared, strings.TrimPrefix(key, ctx.Project()+":"))
	}
	slices.Sort(declared)
	var problems []error
	for _, name := range slices.Sorted(maps.Keys(configuration)) {
		key, ours := strings.CutPrefix(name, ctx.Project()+":")
		if ours && !slices.Contains(declared, key) {
			problems = append(problems, fmt.Errorf("%s is not a setting: did you mean %s:%s?",
				name, ctx.Project(), nearest(key, declared)))
		}
	}
	return problems
}

// nearest returns the name that is most similar to an unknown one.
func nearest(unknown string, names []string) string {
	return slices.MaxFunc(names, func(a, b string) int {
		return cmp.Compare(levenshtein.Similarity(a, unknown, nil), levenshtein.Similarity(b, unknown, nil))
	})
}
