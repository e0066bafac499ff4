package tests

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRefreshSeesDrift(t *testing.T) {
	t.Parallel()
	drifting := newAccount(t).stack("stage1")
	drifting.up()

	const instanceToken, alarmToken = "aws:rds/instance:Instance", "aws:cloudwatch/metricAlarm:MetricAlarm"
	database := drifting.one(instanceToken)
	require.NoError(t, drifting.cloud().Drift(instanceToken, database.ID, "deletionProtection", false))
	require.NoError(t, drifting.cloud().ForceDelete(alarmToken, "stagecraft-stage1-network-flow-logs"))

	_, err := drifting.try(nil, "refresh", "--yes", "--skip-preview", "--expect-no-changes")
	require.Error(t, err, "refresh sees the drift")

	output := drifting.up()
	require.Contains(t, output, "network-flow-logs")
	drifting.run("preview", "--expect-no-changes")
	drifting.requireSame(drifting)
	var outputs map[string]any
	require.NoError(t, json.Unmarshal(drifting.one(instanceToken).Outputs, &outputs))
	require.Equal(t, true, outputs["deletionProtection"])
}
