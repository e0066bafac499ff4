package aws

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/require"
)

var minimalCostExplorer = map[string]func(*testAccount) map[string]any{
	anomalyMonitorToken: func(*testAccount) map[string]any { return monitorInputs() },
	anomalySubscriptionToken: func(a *testAccount) map[string]any {
		return anomalySubscriptionInputs(a.create(anomalyMonitorToken, monitorInputs()), a.topic())
	},
	costAllocationTagToken: func(a *testAccount) map[string]any {
		a.create(topicToken, map[string]any{"name": "alarms", "tags": map[string]any{"Tier": "web"}})
		return map[string]any{"tagKey": "Tier", "status": "Active"}
	},
}

func monitorInputs() map[string]any {
	return map[string]any{"name": "all", "monitorType": "DIMENSIONAL", "monitorDimension": "SERVICE"}
}

func anomalySubscriptionInputs(monitor, topic created) map[string]any {
	return map[string]any{
		"name": "all", "frequency": "IMMEDIATE", "monitorArnLists": []any{monitor.id},
		"subscribers": []any{map[string]any{"type": "SNS", "address": topic.id}},
		"thresholdExpression": map[string]any{"dimension": map[string]any{
			"key": "ANOMALY_TOTAL_IMPACT_ABSOLUTE", "matchOptions": []any{"GREATER_THAN_OR_EQUAL"}, "values": []any{"20"},
		}},
	}
}

// TestAnomalyMonitors creates the only monitor of all services, and several of parts of the bill.
func TestAnomalyMonitors(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	account.create(anomalyMonitorToken, monitorInputs())
	for range 2 {
		account.create(anomalyMonitorToken, map[string]any{
			"name": "team", "monitorType": "CUSTOM", "monitorSpecification": `{"Tags": {"Key": "Team", "Values": ["web"]}}`,
		})
	}
	other, err := New(account.db, nil).Region("us-east-1", nil)
	require.NoError(t, err)
	_, _, err = other.Create(t.Context(), anomalyMonitorToken, urn(anomalyMonitorToken),
		resource.NewPropertyMapFromMap(monitorInputs()), false)
	requireCode(t, "ValidationException", err)
	require.ErrorContains(t, err, "Limit exceeded on dimensional spend monitor creation")
}

func TestAnomalySubscriptionByEmail(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	account.create(anomalySubscriptionToken, with(minimal[anomalySubscriptionToken](account), map[string]any{
		"frequency": "DAILY", "subscribers": []any{map[string]any{"type": "EMAIL", "address": "ops@example.com"}},
	}))
}

func TestCostExplorerInputsRejected(t *testing.T) {
	t.Parallel()
	threshold := func(key string) map[string]any {
		return map[string]any{"thresholdExpression": map[string]any{"dimension": map[string]any{"key": key}}}
	}
	runInputRejections(t, []inputRejection{
		{anomalyMonitorToken, "monitorDimension", map[string]any{"monitorDimension": "REGION"}},
		{anomalyMonitorToken, "monitorDimension", map[string]any{"monitorSpecification": "{}"}},
		{anomalyMonitorToken, "monitorType", map[string]any{"monitorType": "ALL"}},
		{anomalySubscriptionToken, "frequency", map[string]any{"frequency": "HOURLY"}},
		{anomalySubscriptionToken, "thresholdExpression.dimension.key", threshold("AMOUNT")},
		{costAllocationTagToken, "status", map[string]any{"status": "On"}},
	})
}

func TestCostExplorerRejections(t *testing.T) {
	t.Parallel()
	subscribers := func(frequency, kind, address string) func(*testAccount) map[string]any {
		return but(anomalySubscriptionToken, map[string]any{
			"frequency": frequency, "subscribers": []any{map[string]any{"type": kind, "address": address}},
		})
	}
	runRejections(t, []rejection{
		{
			"monitor of another type", "ValidationException", anomalyMonitorToken,
			but(anomalyMonitorToken, map[string]any{"monitorType": "CUSTOM"}),
		},
		{
			"custom monitor without a specification", "ValidationException", anomalyMonitorToken,
			func(*testAccount) map[string]any {
				return map[string]any{"name": "all", "monitorType": "DIMENSIONAL", "monitorSpecification": "{}"}
			},
		},
		{"people told at once", "ValidationException", anomalySubscriptionToken, subscribers("IMMEDIATE", "EMAIL", "ops@example.com")},
		{"topic told daily", "ValidationException", anomalySubscriptionToken, but(
			anomalySubscriptionToken, map[string]any{"frequency": "DAILY"})},
		{
			"anomalies of any size", "ValidationException", anomalySubscriptionToken,
			but(anomalySubscriptionToken, map[string]any{"thresholdExpression": nil}),
		},
		{
			"tag that nothing has", "ValidationException", costAllocationTagToken,
			but(costAllocationTagToken, map[string]any{"tagKey": "Team"}),
		},
	})
}

func TestCostExplorerChanges(t *testing.T) {
	t.Parallel()
	runChanges(t, []change{
		{anomalyMonitorToken, "name", false, map[string]any{"name": "others"}},
		{anomalySubscriptionToken, "name", true, map[string]any{"name": "others"}},
		{anomalySubscriptionToken, "frequency", false, map[string]any{"frequency": "DAILY"}},
		{costAllocationTagToken, "status", false, map[string]any{"status": "Inactive"}},
	})
}
