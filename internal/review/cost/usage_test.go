package cost_test

import (
	"bytes"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/stretchr/testify/require"

	"stagecraft/internal/review/cost"
)

func TestUsage(t *testing.T) {
	t.Parallel()
	usage := cost.DefaultUsage()
	require.NoError(t, usage.Read([]byte("requestsPerMonth: 5\ncacheShare: 0.25\n")))
	require.NoError(t, usage.Set("cacheShare=0.5"))
	require.InDelta(t, 5, usage.RequestsPerMonth, 0)
	require.InDelta(t, 0.5, usage.CacheShare, 0)
}

func TestUsageRefuses(t *testing.T) {
	t.Parallel()
	for setting, want := range map[string]string{
		"requests=1": "choose one of requestsPerMonth", "requestsPerMonth": "NAME=NUMBER", "requestsPerMonth=many": "NAME=NUMBER",
		"requestsPerMonth=-1": "from 0", "requestsPerMonth=NaN": "from 0", "cacheShare=2": "from 0 to 1",
	} {
		usage := cost.DefaultUsage()
		require.ErrorContains(t, usage.Set(setting), want)
		require.Equal(t, cost.DefaultUsage(), usage)
	}
	usage := cost.DefaultUsage()
	require.ErrorContains(t, usage.Read([]byte("requests: 1")), "choose one of")
	require.ErrorContains(t, usage.Read([]byte("- 1")), "map names to numbers")
}

func TestWrite(t *testing.T) {
	t.Parallel()
	estimate, err := cost.Of([]apitype.ResourceV3{
		made("aws:ec2/natGateway:NatGateway", "n", inputs{}, nil), made("aws:msk/cluster:Cluster", "k", inputs{}, nil),
	}, region, nothing(t))
	require.NoError(t, err)
	for format, want := range map[string]string{
		"table": "  1 × aws:msk/cluster:Cluster", "markdown": "| total | 35.04 | 0.00 | 35.04 |", "json": `"fixed": 35.04`,
	} {
		var out bytes.Buffer
		require.NoError(t, cost.Write(&out, format, estimate))
		require.Contains(t, out.String(), want)
		require.Contains(t, out.String(), "nat/hour") // of which nobody has seen the price on AWS's page
	}
	require.ErrorContains(t, cost.Write(&bytes.Buffer{}, "xml", estimate), "table, markdown, json")
}
