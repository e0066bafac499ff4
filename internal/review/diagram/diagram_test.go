package diagram_test

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/stretchr/testify/require"

	"stagecraft/internal/review/diagram"
)

var update = flag.Bool("update", false, "write the golden files")

// refs are the resources that each property refers to.
type refs map[string][]resource.URN

func newState(token, name string, inputs map[string]any, references refs) apitype.ResourceV3 {
	state := apitype.ResourceV3{
		URN: urn(token, name), Custom: true, Type: tokens.Type(token), Inputs: inputs,
		PropertyDependencies: map[resource.PropertyKey][]resource.URN{},
	}
	for property, urns := range references {
		state.PropertyDependencies[resource.PropertyKey(property)] = urns
	}
	return state
}

func urn(token, name string) resource.URN {
	return resource.NewURN("test", "garden", "", tokens.Type(token), name)
}

const (
	vpc      = "aws:ec2/vpc:Vpc"
	subnet   = "aws:ec2/subnet:Subnet"
	group    = "aws:ec2/securityGroup:SecurityGroup"
	instance = "aws:ec2/instance:Instance"
	database = "aws:rds/instance:Instance"
	record   = "aws:route53/record:Record"
)

func inZone(name, zone string) apitype.ResourceV3 {
	return newState(subnet, name, map[string]any{"availabilityZone": zone}, refs{"vpcId": {urn(vpc, "net")}})
}

// network has an instance in front of a database, connected by their security groups.
func network() []apitype.ResourceV3 {
	return []apitype.ResourceV3{
		newState(vpc, "net", map[string]any{"cidrBlock": "10.0.0.0/16"}, nil),
		inZone("net-public-1", "eu-west-1a"),
		inZone("net-isolated-1", "eu-west-1a"),
		inZone("net-isolated-2", "eu-west-1b"),
		newState("aws:ec2/internetGateway:InternetGateway", "net", nil, refs{"vpcId": {urn(vpc, "net")}}),
		newState(group, "web", nil, nil),
		newState(group, "database", nil, refs{"ingress": {urn(group, "web")}}),
		newState(instance, "web", map[string]any{"associatePublicIpAddress": true, "instanceType": "t4g.small"}, refs{
			"subnetId": {urn(subnet, "net-public-1")}, "vpcSecurityGroupIds": {urn(group, "web")},
		}),
		newState(database, "database", map[string]any{"multiAz": true, "instanceClass": "db.t4g.small"}, refs{
			"vpcSecurityGroupIds": {urn(group, "database")},
		}),
		newState(database, "replica", map[string]any{"availabilityZone": "eu-west-1b", "replicateSourceDb": "database"}, refs{
			"replicateSourceDb": {urn(database, "database")}, "vpcSecurityGroupIds": {urn(group, "database")},
		}),
		newState("aws:cloudwatch/metricAlarm:MetricAlarm", "cpu", nil, nil),
		newState("aws:cloudwatch/metricAlarm:MetricAlarm", "memory", nil, nil),
	}
}

