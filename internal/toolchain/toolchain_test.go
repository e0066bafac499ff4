package toolchain

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/blang/semver"
	"github.com/stretchr/testify/require"
)

// fake puts a program on PATH, alone, that prints something.
func fake(t *testing.T, name, prints string) string {
	t.Helper()
	folder := t.TempDir()
	path := filepath.Join(folder, name)
	script := fmt.Sprintf("#!/bin/sh\necho '%s'\n", prints)
	require.NoError(t, os.WriteFile(path, []byte(script), 0o700))
	t.Setenv("PATH", folder)
	return path
}

func TestInstalled(t *testing.T) {
	wanted := semver.MustParse("3.259.0")
	for prints, usable := range map[string]bool{
		"v3.259.0": true, "v3.300.1": true, "v4.0.0": true, "v3.258.9": false, "v2.0.0": false, "unknown": false, "": false,
	} {
		t.Run(prints, func(t *testing.T) {
			path := fake(t, "pulumi", prints)
			if !usable {
				path = ""
			}
			require.Equal(t, path, installed(t.Context(), wanted))
		})
	}
	t.Run("none on PATH", func(t *testing.T) {
		t.Setenv("PATH", t.TempDir())
		require.Empty(t, installed(t.Context(), wanted))
	})
}

func TestHasOfficialHost(t *testing.T) {
	t.Run("on PATH", func(t *testing.T) {
		fake(t, "pulumi-language-go", "")
		require.True(t, hasOfficialHost("/nowhere/pulumi"))
	})
	t.Run("beside the CLI", func(t *testing.T) {
		beside := filepath.Join(filepath.Dir(fake(t, "pulumi-language-go", "")), "pulumi")
		t.Setenv("PATH", t.TempDir())
		require.True(t, hasOfficialHost(beside))
	})
	t.Run("nowhere", func(t *testing.T) {
		t.Setenv("PATH", t.TempDir())
		require.False(t, hasOfficialHost("/nowhere/pulumi"))
	})
}

func TestPinnedVersion(t *testing.T) {
	t.Parallel()
	version, err := pinnedVersion("../..")
	require.NoError(t, err)
	require.Equal(t, "3.259.0", version.String())

	_, err = pinnedVersion(t.TempDir())
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestFindNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	pulumi := filepath.Join(root, "bin", "pulumi")
	_, err := find(root, pulumi)
	require.ErrorContains(t, err, pulumi+" is missing: run `make build`")
}
