package frontend

import (
	"encoding/json"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestPagesScript runs the CloudFront function where there is a JavaScript engine.
func TestPagesScript(t *testing.T) {
	t.Parallel()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("there is no Node.js")
	}
	for uri, want := range map[string]string{
		"/":                "/index.html",
		"/users":           "/index.html",
		"/users/42/edit":   "/index.html",
		"/users/":          "/index.html",
		"/v1.2/users":      "/index.html",
		"/index.html":      "/index.html",
		"/favicon.ico":     "/favicon.ico",
		"/docs/manual.pdf": "/docs/manual.pdf",
	} {
		event, err := json.Marshal(map[string]any{"request": map[string]any{"uri": uri}})
		require.NoError(t, err)
		call := pagesScript + "\nprocess.stdout.write(handler(" + string(event) + ").uri)"
		got, err := exec.CommandContext(t.Context(), node, "-e", call).Output()
		require.NoError(t, err)
		require.Equal(t, want, string(got), uri)
	}
}
