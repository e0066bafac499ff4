package backendguard_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"stagecraft/internal/offline/backendguard"
)

func TestBackend(t *testing.T) {
	folder := t.TempDir()
	t.Setenv(backendguard.BackendVariable, "file://"+folder)
	got, err := backendguard.Backend()
	require.NoError(t, err)
	require.Equal(t, folder, got)
	require.NoError(t, backendguard.Check())
}

func TestBackendRejects(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	tests := map[string]struct{ backend, want string }{
		"none":         {"", "the offline cloud serves file:// backends only"},
		"Pulumi Cloud": {"https://api.pulumi.com", "the offline cloud serves file:// backends only"},
		"a bucket":     {"s3://state", "the offline cloud serves file:// backends only"},
		"nonsense":     {"file://%", "the offline cloud serves file:// backends only"},
		"no folder":    {"file://" + file, "is not a folder"},
		"gone":         {"file://" + file + "-gone", "is not a folder"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Setenv(backendguard.BackendVariable, test.backend)
			require.ErrorContains(t, backendguard.Check(), test.want)
		})
	}
}
