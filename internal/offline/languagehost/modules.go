package languagehost

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"golang.org/x/mod/modfile"
)

// pluginFile is the file in which a Go module of Pulumi names the plugin that serves it (SDK, plugin.PulumiPluginJSON).
const pluginFile = "pulumi-plugin.json"

// errNoGoMod is the error for a program that belongs to no Go module.
var errNoGoMod = errors.New("no go.mod in it or above it")

// module is what `go list -m -json` prints of a module; Dir is empty if the module is not in the module cache.
type module struct{ Path, Version, Dir string }

// GetRequiredPackages returns the resource plugins of the modules that the program's go.mod requires, directly or
// indirectly. It reads the module cache and never the network: it leaves out a module that is missing from the cache, and
// the engine installs its plugin when the program first uses it. For a prebuilt program without a go.mod, or without a go
// command to read it, the list is empty; in the second case it prints a message on stderr.
func (h *host) GetRequiredPackages(
	ctx context.Context, req *pulumirpc.GetRequiredPackagesRequest,
) (*pulumirpc.GetRequiredPackagesResponse, error) {
	ctx, cancel := h.bound(ctx)
	defer cancel()
	dir := req.GetInfo().GetProgramDirectory()
	binary, err := binaryOption(req.GetInfo())
	if err != nil {
		return nil, err
	}
	modules, err := requiredModules(ctx, dir)
	switch {
	case binary != "" && errors.Is(err, errNoGoMod):
		return &pulumirpc.GetRequiredPackagesResponse{}, nil
	case binary != "" && errors.Is(err, errNoGo):
		_, err = fmt.Fprintf(h.stderr,
			"go is not on PATH: the plugins that %s requires are not known before it runs\n", binary)
		return &pulumirpc.GetRequiredPackagesResponse{}, err
	case err != nil:
		return nil, fmt.Errorf("find the plugins that %s requires: %w", dir, err)
	}
	var resp pulumirpc.GetRequiredPackagesResponse
	for _, m := range modules {
		pkg, err := m.resourcePackage()
		if err != nil {
			return nil, err
		}
		if pkg != nil {
			resp.Packages = append(resp.Packages, pkg)
		}
	}
	return &resp, nil
}

// GetProgramDependencies returns the modules of the program's go.mod, for `pulumi about`.
func (h *host) GetProgramDependencies(
	ctx context.Context, req *pulumirpc.GetProgramDependenciesRequest,
) (*pulumirpc.GetProgramDependenciesResponse, error) {
	gomod, err := readGoMod(ctx, req.GetInfo().GetProgramDirectory())
	if err != nil {
		return nil, err
	}
	var resp pulumirpc.GetProgramDependenciesResponse
	for _, r := range gomod.Require {
		if !r.Indirect || req.GetTransitiveDependencies() {
			resp.Dependencies = append(resp.Dependencies,
				&pulumirpc.DependencyInfo{Name: r.Mod.Path, Version: r.Mod.Version})
		}
	}
	return &resp, nil
}

// InstallDependencies downloads the modules that the project's packages need, and not those that only its go.mod names.
// It does not change go.mod, as `go mod tidy` of the official host may.
func (h *host) InstallDependencies(
	req *pulumirpc.InstallDependenciesRequest, server pulumirpc.LanguageRuntime_InstallDependenciesServer,
) error {
	ctx, cancel := h.bound(server.Context())
	defer cancel()
	stream := &lockedStream[pulumirpc.InstallDependenciesResponse]{ServerStreamingServer: server}
	// go writes the same to a terminal and to a pipe.
	_, stdout, stderr, err := rpcutil.MakeInstallDependenciesStreams(stream, false)
	if err != nil {
		return err
	}
	gobin, err := goBinary()
	if err != nil {
		return err
	}
	dir := req.GetInfo().GetProgramDirectory()
	if _, err := fmt.Fprintf(stdout, "Downloading the Go modules of %s\n", dir); err != nil {
		return err
	}
	cmd := command(ctx, dir, gobin, "list", "-deps", "-f", `{{""}}`, "./...")
	cmd.Stdout, cmd.Stderr = stdout, stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("go list -deps in %s: %w", dir, err)
	}
	return nil
}

// readGoMod parses the go.mod of the module that dir belongs to.
func readGoMod(ctx context.Context, dir string) (*modfile.File, error) {
	out, err := goOutput(ctx, dir, nil, "env", "GOMOD")
	if err != nil {
		return nil, err
	}
	path := strings.TrimSpace(string(out))
	if path == "" || path == os.DevNull {
		return nil, fmt.Errorf("%s: %w", dir, errNoGoMod)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read go.mod: %w", err)
	}
	gomod, err := modfile.Parse(path, data, nil)
	if err != nil {
		return nil, fmt.Errorf("read go.mod: %w", err)
	}
	return gomod, nil
}

// requiredModules returns the modules that go.mod requires, and the folders of their sources. `go list -m all` would need
// the whole module graph, which a module cache rarely holds, so it names each module; -e skips the missing ones.
func requiredModules(ctx context.Context, dir string) ([]module, error) {
	gomod, err := readGoMod(ctx, dir)
	if err != nil || len(gomod.Require) == 0 {
		return nil, err
	}
	args := []string{"list", "-m", "-e", "-mod=readonly", "-json=Path,Version,Dir"}
	for _, r := range gomod.Require {
		args = append(args, r.Mod.Path)
	}
	out, err := goOutput(ctx, dir, []string{"GOPROXY=off", "GONOPROXY=none"}, args...)
	if err != nil {
		return nil, err
	}
	var modules []module
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var m module
		if err := decoder.Decode(&m); errors.Is(err, io.EOF) {
			return modules, nil
		} else if err != nil {
			return nil, fmt.Errorf("read the output of go list -m: %w", err)
		}
		modules = append(modules, m)
	}
}

// resourcePackage returns the package whose resource plugin serves the module, or nil without one. The plugin file is in
// the module's root or beside its package, as in sdk/v6/go/aws.
func (m module) resourcePackage() (*pulumirpc.PackageDependency, error) {
	if m.Dir == "" {
		return nil, nil
	}
	for _, folder := range []string{"", "go", "go/*", "*"} {
		paths, err := filepath.Glob(filepath.Join(m.Dir, folder, pluginFile))
		if err != nil {
			return nil, fmt.Errorf("look for %s in module %s: %w", pluginFile, m.Path, err)
		}
		for _, path := range paths {
			info, err := plugin.LoadPulumiPluginJSON(path)
			switch {
			case err != nil:
				return nil, fmt.Errorf("read %s of module %s: %w", path, m.Path, err)
			case !info.Resource:
				return nil, nil
			case info.Name == "":
				return nil, fmt.Errorf("%s of module %s does not name its plugin", path, m.Path)
			}
			if info.Version == "" {
				info.Version = m.Version
			}
			return &pulumirpc.PackageDependency{
				Name: info.Name, Version: info.Version, Server: info.Server,
				Kind:             string(apitype.ResourcePlugin),
				Parameterization: parameterization(info.Parameterization),
				Extension:        parameterization(info.ExtensionParameterization),
			}, nil
		}
	}
	return nil, nil
}

func parameterization(p *plugin.PulumiParameterizationJSON) *pulumirpc.PackageParameterization {
	if p == nil {
		return nil
	}
	return &pulumirpc.PackageParameterization{Name: p.Name, Version: p.Version, Value: p.Value}
}
