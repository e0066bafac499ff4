package cost_test

import (
	"math"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stagecraft/internal/offline/aws"
	"stagecraft/internal/review/cost"
)

const region = "eu-west-1"

// unknown is what a preview has in the place of values that only the update finds out.
const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"

// newState is a resource of the tier web, with the resources that its properties refer to.
func newState(token, name string, inputs map[string]any, references map[resource.PropertyKey]apitype.ResourceV3) apitype.ResourceV3 {
	state := apitype.ResourceV3{
		URN:  resource.NewURN("s", "p", "stagecraft:web:Web", tokens.Type(token), name),
		Type: tokens.Type(token), Custom: true, Inputs: inputs,
		PropertyDependencies: map[resource.PropertyKey][]resource.URN{},
	}
	for property, referenced := range references {
		state.PropertyDependencies[property] = []resource.URN{referenced.URN}
	}
	return state
}

// nothing is no usage, without free allowances.
func nothing(t *testing.T) cost.Usage {
	t.Helper()
	usage := cost.DefaultUsage()
	for _, assumption := range usage.Assumptions() {
		require.NoError(t, usage.Set(assumption.Name+"=0"))
	}
	return usage
}

type inputs = map[string]any

func TestFixedParts(t *testing.T) {
	t.Parallel()
	template := newState("aws:ec2/launchTemplate:LaunchTemplate", "t", inputs{
		"instanceType": "t4g.small", "blockDeviceMappings": []any{inputs{"ebs": inputs{"volumeSize": 20.0, "volumeType": "gp3"}}},
	}, nil)
	task := newState("aws:ecs/taskDefinition:TaskDefinition", "t", inputs{
		"cpu": "256", "memory": "512", "runtimePlatform": inputs{"cpuArchitecture": "ARM64"},
	}, nil)
	primary := newState("aws:rds/instance:Instance", "primary", inputs{
		"engine": "postgres", "instanceClass": "db.t4g.small", "allocatedStorage": 20.0, "storageType": "gp3", "multiAz": true,
	}, nil)
	replica := newState("aws:rds/instance:Instance", "replica", inputs{
		"instanceClass": "db.t4g.small", "storageType": "gp3", "replicateSourceDb": unknown,
	}, map[resource.PropertyKey]apitype.ResourceV3{"replicateSourceDb": primary})
	function := newState("aws:lambda/function:Function", "f", inputs{"memorySize": 512.0, "architectures": []any{"arm64"}}, nil)
	subnet := func(zone string) apitype.ResourceV3 {
		return newState("aws:ec2/subnet:Subnet", zone, inputs{"availabilityZone": zone}, nil)
	}
	for name, test := range map[string]struct {
		resources []apitype.ResourceV3
		want      float64
	}{
		"instance": {[]apitype.ResourceV3{newState("aws:ec2/instance:Instance", "i", inputs{
			"instanceType": "t4g.small", "rootBlockDevice": inputs{"volumeSize": 20.0, "volumeType": "gp3"},
			"associatePublicIpAddress": true, "monitoring": true,
		}, nil)}, 730*0.0184 + 20*0.088 + 730*0.005 + 7*0.3},
		"instance with nothing said": {[]apitype.ResourceV3{
			newState("aws:ec2/instance:Instance", "i", inputs{"instanceType": "t4g.small"}, nil),
		}, 730*0.0184 + 8*0.088},
		"group": {[]apitype.ResourceV3{template, newState("aws:autoscaling/group:Group", "g", inputs{"minSize": 3.0},
			map[resource.PropertyKey]apitype.ResourceV3{"launchTemplate": template})}, 3 * (730*0.0184 + 20*0.088)},
		"service": {[]apitype.ResourceV3{task, newState("aws:ecs/service:Service", "s", inputs{"desiredCount": 2.0},
			map[resource.PropertyKey]apitype.ResourceV3{"taskDefinition": task})}, 2 * 730 * (0.25*0.03238 + 0.5*0.00356)},
		"database with a standby": {[]apitype.ResourceV3{primary}, 2 * (730*0.035 + 20*0.127)},
		"database with a replica": {[]apitype.ResourceV3{primary, replica}, 3 * (730*0.035 + 20*0.127)},
		"cache": {[]apitype.ResourceV3{newState("aws:elasticache/replicationGroup:ReplicationGroup", "c", inputs{
			"engine": "valkey", "nodeType": "cache.t4g.small", "numCacheClusters": 2.0,
		}, nil)}, 2 * 730 * 0.0272},
		"sharded cache": {[]apitype.ResourceV3{newState("aws:elasticache/replicationGroup:ReplicationGroup", "c", inputs{
			"engine": "valkey", "nodeType": "cache.t4g.small", "numNodeGroups": 2.0, "replicasPerNodeGroup": 1.0,
		}, nil)}, 4 * 730 * 0.0272},
		"provisioned concurrency": {[]apitype.ResourceV3{
			function, newState("aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig",
				"p", inputs{"provisionedConcurrentExecutions": 2.0}, map[resource.PropertyKey]apitype.ResourceV3{"functionName": function}),
		}, 2 * 730 * 3600 * 0.5 * 0.0000033334},
		"load balancer with its subnets": {[]apitype.ResourceV3{
			newState("aws:lb/loadBalancer:LoadBalancer", "l", inputs{"subnets": []any{"a", "b"}}, nil),
		}, 730*0.0252 + 2*730*0.005},
		"load balancer before its subnets are known": {[]apitype.ResourceV3{
			subnet("a"), subnet("b"), subnet("c"), newState("aws:lb/loadBalancer:LoadBalancer", "l", inputs{"subnets": unknown}, nil),
		}, 730*0.0252 + 3*730*0.005},
		"internal load balancer": {[]apitype.ResourceV3{
			newState("aws:lb/loadBalancer:LoadBalancer", "l", inputs{"subnets": []any{"a"}, "internal": true}, nil),
		}, 730 * 0.0252},
		"NAT gateway": {[]apitype.ResourceV3{
			newState("aws:ec2/natGateway:NatGateway", "n", inputs{}, nil), newState("aws:ec2/eip:Eip", "n", inputs{}, nil),
		}, 730*0.048 + 730*0.005},
		"firewall": {[]apitype.ResourceV3{newState("aws:wafv2/webAcl:WebAcl", "w", inputs{"rules": []any{inputs{}, inputs{}}}, nil)}, 5 + 2},
		"alarms": {[]apitype.ResourceV3{
			newState("aws:cloudwatch/metricAlarm:MetricAlarm", "a", inputs{}, nil),
			newState("aws:cloudwatch/compositeAlarm:CompositeAlarm", "c", inputs{}, nil),
		}, 0.1 + 0.5},
		"health checks": {[]apitype.ResourceV3{
			newState("aws:route53/healthCheck:HealthCheck", "a", inputs{"type": "CLOUDWATCH_METRIC"}, nil),
			newState("aws:route53/healthCheck:HealthCheck", "b", inputs{"type": "HTTPS"}, nil),
		}, 0.5 + 0.75},
		"key and secret": {[]apitype.ResourceV3{
			newState("aws:kms/key:Key", "k", inputs{}, nil), newState("aws:secretsmanager/secret:Secret", "s", inputs{}, nil),
		}, 1 + 0.4},
		"what is free": {[]apitype.ResourceV3{newState("aws:iam/role:Role", "r", inputs{}, nil)}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			estimate, err := cost.Estimate(test.resources, region, nothing(t))
			require.NoError(t, err)
			require.InDelta(t, test.want, estimate.Fixed, 1e-6)
			require.Zero(t, estimate.Usage)
			require.Empty(t, estimate.Unpriced)
		})
	}
}

