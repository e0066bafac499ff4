package stage_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"stagecraft/internal/program/stage"
)

func TestFor(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		number int
		want   stage.Topology
	}{
		"one instance and a database": {1, stage.Topology{
			Name: "early days", NAT: stage.NATNone, Entry: stage.EntryInstance, PublicInstance: true,
		}},
		"two zones behind a load balancer, and a standby": {2, stage.Topology{
			Name: "better safe than sorry", NAT: stage.NATSingle, Entry: stage.EntryLoadBalancer,
			Instances: stage.Instances{Zones: 2, PerZone: 1}, PublicLoadBalancer: true, StandbyDatabase: true,
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := stage.For(test.number)
			require.NoError(t, err)
			require.Equal(t, test.want, got)
		})
	}
}

// A stage adds to the one before, and removes only what it replaces: instances by services.
func TestStagesGrow(t *testing.T) {
	t.Parallel()
	for number := 2; number <= 5; number++ {
		before, err := stage.For(number - 1)
		require.NoError(t, err)
		after, err := stage.For(number)
		require.NoError(t, err)
		for what, has := range map[string][2]bool{
			"a load balancer":    {before.LoadBalancer(), after.LoadBalancer()},
			"a standby":          {before.StandbyDatabase, after.StandbyDatabase},
			"a cache":            {before.Cache, after.Cache},
			"a frontend":         {before.Frontend, after.Frontend},
			"something to serve": {before.Web() || before.Services, after.Web() || after.Services},
		} {
			require.True(t, !has[0] || has[1], "stage %d takes away %s", number, what)
		}
		require.GreaterOrEqual(t, after.ReplicaZones, before.ReplicaZones, "stage %d", number)
		require.NotEqual(t, before, after)
	}
}

// The union has the tiers of both stages; the entry is that of the stack's own stage.
func TestUnion(t *testing.T) {
	t.Parallel()
	for number := 1; number <= 5; number++ {
		for other := 1; other <= 5; other++ {
			goal, err := stage.For(number)
			require.NoError(t, err)
			second, err := stage.For(other)
			require.NoError(t, err)
			both := goal.Union(second)
			require.Equal(t, goal.Name, both.Name)
			require.Equal(t, goal.Entry, both.Entry)
			for what, has := range map[string]func(stage.Topology) bool{
				"public instance":      func(t stage.Topology) bool { return t.PublicInstance },
				"instances":            func(t stage.Topology) bool { return t.Instances.Zones > 0 },
				"group":                func(t stage.Topology) bool { return t.ScalingGroup },
				"public load balancer": func(t stage.Topology) bool { return t.PublicLoadBalancer },
				"edge load balancer":   func(t stage.Topology) bool { return t.EdgeLoadBalancer },
				"standby":              func(t stage.Topology) bool { return t.StandbyDatabase },
				"replicas":             func(t stage.Topology) bool { return t.ReplicaZones > 0 },
				"cache":                func(t stage.Topology) bool { return t.Cache },
				"frontend":             func(t stage.Topology) bool { return t.Frontend },
				"services":             func(t stage.Topology) bool { return t.Services },
				"functions":            func(t stage.Topology) bool { return t.Functions },
			} {
				require.Equal(t, has(goal) || has(second), has(both), "%s of %d beside %d", what, number, other)
			}
			require.Equal(t, both, both.Union(second))
		}
	}
	first, err := stage.For(1)
	require.NoError(t, err)
	third, err := stage.For(3)
	require.NoError(t, err)
	require.Equal(t, stage.Instances{Zones: 2, PerZone: 2}, third.Union(first).Instances)
	require.Equal(t, stage.NATSingle, first.Union(third).NAT)
}

func TestForRejects(t *testing.T) {
	t.Parallel()
	for _, number := range []int{-1, 0, 6} {
		_, err := stage.For(number)
		require.ErrorContains(t, err, "is not a stage: choose one of 1 (early days), 2 (better safe than sorry), "+
			"3 (the bookworm), 4 (the great expansion), 5 (the front page)")
	}
}
