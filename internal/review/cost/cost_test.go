package cost_test

import (
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

// unknown stands in a preview for what only the update will tell.
const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"

// made is a resource; refers says which property refers to which resource.
func made(kind, name string, inputs map[string]any, refers map[resource.PropertyKey]apitype.ResourceV3) apitype.ResourceV3 {
	its := apitype.ResourceV3{
		URN:  resource.NewURN("s", "p", "stagecraft:web:Web", tokens.Type(kind), name),
		Type: tokens.Type(kind), Custom: true, Inputs: inputs,
		PropertyDependencies: map[resource.PropertyKey][]resource.URN{},
	}
	for property, to := range refers {
		its.PropertyDependencies[property] = []resource.URN{to.URN}
	}
	return its
}

// nothing is a usage of nothing, with no allowances left.
func nothing(t *testing.T) cost.Usage {
	t.Helper()
	usage := cost.DefaultUsage()
	for _, what := range usage.Assumptions() {
		require.NoError(t, usage.Set(what.Name+"=0"))
	}
	return usage
}

type inputs = map[string]any

func TestFixedParts(t *testing.T) {
	t.Parallel()
	template := made("aws:ec2/launchTemplate:LaunchTemplate", "t", inputs{
		"instanceType": "t4g.small", "blockDeviceMappings": []any{inputs{"ebs": inputs{"volumeSize": 20.0, "volumeType": "gp3"}}},
	}, nil)
	task := made("aws:ecs/taskDefinition:TaskDefinition", "t", inputs{
		"cpu": "256", "memory": "512", "runtimePlatform": inputs{"cpuArchitecture": "ARM64"},
	}, nil)
	primary := made("aws:rds/instance:Instance", "primary", inputs{
		"engine": "postgres", "instanceClass": "db.t4g.small", "allocatedStorage": 20.0, "storageType": "gp3", "multiAz": true,
	}, nil)
	replica := made("aws:rds/instance:Instance", "replica", inputs{
		"instanceClass": "db.t4g.small", "storageType": "gp3", "replicateSourceDb": unknown,
	}, map[resource.PropertyKey]apitype.ResourceV3{"replicateSourceDb": primary})
	function := made("aws:lambda/function:Function", "f", inputs{"memorySize": 512.0, "architectures": []any{"arm64"}}, nil)
	subnet := func(zone string) apitype.ResourceV3 {
		return made("aws:ec2/subnet:Subnet", zone, inputs{"availabilityZone": zone}, nil)
	}
	for name, test := range map[string]struct {
		resources []apitype.ResourceV3
		want      float64
	}{
		"instance": {[]apitype.ResourceV3{made("aws:ec2/instance:Instance", "i", inputs{
			"instanceType": "t4g.small", "rootBlockDevice": inputs{"volumeSize": 20.0, "volumeType": "gp3"},
			"associatePublicIpAddress": true, "monitoring": true,
		}, nil)}, 730*0.0184 + 20*0.088 + 730*0.005 + 7*0.3},
		"instance with nothing said": {[]apitype.ResourceV3{
			made("aws:ec2/instance:Instance", "i", inputs{"instanceType": "t4g.small"}, nil),
		}, 730*0.0184 + 8*0.088},
		"group": {[]apitype.ResourceV3{template, made("aws:autoscaling/group:Group", "g", inputs{"minSize": 3.0},
			map[resource.PropertyKey]apitype.ResourceV3{"launchTemplate": template})}, 3 * (730*0.0184 + 20*0.088)},
		"service": {[]apitype.ResourceV3{task, made("aws:ecs/service:Service", "s", inputs{"desiredCount": 2.0},
			map[resource.PropertyKey]apitype.ResourceV3{"taskDefinition": task})}, 2 * 730 * (0.25*0.03238 + 0.5*0.00356)},
		"database with a standby": {[]apitype.ResourceV3{primary}, 2 * (730*0.035 + 20*0.127)},
		"database with a replica": {[]apitype.ResourceV3{primary, replica}, 3 * (730*0.035 + 20*0.127)},
		"cache": {[]apitype.ResourceV3{made("aws:elasticache/replicationGroup:ReplicationGroup", "c", inputs{
			"engine": "valkey", "nodeType": "cache.t4g.small", "numCacheClusters": 2.0,
		}, nil)}, 2 * 730 * 0.0272},
		"sharded cache": {[]apitype.ResourceV3{made("aws:elasticache/replicationGroup:ReplicationGroup", "c", inputs{
			"engine": "valkey", "nodeType": "cache.t4g.small", "numNodeGroups": 2.0, "replicasPerNodeGroup": 1.0,
		}, nil)}, 4 * 730 * 0.0272},
		"provisioned concurrency": {[]apitype.ResourceV3{
			function, made("aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig",
				"p", inputs{"provisionedConcurrentExecutions": 2.0}, map[resource.PropertyKey]apitype.ResourceV3{"functionName": function}),
		}, 2 * 730 * 3600 * 0.5 * 0.0000033334},
		"load balancer with its subnets": {[]apitype.ResourceV3{
			made("aws:lb/loadBalancer:LoadBalancer", "l", inputs{"subnets": []any{"a", "b"}}, nil),
		}, 730*0.0252 + 2*730*0.005},
		"load balancer before its subnets are known": {[]apitype.ResourceV3{
			subnet("a"), subnet("b"), subnet("c"), made("aws:lb/loadBalancer:LoadBalancer", "l", inputs{"subnets": unknown}, nil),
		}, 730*0.0252 + 3*730*0.005},
		"internal load balancer": {[]apitype.ResourceV3{
			made("aws:lb/loadBalancer:LoadBalancer", "l", inputs{"subnets": []any{"a"}, "internal": true}, nil),
		}, 730 * 0.0252},
		"NAT gateway": {[]apitype.ResourceV3{
			made("aws:ec2/natGateway:NatGateway", "n", inputs{}, nil), made("aws:ec2/eip:Eip", "n", inputs{}, nil),
		}, 730*0.048 + 730*0.005},
		"firewall": {[]apitype.ResourceV3{made("aws:wafv2/webAcl:WebAcl", "w", inputs{"rules": []any{inputs{}, inputs{}}}, nil)}, 5 + 2},
		"alarms": {[]apitype.ResourceV3{
			made("aws:cloudwatch/metricAlarm:MetricAlarm", "a", inputs{}, nil),
			made("aws:cloudwatch/compositeAlarm:CompositeAlarm", "c", inputs{}, nil),
		}, 0.1 + 0.5},
		"health checks": {[]apitype.ResourceV3{
			made("aws:route53/healthCheck:HealthCheck", "a", inputs{"type": "CLOUDWATCH_METRIC"}, nil),
			made("aws:route53/healthCheck:HealthCheck", "b", inputs{"type": "HTTPS"}, nil),
		}, 0.5 + 0.75},
		"key and secret": {[]apitype.ResourceV3{
			made("aws:kms/key:Key", "k", inputs{}, nil), made("aws:secretsmanager/secret:Secret", "s", inputs{}, nil),
		}, 1 + 0.4},
		"what is free": {[]apitype.ResourceV3{made("aws:iam/role:Role", "r", inputs{}, nil)}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			estimate, err := cost.Of(test.resources, region, nothing(t))
			require.NoError(t, err)
			require.InDelta(t, test.want, estimate.Fixed, 1e-6)
			require.Zero(t, estimate.Usage)
			require.Empty(t, estimate.Unpriced)
		})
	}
}

