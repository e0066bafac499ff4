package aws

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/require"

	"stagecraft/internal/offline/cloud"
)

// minimalWatching are for what looks for threats, audits, and watches costs and other alarms.
var minimalWatching = map[string]func(*testAccount) map[string]any{
	detectorToken: func(*testAccount) map[string]any { return map[string]any{"enable": true} },
	detectorFeatureToken: func(a *testAccount) map[string]any {
		return featureInputs(a.create(detectorToken, nil), "S3_DATA_EVENTS", "ENABLED")
	},
	enablerToken: func(*testAccount) map[string]any {
		return map[string]any{"accountIds": []any{Account}, "resourceTypes": []any{"EC2", "LAMBDA"}}
	},

	anomalyMonitorToken: func(*testAccount) map[string]any { return monitorInputs() },
	anomalySubscriptionToken: func(a *testAccount) map[string]any {
		return anomalySubscriptionInputs(a.create(anomalyMonitorToken, monitorInputs()), a.topic())
	},
	costAllocationTagToken: func(a *testAccount) map[string]any {
		a.create(topicToken, map[string]any{"name": "alarms", "tags": map[string]any{"Tier": "web"}})
		return map[string]any{"tagKey": "Tier", "status": "Active"}
	},

	trailToken: func(a *testAccount) map[string]any {
		a.create(bucketToken, map[string]any{"bucket": "logs", "forceDestroy": true})
		a.create(bucketPolicyToken, map[string]any{"bucket": "logs", "policy": trailPolicy})
		return map[string]any{"name": "audit", "s3BucketName": "logs"}
	},
	compositeAlarmToken: func(a *testAccount) map[string]any {
		alarm := a.create(metricAlarmToken, alarmInputs(a.topic()))
		return map[string]any{"alarmName": "service", "alarmRule": `ALARM("` + alarm.id + `")`}
	},
}

func featureInputs(detector made, name, status string) map[string]any {
	return map[string]any{"detectorId": detector.id, "name": name, "status": status}
}

func monitorInputs() map[string]any {
	return map[string]any{"name": "all", "monitorType": "DIMENSIONAL", "monitorDimension": "SERVICE"}
}

func anomalySubscriptionInputs(monitor, topic made) map[string]any {
	return map[string]any{
		"name": "all", "frequency": "IMMEDIATE", "monitorArnLists": []any{monitor.id},
		"subscribers": []any{map[string]any{"type": "SNS", "address": topic.id}},
		"thresholdExpression": map[string]any{"dimension": map[string]any{
			"key": "ANOMALY_TOTAL_IMPACT_ABSOLUTE", "matchOptions": []any{"GREATER_THAN_OR_EQUAL"}, "values": []any{"20"},
		}},
	}
}

// trailPolicy lets CloudTrail write into the bucket "logs".
const trailPolicy = `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetBucketAcl",
	"Principal": {"Service": "cloudtrail.amazonaws.com"}, "Resource": "arn:aws:s3:::logs"}, {"Effect": "Allow",
	"Action": "s3:PutObject", "Principal": {"Service": "cloudtrail.amazonaws.com"},
	"Resource": "arn:aws:s3:::logs/AWSLogs/` + Account + `/*"}]}`

func TestWatchingInputsRefused(t *testing.T) {
	t.Parallel()
	threshold := func(key string) map[string]any {
		return map[string]any{"thresholdExpression": map[string]any{"dimension": map[string]any{"key": key}}}
	}
	runInputRefusals(t, []inputRefusal{
		{detectorToken, "findingPublishingFrequency", map[string]any{"findingPublishingFrequency": "DAILY"}},
		{detectorToken, "datasources", map[string]any{"datasources": map[string]any{}}},
		{detectorFeatureToken, "name", map[string]any{"name": "S3"}},
		{detectorFeatureToken, "status", map[string]any{"status": "ON"}},
		{enablerToken, "accountIds[0]", map[string]any{"accountIds": []any{"210987654321"}}},
		{enablerToken, "resourceTypes", map[string]any{"resourceTypes": []any{}}},
		{enablerToken, "resourceTypes[0]", map[string]any{"resourceTypes": []any{"S3"}}},
		{anomalyMonitorToken, "monitorDimension", map[string]any{"monitorDimension": "REGION"}},
		{anomalyMonitorToken, "monitorDimension", map[string]any{"monitorSpecification": "{}"}},
		{anomalyMonitorToken, "monitorType", map[string]any{"monitorType": "ALL"}},
		{anomalySubscriptionToken, "frequency", map[string]any{"frequency": "HOURLY"}},
		{anomalySubscriptionToken, "thresholdExpression.dimension.key", threshold("AMOUNT")},
		{costAllocationTagToken, "status", map[string]any{"status": "On"}},
		{trailToken, "name", map[string]any{"name": "ab"}},
		{trailToken, "name", map[string]any{"name": "audit--log"}},
		{trailToken, "isOrganizationTrail", map[string]any{"isOrganizationTrail": true}},
		{compositeAlarmToken, "alarmRule", map[string]any{"alarmRule": strings.Repeat("a", 10241)}},
		{compositeAlarmToken, "alarmActions[0]", map[string]any{"alarmActions": []any{"alarms"}}},
	})
}

