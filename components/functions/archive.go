package functions

import (
	"archive/zip"
	"errors"
	"fmt"
	"slices"
)

// handler is the program that Lambda starts, at the top level of the archive.
const handler = "bootstrap"

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
