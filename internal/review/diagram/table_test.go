package diagram

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/stretchr/testify/require"
)

// inputs are those that titles and details are about.
type inputs = map[string]any

var everyInput = inputs{
	"instanceType": "t4g.small", "minSize": 1.0, "maxSize": 9.0, "desiredCount": 2.0, "instanceClass": "db.t4g.small",
	"engine": "valkey", "nodeType": "cache.t4g.small", "numCacheClusters": 2.0,
}

// TestTypes compares how each type is drawn with testdata/types.txt.
func TestTypes(t *testing.T) {
	t.Parallel()
	require.Len(t, drawings, len(traffic)+len(data)+len(network)+len(dayOne)+len(details), "each type is in one table")
	places := map[where]string{
		region: "region", edgeNetwork: "edge", gateway: "gateway", public: "public", private: "private", isolated: "isolated",
	}
	var text strings.Builder
	for _, token := range slices.Sorted(maps.Keys(drawings)) {
		drawing, state := drawings[token], apitype.ResourceV3{Type: tokens.Type(token), Inputs: everyInput}
		fmt.Fprintf(&text, "%s\n", token)
		if drawing.title != nil {
			fmt.Fprintf(&text, "  %q in %s\n", drawing.title(state), places[drawing.where])
		}
		if drawing.detail != nil {
			fmt.Fprintf(&text, "  detail %q\n", drawing.detail(state))
		}
		if drawing.entry != nil {
			fmt.Fprintf(&text, "  entry %t\n", drawing.entry(state))
		}
		for _, part := range []struct {
			name  string
			value any
		}{
			{"cylinder", drawing.cylinder},
			{"zonal", drawing.zonal},
			{"nameless", drawing.nameless},
			{"reached", drawing.reached},
			{"zones by", drawing.maxZones},
			{"from", strings.Join(drawing.from, ", ")},
			{"to", strings.Join(drawing.to, ", ")},
			{"copy of", strings.Join(drawing.copies, ", ")},
			{"counted as", drawing.tile},
			{"one", drawing.word},
		} {
			if part.value != "" && part.value != false {
				fmt.Fprintf(&text, "  %s: %v\n", part.name, part.value)
			}
		}
	}
	path := filepath.Join("testdata", "types.txt")
	if updating() {
		require.NoError(t, os.WriteFile(path, []byte(text.String()), 0o600))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), text.String())
}

// updating reports whether the test writes the golden files.
func updating() bool { return flag.Lookup("update").Value.String() == "true" }

func TestTitlesAndDetails(t *testing.T) {
	t.Parallel()
	const unknownText = unknown
	for name, test := range map[string]struct {
		token  string
		inputs inputs
		want   string
	}{
		"a network load balancer":           {"aws:lb/loadBalancer:LoadBalancer", inputs{"loadBalancerType": "network"}, "Network Load Balancer"},
		"a gateway load balancer":           {"aws:lb/loadBalancer:LoadBalancer", inputs{"loadBalancerType": "gateway"}, "Gateway Load Balancer"},
		"a replica":                         {"aws:rds/instance:Instance", inputs{"replicateSourceDb": "x"}, "RDS read replica"},
		"a cache without an engine":         {"aws:elasticache/cluster:Cluster", nil, "ElastiCache"},
		"a cache of unknown size":           {"aws:elasticache/replicationGroup:ReplicationGroup", inputs{"nodeType": "x"}, "ElastiCache; x"},
		"a WebSocket API":                   {"aws:apigatewayv2/api:Api", inputs{"protocolType": "WEBSOCKET"}, "WebSocket API"},
		"a service of unknown size":         {"aws:ecs/service:Service", inputs{"desiredCount": unknownText}, "ECS service"},
		"an instance whose type is unknown": {"aws:ec2/instance:Instance", inputs{"instanceType": unknownText}, "EC2 instance"},
	} {
		drawing, state := drawings[test.token], apitype.ResourceV3{Inputs: test.inputs}
		text := drawing.title(state)
		if drawing.detail != nil && drawing.detail(state) != "" {
			text += "; " + drawing.detail(state)
		}
		require.Equal(t, test.want, text, name)
	}
	entry := func(token string, inputs inputs) bool {
		return drawings[token].entry(apitype.ResourceV3{Inputs: inputs})
	}
	require.True(t, entry("aws:lb/loadBalancer:LoadBalancer", nil))
	require.False(t, entry("aws:lb/loadBalancer:LoadBalancer", inputs{"internal": true}))
	require.True(t, entry("aws:ec2/instance:Instance", inputs{"associatePublicIpAddress": true}))
	require.False(t, entry("aws:ec2/instance:Instance", nil))
}

func TestSubnets(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]where{
		"net-public-1": public, "DMZ": public, "net-isolated-1": isolated, "intra-a": isolated, "database-a": isolated, "data": isolated,
		"net-private-1": private, "app": private, "other": private,
	} {
		require.Equal(t, want, tier(apitype.ResourceV3{URN: resource.NewURN("s", "p", "", subnetType, name)}), name)
	}
	require.Equal(t, public, tier(apitype.ResourceV3{
		URN: resource.NewURN("s", "p", "", subnetType, "other"), Inputs: inputs{"mapPublicIpOnLaunch": true},
	}))
}

// TestNamedAfter: a preview knows only that an instance is in one of the subnets of a component.
func TestNamedAfter(t *testing.T) {
	t.Parallel()
	vpc := resource.NewURN("s", "p", "", vpcType, "net")
	var resources []apitype.ResourceV3
	var urns []resource.URN
	for _, name := range []string{"net-private-1", "net-private-2", "net-private-3"} {
		urn := resource.NewURN("s", "p", "", subnetType, name)
		urns = append(urns, urn)
		resources = append(resources, apitype.ResourceV3{
			URN: urn, Type: subnetType, Custom: true, Inputs: inputs{"availabilityZone": "eu-west-1" + string("abc"[len(urns)-1])},
			PropertyDependencies: map[resource.PropertyKey][]resource.URN{"vpcId": {vpc}},
		})
	}
	resources = append(resources, apitype.ResourceV3{URN: vpc, Type: vpcType, Custom: true})
	places := newPlaces(newGraph(resources))
	at := func(token, name string) spot {
		state := apitype.ResourceV3{
			URN: resource.NewURN("s", "p", "", tokens.Type(token), name), Type: tokens.Type(token), Custom: true,
			PropertyDependencies: map[resource.PropertyKey][]resource.URN{"subnetId": urns},
		}
		return places.spot(state, drawings[token])
	}
	const instance, group = "aws:ec2/instance:Instance", "aws:autoscaling/group:Group"
	require.Equal(t, spot{where: private, vpc: vpc, zone: "eu-west-1b"}, at(instance, "web-private-2-1"))
	require.Equal(t, spot{where: private, vpc: vpc, zone: "eu-west-1a"}, at(instance, "web-private-22"))
	require.Equal(t, spot{where: private, vpc: vpc, zones: 3}, at(group, "web-private-2"))
}

func TestCountsInWords(t *testing.T) {
	t.Parallel()
	for want, count := range map[string]struct {
		word  string
		total int
	}{"policy": {"policy", 1}, "policies": {"policy", 2}, "roles": {"role", 0}, "role": {"role", 1}} {
		require.Equal(t, want, plural(count.word, count.total))
	}
	for token, want := range map[string]string{
		"aws:kinesis/stream:Stream": "kinesis Stream", "random:index/randomPassword:RandomPassword": "random RandomPassword", "odd:Thing": "odd Thing",
	} {
		require.Equal(t, want, plainType(token))
	}
}