// platform has every way from one node to the next: an entry at the edge, a load balancer with listeners and rules,
// servers whose security groups are their launch template's, tasks that read parameters, a cache in fewer zones than
// its subnets.
func platform() []apitype.ResourceV3 {
	const (
		edge       = "aws:cloudfront/distribution:Distribution"
		firewall   = "aws:wafv2/webAcl:WebAcl"
		balancer   = "aws:lb/loadBalancer:LoadBalancer"
		listener   = "aws:lb/listener:Listener"
		rule       = "aws:lb/listenerRule:ListenerRule"
		target     = "aws:lb/targetGroup:TargetGroup"
		template   = "aws:ec2/launchTemplate:LaunchTemplate"
		servers    = "aws:autoscaling/group:Group"
		service    = "aws:ecs/service:Service"
		task       = "aws:ecs/taskDefinition:TaskDefinition"
		parameter  = "aws:ssm/parameter:Parameter"
		queue      = "aws:sqs/queue:Queue"
		cache      = "aws:elasticache/replicationGroup:ReplicationGroup"
		subnets    = "aws:elasticache/subnetGroup:SubnetGroup"
		groupRule  = "aws:ec2/securityGroupRule:SecurityGroupRule"
		ingress    = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
		natGateway = "aws:ec2/natGateway:NatGateway"
	)
	inSubnet := func(name, zone string) apitype.ResourceV3 {
		return newState(subnet, name, map[string]any{"availabilityZone": zone}, refs{"vpcId": {urn(vpc, "net")}})
	}
	states := []apitype.ResourceV3{
		newState(vpc, "net", map[string]any{"cidrBlock": "10.0.0.0/16"}, nil),
		newState("aws:ec2/internetGateway:InternetGateway", "net", nil, refs{"vpcId": {urn(vpc, "net")}}),
		newState(firewall, "web", nil, nil),
		newState(edge, "web", nil, refs{"webAclId": {urn(firewall, "web")}, "origins": {urn(balancer, "web")}}),
		newState(balancer, "web", map[string]any{"loadBalancerType": "application"}, refs{
			"subnets":        {urn(subnet, "net-public-a"), urn(subnet, "net-public-b"), urn(subnet, "net-public-c")},
			"securityGroups": {urn(group, "balancer")},
		}),
		newState(listener, "web", nil, refs{"loadBalancerArn": {urn(balancer, "web")}, "defaultActions": {urn(target, "servers")}}),
		newState(rule, "api", nil, refs{"listenerArn": {urn(listener, "web")}, "actions": {urn(target, "service")}}),
		newState(target, "servers", nil, nil),
		newState(target, "service", nil, nil),
		newState(group, "balancer", nil, nil),
		newState(group, "servers", nil, nil),
		newState(group, "service", nil, nil),
		newState(group, "cache", nil, nil),
		newState(template, "servers", nil, refs{"vpcSecurityGroupIds": {urn(group, "servers")}}),
		newState(servers, "servers", map[string]any{"minSize": 3.0, "maxSize": 9.0}, refs{
			"targetGroupArns": {urn(target, "servers")}, "launchTemplate": {urn(template, "servers")},
			"vpcZoneIdentifiers": {urn(subnet, "net-private-a"), urn(subnet, "net-private-b"), urn(subnet, "net-private-c")},
		}),
		newState(service, "users", map[string]any{"desiredCount": 2.0}, refs{
			"loadBalancers": {urn(target, "service")}, "taskDefinition": {urn(task, "users")}, "networkConfiguration": {urn(group, "service")},
		}),
		newState(task, "users", nil, refs{"containerDefinitions": {urn(parameter, "queue")}}),
		newState(parameter, "queue", nil, refs{"value": {urn(queue, "signups")}}),
		newState(queue, "signups", nil, nil),
		newState(queue, "failed", nil, nil),
		newState(subnets, "cache", nil, refs{
			"subnetIds": {urn(subnet, "net-isolated-a"), urn(subnet, "net-isolated-b"), urn(subnet, "net-isolated-c")},
		}),
		newState(cache, "cache", map[string]any{"engine": "valkey", "nodeType": "cache.t4g.small", "numCacheClusters": 2.0}, refs{
			"subnetGroupName": {urn(subnets, "cache")}, "securityGroupIds": {urn(group, "cache")},
		}),
		newState(ingress, "cache-from-servers", map[string]any{"fromPort": 6379.0, "toPort": 6379.0}, refs{
			"securityGroupId": {urn(group, "cache")}, "referencedSecurityGroupId": {urn(group, "servers")},
		}),
		newState(groupRule, "service-to-cache", map[string]any{"type": "egress", "fromPort": 6379.0, "toPort": 6380.0}, refs{
			"securityGroupId": {urn(group, "service")}, "sourceSecurityGroupId": {urn(group, "cache")},
		}),
		newState(groupRule, "servers-from-balancer", map[string]any{"type": "ingress", "fromPort": 8080.0, "toPort": 8080.0}, refs{
			"securityGroupId": {urn(group, "servers")}, "sourceSecurityGroupId": {urn(group, "balancer")},
		}),
		newState(natGateway, "net-a", nil, refs{"subnetId": {urn(subnet, "net-public-a")}}),
		newState(natGateway, "net-b", nil, refs{"subnetId": {urn(subnet, "net-public-b")}}),
	}
	for _, tier := range []string{"public", "private", "isolated"} {
		for _, zone := range []string{"a", "b", "c"} {
			states = append(states, inSubnet("net-"+tier+"-"+zone, "eu-west-1"+zone))
		}
	}
	component := newState("stagecraft:web:Web", "web", nil, nil)
	component.Custom = false
	return append(states, component, newState("pulumi:providers:aws", "default", nil, nil), states[0])
}

