package aws

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/require"
)

var minimalRoute53 = map[string]func(*testAccount) map[string]any{
	recordToken: func(*testAccount) map[string]any { return addressRecord("www.example.com") },
	hostedZoneToken: func(a *testAccount) map[string]any {
		return privateZone(a.create(vpcToken, map[string]any{"cidrBlock": "10.0.0.0/16"}))
	},
	healthCheckToken: func(a *testAccount) map[string]any {
		return checkOf(a.create(metricAlarmToken, alarmInputs(a.topic())))
	},
}

func privateZone(vpc created) map[string]any {
	return map[string]any{"name": "app.internal", "vpcs": []any{map[string]any{"vpcId": vpc.id}}}
}

func checkOf(alarm created) map[string]any {
	return map[string]any{
		"type": "CLOUDWATCH_METRIC", "cloudwatchAlarmName": alarm.text("name"), "cloudwatchAlarmRegion": testRegion,
	}
}

// weighted returns the inputs of a weighted record.
func weighted(zone, identifier string, weight int) map[string]any {
	return map[string]any{
		"zoneId": zone, "name": "reader", "type": "CNAME", "ttl": 10, "records": []any{identifier + ".example.net"},
		"setIdentifier": identifier, "weightedRoutingPolicies": []any{map[string]any{"weight": weight}},
	}
}

func TestRoute53InputsRejected(t *testing.T) {
	t.Parallel()
	runInputRejections(t, []inputRejection{
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
		{recordToken, "type", map[string]any{"type": "B"}},
		{recordToken, "records", map[string]any{"aliases": []any{}}},
	})
}

func TestRoute53Rejections(t *testing.T) {
	t.Parallel()
	alias := func(zone, name string) map[string]any {
		return map[string]any{"records": nil, "ttl": nil, "aliases": []any{map[string]any{
			"zoneId": zone, "name": name, "evaluateTargetHealth": false,
		}}}
	}
	check := func(more map[string]any) func(*testAccount) map[string]any {
		return func(a *testAccount) map[string]any {
			return checkOf(a.create(metricAlarmToken, with(alarmInputs(a.topic()), more)))
		}
	}
	runRejections(t, []rejection{
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
		{"another's zone", "NoSuchHostedZone", recordToken, but(recordToken, map[string]any{"zoneId": "Z123"})},
		{"no time to live", "InvalidInput", recordToken, but(recordToken, map[string]any{"ttl": nil})},
		{"CNAME of the zone itself", "InvalidChangeBatch", recordToken, but(recordToken, map[string]any{
			"name": "example.com", "type": "CNAME", "records": []any{"www.example.com"},
		})},
		{
			"A without an address", "InvalidChangeBatch", recordToken,
			but(recordToken, map[string]any{"records": []any{"www.example.com"}}),
		},
		{"AAAA with an IPv4 address", "InvalidChangeBatch", recordToken, but(recordToken, map[string]any{"type": "AAAA"})},
		{"health of a distribution", "InvalidChangeBatch", recordToken, but(recordToken, map[string]any{
			"records": nil, "ttl": nil, "aliases": []any{map[string]any{
				"zoneId": cloudFrontZone, "name": "d111111abcdef8.cloudfront.net", "evaluateTargetHealth": true,
			}},
		})},
		{"alias of an unknown zone", "InvalidChangeBatch", recordToken, but(recordToken, alias("Z123", "a.example.net"))},
		{
			"alias into the wrong zone", "InvalidChangeBatch", recordToken,
			but(recordToken, alias(locations["us-east-1"].elbZone, "web-1.eu-west-1.elb.amazonaws.com")),
		},
	})
}

// TestPrivateZone checks that a private zone has its own records, and cannot be deleted before them.
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
	for _, record := range []created{one, two} {
		require.NoError(t, account.Delete(recordToken, record.id))
	}
	require.NoError(t, account.Delete(hostedZoneToken, zone.id))

	answer, _, err := account.Invoke(functions(), "aws:route53/getZone:getZone",
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
		{recordToken, "from address to alias", false, map[string]any{"records": nil, "aliases": []any{}}},
		{recordToken, "name", true, map[string]any{"name": "api"}},
	})
}

