package fargate_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"stagecraft/internal/awslimits/fargate"
)

func TestCheckSize(t *testing.T) {
	t.Parallel()
	for cpu, sizes := range map[int][]int{
		256: {512, 1024, 2048}, 512: {1024, 4096}, 1024: {2048, 3072, 8192}, 2048: {4096, 16384}, 4096: {8192, 30720},
		8192: {16384, 20480, 61440}, 16384: {32768, 40960, 122880},
	} {
		for _, mebibytes := range sizes {
			require.NoError(t, fargate.CheckSize(cpu, mebibytes))
		}
	}
	for cpu, sizes := range map[int][]int{
		256: {256, 1536, 4096}, 512: {512, 1536, 5120}, 1024: {1024, 9216}, 2048: {3072, 17408}, 4096: {7168, 31744},
		8192: {15360, 17408, 62464}, 16384: {31744, 33792, 130048},
	} {
		for _, mebibytes := range sizes {
			require.Error(t, fargate.CheckSize(cpu, mebibytes), "%d with %d", cpu, mebibytes)
		}
	}
	require.EqualError(t, fargate.CheckSize(128, 512),
		"128 CPU units: Fargate takes one of 256 512 1024 2048 4096 8192 16384")
	require.EqualError(t, fargate.CheckSize(256, 513),
		"256 CPU units and 513 MiB of memory: with so many units, Fargate takes one of 512 1024 2048 MiB")
}
