package tests

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestProgramKnowsNothingOfTheOfflineCloud keeps the program independent of the simulator: the official plugins run it.
func TestProgramKnowsNothingOfTheOfflineCloud(t *testing.T) {
	t.Parallel()
	dependencies := goList(t, "-deps", ".")
	require.Contains(t, dependencies, "stagecraft/internal/program/stack")
	for _, dependency := range dependencies {
		require.False(t, strings.HasPrefix(dependency, "stagecraft/internal/offline"), dependency)
	}
}

// TestReviewImportsNoSimulator keeps the review independent of the simulator's types. It previews two stages
// by deploying the first to an offline workspace, for which package preview needs internal/offline/workspace.
func TestReviewImportsNoSimulator(t *testing.T) {
	t.Parallel()
	const offline = "stagecraft/internal/offline/"
	var imports []string
	for _, line := range goList(t, "-f", `{{.ImportPath}}{{range .Imports}} {{.}}{{end}}`, "./internal/review/...") {
		words := strings.Fields(line)
		for _, imported := range words[1:] {
			if strings.HasPrefix(imported, offline) {
				imports = append(imports, words[0]+" "+imported)
			}
		}
	}
	require.Equal(t, []string{"stagecraft/internal/review/preview " + offline + "workspace"}, imports)
	dependencies := goList(t, "-deps", "./internal/review/...")
	for _, simulator := range []string{"aws", "awsx", "cloud"} {
		require.NotContains(t, dependencies, offline+simulator)
	}
}

// TestPolicyPackImportsNothingInternal keeps the policy pack usable with other programs.
func TestPolicyPackImportsNothingInternal(t *testing.T) {
	t.Parallel()
	dependencies := goList(t, "-deps", "./policy/...")
	require.Contains(t, dependencies, "stagecraft/policy/rules")
	for _, dependency := range dependencies {
		require.False(t, strings.HasPrefix(dependency, "stagecraft/internal/"), dependency)
	}
}

// goList returns the lines that go list prints in the project's folder.
func goList(t *testing.T, args ...string) []string {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", append([]string{"list"}, args...)...)
	command.Dir = root
	printed, err := command.Output()
	require.NoError(t, err)
	return strings.Split(strings.TrimSpace(string(printed)), "\n")
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
