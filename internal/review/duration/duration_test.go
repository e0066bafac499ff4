package duration_test

import (
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/stretchr/testify/require"

	"stagecraft/internal/review/duration"
	"stagecraft/internal/review/plan"
)

const (
	database     = "aws:rds/instance:Instance"
	natGateway   = "aws:ec2/natGateway:NatGateway"
	bucket       = "aws:s3/bucketV2:BucketV2"
	distribution = "aws:cloudfront/distribution:Distribution"
)

func urn(token, name string) resource.URN {
	return resource.NewURN("s", "p", "", tokens.Type(token), name)
}

// state is a resource that takes an output of the first resource and waits for the second by DependsOn.
func state(token, name string, reference, dependency resource.URN, inputs map[string]any) *apitype.ResourceV3 {
	state := &apitype.ResourceV3{URN: urn(token, name), Type: tokens.Type(token), Custom: true, Inputs: inputs}
	if reference != "" {
		state.PropertyDependencies = map[resource.PropertyKey][]resource.URN{"input": {reference}}
	}
	if dependency != "" {
		state.Dependencies = append(state.Dependencies, dependency)
	}
	return state
}

func create(state *apitype.ResourceV3) plan.Step {
	return plan.Step{Op: apitype.OpCreate, URN: state.URN, New: state}
}

func remove(state *apitype.ResourceV3) plan.Step {
	return plan.Step{Op: apitype.OpDelete, URN: state.URN, Old: state}
}

func update(state *apitype.ResourceV3, reasons ...string) plan.Step {
	return plan.Step{Op: apitype.OpUpdate, URN: state.URN, Old: state, New: state, DiffReasons: reasons}
}

// step is a step of the chain; times are in seconds.
func step(state *apitype.ResourceV3, op apitype.OpType, start, seconds time.Duration) duration.Step {
	return duration.Step{URN: state.URN, Op: op, Start: start * time.Second, Duration: seconds * time.Second}
}

func TestEstimate(t *testing.T) {
	t.Parallel()
	const created, updated, deleted, replaced = apitype.OpCreate, apitype.OpUpdate, apitype.OpDelete, apitype.OpCreateReplacement
	standby := state(database, "standby", "", "", map[string]any{"multiAz": true})
	single := state(database, "single", standby.URN, "", nil)
	last := state(database, "last", standby.URN, single.URN, nil)
	gateway := state(natGateway, "nat", "", "", nil)
	behind := state(database, "behind", gateway.URN, "", nil)
	ordered := state(database, "ordered", "", gateway.URN, nil)
	same := state(database, "same", "", "", nil)
	after := state(natGateway, "after", same.URN, "", nil)
	first, second := state(bucket, "a", "", "", nil), state(bucket, "b", "", "", nil)
	child := state(bucket, "child", "", "", nil)
	child.Parent = same.URN
	retained := state(database, "retained", "", "", nil)
	retained.RetainOnDelete = true
	component := &apitype.ResourceV3{URN: urn("stagecraft:web:Web", "web"), Type: "stagecraft:web:Web"}
	inComponent := state(bucket, "inComponent", "", "", nil)
	inComponent.Parent = component.URN
	provider := state("pulumi:providers:aws", "global", "", "", nil)
	unordered := state(natGateway, "unordered", "", "", nil)
	for name, test := range map[string]struct {
		steps []plan.Step
		path  []duration.Step
	}{
		"nothing":      {nil, nil},
		"side by side": {[]plan.Step{create(gateway), create(standby)}, []duration.Step{step(standby, created, 0, 720)}},
		"one by one": {
			[]plan.Step{create(standby), create(single)},
			[]duration.Step{step(standby, created, 0, 720), step(single, created, 720, 480)},
		},
		"by DependsOn": {
			[]plan.Step{create(standby), create(single), create(last)},
			[]duration.Step{step(standby, created, 0, 720), step(single, created, 720, 480), step(last, created, 1200, 480)},
		},
		"two that take as long": {[]plan.Step{create(second), create(first)}, []duration.Step{step(first, created, 0, 1)}},
		"a child of a resource": {
			[]plan.Step{create(same), create(child)}, []duration.Step{step(same, created, 0, 480), step(child, created, 480, 1)},
		},
		"a child of a component": {[]plan.Step{create(component), create(inComponent)}, []duration.Step{step(inComponent, created, 0, 1)}},
		"resized": {
			[]plan.Step{update(same, "tags", "instanceClass"), create(after)},
			[]duration.Step{step(same, updated, 0, 600), step(after, created, 600, 100)},
		},
		"tagged": {[]plan.Step{update(same, "tags")}, []duration.Step{step(same, updated, 0, 60)}},
		"unchanged": {
			[]plan.Step{{Op: apitype.OpSame, URN: same.URN, Old: same, New: same}, create(after)},
			[]duration.Step{step(after, created, 0, 100)},
		},
		"component": {[]plan.Step{create(component), update(component), remove(component)}, nil},
		"provider":  {[]plan.Step{create(provider), update(provider), remove(provider)}, nil},
		"retained":  {[]plan.Step{remove(retained)}, nil},
		"incomplete": {
			[]plan.Step{{Op: apitype.OpCreate, URN: same.URN}, {Op: apitype.OpDelete, URN: same.URN}, create(unordered)},
			[]duration.Step{step(unordered, created, 0, 100)},
		},
		"deletes": {
			[]plan.Step{remove(gateway), remove(behind)},
			[]duration.Step{step(behind, deleted, 0, 360), step(gateway, deleted, 360, 60)},
		},
		"deletes by DependsOn": {
			[]plan.Step{remove(gateway), remove(ordered)},
			[]duration.Step{step(ordered, deleted, 0, 360), step(gateway, deleted, 360, 60)},
		},
		"deletes after creates": {
			[]plan.Step{remove(behind), create(gateway)},
			[]duration.Step{step(gateway, created, 0, 100), step(behind, deleted, 100, 360)},
		},
		"replacement": {
			[]plan.Step{
				{Op: apitype.OpCreateReplacement, URN: gateway.URN, Old: gateway, New: gateway},
				{Op: apitype.OpReplace, URN: gateway.URN, Old: gateway, New: gateway},
				{Op: apitype.OpDeleteReplaced, URN: gateway.URN, Old: gateway},
			},
			[]duration.Step{step(gateway, replaced, 0, 100), step(gateway, apitype.OpDeleteReplaced, 100, 60)},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			chain := duration.Estimate(plan.Plan{Steps: test.steps})
			require.Equal(t, test.path, chain.Path)
			var total time.Duration
			for _, step := range test.path {
				total += step.Duration
			}
			require.Equal(t, total, chain.Total)
		})
	}
}

