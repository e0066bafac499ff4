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

var update = flag.Bool("update", false, "write the golden files anew")

// refers names the resources that each property refers to.
type refers map[string][]resource.URN

func made(token, name string, inputs map[string]any, to refers) apitype.ResourceV3 {
	made := apitype.ResourceV3{
		URN: urn(token, name), Custom: true, Type: tokens.Type(token), Inputs: inputs,
		PropertyDependencies: map[resource.PropertyKey][]resource.URN{},
	}
	for property, urns := range to {
		made.PropertyDependencies[resource.PropertyKey(property)] = urns
	}
	return made
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
	return made(subnet, name, map[string]any{"availabilityZone": zone}, refers{"vpcId": {urn(vpc, "net")}})
}

// network has a tier of instances before a database, reached by way of security groups.
func network() []apitype.ResourceV3 {
	return []apitype.ResourceV3{
		made(vpc, "net", map[string]any{"cidrBlock": "10.0.0.0/16"}, nil),
		inZone("net-public-1", "eu-west-1a"),
		inZone("net-isolated-1", "eu-west-1a"),
		inZone("net-isolated-2", "eu-west-1b"),
		made("aws:ec2/internetGateway:InternetGateway", "net", nil, refers{"vpcId": {urn(vpc, "net")}}),
		made(group, "web", nil, nil),
		made(group, "database", nil, refers{"ingress": {urn(group, "web")}}),
		made(instance, "web", map[string]any{"associatePublicIpAddress": true, "instanceType": "t4g.small"}, refers{
			"subnetId": {urn(subnet, "net-public-1")}, "vpcSecurityGroupIds": {urn(group, "web")},
		}),
		made(database, "database", map[string]any{"multiAz": true, "instanceClass": "db.t4g.small"}, refers{
			"vpcSecurityGroupIds": {urn(group, "database")},
		}),
		made(database, "replica", map[string]any{"availabilityZone": "eu-west-1b", "replicateSourceDb": "database"}, refers{
			"replicateSourceDb": {urn(database, "database")}, "vpcSecurityGroupIds": {urn(group, "database")},
		}),
		made("aws:cloudwatch/metricAlarm:MetricAlarm", "cpu", nil, nil),
		made("aws:cloudwatch/metricAlarm:MetricAlarm", "memory", nil, nil),
	}
}

// site is a program that is not this project's: a public name, a site in a bucket, functions, and types nobody knows.
func site() []apitype.ResourceV3 {
	const (
		bucket   = "aws:s3/bucketV2:BucketV2"
		edge     = "aws:cloudfront/distribution:Distribution"
		api      = "aws:apigatewayv2/api:Api"
		function = "aws:lambda/function:Function"
		table    = "aws:dynamodb/table:Table"
	)
	return []apitype.ResourceV3{
		made(bucket, "site", nil, nil),
		made(bucket, "logs", nil, nil),
		made(edge, "site", nil, refers{"origins": {urn(bucket, "site")}}),
		made(record, "site", map[string]any{"name": "garden.example.com"}, refers{"aliases": {urn(edge, "site")}}),
		made(record, "site-v6", map[string]any{"name": "garden.example.com"}, refers{"aliases": {urn(edge, "site")}}),
		made(api, "api", nil, nil),
		made("aws:apigatewayv2/integration:Integration", "api", nil, refers{"apiId": {urn(api, "api")}, "integrationUri": {urn(function, "count")}}),
		made(function, "count", nil, refers{"environment": {urn(table, "counts")}}),
		made(function, "nightly", nil, nil),
		made(table, "counts", nil, nil),
		made("aws:kinesis/stream:Stream", "events", nil, nil),
		made("random:index/randomPassword:RandomPassword", "secret", nil, nil),
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
		"nothing": {nil, nil},
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

// A private name stands before the instances that it spreads over, and its last resort is none of them.
func TestPrivateName(t *testing.T) {
	t.Parallel()
	zone := made("aws:route53/zone:Zone", "inside", map[string]any{"vpcs": []any{}}, nil)
	reader := func(name string, weight float64, to string) apitype.ResourceV3 {
		return made(record, name, map[string]any{
			"name": "reader.garden.internal", "weightedRoutingPolicies": []any{map[string]any{"weight": weight}},
		}, refers{"zoneId": {zone.URN}, "records": {urn(database, to)}})
	}
	second := made(database, "second", map[string]any{"replicateSourceDb": "database"}, refers{
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
