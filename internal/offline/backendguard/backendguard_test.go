package backendguard_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"stagecraft/internal/offline/backendguard"
)

const variable = "PULUMI_BACKEND_URL"

func TestBackend(t *testing.T) {
	require.Equal(t, variable, backendguard.BackendVariable)
	folder := t.TempDir()
	t.Setenv(variable, "file://"+folder)
	got, err := backendguard.Backend()
	require.NoError(t, err)
	require.Equal(t, folder, got)
	require.NoError(t, backendguard.Check())

	t.Chdir(filepath.Dir(folder))
	t.Setenv(variable, "file://"+filepath.Base(folder))
	got, err = backendguard.Backend()
	require.NoError(t, err)
	require.Equal(t, filepath.Base(folder), got)
}

func TestBackendRejects(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	const remote = "and the offline cloud serves file:// backends only: run it through `stagecraft`, or use the official " +
		"plugins for a real stack"
	tests := map[string]struct{ backend, want string }{
		"none":         {"", remote},
		"Pulumi Cloud": {"https://api.pulumi.com", remote},
		"a bucket":     {"s3://state", remote},
		"nonsense":     {"file://%", remote},
		"no folder":    {"file://" + file, "which is not a folder"},
		"gone":         {"file://" + file + "-gone", "which is not a folder"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Setenv(variable, test.backend)
			folder, err := backendguard.Backend()
			require.Empty(t, folder)
			require.EqualError(t, err, fmt.Sprintf("OFFLINE: PULUMI_BACKEND_URL is %q, %s", test.backend, test.want))
			require.Equal(t, err, backendguard.Check())
		})
	}
}
