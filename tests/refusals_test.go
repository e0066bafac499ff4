package tests

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestRefusals deploys with a wrong configuration: the update fails with a message, and creates nothing.
func TestRefusals(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		config []string
		want   string
	}{
		"unknown stage":        {[]string{"stage=early"}, "configuration key 'stage' must be of type 'integer'"},
		"stage outside 1 to 5": {[]string{"stage=6"}, "stagecraft:stage: 6 is not a stage: choose one of 1 (early days)"},
		"network too small":    {[]string{"networkCidr=10.0.0.0/24"}, `stagecraft:networkCidr is "10.0.0.0/24"`},
		"zones the region lacks": {
			[]string{"aws:region=us-west-1"},
			"stagecraft:availabilityZones is 3, and us-west-1 has 2 (us-west-1a, us-west-1c): lower it, or choose another aws:region",
		},
		"no backups":            {[]string{"databaseBackupRetentionDays=0"}, "which only an ephemeral stack may do without"},
		"e-mail missing":        {[]string{"alarmEmail="}, "stagecraft:alarmEmail is not set"},
		"budget missing":        {[]string{"monthlyBudgetUsd=0"}, `stagecraft:monthlyBudgetUsd is "0"`},
		"region that is none":   {[]string{"aws:region=mars-1"}, `invalid AWS Region: "mars-1"`},
		"instance not Graviton": {[]string{"webInstanceType=t3.small"}, `stagecraft:webInstanceType is "t3.small"`},
		"misspelt setting": {
			[]string{"databaseInstanceClas=db.t4g.large"},
			"stagecraft:databaseInstanceClas is not a setting: did you mean stagecraft:databaseInstanceClass?",
		},
		"unknown hosted zone": {[]string{"domain=www.example.org", "hostedZone=example.org"}, "example.org"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refused := newAccount(t).stack("stage1")
			args := []string{"up", "--yes", "--skip-preview"}
			for _, setting := range test.config {
				args = append(args, "--config", setting)
			}
			output, err := refused.try(nil, args...)
			require.Error(t, err)
			require.Contains(t, output, test.want)
			require.Empty(t, refused.store())
			require.Empty(t, refused.state())
		})
	}
}
