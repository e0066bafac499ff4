// Command lenient is the simulated aws provider, for previews of programs that use what it does not know: resources may be
// anything, and functions answer with what they are asked.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/provider"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/structpb"

	"stagecraft/internal/offline/aws"
	"stagecraft/internal/offline/backendguard"
	"stagecraft/internal/offline/store"
)

func main() {
	err := provider.Main("aws", func(host *provider.HostClient) (pulumirpc.ResourceProviderServer, error) {
		backend, err := backendguard.Backend()
		if err != nil {
			return nil, err
		}
		return &server{aws.Serve(host, aws.New(store.Open(backend), nil))}, nil
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

type server struct {
	pulumirpc.ResourceProviderServer
}

// Check implements pulumirpc.ResourceProviderServer.
func (s *server) Check(ctx context.Context, request *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	if checked, err := s.ResourceProviderServer.Check(ctx, request); err == nil && len(checked.Failures) == 0 {
		return checked, nil
	}
	return &pulumirpc.CheckResponse{Inputs: request.News}, nil
}

// Create implements pulumirpc.ResourceProviderServer.
func (s *server) Create(ctx context.Context, request *pulumirpc.CreateRequest) (*pulumirpc.CreateResponse, error) {
	created, err := s.ResourceProviderServer.Create(ctx, request)
	if err != nil && request.Preview {
		return &pulumirpc.CreateResponse{Properties: request.Properties}, nil
	}
	return created, err
}

// Invoke implements pulumirpc.ResourceProviderServer.
func (s *server) Invoke(ctx context.Context, request *pulumirpc.InvokeRequest) (*pulumirpc.InvokeResponse, error) {
	if answer, err := s.ResourceProviderServer.Invoke(ctx, request); err == nil {
		return answer, nil
	}
	request.Args.Fields["id"] = structpb.NewStringValue("ami-0123456789abcdef0")
	return &pulumirpc.InvokeResponse{Return: request.Args}, nil
}