func TestUsageParts(t *testing.T) {
	t.Parallel()
	balancer := newState("aws:lb/loadBalancer:LoadBalancer", "l", inputs{"subnets": []any{"a"}, "internal": true}, nil)
	distribution := newState("aws:cloudfront/distribution:Distribution", "d", inputs{}, nil)
	for name, test := range map[string]struct {
		resources []apitype.ResourceV3
		usage     []string
		want      float64
	}{
		"load balancer": {[]apitype.ResourceV3{balancer}, nil, 200*0.008 + 200*0.09},
		"behind a distribution": {
			[]apitype.ResourceV3{balancer, distribution}, []string{"cacheShare=0.5"}, 100*0.008 + 200*0.085 + 1000*0.012,
		},
		"two NAT gateways share": {[]apitype.ResourceV3{
			newState("aws:ec2/natGateway:NatGateway", "a", inputs{}, nil), newState("aws:ec2/natGateway:NatGateway", "b", inputs{}, nil),
		}, []string{"natGBPerMonth=50"}, 50 * 0.048},
		"API": {
			[]apitype.ResourceV3{newState("aws:apigatewayv2/api:Api", "a", inputs{"protocolType": "HTTP"}, nil)},
			[]string{"functionShare=0.1"},
			1.11,
		},
		"allowance": {[]apitype.ResourceV3{balancer}, []string{"freeShare=1"}, 200*0.008 + 100*0.09},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			usage := nothing(t)
			for _, setting := range append([]string{"requestsPerMonth=10000000", "kilobytesPerResponse=20"}, test.usage...) {
				require.NoError(t, usage.Set(setting))
			}
			estimate, err := cost.Estimate(test.resources, region, usage)
			require.NoError(t, err)
			require.InDelta(t, test.want, estimate.Usage, 1e-6)
		})
	}
}