func TestUsageParts(t *testing.T) {
	t.Parallel()
	balancer := made("aws:lb/loadBalancer:LoadBalancer", "l", inputs{"subnets": []any{"a"}, "internal": true}, nil)
	distribution := made("aws:cloudfront/distribution:Distribution", "d", inputs{}, nil)
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
			made("aws:ec2/natGateway:NatGateway", "a", inputs{}, nil), made("aws:ec2/natGateway:NatGateway", "b", inputs{}, nil),
		}, []string{"natGBPerMonth=50"}, 50 * 0.048},
		"API": {
			[]apitype.ResourceV3{made("aws:apigatewayv2/api:Api", "a", inputs{"protocolType": "HTTP"}, nil)},
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
			estimate, err := cost.Of(test.resources, region, usage)
			require.NoError(t, err)
			require.InDelta(t, test.want, estimate.Usage, 1e-6)
		})
	}
}

func TestUnpricedIsNamed(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		resource apitype.ResourceV3
		want     string
	}{
		"class":  {made("aws:rds/instance:Instance", "d", inputs{"instanceClass": "db.x9.huge", "allocatedStorage": 1.0, "storageType": "gp3"}, nil), "rds/db.x9.huge"},
		"type":   {made("aws:msk/cluster:Cluster", "k", inputs{}, nil), "no rule"},
		"engine": {made("aws:rds/instance:Instance", "d", inputs{"engine": "oracle-ee"}, nil), "rds/oracle-ee"},
		"group":  {made("aws:autoscaling/group:Group", "g", inputs{"minSize": 1.0}, nil), "launch template"},
		"zones":  {made("aws:lb/loadBalancer:LoadBalancer", "l", inputs{"subnets": unknown}, nil), "zones"},
		"network load balancer": {
			made("aws:lb/loadBalancer:LoadBalancer", "l", inputs{"loadBalancerType": "network"}, nil), "network load balancer",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			estimate, err := cost.Of([]apitype.ResourceV3{test.resource}, region, nothing(t))
			require.NoError(t, err)
			require.Len(t, estimate.Unpriced, 1)
			require.Contains(t, estimate.Unpriced[0].Reason, test.want)
			require.Equal(t, 1, estimate.Unpriced[0].Count)
		})
	}
}