func TestRecords(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	for name, full := range map[string]string{
		"www": "www.example.com", "api.example.com": "api.example.com", "API2.example.com.": "api2.example.com",
		"example.com": "example.com", "www.example.net": "www.example.net.example.com",
	} {
		require.Equal(t, full, account.create(recordToken, addressRecord(name)).text("fqdn"))
	}
	account.create(recordToken, with(addressRecord("www"), map[string]any{"allowOverwrite": true}))
}

func TestGetZone(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	lookUp := func(args map[string]any) (map[string]any, error) {
		answer, failures, err := account.Invoke(functions(), "aws:route53/getZone:getZone", resource.NewPropertyMapFromMap(args))
		require.Empty(t, failures)
		return answer.Mappable(), err
	}
	zone, err := lookUp(map[string]any{"name": "example.com.", "privateZone": false})
	require.NoError(t, err)
	require.Equal(t, map[string]any{
		"id": ownZoneID, "zoneId": ownZoneID, "name": ownZoneName, "arn": "arn:aws:route53:::hostedzone/" + ownZoneID,
		"callerReference": "offline", "comment": "Owned by the offline account from the start", "nameServers": nameServers,
		"linkedServiceDescription": "", "linkedServicePrincipal": "", "primaryNameServer": nameServers[0],
		"privateZone": false, "resourceRecordSetCount": 2.0, "tags": map[string]any{}, "vpcId": "",
	}, zone)

	vpc, other := account.network("0").vpc, account.network("1").vpc
	private := account.create(hostedZoneToken, with(privateZone(vpc), map[string]any{"name": "example.com"}))
	public := account.create(hostedZoneToken, map[string]any{"name": "shop.example", "tags": map[string]any{"Tier": "web"}})
	account.create(recordToken, map[string]any{
		"zoneId": public.id, "name": "www", "type": "A", "ttl": 60, "records": []any{"192.0.2.1"},
	})
	for _, test := range []struct {
		args map[string]any
		want string
	}{
		{map[string]any{"name": "EXAMPLE.com"}, ownZoneID},
		{map[string]any{"name": "example.com", "privateZone": true}, private.id},
		{map[string]any{"name": "example.com", "vpcId": vpc.id}, private.id},
		{map[string]any{"name": "shop.example", "tags": map[string]any{"Tier": "web"}}, public.id},
		{map[string]any{"zoneId": ownZoneID}, ownZoneID},
		{map[string]any{"zoneId": private.id}, private.id},
	} {
		zone, err := lookUp(test.args)
		require.NoError(t, err, "%v", test.args)
		require.Equal(t, test.want, zone["zoneId"], "%v", test.args)
		require.Equal(t, test.want == private.id, zone["privateZone"], "%v", test.args)
		require.Equal(t, test.want == private.id, zone["vpcId"] == vpc.id, "%v", test.args)
	}
	zone, err = lookUp(map[string]any{"zoneId": public.id})
	require.NoError(t, err)
	require.Equal(t, 3.0, zone["resourceRecordSetCount"])
	require.Equal(t, map[string]any{"Tier": "web"}, zone["tags"])

	const none = "no matching Route 53 Hosted Zone found"
	for _, test := range []struct {
		args map[string]any
		want string
	}{
		{nil, "either name or zoneId must be set"},
		{map[string]any{"name": "example.com", "zoneId": ownZoneID}, "zoneId and name arguments can't be used together"},
		{map[string]any{"name": "example.org"}, none + ` for "example.org": the offline account owns one public zone, example.com`},
		{map[string]any{"zoneId": "Z123"}, none},
		{map[string]any{"name": "shop.example", "privateZone": true}, none},
		{map[string]any{"name": "example.com", "vpcId": other.id}, none},
		{map[string]any{"name": "shop.example", "tags": map[string]any{"Tier": "data"}}, none},
	} {
		_, err := lookUp(test.args)
		require.ErrorContains(t, err, test.want, "%v", test.args)
	}
	account.create(hostedZoneToken, map[string]any{"name": "shop.example"})
	_, err = lookUp(map[string]any{"name": "shop.example"})
	require.ErrorContains(t, err, "multiple Route 53 Hosted Zones matched")
}

func addressRecord(name string) map[string]any {
	return map[string]any{"zoneId": ownZoneID, "name": name, "type": "A", "ttl": 60, "records": []any{"192.0.2.1"}}
}
