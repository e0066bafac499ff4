package pack

import (
	"context"
	"fmt"
	"strconv"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"

	"stagecraft/policy/rule"
)

// Main serves the rules as a policy pack until the engine closes it.
func Main(rules []rule.Rule) error {
	pack, err := newAnalyzer(rules)
	if err != nil {
		return err
	}
	handle, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{
		Init: func(registrar *grpc.Server) error {
			pulumirpc.RegisterAnalyzerServer(registrar, &server{plugin.NewAnalyzerServer(pack), pack})
			return nil
		},
	})
	if err != nil {
		return err
	}
	fmt.Println(handle.Port) // The engine reads the port from the first line.
	return <-handle.Done
}

// server adds the stack's configuration, which the SDK's server drops.
type server struct {
	pulumirpc.AnalyzerServer

	pack *analyzer
}

// ConfigureStack implements pulumirpc.AnalyzerServer. The engine does not call it outside a stack, as in
// `pulumi policy analyze`.
func (s *server) ConfigureStack(
	_ context.Context, request *pulumirpc.AnalyzerStackConfigureRequest,
) (*pulumirpc.AnalyzerStackConfigureResponse, error) {
	s.pack.stackStage = stageOf(request)
	return &pulumirpc.AnalyzerStackConfigureResponse{}, nil
}

// stageOf returns the stage of growth in the stack's configuration, or 0 if there is none. Other projects may use the
// key for something else, so a value that is no stage is ignored.
func stageOf(request *pulumirpc.AnalyzerStackConfigureRequest) int {
	stage, err := strconv.Atoi(request.Config[request.Project+":stage"])
	if err != nil || stage < 0 || stage > LastStage {
		return 0
	}
	return stage
}
