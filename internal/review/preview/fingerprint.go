package preview

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// fingerprint is another one whenever a file of the project is, tests, documentation and what was built aside: what a
// stack becomes depends on the program, the offline cloud, the stack files and the files that are uploaded.
func fingerprint(root string) (string, error) {
	sum := sha256.New()
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != root && (strings.HasPrefix(entry.Name(), ".") || path == filepath.Join(root, "bin")):
			return filepath.SkipDir
		case !entry.Type().IsRegular(), strings.HasSuffix(path, "_test.go"), strings.HasSuffix(path, ".md"):
			return nil
		}
		return add(sum, root, path)
	})
	return hex.EncodeToString(sum.Sum(nil)[:8]), err
}

func add(sum io.Writer, root, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	fmt.Fprintf(sum, "%s %d\n", strings.TrimPrefix(path, root), info.Size())
	_, err = io.Copy(sum, file)
	return err
}
