package stage_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"stagecraft/internal/stage"
)

func TestFor(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		number int
		want   stage.Topology
	}{
		"one instance and a database": {1, stage.Topology{
			Name: "early days", NAT: stage.NATNone, Web: stage.Web{Zones: 1, PerZone: 1},
		}},
		"two zones behind a load balancer, and a standby": {2, stage.Topology{
			Name: "better safe than sorry", NAT: stage.NATSingle, Web: stage.Web{Zones: 2, PerZone: 1},
			LoadBalancer: true, StandbyDatabase: true,
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

// A stage adds to the one before, and gives up only what the next one replaces: instances for services.
func TestStagesGrow(t *testing.T) {
	t.Parallel()
	for number := 2; number <= 5; number++ {
		before, err := stage.For(number - 1)
		require.NoError(t, err)
		after, err := stage.For(number)
		require.NoError(t, err)
		for what, has := range map[string][2]bool{
			"a load balancer":    {before.LoadBalancer, after.LoadBalancer},
			"a standby":          {before.StandbyDatabase, after.StandbyDatabase},
			"a cache":            {before.Cache, after.Cache},
			"a frontend":         {before.Frontend, after.Frontend},
			"something to serve": {before.Web.Zones > 0 || before.Services, after.Web.Zones > 0 || after.Services},
		} {
			require.True(t, !has[0] || has[1], "stage %d takes away %s", number, what)
		}
		require.GreaterOrEqual(t, after.ReplicaZones, before.ReplicaZones, "stage %d", number)
		require.NotEqual(t, before, after)
	}
}

func TestForRefuses(t *testing.T) {
	t.Parallel()
	for _, number := range []int{-1, 0, 6} {
		_, err := stage.For(number)
		require.ErrorContains(t, err, "is not a stage: choose one of 1 (early days), 2 (better safe than sorry), "+
			"3 (the bookworm), 4 (the great expansion), 5 (the front page)")
	}
}
