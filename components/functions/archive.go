package functions

import (
	"archive/zip"
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// handler is the program that Lambda starts, at the top level of the archive.
const handler = "bootstrap"

//go:embed bootstrap.sh
var placeholder []byte

// WritePlaceholder writes the archive of a function that answers every request with 503. Pulumi's own archives cannot
// hold it, since they make no file executable (pulumi/pulumi issue 3593). Use the same path on every machine, since the
// stack's state holds it.
func WritePlaceholder(path string) error {
	var archive bytes.Buffer
	writer := zip.NewWriter(&archive)
	header := &zip.FileHeader{Name: handler} // stored, so that its hash is the same for every version of Go
	header.SetMode(0o755)
	file, err := writer.CreateHeader(header)
	if err != nil {
		return err
	}
	if _, err := file.Write(placeholder); err != nil {
		return err
	}
	if err := writer.Close(); err != nil {
		return err
	}
	if written, err := os.ReadFile(path); err == nil && bytes.Equal(written, archive.Bytes()) {
		return nil
	}
	return writeAtomically(path, archive.Bytes())
}

// writeAtomically writes a file that the program of another stack may be reading.
func writeAtomically(path string, contents []byte) error {
	folder := filepath.Dir(path)
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return err
	}
	file, err := os.CreateTemp(folder, "")
	if err != nil {
		return err
	}
	_, err = file.Write(contents)
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return nil
}

// validateArchive rejects an archive that Lambda would accept and could not start.
func validateArchive(path string) error {
	reader, err := zip.OpenReader(path)
	if err != nil {
		return fmt.Errorf("it must be a zip file, since a directory would lose the permission that makes %s executable: %w", handler, err)
	}
	i := slices.IndexFunc(reader.File, func(file *zip.File) bool { return file.Name == handler })
	switch {
	case i < 0:
		err = fmt.Errorf("it must hold the program %s at its top level", handler)
	case reader.File[i].Mode().Perm()&0o111 == 0:
		err = fmt.Errorf("%s in it must be executable: `chmod 755 %s` before you zip it", handler, handler)
	}
	return errors.Join(err, reader.Close())
}
