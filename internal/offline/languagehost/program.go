package languagehost

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/constant"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/cmdutil"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/contract"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/executable"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/fsutil"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// outputGrace is how long a process that outlives the program that started it may keep the program's output open.
const outputGrace = 5 * time.Second

var (
	errNoGo = errors.New(
		"the go command is not on PATH: install Go, or set the runtime option binary to a prebuilt program")
	errNoDebugger = status.Error(codes.Unimplemented,
		"this language host cannot attach a debugger: leave --attach-debugger out, or install the official pulumi-language-go")
)

// Run runs a Pulumi program to its end.
func (h *host) Run(ctx context.Context, req *pulumirpc.RunRequest) (*pulumirpc.RunResponse, error) {
	ctx, cancel := h.bound(ctx)
	defer cancel()
	program, err := h.program(ctx, req)
	if err != nil {
		return nil, err
	}
	env, err := h.programEnv(req)
	if err != nil {
		return nil, fmt.Errorf("pass on the stack's config: %w", err)
	}
	cmd := command(ctx, req.GetPwd(), program, req.GetArgs()...)
	cmd.Env = env
	cmd.Stdout, cmd.Stderr = h.stdout, h.stderr
	code, err := run(ctx, cmd)
	switch {
	case err != nil:
		return nil, fmt.Errorf("run %s: %w", program, err)
	case code == constant.ExitStatusLoggedError:
		return &pulumirpc.RunResponse{Bail: true}, nil
	case code != 0:
		return &pulumirpc.RunResponse{Error: fmt.Sprintf("program %s failed: %s", program, cmd.ProcessState)}, nil
	}
	return &pulumirpc.RunResponse{}, nil
}

// RunPlugin runs a policy pack, or another plugin written in Go, until it ends or the engine drops the request.
func (h *host) RunPlugin(req *pulumirpc.RunPluginRequest, server pulumirpc.LanguageRuntime_RunPluginServer) error {
	ctx, cancel := h.bound(server.Context())
	defer cancel()
	program, err := h.program(ctx, req)
	if err != nil {
		return err
	}
	stream := &lockedStream[pulumirpc.RunPluginResponse]{ServerStreamingServer: server}
	_, stdout, stderr, err := rpcutil.MakeRunPluginStreams(stream, false)
	if err != nil {
		return err
	}
	cmd := command(ctx, req.GetPwd(), program, req.GetArgs()...)
	cmd.Env = req.GetEnv()
	cmd.Stdout, cmd.Stderr = stdout, stderr
	code, err := run(ctx, cmd)
	if err != nil {
		return fmt.Errorf("run %s: %w", program, err)
	}
	return stream.Send(&pulumirpc.RunPluginResponse{
		Output: &pulumirpc.RunPluginResponse_Exitcode{Exitcode: int32(code)}, //nolint:gosec // a byte, or -1
	})
}

// programEnv returns the environment that pulumi.Run of the Go SDK reads (SDK go/pulumi/run.go).
func (h *host) programEnv(req *pulumirpc.RunRequest) ([]string, error) {
	config, configErr := json.Marshal(req.GetConfig())
	secretKeys, secretsErr := json.Marshal(req.GetConfigSecretKeys())
	return append(
		os.Environ(),
		pulumi.EnvOrganization+"="+req.GetOrganization(),
		pulumi.EnvProject+"="+req.GetProject(),
		pulumi.EnvPulumiRootDirectory+"="+req.GetInfo().GetRootDirectory(),
		pulumi.EnvStack+"="+req.GetStack(),
		pulumi.EnvConfig+"="+string(config),
		pulumi.EnvConfigSecretKeys+"="+string(secretKeys),
		pulumi.EnvDryRun+"="+strconv.FormatBool(req.GetDryRun()),
		pulumi.EnvParallel+"="+strconv.Itoa(int(req.GetParallel())),
		pulumi.EnvMonitor+"="+req.GetMonitorAddress(),
		pulumi.EnvEngine+"="+h.engine,
	), errors.Join(configErr, secretsErr)
}

// runRequest is the common part of the requests to run a program and a plugin.
type runRequest interface {
	GetInfo() *pulumirpc.ProgramInfo
	GetAttachDebugger() bool
}

