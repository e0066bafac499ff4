package store_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"

	"stagecraft/internal/offline/store"
)

func record(id string) store.Record {
	return store.Record{
		Key:     store.Key{Region: "eu-west-1", Type: "aws:x:Y", ID: id},
		URN:     "urn:" + id,
		Inputs:  json.RawMessage(`{"a":1}`),
		Outputs: json.RawMessage(`{"a":1,"b":"two"}`),
		Needs:   []store.Key{{Region: "eu-west-1", Type: "aws:x:Z", ID: "z"}},
	}
}

func put(t *testing.T, db *store.Store, ids ...string) {
	t.Helper()
	require.NoError(t, db.Update(func(tx *store.Tx) error {
		var errs []error
		for _, id := range ids {
			errs = append(errs, tx.Put(record(id)))
		}
		return errors.Join(errs...)
	}))
}

func all(t *testing.T, db *store.Store) (records []store.Record) {
	t.Helper()
	require.NoError(t, db.View(func(tx *store.Tx) (err error) {
		records, err = tx.All()
		return err
	}))
	return records
}

func TestRecords(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	put(t, store.Open(folder), "b", "a")

	db := store.Open(folder)
	require.Equal(t, []store.Record{record("a"), record("b")}, all(t, db), "another process sees them")
	require.NoError(t, db.Update(func(tx *store.Tx) error {
		got, ok, err := tx.Get(record("a").Key)
		require.NoError(t, err)
		require.True(t, ok)
		require.Equal(t, record("a"), got)
		listed, err := tx.List("eu-west-1", "aws:x:Y")
		require.NoError(t, err)
		require.Equal(t, []store.Record{record("a"), record("b")}, listed)
		other, err := tx.List("eu-west-1", "aws:x:")
		require.NoError(t, err)
		require.Empty(t, other, "a type is no prefix of another")
		_, ok, err = tx.Get(record("missing").Key)
		require.NoError(t, err)
		require.False(t, ok)
		return tx.Delete(record("a").Key)
	}))
	require.Equal(t, []store.Record{record("b")}, all(t, db))
}

func TestEmptyStore(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	db := store.Open(folder)
	require.Empty(t, all(t, db))
	require.NoError(t, db.View(func(tx *store.Tx) error {
		_, ok, err := tx.Get(record("a").Key)
		require.NoError(t, err)
		require.False(t, ok)
		listed, err := tx.List("eu-west-1", "aws:x:Y")
		require.Empty(t, listed)
		return err
	}))
	require.NoFileExists(t, filepath.Join(folder, store.FileName), "reading makes no file")
}

func TestFailedTransactionLeavesNothing(t *testing.T) {
	t.Parallel()
	db := store.Open(t.TempDir())
	put(t, db, "a")
	wanted := errors.New("wanted")
	require.ErrorIs(t, db.Update(func(tx *store.Tx) error {
		return errors.Join(tx.Put(record("b")), tx.Delete(record("a").Key), wanted)
	}), wanted)
	require.Equal(t, []store.Record{record("a")}, all(t, db))
}

func TestManyWriters(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	var group sync.WaitGroup
	for i := range 8 {
		db := store.Open(folder) // as a process of its own would
		group.Go(func() { put(t, db, fmt.Sprint(i)) })
	}
	group.Wait()
	require.Len(t, all(t, store.Open(folder)), 8)
}

func TestBrokenFileIsKept(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := filepath.Join(folder, store.FileName)
	broken := []byte("this is not a database, and is longer than one page would need to be read as such")
	require.NoError(t, os.WriteFile(path, broken, 0o600))
	err := store.Open(folder).Update(func(*store.Tx) error { return nil })
	require.ErrorContains(t, err, path+" is broken; it was left as it is: restore it from a copy")
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, broken, content)
}

