// Command pulumi-resource-aws is a provider that does nothing, as fast as it can.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/blang/semver"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/provider"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

type floor struct{ plugin.UnimplementedProvider }

func (floor) GetPluginInfo(context.Context) (plugin.PluginInfo, error) {
	return plugin.PluginInfo{Version: &semver.Version{}}, nil
}

func (floor) SignalCancellation(context.Context) error { return nil }

func (floor) CheckConfig(_ context.Context, request plugin.CheckConfigRequest) (plugin.CheckConfigResponse, error) {
	return plugin.CheckConfigResponse{Properties: request.News}, nil
}

func (floor) Configure(context.Context, plugin.ConfigureRequest) (plugin.ConfigureResponse, error) {
	return plugin.ConfigureResponse{}, nil
}

func (floor) Check(_ context.Context, request plugin.CheckRequest) (plugin.CheckResponse, error) {
	return plugin.CheckResponse{Properties: request.News}, nil
}

func (floor) Create(_ context.Context, request plugin.CreateRequest) (plugin.CreateResponse, error) {
	return plugin.CreateResponse{Properties: request.Properties}, nil
}

func main() {
	err := provider.Main("aws", func(*provider.HostClient) (pulumirpc.ResourceProviderServer, error) {
		return plugin.NewProviderServer(&floor{}), nil
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