// program returns the path of the prebuilt binary, or of what go build compiles from the program directory.
func (h *host) program(ctx context.Context, req runRequest) (string, error) {
	if req.GetAttachDebugger() {
		return "", errNoDebugger
	}
	dir := req.GetInfo().GetProgramDirectory()
	binary, err := binaryOption(req.GetInfo())
	switch {
	case err != nil:
		return "", err
	case binary == "":
		return h.build(ctx, dir)
	}
	path, err := exec.LookPath(binary)
	if err != nil {
		return "", fmt.Errorf("runtime option binary: %w; build it with `go build -o` that path, "+
			"or remove the option to have %s compiled", err, dir)
	}
	return path, nil
}

// binaryOption returns the absolute path in the runtime option binary, or "" if it is not set.
func binaryOption(info *pulumirpc.ProgramInfo) (string, error) {
	switch value := info.GetOptions().AsMap()["binary"].(type) {
	case nil:
		return "", nil
	case string:
		if value == "" || filepath.IsAbs(value) {
			return value, nil
		}
		return filepath.Join(info.GetProgramDirectory(), value), nil
	default:
		return "", fmt.Errorf("runtime option binary: %v is not text; set it to the path of a prebuilt program", value)
	}
}

// build compiles the main package in dir to a file below PULUMI_HOME that belongs to dir, and returns its path. go build
// links it again only if something has changed. The compiler's messages go to the host's stderr.
func (h *host) build(ctx context.Context, dir string) (_ string, err error) {
	gobin, err := goBinary()
	if err != nil {
		return "", fmt.Errorf("compile %s: %w", dir, err)
	}
	sum := sha256.Sum256([]byte(dir))
	target, err := workspace.GetPulumiPath("stagecraft", "build", fmt.Sprintf("%s-%x", filepath.Base(dir), sum[:8]))
	if err == nil {
		target, err = filepath.Abs(target) // go build would take it as relative to dir
	}
	if err != nil {
		return "", fmt.Errorf("find PULUMI_HOME for what is compiled from %s: %w", dir, err)
	}
	if err := os.MkdirAll(filepath.Dir(target), 0o700); err != nil {
		return "", fmt.Errorf("create the folder for what is compiled from %s: %w", dir, err)
	}
	// Two stacks of one program may be deployed at the same time.
	lock := fsutil.NewFileMutex(target + ".lock")
	if err := lock.Lock(); err != nil {
		return "", fmt.Errorf("lock %s: %w", target, err)
	}
	defer func() { err = errors.Join(err, lock.Unlock()) }()
	// Without -buildvcs=false, each commit would link the same program again.
	cmd := command(ctx, dir, gobin, "build", "-buildvcs=false", "-o", target, ".")
	cmd.Stdout, cmd.Stderr = h.stderr, h.stderr
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("go build in %s: %w; the output of the compiler says why", dir, err)
	}
	if runs, err := executable.IsExecutable(target); err != nil || !runs {
		return "", errors.Join(err, fmt.Errorf("%s holds no Go program: its package is not called main", dir))
	}
	return target, nil
}

// command returns a command in a process group of its own. When ctx ends, the whole group is killed.
func command(ctx context.Context, dir, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	cmdutil.RegisterProcessGroup(cmd)
	cmd.Cancel = func() error {
		contract.IgnoreError(cmdutil.KillChildren(cmd.Process.Pid))
		return cmd.Process.Kill()
	}
	cmd.WaitDelay = outputGrace
	return cmd
}

// run runs cmd and returns its exit code, or -1 if a signal ended it. It returns an error for a command that could not run
// or was cancelled.
func run(ctx context.Context, cmd *exec.Cmd) (int, error) {
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return 0, status.FromContextError(ctx.Err()).Err()
	case errors.As(err, &exit):
		return exit.ExitCode(), nil
	}
	return 0, err
}

func goBinary() (string, error) {
	gobin, err := exec.LookPath("go")
	if err != nil {
		return "", errNoGo
	}
	return gobin, nil
}

// goOutput returns what a go command prints on stdout. env is added to the host's environment, and an error includes what
// the command printed on stderr.
func goOutput(ctx context.Context, dir string, env []string, args ...string) ([]byte, error) {
	gobin, err := goBinary()
	if err != nil {
		return nil, err
	}
	var stderr bytes.Buffer
	cmd := command(ctx, dir, gobin, args...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go %s in %s: %w: %s", args[0], dir, err, bytes.TrimSpace(stderr.Bytes()))
	}
	return out, nil
}
