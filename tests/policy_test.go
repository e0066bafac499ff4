package tests

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"stagecraft/internal/program/stage"
	"stagecraft/policy/pack"
)

// goBuild compiles a package of the project for a test, and gives where it is.
func goBuild(t *testing.T, source string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "built")
	command := exec.CommandContext(t.Context(), "go", "build", "-o", path, source)
	command.Dir = root
	output, err := command.CombinedOutput()
	require.NoError(t, err, "%s", output)
	return path
}

// policed previews a stack under a policy pack, and gives the names of the rules that refuse it, by level.
func (s stack) policed(pack string, config map[string]any, variables ...string) map[string][]string {
	s.t.Helper()
	output, err := s.judge("preview", pack, config, variables...)
	refused := refusals(output)
	require.Equal(s.t, err == nil, len(refused["mandatory"]) == 0, output)
	return refused
}

// judge runs a Pulumi command under a policy pack, and gives all it printed.
func (s stack) judge(command, pack string, config map[string]any, variables ...string) (string, error) {
	s.t.Helper()
	encoded, err := json.Marshal(config)
	require.NoError(s.t, err)
	file := filepath.Join(s.t.TempDir(), "policies.json")
	require.NoError(s.t, os.WriteFile(file, encoded, 0o600))
	args := []string{command, "--policy-pack", pack, "--policy-pack-config", file}
	if command == "up" {
		args = append(args, "--yes", "--skip-preview")
	}
	output, err := s.try(variables, args...)
	require.Contains(s.t, output, "Policies:")
	require.NotContains(s.t, output, "itself failed")
	return output, err
}

// refusals are the names of the rules that refuse a stack, sorted, by level.
func refusals(output string) map[string][]string {
	refused := map[string][]string{}
	for _, found := range violation.FindAllStringSubmatch(output, -1) {
		if level, name := found[1], found[2]; !slices.Contains(refused[level], name) {
			refused[level] = append(refused[level], name)
		}
	}
	for _, names := range refused {
		slices.Sort(names)
	}
	return refused
}

// violation is how Pulumi prints what a rule rejects.
var violation = regexp.MustCompile(`\[(advisory|mandatory)\] +(\S+) `)

// TestPolicyStages requires the policy pack, which imports nothing of the program, to know all of its stages.
func TestPolicyStages(t *testing.T) {
	t.Parallel()
	_, err := stage.For(pack.LastStage)
	require.NoError(t, err)
	_, err = stage.For(pack.LastStage + 1)
	require.Error(t, err)
}

func TestPolicyPack(t *testing.T) {
	t.Parallel()
	binary := tools.Policy

	t.Run("stages pass", func(t *testing.T) {
		t.Parallel()
		for _, name := range []string{"stage1", "stage2", "stage3", "stage4", "stage5"} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				require.Empty(t, newAccount(t).stack(name).policed(binary, nil)["mandatory"])
			})
		}
	})
	t.Run("from its source", func(t *testing.T) {
		t.Parallel()
		require.Empty(t, newAccount(t).stack("stage1").policed(filepath.Join(root, "policy"), nil)["mandatory"])
	})
	t.Run("numbers are configured", func(t *testing.T) {
		t.Parallel()
		refused := newAccount(t).stack("stage1").policed(binary, map[string]any{
			"secretsmanager-rotation-interval": map[string]any{"days": 7},
		})
		require.Equal(t, []string{"secretsmanager-rotation-interval"}, refused["mandatory"])
	})
}