func TestLowerBoundLeavesOutWhatTheProgramOrders(t *testing.T) {
	t.Parallel()
	gateway := state(natGateway, "nat", "", "", nil)
	first := state(database, "first", gateway.URN, "", nil)
	second := state(database, "second", "", first.URN, nil)
	second.Parent = first.URN
	steps := plan.Plan{Steps: []plan.Step{create(gateway), create(first), create(second)}}
	require.Equal(t, 16*time.Minute+100*time.Second, duration.Estimate(steps).Total)
	require.Equal(t, duration.Chain{Total: 580 * time.Second, Path: []duration.Step{
		step(gateway, apitype.OpCreate, 0, 100), step(first, apitype.OpCreate, 100, 480),
	}}, duration.LowerBound(steps))
}

func TestOutputsOfAProvidersComponentWaitForAllOfIt(t *testing.T) {
	t.Parallel()
	vpc := &apitype.ResourceV3{URN: urn("awsx:ec2:Vpc", "network"), Type: "awsx:ec2:Vpc"}
	gateway := state(natGateway, "nat", "", "", nil)
	gateway.URN, gateway.Parent = resource.NewURN("s", "p", "awsx:ec2:Vpc", natGateway, "nat"), vpc.URN
	outside := state(distribution, "outside", "", "", nil)
	behind := state(database, "behind", vpc.URN, "", nil)
	steps := plan.Plan{Steps: []plan.Step{create(vpc), create(gateway), create(outside), create(behind)}}
	require.Equal(t, 8*time.Minute, duration.LowerBound(steps).Total)
	require.Equal(t, duration.Chain{Total: 580 * time.Second, Path: []duration.Step{
		step(gateway, apitype.OpCreate, 0, 100), step(behind, apitype.OpCreate, 100, 480),
	}}, duration.Estimate(steps))
}

// TestCyclesEnd: the engine rejects cycles, but a plan is read from a file.
func TestCyclesEnd(t *testing.T) {
	t.Parallel()
	first := state(bucket, "first", urn(bucket, "second"), "", nil)
	second := state(bucket, "second", first.URN, "", nil)
	require.Equal(t, 2*time.Second, duration.Estimate(plan.Plan{Steps: []plan.Step{create(first), create(second)}}).Total)
}