func TestRegions(t *testing.T) {
	t.Parallel()
	nat := made("aws:ec2/natGateway:NatGateway", "n", inputs{}, nil)
	_, err := cost.Of([]apitype.ResourceV3{nat}, "eu-central-1", nothing(t))
	require.ErrorContains(t, err, "eu-west-1, us-east-1")

	provider := made("pulumi:providers:aws", "global", inputs{"region": "us-east-1"}, nil)
	nat.Provider = string(provider.URN) + "::id"
	estimate, err := cost.Of([]apitype.ResourceV3{provider, nat}, region, nothing(t))
	require.NoError(t, err)
	require.InDelta(t, 730*0.045, estimate.Fixed, 1e-6)
}

// Each type of the offline catalog is priced, free, or named with a reason.
func TestEveryTypeIsKnown(t *testing.T) {
	t.Parallel()
	tokens := aws.New(nil, nil).Types()
	require.NotEmpty(t, tokens)
	for _, token := range tokens {
		estimate, err := cost.Of([]apitype.ResourceV3{made(token, "one", inputs{}, nil)}, region, cost.DefaultUsage())
		require.NoError(t, err)
		for _, what := range estimate.Unpriced {
			assert.NotEqual(t, "there is no rule for it", what.Reason, token)
		}
	}
}

func TestCompare(t *testing.T) {
	t.Parallel()
	before := cost.Estimate{Tiers: []cost.Tier{{Name: "a", Amount: cost.Amount{Fixed: 1}}, {Name: "b", Amount: cost.Amount{Fixed: 2}}}}
	after := cost.Estimate{Tiers: []cost.Tier{{Name: "b", Amount: cost.Amount{Fixed: 3}}, {Name: "c", Amount: cost.Amount{Usage: 4}}}}
	require.Equal(t, []cost.Difference{
		{Tier: "a", Before: cost.Amount{Fixed: 1}},
		{Tier: "b", Before: cost.Amount{Fixed: 2}, After: cost.Amount{Fixed: 3}},
		{Tier: "c", After: cost.Amount{Usage: 4}},
	}, cost.Compare(before, after))
}
