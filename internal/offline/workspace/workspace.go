// Package workspace manages the folder in which the Pulumi CLI works against the offline cloud. The folder has its own
// Pulumi home, backend and project file, so that it never touches the official plugins or a real stack's files.
package workspace

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"

	"stagecraft/internal/offline/backendguard"
	"stagecraft/internal/offline/store"
	"stagecraft/internal/toolchain"
)

// Workspace holds the offline stacks of a project.
type Workspace struct {
	root, folder string
	tools        toolchain.Tools
}

// Folder is the workspace's usual folder within a project.
const Folder = ".stagecraft"

// passphrase protects nothing: the offline cloud's state holds invented values only.
const passphrase = "offline"

// Open opens the workspace of the project in root, in a folder that it creates if need be.
func Open(root, folder string, tools toolchain.Tools) (*Workspace, error) {
	opened := &Workspace{root: root, folder: folder, tools: tools}
	for _, path := range []string{opened.home(), opened.Backend()} {
		if err := os.MkdirAll(path, 0o750); err != nil {
			return nil, err
		}
	}
	return opened, opened.writeProject()
}

// Backend returns the folder of the stacks' state and of the offline cloud's store.
func (w *Workspace) Backend() string { return filepath.Join(w.folder, "backend") }

// Store returns the store of the offline cloud of the project in root, in the usual folder.
func Store(root string) *store.Store { return store.Open(filepath.Join(root, Folder, "backend")) }

func (w *Workspace) home() string { return filepath.Join(w.folder, "home") }

// Select prepares a stack: it copies the configuration of the project's stack file, and creates the stack if it is new.
func (w *Workspace) Select(ctx context.Context, stack string) error {
	if err := w.writeStack(stack); err != nil {
		return err
	}
	project, err := workspace.LoadProject(w.projectFile())
	if err != nil {
		return err
	}
	state := filepath.Join(w.Backend(), ".pulumi", "stacks", project.Name.String(), stack+".json")
	switch err := checkState(state); {
	case err == nil:
		return nil
	case !errors.Is(err, os.ErrNotExist):
		return err
	}
	if output, err := w.Command(ctx, "stack", "init", stack).CombinedOutput(); err != nil {
		return fmt.Errorf("creating the offline stack %s: %w\n%s", stack, err, output)
	}
	return nil
}

// checkState rejects a damaged state file, whose name Pulumi's own error leaves out.
func checkState(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if !json.Valid(data) {
		return fmt.Errorf("the state file %s is damaged: it is not JSON. Copy %s.bak, the state before the last update, "+
			"over it and refresh the stack, or delete %s with all offline stacks", path, path, Folder)
	}
	return nil
}

// PolicyPack returns the path of the project's policy pack.
func (w *Workspace) PolicyPack() string { return w.tools.Policy }

// Empty reports whether a stack has no resources.
func (w *Workspace) Empty(ctx context.Context, stack string) (bool, error) {
	printed, err := w.Command(ctx, "stack", "export", "--stack", stack).Output()
	if err != nil {
		return false, fmt.Errorf("reading the offline stack %s: %w", stack, err)
	}
	var exported struct{ Deployment apitype.DeploymentV3 }
	if err := json.Unmarshal(printed, &exported); err != nil {
		return false, fmt.Errorf("reading the offline stack %s: %w", stack, err)
	}
	return len(exported.Deployment.Resources) == 0, nil
}

// WithoutCheckpoints are variables with which the engine saves a stack's state once, at the end, rather than after each
// step: at CLI 3.274.1 the saves take more than half of a preview's time, and three quarters of an update's. An update
// that is killed then leaves resources that the state does not have.
var WithoutCheckpoints = []string{"PULUMI_EXPERIMENTAL=true", "PULUMI_SKIP_CHECKPOINTS=true"}

// Command returns a call of the Pulumi CLI in the workspace. A preview, which changes nothing, makes no checkpoints.
func (w *Workspace) Command(ctx context.Context, args ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, w.tools.Pulumi, args...)
	command.Dir = w.folder
	command.Env = append(os.Environ(),
		backendguard.BackendVariable+"=file://"+filepath.ToSlash(w.Backend()),
		"PULUMI_HOME="+w.home(),
		"PULUMI_CONFIG_PASSPHRASE="+passphrase,
		"PULUMI_SKIP_UPDATE_CHECK=true",
		"PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION=true",
	)
	if len(args) > 0 && args[0] == "preview" {
		command.Env = append(command.Env, WithoutCheckpoints...)
	}
	return command
}

// StackFile returns the path of the workspace's own file of a stack.
func (w *Workspace) StackFile(stack string) string {
	return filepath.Join(w.folder, "Pulumi."+stack+".yaml")
}

func (w *Workspace) projectFile() string { return filepath.Join(w.folder, "Pulumi.yaml") }

// writeProject writes the project file: a copy of the project's own, with the compiled program and the simulated plugins.
func (w *Workspace) writeProject() error {
	project, err := workspace.LoadProject(filepath.Join(w.root, "Pulumi.yaml"))
	if err != nil {
		return err
	}
	project.Main = w.root
	project.Runtime.SetOption("binary", w.tools.Program)
	project.Plugins = &workspace.Plugins{Providers: []workspace.PluginOptions{
		{Name: "aws", Path: w.tools.Providers},
		{Name: "awsx", Path: w.tools.Providers},
	}}
	if w.tools.LanguageHost != "" {
		project.Plugins.Languages = []workspace.PluginOptions{{Name: "go", Path: w.tools.LanguageHost}}
	}
	return project.Save(w.projectFile())
}

// writeStack writes the stack's file: a copy of the project's own, with the workspace's encryption.
func (w *Workspace) writeStack(stack string) error {
	file := "Pulumi." + stack + ".yaml"
	project, err := workspace.LoadProject(w.projectFile())
	if err != nil {
		return err
	}
	source := filepath.Join(w.root, file)
	if _, err := os.Stat(source); err != nil {
		return fmt.Errorf("there is no stack %q: %s has %s", stack, w.root, strings.Join(w.stacks(), ", "))
	}
	original, err := loadStack(project, source)
	if err != nil {
		return err
	}
	if original.Config.HasSecureValue() {
		return fmt.Errorf("%s has encrypted values, which the offline cloud cannot read: "+
			"copy it, and replace them with plain values", source)
	}
	previous, err := loadStack(project, w.StackFile(stack))
	if err != nil {
		return err
	}
	offline := &workspace.ProjectStack{EncryptionSalt: previous.EncryptionSalt, Config: original.Config}
	return offline.Save(w.StackFile(stack))
}

// loadStack loads a stack file, which may be missing. Its error names the file.
func loadStack(project *workspace.Project, path string) (*workspace.ProjectStack, error) {
	stack, err := workspace.LoadProjectStack(nil, project, path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return stack, nil
}

// stacks returns the names of the project's stack files.
func (w *Workspace) stacks() []string {
	files, _ := filepath.Glob(filepath.Join(w.root, "Pulumi.*.yaml")) // the pattern is well-formed
	names := make([]string, len(files))
	for i, file := range files {
		names[i] = strings.TrimSuffix(strings.TrimPrefix(filepath.Base(file), "Pulumi."), ".yaml")
	}
	return names
}
