package web_test

import (
	"io/fs"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"stagecraft/app/web"
)

// TestFiles asserts that the files contain every asset to which the page refers.
func TestFiles(t *testing.T) {
	t.Parallel()
	page, err := fs.ReadFile(web.Files, "index.html")
	require.NoError(t, err)
	assets := regexp.MustCompile(`(?:href|src)="(assets/[^"]+)"`).FindAllSubmatch(page, -1)
	require.NotEmpty(t, assets)
	for _, asset := range assets {
		_, err := fs.Stat(web.Files, string(asset[1]))
		require.NoError(t, err)
	}
}
