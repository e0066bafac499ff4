package tests

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// configuration checks at which level each configuration reports one violation: a database that is not encrypted.
func (f foreign) configuration(t *testing.T) {
	t.Helper()
	const about = "rds-storage-encrypted" // high, of the theme encryption, and in FSBP and CIS
	exempt := func(urn, expires string) map[string]any {
		return settings(map[string]any{"exemptions": []any{
			map[string]any{"rule": about, "urn": urn, "reason": "it moves in spring", "expires": expires},
		}})
	}
	for name, test := range map[string]struct {
		config map[string]any
		level  string
	}{
		"nothing":                         {nil, "mandatory"},
		"an advisory rule":                {map[string]any{about: "advisory"}, "advisory"},
		"a disabled rule":                 {map[string]any{about: map[string]any{"enforcementLevel": "disabled"}}, ""},
		"all advisory":                    {map[string]any{"all": "advisory"}, "advisory"},
		"all disabled but one":            {map[string]any{"all": "disabled", about: "mandatory"}, "mandatory"},
		"its severity":                    {settings(map[string]any{"severity": "high"}), "mandatory"},
		"a higher severity":               {settings(map[string]any{"severity": "critical"}), ""},
		"its theme":                       {settings(map[string]any{"themes": []string{"encryption", "cost"}}), "mandatory"},
		"other themes":                    {settings(map[string]any{"themes": []string{"cost"}}), ""},
		"its framework":                   {settings(map[string]any{"frameworks": []string{"CIS 3.0.0"}}), "mandatory"},
		"another framework":               {settings(map[string]any{"frameworks": []string{"FSBP EC2"}}), ""},
		"an exemption":                    {exempt("*aws:rds/instance:Instance::primary", "2999-12-31"), ""},
		"an exemption of another":         {exempt("*aws:rds/instance:Instance::replica", "2999-12-31"), "mandatory"},
		"an exemption that has expired":   {exempt("*", "2026-01-31"), "mandatory"},
		"a selection of which it is part": {settings(map[string]any{"severity": "low", "themes": []string{"encryption"}, "frameworks": []string{"FSBP"}}), "mandatory"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refused := f.stack(t).violations(tools.Policy, test.config, "FOREIGN=databases")
			for _, level := range []string{"advisory", "mandatory"} {
				require.Equal(t, level == test.level, slices.Contains(refused[level], about), level)
			}
		})
	}
	t.Run("an expired exemption is itself a violation", func(t *testing.T) {
		t.Parallel()
		output, err := f.stack(t).runWithPolicies("preview", tools.Policy, exempt("*", "2026-01-31"), "FOREIGN=databases")
		require.Error(t, err)
		require.Contains(t, violatedRules(output)["mandatory"], "settings")
		require.Contains(t, output, "The exemption of * from rds-storage-encrypted expired on 2026-01-31 (it moves in spring)")
	})
}

func TestPolicyPackRejectsItsConfiguration(t *testing.T) {
	t.Parallel()
	shared := newAccount(t).stack("stage1")
	for want, config := range map[string]string{
		`there is no rule "rds-storage-encryption": did you mean "rds-storage-encrypted"?`: `{"rds-storage-encryption": "advisory"}`,
		`there is no rule "fix-rds-storage-encrypted"`:                                     `{"fix-rds-storage-encrypted": "advisory"}`,
		`there is no key "exemption": did you mean "exemptions"?`:                          `{"settings": {"exemption": []}}`,
		`there is no key "weeks": did you mean "days"?`:                                    `{"secretsmanager-rotation-interval": {"weeks": 2}}`,
		`severity must be one of the following`:                                            `{"settings": {"severity": "grave"}}`,
		`themes.0 must be one of the following`:                                            `{"settings": {"themes": ["safety"]}}`,
		`no rule refers to frameworks[0], "FSPB": did you mean "FSBP"?`:                    `{"settings": {"frameworks": ["FSPB"]}}`,
		`"on" is not a valid enforcement level`:                                            `{"rds-storage-encrypted": "on"}`,
		`exemptions[0].rule is "rds-encrypted", which is not a rule`: `{"settings": {"exemptions": [` +
			`{"rule": "rds-encrypted", "urn": "*", "reason": "a test", "expires": "2999-12-31"}]}}`,
	} {
		file := filepath.Join(t.TempDir(), "policies.json")
		require.NoError(t, os.WriteFile(file, []byte(config), 0o600))
		output, err := shared.try(nil, "preview", "--policy-pack", tools.Policy, "--policy-pack-config", file)
		require.Error(t, err, output)
		require.Contains(t, output, want)
	}
}
