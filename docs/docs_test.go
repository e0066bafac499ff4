// Package docs holds the pages of this folder against the code that they describe.
package docs

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the generated pages: settings.md and components.md")

// root is the project's folder.
const root = ".."

// requireCurrent compares a page with what it should contain. With the flag -update it writes the page.
func requireCurrent(t *testing.T, page, want string) {
	t.Helper()
	if *update {
		require.NoError(t, os.WriteFile(page, []byte(want), 0o644))
	}
	got, err := os.ReadFile(filepath.Clean(page))
	require.NoError(t, err)
	require.True(t, want == string(got), "docs/%s is out of date: run go test ./docs -update", page)
}