func TestUnpricedIsNamed(t *testing.T) {
	t.Parallel()
	resources := []apitype.ResourceV3{
		newState("aws:msk/cluster:Cluster", "a", inputs{}, nil),
		newState("aws:rds/instance:Instance", "d", inputs{"engine": "oracle-ee"}, nil),
		newState("aws:msk/cluster:Cluster", "b", inputs{}, nil),
		newState("aws:rds/instance:Instance", "e", inputs{"engine": "mysql"}, nil),
		newState("aws:rds/snapshot:Snapshot", "f", inputs{}, nil),
		newState("aws:guardduty/detectorFeature:DetectorFeature", "g", inputs{}, nil),
		newState("aws:cloudwatch/logDelivery:LogDelivery", "h", inputs{}, nil),
		newState("aws:sns/topic:Topic", "i", inputs{}, nil),
	}
	estimate, err := cost.Estimate(resources, region, nothing(t))
	require.NoError(t, err)
	require.Equal(t, []cost.Unpriced{
		{
			Type: "aws:cloudwatch/logDelivery:LogDelivery", Count: 1,
			Reason: "access logs beyond CloudFront's free volume are charged by volume",
		},
		{
			Type: "aws:guardduty/detectorFeature:DetectorFeature", Count: 1,
			Reason: "GuardDuty charges its protection plans by volumes that follow from no resource",
		},
		{Type: "aws:msk/cluster:Cluster", Count: 2, Reason: "there is no rule for it"},
		{Type: "aws:rds/instance:Instance", Count: 1, Reason: "no price of rds/mysql in eu-west-1"},
		{Type: "aws:rds/instance:Instance", Count: 1, Reason: "no price of rds/oracle-ee in eu-west-1"},
		{
			Type: "aws:rds/snapshot:Snapshot", Count: 1,
			Reason: "a snapshot is charged by its data, whose size follows from no resource",
		},
		{
			Type: "aws:sns/topic:Topic", Count: 1,
			Reason: "notifications are charged by delivery; the free allowance covers a few e-mails a day",
		},
	}, estimate.Unpriced)
	require.Equal(t, []cost.Tier{{Name: "web", Lines: []cost.Line{}}}, estimate.Tiers)
}

