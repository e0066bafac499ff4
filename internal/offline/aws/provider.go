package aws

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/blang/semver"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/provider"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"stagecraft/internal/offline/cloud"
)

// Version is the version of the official provider that this one replaces.
const Version = "6.83.4"

// server is the plugin's side of the Pulumi provider protocol.
type server struct {
	plugin.UnimplementedProvider

	log       func(context.Context, diag.Severity, resource.URN, string) error
	cloud     *cloud.Cloud
	functions map[string]cloud.Function
	region    *cloud.Region

	emptyStore string // the store's path if it held nothing when the run began
	warning    sync.Once
}

// Serve returns a provider plugin that serves a cloud.
func Serve(host *provider.HostClient, served *cloud.Cloud) pulumirpc.ResourceProviderServer {
	return plugin.NewProviderServer(&server{log: host.Log, cloud: served, functions: functions()})
}

func (s *server) Handshake(
	context.Context, plugin.ProviderHandshakeRequest,
) (*plugin.ProviderHandshakeResponse, error) {
	return &plugin.ProviderHandshakeResponse{SupportsAutonamingConfiguration: true}, nil
}

func (s *server) GetPluginInfo(context.Context) (plugin.PluginInfo, error) {
	version := semver.MustParse(Version)
	return plugin.PluginInfo{Version: &version}, nil
}

func (s *server) CheckConfig(
	_ context.Context, request plugin.CheckConfigRequest,
) (plugin.CheckConfigResponse, error) {
	return plugin.CheckConfigResponse{Properties: request.News}, nil
}

func (s *server) DiffConfig(
	_ context.Context, request plugin.DiffConfigRequest,
) (plugin.DiffConfigResponse, error) {
	before, after := request.OldInputs["region"], request.NewInputs["region"]
	if before.DeepEquals(after) {
		return plugin.DiffConfigResponse{Changes: plugin.DiffNone}, nil
	}
	return plugin.DiffConfigResponse{
		Changes: plugin.DiffSome, ReplaceKeys: []resource.PropertyKey{"region"},
	}, nil
}

func (s *server) Configure(
	ctx context.Context, request plugin.ConfigureRequest,
) (plugin.ConfigureResponse, error) {
	name := request.Inputs["region"]
	if !name.IsString() || name.StringValue() == "" {
		return plugin.ConfigureResponse{}, errors.New(
			"missing region configuration: set aws:region, such as `pulumi config set aws:region eu-west-1`")
	}
	tags, err := defaultTags(request.Inputs["defaultTags"])
	if err != nil {
		return plugin.ConfigureResponse{}, err
	}
	if s.region, err = s.cloud.Region(name.StringValue(), tags); err != nil {
		return plugin.ConfigureResponse{}, err
	}
	if s.emptyStore, err = s.cloud.EmptyStore(); err != nil {
		return plugin.ConfigureResponse{}, err
	}
	var urn resource.URN
	if request.URN != nil {
		urn = *request.URN
	}
	return plugin.ConfigureResponse{}, s.log(ctx, diag.Info, urn, fmt.Sprintf(
		"OFFLINE: account %s in %s is simulated; nothing is created on AWS", s.cloud.Account, name.StringValue()))
}

// defaultTags reads the provider's defaultTags, which the engine passes as JSON.
func defaultTags(value resource.PropertyValue) (resource.PropertyMap, error) {
	if value.IsString() {
		var decoded map[string]any
		if err := json.Unmarshal([]byte(value.StringValue()), &decoded); err != nil {
			return nil, fmt.Errorf("aws:defaultTags: %w", err)
		}
		value = resource.NewPropertyValue(decoded)
	}
	if !value.IsObject() || !value.ObjectValue()["tags"].IsObject() {
		return resource.PropertyMap{}, nil
	}
	return value.ObjectValue()["tags"].ObjectValue(), nil
}

func (s *server) Check(_ context.Context, request plugin.CheckRequest) (plugin.CheckResponse, error) {
	properties, failures, err := s.region.Check(string(request.Type), cloud.CheckRequest{
		Name: request.Name, Olds: request.Olds, News: request.News,
		Seed: request.RandomSeed, Autonaming: request.Autonaming,
	})
	return plugin.CheckResponse{Properties: properties, Failures: failures}, err
}

// warnOfEmptyStore warns once if the stack's state has a resource, and the store held nothing when the run began.
func (s *server) warnOfEmptyStore(ctx context.Context, urn resource.URN) (err error) {
	if s.emptyStore == "" {
		return nil
	}
	s.warning.Do(func() {
		err = s.log(ctx, diag.Warning, urn, fmt.Sprintf("OFFLINE: the stack's state has resources, but the offline store %s "+
			"is empty or gone: restore it from a copy, `refresh` to forget the resources, or `make clean` to start anew",
			s.emptyStore))
	})
	return err
}

func (s *server) Diff(ctx context.Context, request plugin.DiffRequest) (plugin.DiffResponse, error) {
	if err := s.warnOfEmptyStore(ctx, request.URN); err != nil {
		return plugin.DiffResponse{}, err
	}
	return s.region.Diff(string(request.Type), request.OldInputs, request.NewInputs)
}

func (s *server) Create(ctx context.Context, request plugin.CreateRequest) (plugin.CreateResponse, error) {
	id, outputs, err := s.region.Create(ctx, string(request.Type), request.URN, request.Properties, request.Preview)
	return plugin.CreateResponse{ID: resource.ID(id), Properties: outputs}, err
}

func (s *server) Read(ctx context.Context, request plugin.ReadRequest) (plugin.ReadResponse, error) {
	if err := s.warnOfEmptyStore(ctx, request.URN); err != nil {
		return plugin.ReadResponse{}, err
	}
	inputs, outputs, err := s.region.Read(string(request.Type), string(request.ID))
	read := plugin.ReadResult{ID: request.ID, Inputs: inputs, Outputs: outputs}
	if outputs == nil {
		read.ID = ""
	}
	return plugin.ReadResponse{ReadResult: read}, err
}

func (s *server) Update(_ context.Context, request plugin.UpdateRequest) (plugin.UpdateResponse, error) {
	outputs, err := s.region.Update(string(request.Type), string(request.ID), request.URN,
		request.OldOutputs, request.NewInputs, request.Preview)
	return plugin.UpdateResponse{Properties: outputs}, err
}

func (s *server) Delete(ctx context.Context, request plugin.DeleteRequest) (plugin.DeleteResponse, error) {
	if err := s.warnOfEmptyStore(ctx, request.URN); err != nil {
		return plugin.DeleteResponse{}, err
	}
	return plugin.DeleteResponse{}, s.region.Delete(string(request.Type), string(request.ID))
}

func (s *server) Invoke(_ context.Context, request plugin.InvokeRequest) (plugin.InvokeResponse, error) {
	properties, failures, err := s.region.Invoke(s.functions, string(request.Tok), request.Args)
	return plugin.InvokeResponse{Properties: properties, Failures: failures}, err
}

func (s *server) Pkg() tokens.Package { return "aws" }

func (s *server) SignalCancellation(context.Context) error { return nil }

func (s *server) Close() error { return nil }
