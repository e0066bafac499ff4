package tests

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestQuotas checks that the preview of a stage warns of the quotas that a new account must raise.
func TestQuotas(t *testing.T) {
	t.Parallel()
	account := newAccount(t)
	const raise = `raise the quota "Running On-Demand Standard`
	require.NotContains(t, account.stack("stage1").run("preview"), raise)
	require.Contains(t, account.stack("stage2").run("preview"), "Stage 2 and the way to it take up to 6 vCPUs",
		"the public instance runs until users have moved")
	output := account.stack("stage3").run("preview")
	require.Contains(t, output, "Stage 3 and the way to it take up to 8 vCPUs, and the account may have 5 in eu-west-1")
	require.Contains(t, output, raise)
	require.Contains(t, account.stack("stage5").run("preview", "--config-path", "--config", "services[0].name=users",
		"--config", "services[0].paths[0]=/api/*", "--config", "services[0].max=40"), "Fargate On-Demand vCPU resource count")
}
