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

// goBuild compiles a package of the project for a test, and returns the path of the binary.
func goBuild(t *testing.T, source string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "built")
	command := exec.CommandContext(t.Context(), "go", "build", "-o", path, source)
	command.Dir = root
	output, err := command.CombinedOutput()
	require.NoError(t, err, "%s", output)
	return path
}

// violations previews a stack with a policy pack, and returns the names of the violated rules, by level.
func (s stack) violations(pack string, config map[string]any, variables ...string) map[string][]string {
	s.t.Helper()
	output, err := s.runWithPolicies("preview", pack, config, variables...)
	refused := violatedRules(output)
	require.Equal(s.t, err == nil, len(refused["mandatory"]) == 0, output)
	return refused
}

// runWithPolicies runs a Pulumi command with a policy pack, and returns its output.
func (s stack) runWithPolicies(command, pack string, config map[string]any, variables ...string) (string, error) {
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

// violatedRules returns the names of the violated rules in Pulumi's output, sorted, by level.
func violatedRules(output string) map[string][]string {
	refused := map[string][]string{}
	for _, match := range violation.FindAllStringSubmatch(output, -1) {
		if level, name := match[1], match[2]; !slices.Contains(refused[level], name) {
			refused[level] = append(refused[level], name)
		}
	}
	for _, names := range refused {
		slices.Sort(names)
	}
	return refused
}

// violation matches the line that Pulumi prints for a violation.
var violation = regexp.MustCompile(`\[(advisory|mandatory)\] +(\S+) `)

// TestPolicyStages holds the policy pack's last stage against the program's, which the pack does not import.
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
				require.Empty(t, newAccount(t).stack(name).violations(binary, nil)["mandatory"])
			})
		}
	})
	t.Run("from its source", func(t *testing.T) {
		t.Parallel()
		require.Empty(t, newAccount(t).stack("stage1").violations(filepath.Join(root, "policy"), nil)["mandatory"])
	})
	t.Run("numbers are configured", func(t *testing.T) {
		t.Parallel()
		refused := newAccount(t).stack("stage1").violations(binary, map[string]any{
			"secretsmanager-rotation-interval": map[string]any{"days": 7},
		})
		require.Equal(t, []string{"secretsmanager-rotation-interval"}, refused["mandatory"])
	})
}
