package tests

import (
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestProgramKnowsNothingOfTheOfflineCloud keeps the program what the official plugins run.
func TestProgramKnowsNothingOfTheOfflineCloud(t *testing.T) {
	t.Parallel()
	command := exec.CommandContext(t.Context(), "go", "list", "-deps", ".")
	command.Dir = root
	dependencies, err := command.Output()
	require.NoError(t, err)
	require.Contains(t, string(dependencies), "stagecraft/internal/program/stack")
	require.NotContains(t, string(dependencies), "stagecraft/internal/offline")
}

// TestOfflineProvidersRefuseRealBackends starts each simulated provider as an engine with another backend would.
func TestOfflineProvidersRefuseRealBackends(t *testing.T) {
	t.Parallel()
	for _, provider := range []string{"pulumi-resource-aws", "pulumi-resource-awsx"} {
		command := exec.CommandContext(t.Context(), tools.Providers+"/"+provider, "127.0.0.1:1")
		command.Env = []string{"PULUMI_BACKEND_URL=https://api.pulumi.com"}
		printed, err := command.CombinedOutput()
		require.Error(t, err)
		require.Contains(t, string(printed), "the offline cloud serves file:// backends only")
	}
}
