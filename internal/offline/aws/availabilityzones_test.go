package aws

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/require"
)

func filterBy(name string, values ...any) map[string]any {
	return map[string]any{"filters": []any{map[string]any{"name": name, "values": values}}}
}

func TestGetAvailabilityZones(t *testing.T) {
	t.Parallel()
	const standard = "opt-in-not-required"
	for name, test := range map[string]struct {
		region string
		args   map[string]any
		want   []any
	}{
		"all that the account may use": {"us-west-2", nil, []any{
			"us-west-2-lax-1a", "us-west-2-lax-1b", "us-west-2a", "us-west-2b", "us-west-2c", "us-west-2d",
		}},
		"all zones": {"eu-central-1", map[string]any{"allAvailabilityZones": true}, []any{
			"eu-central-1-ham-1a", "eu-central-1-wl1-ber-wlz-1", "eu-central-1a", "eu-central-1b", "eu-central-1c",
		}},
		"a region without others": {"eu-west-1", nil, []any{"eu-west-1a", "eu-west-1b", "eu-west-1c"}},
		"Availability Zones": {"us-east-1", filterBy("opt-in-status", standard), []any{
			"us-east-1a", "us-east-1b", "us-east-1c", "us-east-1d", "us-east-1e", "us-east-1f",
		}},
		"zones opted in to": {"us-east-1", filterBy("opt-in-status", "opted-in"), []any{"us-east-1-atl-1a", "us-east-1-bos-1a"}},
		"no such zone":      {"eu-west-1", filterBy("opt-in-status", "opted-in"), []any{}},
		"one of two values": {
			"eu-central-1", filterBy("zone-name", "eu-central-1b", "eu-central-1-ham-1a"),
			[]any{"eu-central-1-ham-1a", "eu-central-1b"},
		},
		"by type":    {"us-west-2", filterBy("zone-type", "local-zone"), []any{"us-west-2-lax-1a", "us-west-2-lax-1b"}},
		"by group":   {"us-west-2", filterBy("group-name", "us-west-2-lax-1"), []any{"us-west-2-lax-1a", "us-west-2-lax-1b"}},
		"by id":      {"us-west-2", filterBy("zone-id", "usw2-az?", "usw2-lax1-az2"), []any{"us-west-2-lax-1b", "us-west-2a", "us-west-2b", "us-west-2c", "us-west-2d"}},
		"by region":  {"eu-west-1", filterBy("region-name", "eu-west-2"), []any{}},
		"by state":   {"eu-west-1", filterBy("state", "unavailable"), []any{}},
		"in a state": {"eu-west-1", map[string]any{"state": "available"}, []any{"eu-west-1a", "eu-west-1b", "eu-west-1c"}},
		"in another": {"eu-west-1", map[string]any{"state": "impaired"}, []any{}},
		"but some": {
			"eu-west-1", map[string]any{"excludeNames": []any{"eu-west-1b"}, "excludeZoneIds": []any{"euw1-az3"}}, []any{"eu-west-1a"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			account := newTestAccountIn(t, test.region)
			answer, failures, err := account.Invoke(functions(), "aws:index/getAvailabilityZones:getAvailabilityZones",
				resource.NewPropertyMapFromMap(test.args))
			require.NoError(t, err)
			require.Empty(t, failures)
			require.Equal(t, test.want, answer["names"].Mappable())
			require.Len(t, answer["zoneIds"].ArrayValue(), len(test.want))
		})
	}
}

func TestGetAvailabilityZonesAnswer(t *testing.T) {
	t.Parallel()
	args := with(filterBy("zone-name", "eu-central-1-*", "eu-central-1a", "eu-central-1b"), map[string]any{
		"allAvailabilityZones": true, "state": "available",
	})
	answer, _, err := newTestAccountIn(t, "eu-central-1").Invoke(functions(),
		"aws:index/getAvailabilityZones:getAvailabilityZones", resource.NewPropertyMapFromMap(args))
	require.NoError(t, err)
	require.Equal(t, with(args, map[string]any{
		"id":         "eu-central-1",
		"names":      []any{"eu-central-1-ham-1a", "eu-central-1-wl1-ber-wlz-1", "eu-central-1a", "eu-central-1b"},
		"zoneIds":    []any{"euc1-ham1-az1", "euc1-wl1-ber-wlz1", "euc1-az1", "euc1-az2"},
		"groupNames": []any{"eu-central-1", "eu-central-1-ham-1", "eu-central-1-wl1"},
	}), answer.Mappable())
}

func TestGetAvailabilityZonesRejectsUnknownFilters(t *testing.T) {
	t.Parallel()
	_, _, err := newTestAccount(t).Invoke(functions(), "aws:index/getAvailabilityZones:getAvailabilityZones",
		resource.NewPropertyMapFromMap(filterBy("opt-in", "opted-in")))
	requireCode(t, "InvalidParameterValue", err)
	require.ErrorContains(t, err, "The filter 'opt-in' is invalid")
}
