package aws

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/require"
)

// minimalNames are for Route 53's zones and health checks.
var minimalNames = map[string]func(*testAccount) map[string]any{
	hostedZoneToken: func(a *testAccount) map[string]any {
		return privateZone(a.create(vpcToken, map[string]any{"cidrBlock": "10.0.0.0/16"}))
	},
	healthCheckToken: func(a *testAccount) map[string]any {
		return checkOf(a.create(metricAlarmToken, alarmInputs(a.topic())))
	},
}

func privateZone(vpc made) map[string]any {
	return map[string]any{"name": "app.internal", "vpcs": []any{map[string]any{"vpcId": vpc.id}}}
}

func checkOf(alarm made) map[string]any {
	return map[string]any{
		"type": "CLOUDWATCH_METRIC", "cloudwatchAlarmName": alarm.text("name"), "cloudwatchAlarmRegion": testRegion,
	}
}

// weighted is a record of a name that several share.
func weighted(zone, identifier string, weight int) map[string]any {
	return map[string]any{
		"zoneId": zone, "name": "reader", "type": "CNAME", "ttl": 10, "records": []any{identifier + ".example.net"},
		"setIdentifier": identifier, "weightedRoutingPolicies": []any{map[string]any{"weight": weight}},
	}
}

func TestRoute53InputsRefused(t *testing.T) {
	t.Parallel()
	runInputRefusals(t, []inputRefusal{
		{hostedZoneToken, "name", map[string]any{"name": "app internal"}},
		{hostedZoneToken, "name", map[string]any{"name": strings.Repeat("a", 64) + ".internal"}},
		{hostedZoneToken, "delegationSetId", map[string]any{"delegationSetId": "N1"}},
		{hostedZoneToken, "forceDestroy", map[string]any{"forceDestroy": true}},
		{healthCheckToken, "type", map[string]any{"type": "TCP"}},
		{healthCheckToken, "insufficientDataHealthStatus", map[string]any{"insufficientDataHealthStatus": "Unknown"}},
		{healthCheckToken, "referenceName", map[string]any{"referenceName": strings.Repeat("r", 28)}},
		{recordToken, "weightedRoutingPolicies[0].weight", weighted(ownZoneID, "a", 256)},
		{recordToken, "setIdentifier", weighted(ownZoneID, strings.Repeat("s", 129), 1)},
		{recordToken, "latencyRoutingPolicies", map[string]any{"latencyRoutingPolicies": []any{}}},
	})
}

func TestRoute53Refusals(t *testing.T) {
	t.Parallel()
	check := func(more map[string]any) func(*testAccount) map[string]any {
		return func(a *testAccount) map[string]any {
			return checkOf(a.create(metricAlarmToken, with(alarmInputs(a.topic()), more)))
		}
	}
	runRefusals(t, []refusal{
		{"zone twice in a network", "ConflictingDomainExists", hostedZoneToken, func(a *testAccount) map[string]any {
			inputs := minimal[hostedZoneToken](a)
			a.create(hostedZoneToken, inputs)
			return with(inputs, map[string]any{"name": "App.internal."})
		}},
		{"check without a region", "InvalidInput", healthCheckToken, but(healthCheckToken, map[string]any{
			"cloudwatchAlarmRegion": nil,
		})},
		{"check in another region", "InvalidInput", healthCheckToken, but(healthCheckToken, map[string]any{
			"cloudwatchAlarmRegion": "us-east-1",
		})},
		{"check of a percentile", "InvalidInput", healthCheckToken, check(map[string]any{
			"statistic": nil, "extendedStatistic": "p99",
		})},
		{"check of some datapoints", "InvalidInput", healthCheckToken, check(map[string]any{"datapointsToAlarm": 3})},
		{"set without a policy", "InvalidInput", recordToken, but(recordToken, map[string]any{"setIdentifier": "a"})},
		{"policy without a set", "InvalidInput", recordToken, but(recordToken, map[string]any{
			"weightedRoutingPolicies": []any{map[string]any{"weight": 1}},
		})},
		{"weighted beside a simple one", "InvalidChangeBatch", recordToken, func(a *testAccount) map[string]any {
			simple := with(weighted(ownZoneID, "a", 1), map[string]any{"setIdentifier": nil, "weightedRoutingPolicies": nil})
			a.create(recordToken, simple)
			return weighted(ownZoneID, "b", 1)
		}},
		{"weighted twice", "InvalidChangeBatch", recordToken, func(a *testAccount) map[string]any {
			a.create(recordToken, weighted(ownZoneID, "a", 1))
			return weighted(ownZoneID, "a", 2)
		}},
		{"CNAME of two names", "InvalidChangeBatch", recordToken, but(recordToken, map[string]any{
			"type": "CNAME", "records": []any{"a.example.net", "b.example.net"},
		})},
		{"CNAME of a zone", "InvalidChangeBatch", recordToken, func(a *testAccount) map[string]any {
			zone := a.create(hostedZoneToken, minimal[hostedZoneToken](a))
			return with(weighted(zone.id, "a", 1), map[string]any{"name": "app.internal"})
		}},
	})
}

