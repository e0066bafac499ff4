package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"stagecraft/internal/offline/store"
)

func TestFullDisk(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	if err := unix.Mount("tmpfs", folder, "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("a small disk cannot be mounted here: %v", err)
	}
	t.Cleanup(func() { require.NoError(t, unix.Unmount(folder, 0)) })
	db := store.Open(folder)
	err := db.Update(func(tx *store.Tx) error { return tx.Put(record("a")) })
	require.ErrorIs(t, err, unix.ENOSPC)
	require.ErrorContains(t, err, "nothing was changed: free some space and try again")

	require.NoError(t, unix.Mount("tmpfs", folder, "tmpfs", unix.MS_REMOUNT, "size=64m"))
	put(t, db, "a")
}
