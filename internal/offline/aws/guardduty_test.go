package aws

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/require"

	"stagecraft/internal/offline/cloud"
)

var minimalGuardDuty = map[string]func(*testAccount) map[string]any{
	detectorToken: func(*testAccount) map[string]any { return map[string]any{"enable": true} },
	detectorFeatureToken: func(a *testAccount) map[string]any {
		return featureInputs(a.create(detectorToken, nil), "S3_DATA_EVENTS", "ENABLED")
	},
}

func featureInputs(detector created, name, status string) map[string]any {
	return map[string]any{"detectorId": detector.id, "name": name, "status": status}
}

// TestDetectorIsOneOfEachRegion finds the detector in its region only.
func TestDetectorIsOneOfEachRegion(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	ask := func(region *cloud.Region, args map[string]any) (resource.PropertyMap, error) {
		answer, failures, err := region.Invoke(functions(), "aws:guardduty/getDetector:getDetector",
			resource.NewPropertyMapFromMap(args))
		require.Empty(t, failures)
		return answer, err
	}
	_, err := ask(account.Region, nil)
	require.ErrorContains(t, err, "reading this account's single GuardDuty Detector: empty result")

	detector := account.create(detectorToken, map[string]any{"tags": map[string]any{"Tier": "guard"}})
	account.rejects("BadRequestException", detectorToken, nil)
	account.create(detectorFeatureToken, featureInputs(detector, "S3_DATA_EVENTS", "DISABLED"))
	account.create(detectorFeatureToken, with(featureInputs(detector, "RUNTIME_MONITORING", "ENABLED"), map[string]any{
		"additionalConfigurations": []any{map[string]any{"name": "EC2_AGENT_MANAGEMENT", "status": "ENABLED"}},
	}))
	answer, err := ask(account.Region, nil)
	require.NoError(t, err)
	require.Equal(t, detector.id, answer["id"].StringValue())
	require.Equal(t, "ENABLED", answer["status"].StringValue())
	require.Equal(t, map[string]any{"Tier": "guard"}, answer["tags"].Mappable())
	var features []any
	for _, feature := range answer["features"].ArrayValue() {
		features = append(features, feature.Mappable())
	}
	feature := func(name, status string, additional ...any) map[string]any {
		return map[string]any{"name": name, "status": status, "additionalConfigurations": append([]any{}, additional...)}
	}
	require.Equal(t, []any{
		feature("EBS_MALWARE_PROTECTION", "ENABLED"),
		feature("EKS_AUDIT_LOGS", "ENABLED"),
		feature("EKS_RUNTIME_MONITORING", "DISABLED"),
		feature("LAMBDA_NETWORK_LOGS", "ENABLED"),
		feature("RDS_LOGIN_EVENTS", "ENABLED"),
		feature("RUNTIME_MONITORING", "ENABLED", map[string]any{"name": "EC2_AGENT_MANAGEMENT", "status": "ENABLED"}),
		feature("S3_DATA_EVENTS", "DISABLED"),
	}, features)

	_, err = account.update(detector, map[string]any{"enable": false})
	require.NoError(t, err)
	answer, err = ask(account.Region, map[string]any{"id": detector.id})
	require.NoError(t, err)
	require.Equal(t, "DISABLED", answer["status"].StringValue())
	_, err = ask(account.Region, map[string]any{"id": "missing"})
	requireCode(t, "BadRequestException", err)

	other, err := New(account.db, nil).Region("us-east-1", nil)
	require.NoError(t, err)
	_, err = ask(other, nil)
	require.ErrorContains(t, err, "empty result")
	_, _, err = other.Create(t.Context(), detectorToken, urn(detectorToken), resource.PropertyMap{}, false)
	require.NoError(t, err)
}

func TestGuardDutyInputsRejected(t *testing.T) {
	t.Parallel()
	runInputRejections(t, []inputRejection{
		{detectorToken, "findingPublishingFrequency", map[string]any{"findingPublishingFrequency": "DAILY"}},
		{detectorToken, "datasources", map[string]any{"datasources": map[string]any{}}},
		{detectorFeatureToken, "name", map[string]any{"name": "S3"}},
		{detectorFeatureToken, "status", map[string]any{"status": "ON"}},
	})
}

func TestGuardDutyRejections(t *testing.T) {
	t.Parallel()
	runtime := func(status string) func(*testAccount) map[string]any {
		return func(a *testAccount) map[string]any {
			detector := a.create(detectorToken, nil)
			a.create(detectorFeatureToken, featureInputs(detector, "EKS_RUNTIME_MONITORING", status))
			return featureInputs(detector, "RUNTIME_MONITORING", "ENABLED")
		}
	}
	runRejections(t, []rejection{
		{"both kinds of runtime monitoring", "BadRequestException", detectorFeatureToken, runtime("ENABLED")},
		{
			"agents of what has none", "BadRequestException", detectorFeatureToken,
			but(detectorFeatureToken, map[string]any{"additionalConfigurations": []any{
				map[string]any{"name": "EC2_AGENT_MANAGEMENT", "status": "ENABLED"},
			}}),
		},
	})

	account := newTestAccount(t)
	account.create(detectorFeatureToken, runtime("DISABLED")(account))
}

func TestGuardDutyChanges(t *testing.T) {
	t.Parallel()
	runChanges(t, []change{
		{detectorToken, "frequency", false, map[string]any{"findingPublishingFrequency": "ONE_HOUR"}},
		{detectorFeatureToken, "status", false, map[string]any{"status": "DISABLED"}},
		{detectorFeatureToken, "name", true, map[string]any{"name": "EKS_AUDIT_LOGS"}},
	})
}
