package tests

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A stack that may be thrown away is no production: the policy pack rejects it by the rules on deletion protection, one
// a kind of data that it holds.
func TestPolicyPackRefusesEphemeral(t *testing.T) {
	t.Parallel()
	pack := goBuild(t, "./policy")
	for name, rules := range map[string][]string{
		"stage1": {"rds-deletion-protection"},
		"stage5": {"dynamodb-deletion-protection", "lb-deletion-protection", "rds-deletion-protection"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			output, err := newAccount(t).stack(name).try(nil, "preview", "--policy-pack", pack, "--config", "ephemeral=true")
			require.Error(t, err, output)
			var refused []string
			for _, match := range violation.FindAllStringSubmatch(output, -1) {
				if match[1] == "mandatory" {
					refused = append(refused, match[2])
				}
			}
			require.Subset(t, refused, rules)
			require.Subset(t, rules, refused, "by nothing else")
		})
	}
}
