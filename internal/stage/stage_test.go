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

func TestForRefuses(t *testing.T) {
	t.Parallel()
	for _, number := range []int{-1, 0, 3, 6} {
		_, err := stage.For(number)
		require.ErrorContains(t, err, "is not a stage: choose one of 1 (early days), 2 (better safe than sorry)")
	}
}
