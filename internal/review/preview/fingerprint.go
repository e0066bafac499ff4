package preview

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"
)

// fingerprint returns a hash of everything that a deployment of the stack reads: the compiled program and providers, the
// project file, the stack file, and the files and directories that the configuration names.
func (p Project) fingerprint(stack string) (string, error) {
	projectFile, stackFile := filepath.Join(p.Root, "Pulumi.yaml"), filepath.Join(p.Root, "Pulumi."+stack+".yaml")
	paths := []string{p.Tools.Program, projectFile, stackFile}
	providers, err := filepath.Glob(filepath.Join(p.Tools.Providers, "pulumi-resource-*"))
	if err != nil {
		return "", err
	}
	configured, err := configuredPaths(p.Root, projectFile, stackFile)
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	for _, path := range slices.Concat(paths, providers, configured) {
		if err := addTree(sum, path); err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(sum.Sum(nil)[:8]), nil
}

// configuredPaths returns the settings of the stack and the defaults of the project that are paths of existing files or
// directories, sorted. Relative paths start at root.
func configuredPaths(root, projectFile, stackFile string) ([]string, error) {
	project, err := workspace.LoadProject(projectFile)
	if err != nil {
		return nil, err
	}
	stack, err := workspace.LoadProjectStack(nil, project, stackFile)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", stackFile, err)
	}
	var values []string
	for _, setting := range project.Config {
		if value, isText := setting.Default.(string); isText {
			values = append(values, value)
		}
	}
	for _, value := range stack.Config {
		if text, err := value.Value(nil); err == nil && !value.Secure() {
			values = append(values, text)
		}
	}
	var paths []string
	for _, value := range values {
		path := value
		if !filepath.IsAbs(path) {
			path = filepath.Join(root, path)
		}
		if _, err := os.Stat(path); err == nil && value != "" {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths), nil
}

// addTree adds the names and contents of a file, or of all files in a directory.
func addTree(sum io.Writer, root string) error {
	var paths []string
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			paths = append(paths, path)
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, path := range paths {
		if err := addFile(sum, path); err != nil {
			return err
		}
	}
	return nil
}

func addFile(sum io.Writer, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	fmt.Fprintf(sum, "%s %d\n", path, info.Size())
	_, err = io.Copy(sum, file)
	return err
}
