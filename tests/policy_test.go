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
	encoded, err := json.Marshal(config)
	require.NoError(s.t, err)
	file := filepath.Join(s.t.TempDir(), "policies.json")
	require.NoError(s.t, os.WriteFile(file, encoded, 0o600))
	output, err := s.try(variables, "preview", "--policy-pack", pack, "--policy-pack-config", file)
	require.Contains(s.t, output, "Policies:")
	refused := map[string][]string{}
	for _, found := range violation.FindAllStringSubmatch(output, -1) {
		if level, name := found[1], found[2]; !slices.Contains(refused[level], name) {
			refused[level] = append(refused[level], name)
		}
	}
	require.Equal(s.t, err == nil, len(refused["mandatory"]) == 0, output)
	return refused
}

// violation is how Pulumi prints what a rule refuses.
var violation = regexp.MustCompile(`\[(advisory|mandatory)\] +(\S+) `)

func TestPolicyPack(t *testing.T) {
	t.Parallel()
	pack := tools.Policy

	t.Run("stages pass", func(t *testing.T) {
		t.Parallel()
		for _, name := range []string{"stage1", "stage2", "stage3", "stage4", "stage5"} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				require.Empty(t, newAccount(t).stack(name).policed(pack, nil)["mandatory"])
			})
		}
	})
	t.Run("from its source", func(t *testing.T) {
		t.Parallel()
		require.Empty(t, newAccount(t).stack("stage1").policed(filepath.Join(root, "policy"), nil)["mandatory"])
	})
	t.Run("numbers are configured", func(t *testing.T) {
		t.Parallel()
		refused := newAccount(t).stack("stage1").policed(pack, map[string]any{
			"secretsmanager-rotation-interval": map[string]any{"days": 7},
		})
		require.Equal(t, []string{"secretsmanager-rotation-interval"}, refused["mandatory"])
	})
}

// TestPolicyPackRefusesMutants changes the program by one property, and sees the one rule that is about it refuse it at
// the preview.
func TestPolicyPackRefusesMutants(t *testing.T) {
	t.Parallel()
	pack, mutant := tools.Policy, goBuild(t, "./tests/testdata/mutant")
	mutated := func(t *testing.T, stack, typ, property, value string, config map[string]any) map[string][]string {
		t.Helper()
		changed := newAccountOf(t, mutant)
		return changed.stack(stack).policed(pack, config, "MUTANT_TYPE="+typ, "MUTANT_PROPERTY="+property, "MUTANT_VALUE="+value)
	}
	for _, of := range []struct{ rule, stack, typ, property, value string }{
		{"rds-storage-encrypted", "stage1", "aws:rds/instance:Instance", "storageEncrypted", "false"},
		{"rds-log-exports", "stage1", "aws:rds/instance:Instance", "enabledCloudwatchLogsExports", "[]"},
		{"cloudwatch-alarm-actions-enabled", "stage1", "aws:cloudwatch/metricAlarm:MetricAlarm", "actionsEnabled", "false"},
	} {
		t.Run(of.rule, func(t *testing.T) {
			t.Parallel()
			refused := mutated(t, of.stack, of.typ, of.property, of.value, nil)
			require.Equal(t, []string{of.rule}, refused["mandatory"])
		})
	}

	exemption := map[string]any{
		"rule": "rds-storage-encrypted", "urn": "*aws:rds/instance:Instance::*", "reason": "a test", "expires": "2999-12-31",
	}
	for name, of := range map[string]struct {
		config map[string]any
		warns  bool
	}{
		"levels are configured": {map[string]any{"rds-storage-encrypted": "advisory"}, true},
		"rules are disabled":    {map[string]any{"rds-storage-encrypted": "disabled"}, false},
		"exemptions": {
			map[string]any{"settings": map[string]any{"exemptions": []any{exemption}}}, false,
		},
		"other rules are selected": {map[string]any{"settings": map[string]any{"themes": []string{"cost"}}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refused := mutated(t, "stage1", "aws:rds/instance:Instance", "storageEncrypted", "false", of.config)
			require.Empty(t, refused["mandatory"])
			require.Equal(t, of.warns, slices.Contains(refused["advisory"], "rds-storage-encrypted"))
		})
	}
}

func TestPolicyPackRefusesItsConfiguration(t *testing.T) {
	t.Parallel()
	pack := tools.Policy
	shared := newAccount(t).stack("stage1")
	for want, config := range map[string]string{
		`there is no key "exemption": did you mean "exemptions"?`: `{"settings": {"exemption": []}}`,
		`severity must be one of the following`:                   `{"settings": {"severity": "grave"}}`,
		`"on" is not a valid enforcement level`:                   `{"rds-storage-encrypted": "on"}`,
	} {
		file := filepath.Join(t.TempDir(), "policies.json")
		require.NoError(t, os.WriteFile(file, []byte(config), 0o600))
		output, err := shared.try(nil, "preview", "--policy-pack", pack, "--policy-pack-config", file)
		require.Error(t, err, output)
		require.Contains(t, output, want)
	}
}
