package main

import (
	"fmt"
	"net"
	"os"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/proto"
)

// leaveOut stands between the program and the engine, passes on what the program asks, and keeps the resources of a type
// to itself: the engine never hears of them, and the program is told that they are there.
func leaveOut(token string) error {
	engine, err := grpc.NewClient(os.Getenv(pulumi.EnvMonitor),
		grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithDefaultCallOptions(grpc.ForceCodec(raw{})))
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	between := grpc.NewServer(grpc.ForceServerCodec(raw{}), grpc.UnknownServiceHandler(func(_ any, stream grpc.ServerStream) error {
		method, _ := grpc.MethodFromServerStream(stream)
		var request, answer []byte
		if err := stream.RecvMsg(&request); err != nil {
			return err
		}
		if answer = kept(method, token, request); answer == nil {
			if err := engine.Invoke(stream.Context(), method, &request, &answer); err != nil {
				return err
			}
		}
		return stream.SendMsg(&answer)
	}))
	go func() {
		if err := between.Serve(listener); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}()
	return os.Setenv(pulumi.EnvMonitor, listener.Addr().String())
}

// kept is the answer to a request to register a resource of the type, nil to any other.
func kept(method, token string, request []byte) []byte {
	registered := &pulumirpc.RegisterResourceRequest{}
	if method != pulumirpc.ResourceMonitor_RegisterResource_FullMethodName ||
		proto.Unmarshal(request, registered) != nil || registered.Type != token {
		return nil
	}
	answer, err := proto.Marshal(&pulumirpc.RegisterResourceResponse{
		Urn: fmt.Sprintf("urn:pulumi:mutant::mutant::%s::%s", token, registered.Name),
	})
	if err != nil {
		return nil
	}
	return answer
}

// raw leaves messages as they are.
type raw struct{}

func (raw) Name() string { return "proto" }

func (raw) Marshal(message any) ([]byte, error) { return *message.(*[]byte), nil }

func (raw) Unmarshal(data []byte, message any) error {
	*message.(*[]byte) = append([]byte{}, data...)
	return nil
}