func TestWatchingRefusals(t *testing.T) {
	t.Parallel()
	runtime := func(status string) func(*testAccount) map[string]any {
		return func(a *testAccount) map[string]any {
			detector := a.create(detectorToken, nil)
			a.create(detectorFeatureToken, featureInputs(detector, "EKS_RUNTIME_MONITORING", status))
			return featureInputs(detector, "RUNTIME_MONITORING", "ENABLED")
		}
	}
	subscribers := func(frequency, kind, address string) func(*testAccount) map[string]any {
		return but(anomalySubscriptionToken, map[string]any{
			"frequency": frequency, "subscribers": []any{map[string]any{"type": kind, "address": address}},
		})
	}
	rule := func(rule string) func(*testAccount) map[string]any {
		return but(compositeAlarmToken, map[string]any{"alarmRule": rule})
	}
	runRefusals(t, []refusal{
		{"both kinds of runtime monitoring", "BadRequestException", detectorFeatureToken, runtime("ENABLED")},
		{
			"agents of what has none", "BadRequestException", detectorFeatureToken,
			but(detectorFeatureToken, map[string]any{"additionalConfigurations": []any{
				map[string]any{"name": "EC2_AGENT_MANAGEMENT", "status": "ENABLED"},
			}}),
		},
		{
			"code without functions", "ValidationException", enablerToken,
			but(enablerToken, map[string]any{"resourceTypes": []any{"LAMBDA_CODE"}}),
		},
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
		{"half of all regions", "InvalidParameterCombinationException", trailToken, but(trailToken, map[string]any{
			"isMultiRegionTrail": true, "includeGlobalServiceEvents": false,
		})},
		{"bucket without a policy", "InsufficientS3BucketPolicyException", trailToken, func(a *testAccount) map[string]any {
			a.bucket("logs")
			return map[string]any{"name": "audit", "s3BucketName": "logs"}
		}},
		{
			"bucket for others", "InsufficientS3BucketPolicyException", trailToken,
			but(trailToken, map[string]any{"s3KeyPrefix": "trail"}),
		},
		{"alarm on nothing", "ValidationError", compositeAlarmToken, rule(`ALARM("missing")`)},
		{"alarm on an ARN of nothing", "ValidationError", compositeAlarmToken, rule(
			`ALARM("arn:aws:cloudwatch:eu-west-1:123456789012:alarm:missing")`)},
		{"rule that is none", "ValidationError", compositeAlarmToken, rule("cpu")},
		{"rule without an end", "ValidationError", compositeAlarmToken, rule("TRUE AND")},
		{"rule with an open end", "ValidationError", compositeAlarmToken, rule("(TRUE OR FALSE")},
		{"too many alarms", "ValidationError", compositeAlarmToken, rule(
			strings.TrimSuffix(strings.Repeat(`ALARM(cpu) OR `, 101), " OR "))},
	})

	account := newTestAccount(t)
	account.create(detectorFeatureToken, runtime("DISABLED")(account))
}

