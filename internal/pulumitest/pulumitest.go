// Package pulumitest runs Pulumi programs without an engine or AWS, for unit tests.
package pulumitest

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"sync"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"
)

// Project and Stack are the names under which a mocked program runs.
const (
	Project = "stagecraft"
	Stack   = "test"
)

// Resource is a resource that a program registered.
type Resource struct {
	Type, Name string
	// Inputs are as in JSON: strings, float64, bool, []any, map[string]any.
	Inputs map[string]any
	// Secrets are the inputs that hold a secret, sorted; Inputs holds them in plain text.
	Secrets []string
	// Parent is the parent's URN, and Provider the reference to an explicit provider, "" for the default one.
	Parent        string
	Provider      string
	Protect       bool
	IgnoreChanges []string
	// ReplaceOnChanges are inputs whose change replaces the resource, in addition to those that the provider replaces for.
	ReplaceOnChanges []string
	// RetainOnDelete keeps the resource in AWS when it leaves the program.
	RetainOnDelete bool
	// ReplacementTrigger replaces the resource when it changes; nil without one.
	ReplacementTrigger any
	// DependsOn are the URNs that it explicitly or implicitly waits for.
	DependsOn []string
	// Taggable reports whether the SDK's arguments for the type have tags.
	Taggable bool
}

// Resources are the resources of a program, in the order of registration.
type Resources []Resource

// Run runs the program and returns the resources that it registers. A resource's outputs are its inputs, overridden by
// outputs of its type, by token; every resource has an id "NAME-id", an arn "arn:NAME" and, if it has none, its logical
// name as name. Invokes answer from answers, by token; an unknown one fails. Options change the run's information, such
// as the name of the stack.
func Run(
	program pulumi.RunFunc, outputs, answers map[string]map[string]any, options ...pulumi.RunOption,
) (Resources, error) {
	monitor := &monitor{outputs: outputs, answers: answers, taggable: map[string]bool{}}
	err := pulumi.RunErr(func(ctx *pulumi.Context) error {
		if err := ctx.RegisterStackTransformation(monitor.noteTaggable); err != nil {
			return err
		}
		return program(ctx)
	}, append([]pulumi.RunOption{pulumi.WithMocks(Project, Stack, monitor)}, options...)...)
	for i := range monitor.resources {
		monitor.resources[i].Taggable = monitor.taggable[monitor.resources[i].Type]
	}
	return monitor.resources, err
}

// Of returns the resources of a type.
func (r Resources) Of(token string) Resources {
	return slices.DeleteFunc(slices.Clone(r), func(resource Resource) bool { return resource.Type != token })
}

// One returns the only resource of a type; any other number of them fails the test.
func (r Resources) One(t testing.TB, token string) Resource {
	t.Helper()
	registered := r.Of(token)
	require.Len(t, registered, 1, "resources of type %s", token)
	return registered[0]
}

// Named returns the resource of a type with a logical name; the test fails if there is none.
func (r Resources) Named(t testing.TB, token, name string) Resource {
	t.Helper()
	for _, registered := range r.Of(token) {
		if registered.Name == name {
			return registered
		}
	}
	require.Failf(t, "no such resource", "%s %q is not among %v", token, name, r.Names(token))
	return Resource{}
}

// Names returns the logical names of the resources of a type, sorted.
func (r Resources) Names(token string) []string {
	resources := r.Of(token)
	names := make([]string, 0, len(resources))
	for _, registered := range resources {
		names = append(names, registered.Name)
	}
	slices.Sort(names)
	return names
}

// RequireTags fails the test if a resource whose type has tags lacks one of these.
func (r Resources) RequireTags(t testing.TB, tags map[string]string) {
	t.Helper()
	for _, registered := range r {
		if !registered.Taggable {
			continue
		}
		has := registered.tags()
		for key, value := range tags {
			require.Equal(t, value, has[key], "tag %s of %s %q", key, registered.Type, registered.Name)
		}
	}
}

// tags returns the resource's tags: its input is a map or, in an auto-scaling group, a list.
func (r Resource) tags() map[string]any {
	if tags, isMap := r.Inputs["tags"].(map[string]any); isMap {
		return tags
	}
	tags := map[string]any{}
	list, _ := r.Inputs["tags"].([]any)
	for _, element := range list {
		if tag, isTag := element.(map[string]any); isTag {
			tags[fmt.Sprint(tag["key"])] = tag["value"]
		}
	}
	return tags
}