// TestTruncatedFileIsReported cuts a store short at every page, where bbolt panics, faults, or notices nothing.
func TestTruncatedFileIsReported(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	db := store.Open(folder)
	var ids []string
	for i := range 2000 {
		ids = append(ids, fmt.Sprint(i))
	}
	put(t, db, ids...)
	put(t, db, "last") // moves the free list to the end of the file
	whole, err := os.ReadFile(db.Path())
	require.NoError(t, err)
	page := os.Getpagesize()
	for size := 1; size < len(whole); size += 10*page - 1 {
		path := filepath.Join(t.TempDir(), store.FileName)
		require.NoError(t, os.WriteFile(path, whole[:size], 0o600))
		cut := store.Open(filepath.Dir(path))
		for range 2 {
			err := cut.View(func(*store.Tx) error { return nil })
			if err == nil {
				require.Len(t, all(t, cut), 2001, "only unused pages at the end were cut off")
				continue
			}
			require.ErrorContains(t, err, path+" is broken; it was left as it is", "%d of %d bytes", size, len(whole))
		}
		after, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Len(t, after, size)
	}
}

func TestMissingFolder(t *testing.T) {
	t.Parallel()
	err := store.Open(filepath.Join(t.TempDir(), "gone")).Update(func(*store.Tx) error { return nil })
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestIsEmpty(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	db := store.Open(folder)
	requireEmpty := func(want bool) {
		t.Helper()
		empty, err := db.IsEmpty()
		require.NoError(t, err)
		require.Equal(t, want, empty)
	}
	require.Equal(t, filepath.Join(folder, store.FileName), db.Path())
	requireEmpty(true)
	put(t, db, "a")
	requireEmpty(false)
	require.NoError(t, db.Update(func(tx *store.Tx) error { return tx.Delete(record("a").Key) }))
	requireEmpty(true)

	require.NoError(t, os.WriteFile(db.Path(), []byte("broken"), 0o600))
	_, err := db.IsEmpty()
	require.ErrorContains(t, err, "is broken; it was left as it is")
}

// TestRecordsAreOrdered lists records by region, type and id, and those of one type and region alone.
func TestRecordsAreOrdered(t *testing.T) {
	t.Parallel()
	db := store.Open(t.TempDir())
	key := func(region, typ, id string) store.Record {
		return store.Record{
			Key: store.Key{Region: region, Type: typ, ID: id}, Inputs: json.RawMessage("{}"), Outputs: json.RawMessage("{}"),
			PartOf: []store.Key{{Type: "owner", ID: "o"}},
		}
	}
	first, second, other, global := key("eu", "a", "1"), key("eu", "a", "2"), key("eu", "b", "1"), key("", "a", "1")
	require.NoError(t, db.Update(func(tx *store.Tx) error {
		return errors.Join(tx.Put(other), tx.Put(second), tx.Put(global), tx.Put(first))
	}))
	require.Equal(t, []store.Record{global, first, second, other}, all(t, db))
	require.NoError(t, db.View(func(tx *store.Tx) error {
		listed, err := tx.List("eu", "a")
		require.Equal(t, []store.Record{first, second}, listed)
		return err
	}))
}

func TestUnreadableRecord(t *testing.T) {
	t.Parallel()
	db := store.Open(t.TempDir())
	put(t, db, "a")
	raw, err := bbolt.Open(db.Path(), 0o600, nil)
	require.NoError(t, err)
	require.NoError(t, raw.Update(func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte("resources")).Put([]byte("eu-west-1\x00aws:x:Y\x00a"), []byte("no JSON"))
	}))
	require.NoError(t, raw.Close())
	const want = "offline store: a record is unreadable: "
	require.NoError(t, db.View(func(tx *store.Tx) error {
		_, ok, err := tx.Get(record("a").Key)
		require.False(t, ok)
		require.ErrorContains(t, err, want)
		_, err = tx.List("eu-west-1", "aws:x:Y")
		require.ErrorContains(t, err, want)
		_, err = tx.All()
		require.ErrorContains(t, err, want)
		return nil
	}))
}

func TestStoreIsPrivate(t *testing.T) {
	t.Parallel()
	db := store.Open(t.TempDir())
	put(t, db, "a")
	info, err := os.Stat(db.Path())
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
}