// TestDetectorIsOneOfEachRegion finds it where it is, and nowhere else.
func TestDetectorIsOneOfEachRegion(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	ask := func(region *cloud.Region, args map[string]any) (resource.PropertyMap, error) {
		answer, failures, err := region.Answer(functions(), "aws:guardduty/getDetector:getDetector",
			resource.NewPropertyMapFromMap(args))
		require.Empty(t, failures)
		return answer, err
	}
	_, err := ask(account.Region, nil)
	require.ErrorContains(t, err, "reading this account's single GuardDuty Detector: empty result")

	detector := account.create(detectorToken, map[string]any{"tags": map[string]any{"Tier": "guard"}})
	account.refuses("BadRequestException", detectorToken, nil)
	account.create(detectorFeatureToken, featureInputs(detector, "S3_DATA_EVENTS", "DISABLED"))
	account.create(detectorFeatureToken, with(featureInputs(detector, "RUNTIME_MONITORING", "ENABLED"), map[string]any{
		"additionalConfigurations": []any{map[string]any{"name": "EC2_AGENT_MANAGEMENT", "status": "ENABLED"}},
	}))
	found, err := ask(account.Region, nil)
	require.NoError(t, err)
	require.Equal(t, detector.id, found["id"].StringValue())
	require.Equal(t, "ENABLED", found["status"].StringValue())
	require.Equal(t, map[string]any{"Tier": "guard"}, found["tags"].Mappable())
	var features []any
	for _, feature := range found["features"].ArrayValue() {
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
	found, err = ask(account.Region, map[string]any{"id": detector.id})
	require.NoError(t, err)
	require.Equal(t, "DISABLED", found["status"].StringValue())
	_, err = ask(account.Region, map[string]any{"id": "missing"})
	requireCode(t, "BadRequestException", err)

	elsewhere, err := New(account.kept, nil).Region("us-east-1", nil)
	require.NoError(t, err)
	_, err = ask(elsewhere, nil)
	require.ErrorContains(t, err, "empty result")
	_, _, err = elsewhere.Create(t.Context(), detectorToken, urn(detectorToken), resource.PropertyMap{}, false)
	require.NoError(t, err)
}

// TestAnomalyMonitors are one of all services, and more of parts of the bill.
func TestAnomalyMonitors(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	account.create(anomalyMonitorToken, monitorInputs())
	for range 2 {
		account.create(anomalyMonitorToken, map[string]any{
			"name": "team", "monitorType": "CUSTOM", "monitorSpecification": `{"Tags": {"Key": "Team", "Values": ["web"]}}`,
		})
	}
	elsewhere, err := New(account.kept, nil).Region("us-east-1", nil)
	require.NoError(t, err)
	_, _, err = elsewhere.Create(t.Context(), anomalyMonitorToken, urn(anomalyMonitorToken),
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

// TestTrailLog leaves a log, so that only a bucket that may be emptied can go.
func TestTrailLog(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	bucket := account.bucket("logs")
	account.create(bucketPolicyToken, map[string]any{"bucket": "logs", "policy": trailPolicy})
	trail := account.create(trailToken, map[string]any{"name": "audit", "s3BucketName": "logs"})
	require.Equal(t, testRegion, trail.text("homeRegion"))
	require.NoError(t, account.Delete(trailToken, trail.id))
	requireCode(t, "BucketNotEmpty", account.Delete(bucketToken, bucket.id))
}

// TestWatchedAlarms can't be deleted before what watches them.
func TestWatchedAlarms(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	alarm := account.create(metricAlarmToken, alarmInputs(account.topic()))
	byName := account.create(compositeAlarmToken, map[string]any{
		"alarmName": "by-name", "alarmRule": "NOT (ALARM(" + alarm.id + ")\n OR FALSE) AND TRUE",
	})
	byArn := account.create(compositeAlarmToken, map[string]any{
		"alarmName": "by-arn", "alarmRule": `OK("` + alarm.text("arn") + `") OR INSUFFICIENT_DATA( "` + byName.id + `" )`,
	})
	requireCode(t, "ValidationError", account.Delete(metricAlarmToken, alarm.id))
	requireCode(t, "ValidationError", account.Delete(compositeAlarmToken, byName.id))
	require.NoError(t, account.Delete(compositeAlarmToken, byArn.id))
	require.NoError(t, account.Delete(compositeAlarmToken, byName.id))
	require.NoError(t, account.Delete(metricAlarmToken, alarm.id))
}

func TestWatchingChanges(t *testing.T) {
	t.Parallel()
	runChanges(t, []change{
		{detectorToken, "frequency", false, map[string]any{"findingPublishingFrequency": "ONE_HOUR"}},
		{detectorFeatureToken, "status", false, map[string]any{"status": "DISABLED"}},
		{detectorFeatureToken, "name", true, map[string]any{"name": "EKS_AUDIT_LOGS"}},
		{enablerToken, "types", false, map[string]any{"resourceTypes": []any{"ECR"}}},
		{anomalyMonitorToken, "name", false, map[string]any{"name": "others"}},
		{anomalySubscriptionToken, "name", true, map[string]any{"name": "others"}},
		{anomalySubscriptionToken, "frequency", false, map[string]any{"frequency": "DAILY"}},
		{costAllocationTagToken, "status", false, map[string]any{"status": "Inactive"}},
		{trailToken, "name", true, map[string]any{"name": "others"}},
		{trailToken, "regions", false, map[string]any{"isMultiRegionTrail": true}},
		{compositeAlarmToken, "rule", false, map[string]any{"alarmRule": "TRUE"}},
		{compositeAlarmToken, "name", true, map[string]any{"alarmName": "others"}},
	})
}