// TestTiers: lines are sums of a tier's charges, the free allowance is shared in proportion, and a tier that costs
// nothing is listed.
func TestTiers(t *testing.T) {
	t.Parallel()
	in := func(tier string, state apitype.ResourceV3) apitype.ResourceV3 {
		state.URN = resource.NewURN("s", "p", tokens.Type("stagecraft:"+tier+":T"), state.Type, state.URN.Name())
		return state
	}
	alarm := func(name string) apitype.ResourceV3 {
		return newState("aws:cloudwatch/metricAlarm:MetricAlarm", name, inputs{}, nil)
	}
	resources := []apitype.ResourceV3{
		in("network", newState("aws:ec2/natGateway:NatGateway", "n", inputs{}, nil)),
		in("network", alarm("n")),
		in("origin", newState("aws:secretsmanager/secret:Secret", "s", inputs{}, nil)),
		in("configuration", newState("aws:iam/role:Role", "r", inputs{}, nil)),
	}
	for i := range 19 {
		resources = append(resources, in("database", alarm(string(rune('a'+i)))))
	}
	for _, left := range []func(*apitype.ResourceV3){
		func(state *apitype.ResourceV3) { state.Custom = false },
		func(state *apitype.ResourceV3) { state.Delete = true },
		func(state *apitype.ResourceV3) { state.External = true },
		func(state *apitype.ResourceV3) { state.Type = "pulumi:providers:aws" },
	} {
		state := in("none", newState("aws:ec2/natGateway:NatGateway", "left out", inputs{}, nil))
		left(&state)
		resources = append(resources, state)
	}
	usage := nothing(t)
	require.NoError(t, usage.Set("natGBPerMonth=20"))
	require.NoError(t, usage.Set("freeShare=0.5"))
	estimate, err := cost.Estimate(resources, region, usage)
	require.NoError(t, err)
	const billed = 15.0 / 20 // of 20 alarms, 5 are within half of the allowance
	want := []cost.Tier{
		{Name: "configuration", Lines: []cost.Line{}},
		{Name: "database", Amount: cost.Amount{Fixed: 19 * billed * 0.1}, Lines: []cost.Line{
			{Key: "cloudwatch/alarm", Unit: "alarm-month", Quantity: 19 * billed, USD: 19 * billed * 0.1},
		}},
		{Name: "loadbalancer", Amount: cost.Amount{Fixed: 0.4}, Lines: []cost.Line{
			{Key: "secretsmanager/secret", Unit: "secret-month", Quantity: 1, USD: 0.4},
		}},
		{Name: "network", Amount: cost.Amount{Fixed: billed*0.1 + 730*0.048, Usage: 20 * 0.048}, Lines: []cost.Line{
			{Key: "cloudwatch/alarm", Unit: "alarm-month", Quantity: billed, USD: billed * 0.1},
			{Key: "nat/hour", Unit: "hour", Quantity: 730, USD: 730 * 0.048},
			{Key: "nat/processed", Unit: "GB", Quantity: 20, USD: 20 * 0.048, Usage: true},
		}},
	}
	require.Len(t, estimate.Tiers, len(want))
	for i, tier := range want {
		requireClose(t, tier, estimate.Tiers[i])
	}
	require.InDelta(t, 20*billed*0.1+0.4+730*0.048, estimate.Fixed, 1e-9)
	require.InDelta(t, 20*0.048, estimate.Usage, 1e-9)
	require.InDelta(t, estimate.Fixed+estimate.Usage, estimate.Total(), 1e-9)
	require.Equal(t, region, estimate.Region)
	require.Equal(t, usage.Assumptions(), estimate.Assumptions)
	require.Equal(t, []string{"2026-11-25", "2026-11-25"}, []string{estimate.From, estimate.To})
	require.Equal(t, []string{"cloudwatch/alarm", "nat/hour", "nat/processed", "secretsmanager/secret"}, estimate.Unverified)
	require.Equal(t, []string{
		"left out, not free: traffic between zones, requests to S3, KMS, Secrets Manager and Systems Manager, snapshots, " +
			"CPU credits above the baseline",
	}, estimate.Notes)
}

