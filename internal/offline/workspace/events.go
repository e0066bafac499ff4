package workspace

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/cmdutil"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"
)

// Run runs a command of the CLI, made by Command, that previews or changes a stack. It passes the engine's events to
// handle, one at a time, and returns what the CLI printed. Cancelling the command's context interrupts Pulumi,
// which finishes what it has begun.
func Run(command *exec.Cmd, handle func(apitype.EngineEvent)) (string, error) {
	server := &eventServer{handle: handle}
	stop := make(chan bool)
	// The Automation API receives events in the same way (pulumi/sdk go/auto/stack.go).
	listener, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{
		Cancel: stop,
		Init: func(s *grpc.Server) error {
			pulumirpc.RegisterEventsServer(s, server)
			return nil
		},
	})
	if err != nil {
		return "", fmt.Errorf("listening for Pulumi's events: %w", err)
	}
	var printed bytes.Buffer
	command.Args = append(command.Args, "--non-interactive", "--event-log", fmt.Sprintf("tcp://127.0.0.1:%d", listener.Port))
	command.Env = append(command.Env, "PULUMI_DEBUG_COMMANDS=true") // makes --event-log available
	command.Stdout, command.Stderr = &printed, &printed
	// A terminal interrupts all processes of its group. In a group of its own, Pulumi receives the interrupt once, and a
	// second one, which makes it stop without waiting, only if the user asks twice.
	cmdutil.RegisterProcessGroup(command)
	interrupts := make(chan os.Signal, 1)
	command.Cancel = func() error {
		signal.Notify(interrupts, os.Interrupt)
		go func() {
			for range interrupts {
				_ = command.Process.Signal(os.Interrupt)
			}
		}()
		return command.Process.Signal(os.Interrupt)
	}
	err = command.Run()
	signal.Stop(interrupts)
	close(interrupts)
	close(stop)
	return printed.String(), errors.Join(err, <-listener.Done, server.failed)
}

// eventServer receives events from the CLI, a stream for each preview and each update.
type eventServer struct {
	pulumirpc.UnimplementedEventsServer

	handle func(apitype.EngineEvent)
	failed error
}

// StreamEvents receives the events of a preview or an update.
func (s *eventServer) StreamEvents(stream pulumirpc.Events_StreamEventsServer) error {
	for {
		request, err := stream.Recv()
		switch {
		case errors.Is(err, io.EOF):
			return stream.SendAndClose(&emptypb.Empty{})
		case err != nil: // the CLI was killed, as the error of the command says
			return err
		}
		var event apitype.EngineEvent
		if err := json.Unmarshal([]byte(request.GetEvent()), &event); err != nil {
			s.failed = fmt.Errorf("reading an event of Pulumi: %w", err)
			continue
		}
		s.handle(event)
	}
}
