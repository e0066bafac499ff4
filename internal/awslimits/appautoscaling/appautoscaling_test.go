package appautoscaling_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"stagecraft/internal/awslimits/appautoscaling"
)

func TestSignals(t *testing.T) {
	t.Parallel()
	for signal, want := range map[appautoscaling.Signal]struct {
		metric string
		target int
	}{
		"requests": {"ALBRequestCountPerTarget", 1000},
		"cpu":      {"ECSServiceAverageCPUUtilization", 60},
		"memory":   {"ECSServiceAverageMemoryUtilization", 70},
	} {
		require.NoError(t, signal.Check())
		require.Equal(t, want.metric, signal.Metric())
		require.Equal(t, want.target, signal.DefaultTarget())
	}
	for _, signal := range []appautoscaling.Signal{"", "CPU", "disk"} {
		require.EqualError(t, signal.Check(), `Signal is "`+string(signal)+`": it must be requests, cpu or memory`)
		require.Empty(t, signal.Metric())
	}
}

func TestCheckTarget(t *testing.T) {
	t.Parallel()
	for _, signal := range []appautoscaling.Signal{appautoscaling.Requests, appautoscaling.CPU, appautoscaling.Memory} {
		for _, target := range []int{0, 1, 100} {
			require.NoError(t, signal.CheckTarget(target))
		}
		require.EqualError(t, signal.CheckTarget(-1),
			"target is -1: it must be 1 or more, at most 100 for a percentage, or 0 for the signal's default")
	}
	require.NoError(t, appautoscaling.Requests.CheckTarget(101))
	require.ErrorContains(t, appautoscaling.CPU.CheckTarget(101), "target is 101")
	require.ErrorContains(t, appautoscaling.Memory.CheckTarget(101), "target is 101")
}