// site is another program's: a public name, a site in a bucket, functions, and types that are not in the table.
func site() []apitype.ResourceV3 {
	const (
		bucket   = "aws:s3/bucketV2:BucketV2"
		edge     = "aws:cloudfront/distribution:Distribution"
		api      = "aws:apigatewayv2/api:Api"
		function = "aws:lambda/function:Function"
		table    = "aws:dynamodb/table:Table"
	)
	return []apitype.ResourceV3{
		newState(bucket, "site", nil, nil),
		newState(bucket, "logs", nil, nil),
		newState(edge, "site", nil, refs{"origins": {urn(bucket, "site")}}),
		newState(record, "site", map[string]any{"name": "garden.example.com"}, refs{"aliases": {urn(edge, "site")}}),
		newState(record, "site-v6", map[string]any{"name": "garden.example.com"}, refs{"aliases": {urn(edge, "site")}}),
		newState(api, "api", nil, nil),
		newState("aws:apigatewayv2/integration:Integration", "api", nil, refs{"apiId": {urn(api, "api")}, "integrationUri": {urn(function, "count")}}),
		newState(function, "count", nil, refs{"environment": {urn(table, "counts")}}),
		newState(function, "nightly", nil, nil),
		newState(table, "counts", nil, nil),
		newState("aws:kinesis/stream:Stream", "events", nil, nil),
		newState("random:index/randomPassword:RandomPassword", "secret", nil, nil),
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".d2")
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(got), 0o600))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}

func TestSource(t *testing.T) {
	t.Parallel()
	marks := map[resource.URN]apitype.OpType{
		urn(vpc, "net"):          apitype.OpUpdate,
		urn(instance, "web"):     apitype.OpReplace,
		urn(database, "replica"): apitype.OpCreate,
		urn("aws:cloudwatch/metricAlarm:MetricAlarm", "cpu"):  apitype.OpDelete,
		urn("aws:ec2/internetGateway:InternetGateway", "net"): apitype.OpSame,
	}
	for name, test := range map[string]struct {
		resources []apitype.ResourceV3
		marks     map[resource.URN]apitype.OpType
	}{
		"network": {network(), nil},
		"marks":   {network(), marks},
		"site":    {site(), nil},
		"platform": {platform(), map[resource.URN]apitype.OpType{
			urn("aws:sqs/queue:Queue", "failed"):          apitype.OpImport,
			urn("aws:sqs/queue:Queue", "signups"):         apitype.OpUpdate,
			urn("aws:ec2/natGateway:NatGateway", "net-a"): apitype.OpImportReplacement,
			urn("aws:ec2/natGateway:NatGateway", "net-b"): apitype.OpCreateReplacement,
			urn("aws:wafv2/webAcl:WebAcl", "web"):         apitype.OpDeleteReplaced,
		}},
		"nothing": {nil, nil},
		// The picture before the first update of a stack: each of its resources is marked, and none exists.
		"before": {nil, marks},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			source := diagram.Source(test.resources, test.marks)
			golden(t, name, source[strings.Index(source, "\n}\n")+3:])
			slices.Reverse(test.resources)
			require.Equal(t, source, diagram.Source(test.resources, test.marks), "the order of the resources does not matter")
			_, err := diagram.SVG(t.Context(), test.resources, test.marks)
			require.NoError(t, err)
		})
	}
}

// TestPrivateName: a private name is in front of its targets, but not of its last resort.
func TestPrivateName(t *testing.T) {
	t.Parallel()
	zone := newState("aws:route53/zone:Zone", "inside", map[string]any{"vpcs": []any{}}, nil)
	reader := func(name string, weight float64, to string) apitype.ResourceV3 {
		return newState(record, name, map[string]any{
			"name": "reader.garden.internal", "weightedRoutingPolicies": []any{map[string]any{"weight": weight}},
		}, refs{"zoneId": {zone.URN}, "records": {urn(database, to)}})
	}
	second := newState(database, "second", map[string]any{"replicateSourceDb": "database"}, refs{
		"replicateSourceDb": {urn(database, "database")}, "vpcSecurityGroupIds": {urn(group, "database")},
	})
	resources := append(network(), zone, second, reader("a", 1, "replica"), reader("b", 1, "second"), reader("last", 0, "database"))
	source := diagram.Source(resources, nil)
	at := "account.region.vpc-net."
	require.Contains(t, source, at+"public.eu-west-1a.instance-web -> "+at+"isolated.record-a")
	require.Contains(t, source, at+"isolated.record-a -> "+at+"isolated.eu-west-1b.instance-replica")
	require.NotContains(t, source, at+"isolated.record-a -> "+at+"isolated.eu-west-1a.instance-database:")
	require.NotContains(t, source, at+"public.eu-west-1a.instance-web -> "+at+"isolated.eu-west-1b.instance-replica")
}

func TestSVGIsTheSameEachTime(t *testing.T) {
	t.Parallel()
	first, err := diagram.SVG(t.Context(), network(), nil)
	require.NoError(t, err)
	second, err := diagram.SVG(t.Context(), network(), nil)
	require.NoError(t, err)
	require.Equal(t, string(first), string(second))
	require.Contains(t, string(first), "RDS standby")
}
