package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// checkOutput rejects the path of a file that cannot be created, before the work whose result it receives.
func checkOutput(path string) error {
	if path == "" {
		return nil
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return usageError{fmt.Errorf("--output %s: it is a folder", path)}
	}
	info, err := os.Stat(filepath.Dir(path))
	if err == nil && !info.IsDir() {
		err = fmt.Errorf("%s is not a folder", filepath.Dir(path))
	}
	if err != nil {
		return usageError{fmt.Errorf("--output %s: %w", path, err)}
	}
	return nil
}
