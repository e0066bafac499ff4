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
	database = "aws:rds/instance:Instance"
	nat      = "aws:ec2/natGateway:NatGateway"
)

func urn(kind, name string) resource.URN {
	return resource.NewURN("s", "p", "", tokens.Type(kind), name)
}

// state is a resource that takes a property of one, and by DependsOn waits for the other.
func state(kind, name string, reference, after resource.URN, inputs map[string]any) *apitype.ResourceV3 {
	its := &apitype.ResourceV3{URN: urn(kind, name), Type: tokens.Type(kind), Custom: true, Inputs: inputs}
	if reference != "" {
		its.PropertyDependencies = map[resource.PropertyKey][]resource.URN{"of": {reference}}
		its.Dependencies = append(its.Dependencies, reference)
	}
	if after != "" {
		its.Dependencies = append(its.Dependencies, after)
	}
	return its
}

func create(its *apitype.ResourceV3) plan.Step {
	return plan.Step{Op: apitype.OpCreate, URN: its.URN, New: its}
}

func remove(its *apitype.ResourceV3) plan.Step {
	return plan.Step{Op: apitype.OpDelete, URN: its.URN, Old: its}
}

func names(of duration.Estimate) []string {
	var list []string
	for _, step := range of.Path {
		list = append(list, step.URN.Name())
	}
	return list
}

func TestOf(t *testing.T) {
	t.Parallel()
	standby := state(database, "standby", "", "", map[string]any{"multiAz": true})
	single := state(database, "single", standby.URN, "", nil)
	last := state(database, "last", standby.URN, single.URN, nil)
	gateway := state(nat, "nat", "", "", nil)
	behind := state(database, "behind", gateway.URN, "", nil)
	same := state(database, "same", "", "", nil)
	component := &apitype.ResourceV3{URN: urn("stagecraft:web:Web", "web"), Type: "stagecraft:web:Web"}
	resized := plan.Step{Op: apitype.OpUpdate, URN: same.URN, Old: same, New: same, DiffReasons: []string{"tags", "instanceClass"}}
	tagged := resized
	tagged.DiffReasons = []string{"tags"}
	after := state(nat, "after", same.URN, "", nil)
	for name, test := range map[string]struct {
		steps []plan.Step
		want  time.Duration
		path  []string
	}{
		"nothing":       {nil, 0, nil},
		"side by side":  {[]plan.Step{create(gateway), create(standby)}, 12 * time.Minute, []string{"standby"}},
		"one by one":    {[]plan.Step{create(standby), create(single)}, 20 * time.Minute, []string{"standby", "single"}},
		"by DependsOn":  {[]plan.Step{create(standby), create(single), create(last)}, 28 * time.Minute, []string{"standby", "single", "last"}},
		"resized":       {[]plan.Step{resized, create(after)}, 10*time.Minute + 100*time.Second, []string{"same", "after"}},
		"tagged":        {[]plan.Step{tagged}, time.Minute, []string{"same"}},
		"what stays":    {[]plan.Step{{Op: apitype.OpSame, URN: same.URN, Old: same, New: same}, create(after)}, 100 * time.Second, []string{"after"}},
		"component":     {[]plan.Step{create(component)}, 0, nil},
		"deletes":       {[]plan.Step{remove(gateway), remove(behind)}, 7 * time.Minute, []string{"behind", "nat"}},
		"deletes later": {[]plan.Step{remove(behind), create(gateway)}, 6*time.Minute + 100*time.Second, []string{"nat", "behind"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			estimate := duration.Of(plan.Plan{Steps: test.steps})
			require.Equal(t, test.want, estimate.Total)
			require.Equal(t, test.path, names(estimate))
		})
	}
}

func TestBoundLeavesOutWhatTheProgramOrders(t *testing.T) {
	t.Parallel()
	first := state(database, "first", "", "", nil)
	second := state(database, "second", "", first.URN, nil)
	update := plan.Plan{Steps: []plan.Step{create(first), create(second)}}
	require.Equal(t, 16*time.Minute, duration.Of(update).Total)
	require.Equal(t, 8*time.Minute, duration.Bound(update).Total)
}

func TestReplacementIsMadeBeforeTheOldGoes(t *testing.T) {
	t.Parallel()
	old := state(nat, "nat", "", "", nil)
	estimate := duration.Of(plan.Plan{Steps: []plan.Step{
		{Op: apitype.OpCreateReplacement, URN: old.URN, Old: old, New: old},
		{Op: apitype.OpReplace, URN: old.URN, Old: old, New: old},
		{Op: apitype.OpDeleteReplaced, URN: old.URN, Old: old},
	}})
	require.Equal(t, 160*time.Second, estimate.Total)
	require.Equal(t, []time.Duration{0, 100 * time.Second}, []time.Duration{estimate.Path[0].From, estimate.Path[1].From})
}

func TestOutputsOfAProvidersComponentComeWhenAllInItIsDone(t *testing.T) {
	t.Parallel()
	vpc := &apitype.ResourceV3{URN: urn("awsx:ec2:Vpc", "network"), Type: "awsx:ec2:Vpc"}
	gateway := state(nat, "nat", "", "", nil)
	gateway.URN, gateway.Parent = resource.NewURN("s", "p", "awsx:ec2:Vpc", nat, "nat"), vpc.URN
	behind := state(database, "behind", vpc.URN, "", nil)
	update := plan.Plan{Steps: []plan.Step{create(vpc), create(gateway), create(behind)}}
	require.Equal(t, 8*time.Minute, duration.Bound(update).Total)
	estimate := duration.Of(update)
	require.Equal(t, 8*time.Minute+100*time.Second, estimate.Total)
	require.Equal(t, []string{"nat", "behind"}, names(estimate))
}

func TestRetainedIsNotDeleted(t *testing.T) {
	t.Parallel()
	kept := state(database, "kept", "", "", nil)
	kept.RetainOnDelete = true
	require.Zero(t, duration.Of(plan.Plan{Steps: []plan.Step{remove(kept)}}).Total)
}