// RequireParents fails the test if the stack itself is the parent of a resource whose type is not listed.
func (r Resources) RequireParents(t testing.TB, types ...string) {
	t.Helper()
	for _, registered := range r {
		if !slices.Contains(types, registered.Type) {
			require.NotEmpty(t, registered.Parent, "parent of %s %q", registered.Type, registered.Name)
			require.NotContains(t, registered.Parent, resource.RootStackType, "parent of %s %q", registered.Type, registered.Name)
		}
	}
}

type monitor struct {
	outputs, answers map[string]map[string]any

	mutex      sync.Mutex
	resources  Resources
	taggable   map[string]bool
	transforms []pulumi.ResourceTransform
}

// RegisterTransform implements pulumi.MockResourceMonitorWithTransforms: the SDK's mocks run no transform themselves.
func (m *monitor) RegisterTransform(transform pulumi.ResourceTransform) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.transforms = append(m.transforms, transform)
}

// RegisterInvokeTransform implements pulumi.MockResourceMonitorWithTransforms. No program of the project registers one.
func (m *monitor) RegisterInvokeTransform(pulumi.InvokeTransform) {}

// objectType has object tags, which are no cost allocation tags: ten at most (Amazon S3 User Guide, "Categorizing your
// objects using tags").
const objectType = "aws:s3/bucketObjectv2:BucketObjectv2"

// noteTaggable sees the arguments as the program passes them, before they lose their type.
func (m *monitor) noteTaggable(args *pulumi.ResourceTransformationArgs) *pulumi.ResourceTransformationResult {
	value := reflect.Indirect(reflect.ValueOf(args.Props))
	if value.Kind() == reflect.Struct && value.FieldByName("Tags").IsValid() && args.Type != objectType {
		m.mutex.Lock()
		defer m.mutex.Unlock()
		m.taggable[args.Type] = true
	}
	return nil
}

func (m *monitor) NewResource(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	m.record(args)
	state := resource.NewPropertyMapFromMap(map[string]any{"arn": "arn:" + args.Name, "name": args.Name})
	maps.Copy(state, args.Inputs)
	if prefix := args.Inputs["namePrefix"]; prefix.IsString() {
		state["name"] = resource.NewProperty(prefix.StringValue() + "1")
	}
	maps.Copy(state, resource.NewPropertyMapFromMap(m.outputs[args.TypeToken]))
	if !args.Custom {
		return "", state, nil
	}
	return args.Name + "-id", state, nil
}

func (m *monitor) Call(args pulumi.MockCallArgs) (resource.PropertyMap, error) {
	answer, known := m.answers[args.Token]
	if !known {
		return nil, fmt.Errorf("the test has no answer to %s", args.Token)
	}
	return resource.NewPropertyMapFromMap(answer), nil
}

func (m *monitor) record(args pulumi.MockResourceArgs) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	asked := Resource{Type: args.TypeToken, Name: args.Name, Inputs: args.Inputs.MapRepl(nil, reveal)}
	for name, value := range args.Inputs {
		if value.ContainsSecrets() {
			asked.Secrets = append(asked.Secrets, string(name))
		}
	}
	slices.Sort(asked.Secrets)
	if rpc := args.RegisterRPC; rpc != nil {
		asked.Parent = rpc.GetParent()
		asked.Provider = rpc.GetProvider()
		asked.Protect = rpc.GetProtect()
		asked.RetainOnDelete = rpc.GetRetainOnDelete()
		asked.IgnoreChanges = rpc.GetIgnoreChanges()
		asked.ReplaceOnChanges = rpc.GetReplaceOnChanges()
		asked.DependsOn = rpc.GetDependencies()
		asked.ReplacementTrigger = rpc.GetReplacementTrigger().AsInterface()
	}
	for _, transform := range m.transforms {
		result := transform(context.Background(), &pulumi.ResourceTransformArgs{
			Custom: args.Custom, Type: args.TypeToken, Name: args.Name,
			Opts: pulumi.ResourceOptions{RetainOnDelete: asked.RetainOnDelete},
		})
		if result != nil {
			asked.RetainOnDelete = result.Opts.RetainOnDelete
		}
	}
	m.resources = append(m.resources, asked)
}

func reveal(value resource.PropertyValue) (any, bool) {
	if !value.IsSecret() {
		return nil, false
	}
	return value.SecretValue().Element.MapRepl(nil, reveal), true
}
