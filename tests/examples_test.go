package tests

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestExamples deploys the programs in examples/, each as a project of its own.
func TestExamples(t *testing.T) {
	t.Parallel()
	for name, outputs := range map[string][]string{
		"database": {"endpoint", "secretArn"},
		"web":      {"url"},
		"service":  {"repository", "url"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			example := tools
			example.Program = goBuild(t, "./examples/"+name)
			deployed := openAccount(t, filepath.Join(root, "examples", name), example).stack("dev")
			deployed.up()
			require.ElementsMatch(t, outputs, keys(deployed.outputs()))
			deployed.requireSame(deployed)
			deployed.run("preview", "--expect-no-changes", "--diff")
		})
	}
}
