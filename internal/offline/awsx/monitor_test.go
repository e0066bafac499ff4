package awsx

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/urn"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/provider"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"
)

const (
	project  = "proto"
	stack    = "dev"
	stackURN = "urn:pulumi:dev::proto::pulumi:pulumi:Stack::proto-dev"
)

// monitor stands in for the engine. It sees what goes over the wire, parents and dependencies included, which the
// SDK's mocks do not: they replace the very context that a provider gets from the engine.
type monitor struct {
	pulumirpc.UnimplementedResourceMonitorServer

	zones   []string
	preview bool

	mu         sync.Mutex
	registered []registration
}

// registration is one entry of a recording.
type registration struct {
	Type    string         `json:"type"`
	Name    string         `json:"name"`
	Parent  string         `json:"parent"`
	Inputs  map[string]any `json:"inputs"`
	Outputs map[string]any `json:"outputs"`

	properties   resource.PropertyMap
	dependencies []string
	version      string
}

func (r registration) key() string { return r.Type + "::" + r.Name }

// label names a resource as the recordings do.
func label(resourceURN string) string {
	return string(urn.URN(resourceURN).Type()) + "::" + urn.URN(resourceURN).Name()
}

var wire = plugin.MarshalOptions{KeepUnknowns: true, KeepSecrets: true, KeepResources: true, KeepOutputValues: true}

func (m *monitor) GetDeploymentInfo(context.Context, *emptypb.Empty) (*pulumirpc.DeploymentInfo, error) {
	return &pulumirpc.DeploymentInfo{SupportedFeatures: []pulumirpc.ResourceMonitorFeature{
		pulumirpc.ResourceMonitorFeature_RESOURCE_MONITOR_FEATURE_SECRETS,
		pulumirpc.ResourceMonitorFeature_RESOURCE_MONITOR_FEATURE_RESOURCE_REFERENCES,
		pulumirpc.ResourceMonitorFeature_RESOURCE_MONITOR_FEATURE_OUTPUT_VALUES,
		pulumirpc.ResourceMonitorFeature_RESOURCE_MONITOR_FEATURE_ALIAS_SPECS,
	}}, nil
}

func (m *monitor) RegisterResource(_ context.Context, req *pulumirpc.RegisterResourceRequest) (*pulumirpc.RegisterResourceResponse, error) {
	properties, err := plugin.UnmarshalProperties(req.GetObject(), wire)
	if err != nil {
		return nil, err
	}
	registered := registration{
		Type: req.GetType(), Name: req.GetName(), Parent: label(req.GetParent()), Inputs: properties.Mappable(),
		properties: properties, version: req.GetVersion(),
	}
	for _, dependency := range req.GetDependencies() {
		registered.dependencies = append(registered.dependencies, label(dependency))
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.registered = append(m.registered, registered)

	parent := urn.URN(req.GetParent()).QualifiedType()
	answer := &pulumirpc.RegisterResourceResponse{
		Urn:    string(urn.New(stack, project, parent, tokens.Type(req.GetType()), req.GetName())),
		Object: req.GetObject(),
	}
	if req.GetCustom() && !m.preview {
		answer.Id = "${" + registered.key() + "}"
		properties["allocationId"] = resource.NewProperty(answer.GetId() + ".allocationId")
		answer.Object, err = plugin.MarshalProperties(properties, wire)
	}
	return answer, err
}

func (m *monitor) RegisterResourceOutputs(_ context.Context, req *pulumirpc.RegisterResourceOutputsRequest) (*emptypb.Empty, error) {
	outputs, err := plugin.UnmarshalProperties(req.GetOutputs(), wire)
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	index := slices.IndexFunc(m.registered, func(r registration) bool { return r.key() == label(req.GetUrn()) })
	m.registered[index].Outputs = outputs.Mappable()
	return &emptypb.Empty{}, nil
}

func (m *monitor) Invoke(_ context.Context, req *pulumirpc.ResourceInvokeRequest) (*pulumirpc.ResourceInvokeResponse, error) {
	if req.GetTok() != "aws:index/getAvailabilityZones:getAvailabilityZones" {
		return nil, fmt.Errorf("unexpected invoke of %s", req.GetTok())
	}
	zones := resource.NewPropertyMapFromMap(map[string]any{"names": m.zones})
	result, err := plugin.MarshalProperties(zones, wire)
	return &pulumirpc.ResourceInvokeResponse{Return: result}, err
}

// get finds what was registered as type::name.
func (m *monitor) get(t *testing.T, key string) registration {
	t.Helper()
	i := slices.IndexFunc(m.registered, func(r registration) bool { return r.key() == key })
	require.GreaterOrEqual(t, i, 0, "%s was not registered", key)
	return m.registered[i]
}

func (m *monitor) names(typ string) []string {
	names := []string{}
	for _, r := range m.registered {
		if r.Type == typ {
			names = append(names, r.Name)
		}
	}
	slices.Sort(names)
	return names
}

// build sends the inputs as the engine does and returns the component's outputs.
func (m *monitor) build(t *testing.T, typ string, inputs resource.PropertyMap) (resource.PropertyMap, error) {
	t.Helper()
	cancel := make(chan bool)
	server, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{Cancel: cancel, Init: func(s *grpc.Server) error {
		pulumirpc.RegisterResourceMonitorServer(s, m)
		return nil
	}})
	require.NoError(t, err)
	defer func() { close(cancel); require.NoError(t, <-server.Done) }()

	sent, err := plugin.MarshalProperties(inputs, wire)
	require.NoError(t, err)
	answer, err := provider.Construct(t.Context(), &pulumirpc.ConstructRequest{
		Project: project, Stack: stack, Parent: stackURN, Type: typ, Name: "net", Inputs: sent,
		MonitorEndpoint: fmt.Sprintf("127.0.0.1:%d", server.Port), DryRun: m.preview,
	}, nil, construct)
	if err != nil {
		return nil, err
	}
	outputs, err := plugin.UnmarshalProperties(answer.GetState(), wire)
	require.NoError(t, err)
	return outputs, nil
}

func properties(inputs map[string]any) resource.PropertyMap {
	return resource.NewPropertyMapFromMap(inputs)
}
