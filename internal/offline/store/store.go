// Package store stores the resources of the offline cloud in an embedded database beside the stacks' state. Processes
// share it: each transaction opens the file, locks it and closes it again.
package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
	"golang.org/x/sys/unix"
)

// FileName is the database's name in the backend's folder.
const FileName = "offline-aws.db"

// lockPatience is how long a transaction waits for another process to finish its own, which takes milliseconds.
const lockPatience = 30 * time.Second

var bucketName = []byte("resources")

// Key identifies a resource of the offline cloud.
type Key struct {
	Region string `json:"region"`
	Type   string `json:"type"`
	ID     string `json:"id"`
}

func (k Key) bytes() []byte { return []byte(k.Region + "\x00" + k.Type + "\x00" + k.ID) }

// Record is a resource of the offline cloud.
type Record struct {
	Key
	// URN is the Pulumi resource that created it; empty if AWS created it by itself.
	URN string `json:"urn,omitempty"`
	// Inputs are the program's inputs, and Outputs the whole state; both are Pulumi's JSON of properties.
	Inputs  json.RawMessage `json:"inputs"`
	Outputs json.RawMessage `json:"outputs"`
	// Needs are the resources that it refers to, and that cannot be deleted before it.
	Needs []Key `json:"needs,omitempty"`
	// PartOf are the resources with which it is deleted.
	PartOf []Key `json:"partOf,omitempty"`
}

// Store is a database file.
type Store struct {
	path   string
	mutex  sync.Mutex // bbolt polls for its file lock; within one process a mutex is quicker
	broken error      // why the file cannot be read, once that is known
}

// Open returns the store in a folder. The first transaction that writes creates the file.
func Open(folder string) *Store { return &Store{path: filepath.Join(folder, FileName)} }

// Update runs a transaction that may write. If Update returns nil, its changes are on disk; if it returns an error,
// they are all undone.
func (s *Store) Update(work func(*Tx) error) error {
	if err := s.requireSpace(); err != nil {
		return err
	}
	return s.run(func(db *bbolt.DB) error {
		return db.Update(func(tx *bbolt.Tx) error {
			bucket, err := tx.CreateBucketIfNotExists(bucketName)
			if err != nil {
				return err
			}
			return work(&Tx{bucket})
		})
	})
}

// View runs a transaction that only reads.
func (s *Store) View(work func(*Tx) error) error {
	if _, err := os.Stat(s.path); errors.Is(err, os.ErrNotExist) {
		return work(&Tx{})
	}
	return s.run(func(db *bbolt.DB) error {
		return db.View(func(tx *bbolt.Tx) error { return work(&Tx{tx.Bucket(bucketName)}) })
	})
}

// IsEmpty reports whether the store has no records, for example because its file is gone.
func (s *Store) IsEmpty() (empty bool, err error) {
	err = s.View(func(tx *Tx) error {
		empty = tx.bucket == nil
		if !empty {
			first, _ := tx.bucket.Cursor().First()
			empty = first == nil
		}
		return nil
	})
	return empty, err
}

// Path returns the path of the database file.
func (s *Store) Path() string { return s.path }

// leastSpace, in bytes, is room for the store to grow and for Pulumi to write the state beside it: both must record
// what is created.
const leastSpace = 16 << 20

func (s *Store) requireSpace() error {
	var disk unix.Statfs_t
	if err := unix.Statfs(filepath.Dir(s.path), &disk); err != nil {
		return fmt.Errorf("offline store %s: %w", s.path, err)
	}
	if free := disk.Bavail * uint64(disk.Bsize); free < leastSpace { //nolint:gosec // block sizes are positive
		return fmt.Errorf("offline store %s: only %d MiB are free on its disk, and %d are needed; nothing was changed: "+
			"free some space and try again: %w", s.path, free>>20, leastSpace>>20, unix.ENOSPC)
	}
	return nil
}

func (s *Store) run(work func(*bbolt.DB) error) (err error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.broken != nil {
		return s.broken
	}
	db, err := s.open()
	if err != nil {
		return s.explain(err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := s.checkSize(db); err != nil {
		return s.explain(err)
	}
	return work(db)
}

// open opens the database. bbolt panics or faults if pages are missing from the file; its lock is then held until the
// process ends, so that the error is kept.
func (s *Store) open() (db *bbolt.DB, err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if reason := recover(); reason != nil {
			err = fmt.Errorf("%w: %v", bolterrors.ErrInvalid, reason)
			s.broken = s.explain(err)
		}
	}()
	return bbolt.Open(s.path, 0o600, &bbolt.Options{Timeout: lockPatience})
}

// checkSize rejects a file that is shorter than the database in it.
func (s *Store) checkSize(db *bbolt.DB) error {
	file, err := os.Stat(s.path)
	if err != nil {
		return err
	}
	return db.View(func(tx *bbolt.Tx) error {
		if file.Size() < tx.Size() {
			return fmt.Errorf("%w: it has %d bytes of %d", bolterrors.ErrInvalid, file.Size(), tx.Size())
		}
		return nil
	})
}

func (s *Store) explain(err error) error {
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		return fmt.Errorf("offline store %s: another process has held it for %s: let it finish, or end it: %w",
			s.path, lockPatience, err)
	case errors.Is(err, bolterrors.ErrInvalid), errors.Is(err, bolterrors.ErrChecksum),
		errors.Is(err, bolterrors.ErrVersionMismatch):
		return fmt.Errorf("offline store %s is broken; it was left as it is: restore it from a copy, "+
			"or move it away together with the stacks' state beside it to start anew: %w", s.path, err)
	default:
		return fmt.Errorf("offline store %s: %w", s.path, err)
	}
}

// Tx reads and writes records within one transaction.
type Tx struct{ bucket *bbolt.Bucket }

// Get returns a record; the second result reports whether it exists.
func (t *Tx) Get(key Key) (Record, bool, error) {
	if t.bucket == nil {
		return Record{}, false, nil
	}
	data := t.bucket.Get(key.bytes())
	if data == nil {
		return Record{}, false, nil
	}
	record, err := decode(data)
	return record, err == nil, err
}

// Put writes a record.
func (t *Tx) Put(record Record) error {
	data, err := json.Marshal(record)
	if err != nil {
		return err
	}
	return t.bucket.Put(record.bytes(), data)
}

// Delete removes a record.
func (t *Tx) Delete(key Key) error { return t.bucket.Delete(key.bytes()) }

// All returns every record, in the order of region, type and id.
func (t *Tx) All() ([]Record, error) {
	var records []Record
	if t.bucket == nil {
		return nil, nil
	}
	err := t.bucket.ForEach(func(_, data []byte) error {
		record, err := decode(data)
		records = append(records, record)
		return err
	})
	return records, err
}

// List returns the records of a type in a region.
func (t *Tx) List(region, typ string) ([]Record, error) {
	if t.bucket == nil {
		return nil, nil
	}
	var records []Record
	prefix := Key{Region: region, Type: typ}.bytes()
	cursor := t.bucket.Cursor()
	for key, data := cursor.Seek(prefix); bytes.HasPrefix(key, prefix); key, data = cursor.Next() {
		record, err := decode(data)
		if err != nil {
			return nil, err
		}
		records = append(records, record)
	}
	return records, nil
}

func decode(data []byte) (Record, error) {
	var record Record
	if err := json.Unmarshal(data, &record); err != nil {
		return Record{}, fmt.Errorf("offline store: a record is unreadable: %w", err)
	}
	return record, nil
}
