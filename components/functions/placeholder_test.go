package functions_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// placeholder is the archive of a function that answers every request with 503. It is a file of the project, since Pulumi's
// own archives make no file executable (pulumi/pulumi issue 3593).
const placeholder = "placeholder.zip"

// TestPlaceholderArchive holds the archive against bootstrap.sh, from which the flag -update writes it. The program is
// stored, so that the archive is the same for every version of Go.
func TestPlaceholderArchive(t *testing.T) {
	t.Parallel()
	program, err := os.ReadFile("bootstrap.sh")
	require.NoError(t, err)
	var archive bytes.Buffer
	writer := zip.NewWriter(&archive)
	header := &zip.FileHeader{Name: "bootstrap"}
	header.SetMode(0o755)
	file, err := writer.CreateHeader(header)
	require.NoError(t, err)
	_, err = file.Write(program)
	require.NoError(t, err)
	require.NoError(t, writer.Close())
	if *update {
		require.NoError(t, os.WriteFile(placeholder, archive.Bytes(), 0o644))
	}
	current, err := os.ReadFile(placeholder)
	require.NoError(t, err)
	require.True(t, bytes.Equal(archive.Bytes(), current), "placeholder.zip is out of date: go test ./components/functions -update")
}

// TestPlaceholder runs the placeholder against a runtime API that has two requests for it.
func TestPlaceholder(t *testing.T) {
	t.Parallel()
	for _, program := range []string{"sh", "curl", "grep", "cut", "tr", "mktemp"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("%s is not on PATH", program)
		}
	}
	answers := make(chan string, 2)
	var requests atomic.Int32
	runtime := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id, answered := strings.CutSuffix(strings.TrimPrefix(r.URL.Path, "/2018-06-01/runtime/invocation/"), "/response")
		switch {
		case answered:
			body, _ := io.ReadAll(r.Body)
			answers <- id + " " + string(body)
			w.WriteHeader(http.StatusAccepted)
		case int(requests.Load()) < cap(answers):
			w.Header().Set("Lambda-Runtime-Aws-Request-Id", fmt.Sprint("request-", requests.Add(1)))
			_, _ = io.WriteString(w, `{"version": "2.0"}`)
		default:
			w.WriteHeader(http.StatusInternalServerError) // and the placeholder ends
		}
	}))
	defer runtime.Close()

	command := exec.CommandContext(t.Context(), unpack(t))
	command.Env = append(os.Environ(), "AWS_LAMBDA_RUNTIME_API="+strings.TrimPrefix(runtime.URL, "http://"))
	require.Error(t, command.Run())
	require.Len(t, answers, 2)
	for _, id := range []string{"request-1", "request-2"} {
		answered, body, _ := strings.Cut(<-answers, " ")
		require.Equal(t, id, answered)
		var answer struct {
			StatusCode int
			Headers    map[string]string
			Body       string
		}
		require.NoError(t, json.Unmarshal([]byte(body), &answer))
		require.Equal(t, http.StatusServiceUnavailable, answer.StatusCode)
		require.Equal(t, "application/json", answer.Headers["Content-Type"])
		require.JSONEq(t, `{"error": "no function has been deployed yet"}`, answer.Body)
	}
}

// unpack writes the placeholder's program, as executable as its archive says.
func unpack(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	path := placeholder
	reader, err := zip.OpenReader(path)
	require.NoError(t, err)
	defer func() { require.NoError(t, reader.Close()) }()
	require.Len(t, reader.File, 1)
	packed, err := reader.File[0].Open()
	require.NoError(t, err)
	program, err := io.ReadAll(packed)
	require.NoError(t, err)
	path = filepath.Join(folder, reader.File[0].Name)
	require.NoError(t, os.WriteFile(path, program, reader.File[0].Mode()))
	return path
}
