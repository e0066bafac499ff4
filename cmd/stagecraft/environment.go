package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"

	offline "stagecraft/internal/offline/workspace"
	"stagecraft/internal/toolchain"
)

// environment is what the commands use of their surroundings. Tests replace it.
type environment struct {
	in          io.Reader
	out, errors io.Writer
	// build builds the programs of the project in root that are missing or out of date. The candidates are Pulumi CLIs
	// that the project may use if they are new enough.
	build func(ctx context.Context, root string, out io.Writer, candidates ...string) (toolchain.Tools, error)
}

// terminal returns the environment of a person at a terminal.
func terminal() environment {
	return environment{in: os.Stdin, out: os.Stdout, errors: os.Stderr, build: toolchain.Build}
}

// openWorkspace builds the project's programs and opens its offline workspace.
func (e environment) openWorkspace(ctx context.Context) (*offline.Workspace, error) {
	root, err := projectRoot()
	if err != nil {
		return nil, err
	}
	tools, err := e.build(ctx, root, e.errors)
	if err != nil {
		return nil, err
	}
	return offline.Open(root, filepath.Join(root, offline.Folder), tools)
}

// projectRoot returns the nearest folder with a Pulumi.yaml, from the working directory upwards.
func projectRoot() (string, error) {
	path, err := workspace.DetectProjectPath()
	if err != nil {
		return "", errors.New("this folder and those above it have no Pulumi.yaml: run stagecraft in the project's folder")
	}
	return filepath.Dir(path), nil
}