// TestPrivateZone has records of its own, and cannot go before them.
func TestPrivateZone(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	network, other := account.network("0"), account.network("1")
	zone := account.create(hostedZoneToken, privateZone(network.vpc))
	require.Equal(t, zone.id, zone.text("zoneId"))
	vpcs := zone.outputs["vpcs"].ArrayValue()
	require.Equal(t, testRegion, vpcs[0].ObjectValue()["vpcRegion"].StringValue())
	account.create(hostedZoneToken, privateZone(other.vpc))

	check := account.create(healthCheckToken, minimal[healthCheckToken](account))
	one := account.create(recordToken, with(weighted(zone.id, "a", 0), map[string]any{"healthCheckId": check.id}))
	two := account.create(recordToken, weighted(zone.id, "b", 1))
	require.Equal(t, zone.id+"_reader_CNAME_a", one.id)
	require.Equal(t, "reader.app.internal", one.text("fqdn"))
	require.Equal(t, one.text("fqdn"), two.text("fqdn"))

	_, err := account.update(zone, map[string]any{"name": "app.internal"})
	requireCode(t, "InvalidInput", err)
	requireCode(t, "HostedZoneNotEmpty", account.Delete(hostedZoneToken, zone.id))
	for _, record := range []made{one, two} {
		require.NoError(t, account.Delete(recordToken, record.id))
	}
	require.NoError(t, account.Delete(hostedZoneToken, zone.id))

	answer, _, err := account.Answer(functions(), "aws:route53/getZone:getZone",
		resource.NewPropertyMapFromMap(map[string]any{"name": ownZoneName}))
	require.NoError(t, err)
	require.InDelta(t, 2, answer["resourceRecordSetCount"].NumberValue(), 0, "its own NS and SOA")
}

func TestRoute53Changes(t *testing.T) {
	t.Parallel()
	runChanges(t, []change{
		{hostedZoneToken, "name", true, map[string]any{"name": "other.internal"}},
		{hostedZoneToken, "networks", false, map[string]any{"vpcs": []any{map[string]any{"vpcId": "vpc-2"}}}},
		{healthCheckToken, "alarm", false, map[string]any{"cloudwatchAlarmName": "other"}},
		{healthCheckToken, "missing data", false, map[string]any{"insufficientDataHealthStatus": "Unhealthy"}},
		{healthCheckToken, "reference", true, map[string]any{"referenceName": "other"}},
		{recordToken, "weight", false, map[string]any{"weightedRoutingPolicies": []any{map[string]any{"weight": 2}}}},
		{recordToken, "set", true, map[string]any{"setIdentifier": "other"}},
	})
}
