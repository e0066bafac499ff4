// Package languagehost is a Pulumi language host for Go: the plugin that reports what a Go program requires, and runs it.
// It stands in for the official pulumi-language-go where that is not installed. The module of the official host is not
// available from the Go module proxy in the versions of the CLI, so that, unlike the CLI, it cannot be pinned in
// tools/pulumi and built. The host implements what preview, up, destroy, install, about and policy packs call; it rejects
// code generation, `pulumi convert`, packing and debuggers as not implemented.
//
// It has one runtime option, in Pulumi.yaml and PulumiPolicy.yaml alike: `binary`, the path of a prebuilt program,
// absolute or relative to the program directory. With it, no go command is needed to run. Without it, `go build` compiles
// the program to a file below PULUMI_HOME, and compiles it again only when it changes; nothing is written into the
// program's own folder.
package languagehost

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"
)

// healthInterval is how often the host checks that the engine still runs, as SDK plugins do.
const healthInterval = 5 * time.Minute

type host struct {
	pulumirpc.UnimplementedLanguageRuntimeServer

	engine         string          // address of the engine, for the program
	stdout, stderr io.Writer       // what the engine shows of a running program
	life           context.Context // ends with the host, and ends every command that the host started
	stop           context.CancelFunc
}

// Serve answers the engine on a free port, which it writes to stdout as the first line, and forwards what programs print
// to stdout and stderr. It returns when ctx ends, when the engine asks the host to cancel, or when the engine is gone;
// it kills the programs that still run first. The error is non-nil if serving was not possible.
func Serve(ctx context.Context, engine string, stdout, stderr io.Writer) error {
	life, stop := context.WithCancel(ctx)
	defer stop()
	if err := rpcutil.Healthcheck(life, engine, healthInterval, stop); err != nil {
		return fmt.Errorf("watch the engine at %q: %w", engine, err)
	}
	quit := make(chan bool)
	context.AfterFunc(life, func() { close(quit) })
	server, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{
		Cancel: quit,
		Init: func(s *grpc.Server) error {
			pulumirpc.RegisterLanguageRuntimeServer(s,
				&host{engine: engine, stdout: stdout, stderr: stderr, life: life, stop: stop})
			return nil
		},
	})
	if err != nil {
		return fmt.Errorf("start the language host: %w", err)
	}
	if _, err := fmt.Fprintln(stdout, server.Port); err != nil {
		return fmt.Errorf("send the engine the port: %w", err)
	}
	return <-server.Done
}

// bound returns a context that ends with ctx or with the host.
func (h *host) bound(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	unlink := context.AfterFunc(h.life, cancel)
	return ctx, func() { unlink(); cancel() }
}

// Cancel kills what runs and shuts the host down.
func (h *host) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	h.stop()
	return &emptypb.Empty{}, nil
}

// GetPluginInfo returns no version, because this is no release of the official host.
func (h *host) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{}, nil
}

// About returns the path and version of the go command.
func (h *host) About(ctx context.Context, req *pulumirpc.AboutRequest) (*pulumirpc.AboutResponse, error) {
	gobin, err := goBinary()
	if err != nil {
		return nil, err
	}
	version, err := goOutput(ctx, req.GetInfo().GetProgramDirectory(), nil, "version")
	if err != nil {
		return nil, err
	}
	return &pulumirpc.AboutResponse{Executable: gobin, Version: strings.TrimSpace(string(version))}, nil
}

// lockedStream is a server stream that stdout and stderr may write to at once, which grpc.ServerStream forbids.
type lockedStream[T any] struct {
	grpc.ServerStreamingServer[T]
	mu sync.Mutex
}

func (s *lockedStream[T]) Send(message *T) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ServerStreamingServer.Send(message)
}
