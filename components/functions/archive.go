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

// handler is the program that Lambda starts, at the top of the archive.
const handler = "bootstrap"

//go:embed bootstrap.sh
var placeholder []byte

// WritePlaceholder writes an archive of a function that answers 503 to everything. Pulumi's own archives would not do:
// they make no file executable (pulumi/pulumi issue 3593). The same path must be used on every machine, since the
// stack's state holds it.
func WritePlaceholder(path string) error {
	var packed bytes.Buffer
	writer := zip.NewWriter(&packed)
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
	if known, err := os.ReadFile(path); err == nil && bytes.Equal(known, packed.Bytes()) {
		return nil
	}
	return replace(path, packed.Bytes())
}

// replace writes a file at once: another stack's program may be reading it.
func replace(path string, contents []byte) error {
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

// checkArchive refuses what Lambda would take and could not start.
func checkArchive(path string) error {
	reader, err := zip.OpenReader(path)
	if err != nil {
		return fmt.Errorf("it must be a zip file: a directory would lose what makes %s executable: %w", handler, err)
	}
	i := slices.IndexFunc(reader.File, func(file *zip.File) bool { return file.Name == handler })
	switch {
	case i < 0:
		err = fmt.Errorf("it must hold the program %s at its top", handler)
	case reader.File[i].Mode().Perm()&0o111 == 0:
		err = fmt.Errorf("%s in it must be executable: `chmod 755 %s` before you zip it", handler, handler)
	}
	return errors.Join(err, reader.Close())
}