// requireClose compares tiers, with numbers up to rounding.
func requireClose(t *testing.T, want, got cost.Tier) {
	t.Helper()
	rounded := func(tier cost.Tier) cost.Tier {
		tier.Lines = append([]cost.Line{}, tier.Lines...)
		for i := range tier.Lines {
			tier.Lines[i].Quantity, tier.Lines[i].USD = round(tier.Lines[i].Quantity), round(tier.Lines[i].USD)
		}
		tier.Fixed, tier.Usage = round(tier.Fixed), round(tier.Usage)
		return tier
	}
	require.Equal(t, rounded(want), rounded(got))
}

func round(number float64) float64 { return math.Round(number*1e6) / 1e6 }

func TestRegions(t *testing.T) {
	t.Parallel()
	nat := newState("aws:ec2/natGateway:NatGateway", "n", inputs{}, nil)
	_, err := cost.Estimate([]apitype.ResourceV3{nat}, "eu-central-1", nothing(t))
	require.EqualError(t, err, `there are no prices for the region "eu-central-1": the price table has eu-west-1, us-east-1`)
	_, err = cost.Estimate(nil, "global", nothing(t))
	require.ErrorContains(t, err, `region "global"`)

	provider := newState("pulumi:providers:aws", "global", inputs{"region": "us-east-1"}, nil)
	nat.Provider = string(provider.URN) + "::id"
	estimate, err := cost.Estimate([]apitype.ResourceV3{provider, nat}, region, nothing(t))
	require.NoError(t, err)
	require.InDelta(t, 730*0.045, estimate.Fixed, 1e-6)

	provider.Inputs["region"] = "eu-central-1"
	_, err = cost.Estimate([]apitype.ResourceV3{provider, nat}, region, nothing(t))
	require.ErrorContains(t, err, `n: there are no prices for the region "eu-central-1"`)
	for _, unclear := range []any{unknown, nil} {
		provider.Inputs["region"] = unclear
		estimate, err = cost.Estimate([]apitype.ResourceV3{provider, nat}, region, nothing(t))
		require.NoError(t, err)
		require.InDelta(t, 730*0.048, estimate.Fixed, 1e-6, "the stack's region")
	}
}

// Each type of the offline catalog is priced, free, or named with a reason.
func TestEveryTypeIsKnown(t *testing.T) {
	t.Parallel()
	tokens := aws.New(nil, nil).Types()
	require.NotEmpty(t, tokens)
	for _, token := range tokens {
		estimate, err := cost.Estimate([]apitype.ResourceV3{newState(token, "one", inputs{}, nil)}, region, cost.DefaultUsage())
		require.NoError(t, err)
		for _, unpriced := range estimate.Unpriced {
			assert.NotEqual(t, "there is no rule for it", unpriced.Reason, token)
		}
	}
}

func TestCompare(t *testing.T) {
	t.Parallel()
	before := cost.Breakdown{Tiers: []cost.Tier{{Name: "a", Amount: cost.Amount{Fixed: 1}}, {Name: "b", Amount: cost.Amount{Fixed: 2}}}}
	after := cost.Breakdown{Tiers: []cost.Tier{{Name: "b", Amount: cost.Amount{Fixed: 3}}, {Name: "c", Amount: cost.Amount{Usage: 4}}}}
	require.Equal(t, []cost.Difference{
		{Tier: "a", Before: cost.Amount{Fixed: 1}},
		{Tier: "b", Before: cost.Amount{Fixed: 2}, After: cost.Amount{Fixed: 3}},
		{Tier: "c", After: cost.Amount{Usage: 4}},
	}, cost.Compare(before, after))
}
