package awsx

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	awsxec2 "github.com/pulumi/pulumi-awsx/sdk/v2/go/awsx/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/require"

	"stagecraft/internal/offline/aws"
)

const (
	natGateway = "aws:ec2/natGateway:NatGateway"
	eip        = "aws:ec2/eip:Eip"
	route      = "aws:ec2/route:Route"
	subnet     = "aws:ec2/subnet:Subnet"
	endpoint   = "aws:ec2/vpcEndpoint:VpcEndpoint"
)

func TestSameAsRecorded(t *testing.T) {
	t.Parallel()
	threeZones := []string{"us-east-1a", "us-east-1b", "us-east-1c"}
	for file, inputs := range map[string]map[string]any{
		"a2-single.json": {
			"numberOfAvailabilityZones": 2, "natGateways": map[string]any{"strategy": "Single"},
			"subnetStrategy": "Auto", "cidrBlock": "10.20.0.0/16",
		},
		"a3-oneperaz.json": {
			"availabilityZoneNames": threeZones, "natGateways": map[string]any{"strategy": "OnePerAz"},
			"subnetStrategy": "Auto", "cidrBlock": "10.0.0.0/16",
		},
		"a3-three-tier-none.json": {
			"availabilityZoneNames": threeZones, "natGateways": map[string]any{"strategy": "None"},
			"subnetStrategy": "Auto", "cidrBlock": "10.0.0.0/16",
			"subnetSpecs": []any{
				map[string]any{"type": "Public", "cidrMask": 24},
				map[string]any{"type": "Private", "cidrMask": 20},
				map[string]any{"type": "Isolated", "cidrMask": 24},
			},
		},
	} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(filepath.Join("testdata", file))
			require.NoError(t, err)
			var recorded []registration
			require.NoError(t, json.Unmarshal(text, &recorded))

			m := &monitor{zones: []string{"eu-west-1a", "eu-west-1b", "eu-west-1c"}}
			_, err = m.build(t, vpcType, properties(inputs))
			require.NoError(t, err)
			require.ElementsMatch(t, recorded, m.recording(t))
		})
	}
}

// recording returns what was registered, as the recordings show it. They lack the NAT gateways' allocationId.
func (m *monitor) recording(t *testing.T) []registration {
	t.Helper()
	var recording []registration
	for _, r := range m.registered {
		if r.Type == natGateway {
			require.Equal(t, fmt.Sprintf("${%s::%s}.allocationId", eip, r.Name), r.Inputs["allocationId"])
			delete(r.Inputs, "allocationId")
		}
		recording = append(recording, registration{Type: r.Type, Name: r.Name, Parent: r.Parent, Inputs: r.Inputs, Outputs: r.Outputs})
	}
	return recording
}

func TestChildrenDependOnTheirParentAndUseTheProgramsProvider(t *testing.T) {
	t.Parallel()
	m := &monitor{zones: []string{"a", "b", "c"}}
	_, err := m.build(t, vpcType, properties(map[string]any{"subnetStrategy": "Auto"}))
	require.NoError(t, err)
	for _, r := range m.registered {
		switch r.Type {
		case vpcType:
		case "aws:ec2/vpc:Vpc":
			require.Equal(t, aws.Version, r.version, r.Name)
		default:
			require.Equal(t, aws.Version, r.version, r.Name)
			require.Contains(t, r.dependencies, r.Parent, r.key())
		}
	}
}

func TestNATLayout(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		strategy string
		zones    []string
		gateways []string
		routes   map[string]string // private route to gateway
	}{
		{"None", []string{"a", "b"}, []string{}, map[string]string{}},
		{"None", []string{"a", "b", "c"}, []string{}, map[string]string{}},
		{"Single", []string{"a", "b"}, []string{"net-1"}, map[string]string{"net-private-1": "net-1", "net-private-2": "net-1"}},
		{"Single", []string{"a", "b", "c"}, []string{"net-1"}, map[string]string{
			"net-private-1": "net-1", "net-private-2": "net-1", "net-private-3": "net-1",
		}},
		{"OnePerAz", []string{"a", "b"}, []string{"net-1", "net-2"}, map[string]string{"net-private-1": "net-1", "net-private-2": "net-2"}},
		{"oneperaz", []string{"a", "b", "c"}, []string{"net-1", "net-2", "net-3"}, map[string]string{
			"net-private-1": "net-1", "net-private-2": "net-2", "net-private-3": "net-3",
		}},
	} {
		t.Run(fmt.Sprint(tt.strategy, len(tt.zones)), func(t *testing.T) {
			t.Parallel()
			m := &monitor{}
			_, err := m.build(t, vpcType, properties(map[string]any{
				"availabilityZoneNames": tt.zones, "subnetStrategy": "Auto", "natGateways": map[string]any{"strategy": tt.strategy},
				// Two public subnets in a zone still share one gateway.
				"subnetSpecs": []any{
					map[string]any{"type": "Private"},
					map[string]any{"type": "Public"},
					map[string]any{"type": "Public", "name": "edge"},
				},
			}))
			require.NoError(t, err)
			require.Equal(t, tt.gateways, m.names(natGateway))
			require.Equal(t, tt.gateways, m.names(eip))
			require.Len(t, m.names(route), 2*len(tt.zones)+len(tt.routes))
			for private, gateway := range tt.routes {
				require.Equal(t, "${"+natGateway+"::"+gateway+"}", m.get(t, route+"::"+private).Inputs["natGatewayId"])
			}
			for i, name := range tt.gateways {
				require.Equal(t, fmt.Sprintf("%s::net-public-%d", subnet, i+1), m.get(t, natGateway+"::"+name).Parent)
			}
		})
	}
}

func TestGivenElasticIPs(t *testing.T) {
	t.Parallel()
	m := &monitor{}
	_, err := m.build(t, vpcType, properties(map[string]any{
		"availabilityZoneNames": []string{"a", "b"}, "subnetStrategy": "Auto",
		"natGateways": map[string]any{"strategy": "OnePerAz", "elasticIpAllocationIds": []string{"eipalloc-1", "eipalloc-2"}},
	}))
	require.NoError(t, err)
	require.Empty(t, m.names(eip))
	require.Equal(t, "eipalloc-1", m.get(t, natGateway+"::net-1").Inputs["allocationId"])
	require.Equal(t, "eipalloc-2", m.get(t, natGateway+"::net-2").Inputs["allocationId"])
}

func TestTags(t *testing.T) {
	t.Parallel()
	m := &monitor{}
	_, err := m.build(t, vpcType, properties(map[string]any{
		"availabilityZoneNames": []string{"a"}, "subnetStrategy": "Auto",
		"tags": map[string]any{"Name": "given", "team": "web", "tier": "all"},
		"subnetSpecs": []any{
			map[string]any{"type": "Public", "tags": map[string]any{"tier": "edge", "Name": "lost"}},
			map[string]any{"type": "Private"},
		},
		"vpcEndpointSpecs": []any{map[string]any{"serviceName": "s3", "tags": map[string]any{"tier": "data"}}},
	}))
	require.NoError(t, err)
	for key, tags := range map[string]map[string]any{
		"aws:ec2/vpc:Vpc::net":                         {"Name": "given", "team": "web", "tier": "all"},
		"aws:ec2/internetGateway:InternetGateway::net": {"Name": "given", "team": "web", "tier": "all"},
		endpoint + "::s3":                              {"Name": "given", "team": "web", "tier": "data"},
		subnet + "::net-public-1":                      {"Name": "net-public-1", "team": "web", "tier": "edge", "SubnetType": "Public"},
		"aws:ec2/routeTable:RouteTable::net-public-1":  {"Name": "net-public-1", "team": "web", "tier": "all", "SubnetType": "Public"},
		eip + "::net-1":                                {"Name": "net-1", "team": "web", "tier": "all"},
		natGateway + "::net-1":                         {"Name": "net-1", "team": "web", "tier": "all"},
	} {
		require.Equal(t, tags, m.get(t, key).Inputs["tags"], key)
	}
}

func TestInputsPassedOn(t *testing.T) {
	t.Parallel()
	plain := map[string]any{
		"assignGeneratedIpv6CidrBlock": true, "enableDnsHostnames": true, "enableDnsSupport": false,
		"enableNetworkAddressUsageMetrics": true, "instanceTenancy": "dedicated", "ipv6CidrBlockNetworkBorderGroup": "us-east-1",
	}
	spec := map[string]any{
		"autoAccept": true, "policy": "{}", "privateDnsEnabled": true, "routeTableIds": []any{"rtb-1"}, "securityGroupIds": []any{"sg-1"},
		"serviceName": "com.amazonaws.us-east-1.s3", "subnetIds": []any{"subnet-1"}, "vpcEndpointType": "Interface",
	}
	inputs := properties(plain)
	inputs["subnetStrategy"] = resource.NewProperty("Auto")
	inputs["vpcEndpointSpecs"] = resource.NewProperty([]resource.PropertyValue{
		resource.NewProperty(properties(spec)), resource.NewProperty(properties(map[string]any{"serviceName": "bare"})),
	})
	m := &monitor{zones: []string{"a", "b", "c", "d"}}
	outputs, err := m.build(t, vpcType, inputs)
	require.NoError(t, err)

	vpc := m.get(t, "aws:ec2/vpc:Vpc::net")
	tags := map[string]any{"Name": "net"}
	plain["cidrBlock"], plain["tags"] = "10.0.0.0/16", tags
	require.Equal(t, plain, vpc.Inputs)

	full := m.get(t, endpoint+"::com.amazonaws.us-east-1.s3")
	spec["vpcId"], spec["tags"] = "${aws:ec2/vpc:Vpc::net}", tags
	require.Equal(t, spec, full.Inputs)
	require.Equal(t, "aws:ec2/vpc:Vpc::net", full.Parent)
	bare := map[string]any{"serviceName": "bare", "vpcId": "${aws:ec2/vpc:Vpc::net}", "tags": tags}
	require.Equal(t, bare, m.get(t, endpoint+"::bare").Inputs)

	require.Equal(t, []string{endpoint + "::com.amazonaws.us-east-1.s3", endpoint + "::bare"}, references(outputs["vpcEndpoints"]))
	require.Equal(t, []string{"net-public-1", "net-public-2", "net-public-3"}, m.names(subnet)[3:], "three zones without a number")
}

func TestOutputs(t *testing.T) {
	t.Parallel()
	m := &monitor{}
	outputs, err := m.build(t, vpcType, properties(map[string]any{
		"availabilityZoneNames": []string{"a", "b"}, "subnetStrategy": "Auto", "natGateways": map[string]any{"strategy": "None"},
		"subnetSpecs": []any{
			map[string]any{"type": "Private", "name": "app", "cidrMask": 20},
			map[string]any{"type": "Unused", "size": 4096},
			map[string]any{"type": "Public"},
		},
	}))
	require.NoError(t, err)

	var fields []string
	for field := range reflect.TypeFor[awsxec2.Vpc]().NumField() {
		if tag := reflect.TypeFor[awsxec2.Vpc]().Field(field).Tag.Get("pulumi"); tag != "" {
			fields = append(fields, tag)
		}
	}
	var names []string
	for name := range outputs {
		names = append(names, string(name))
	}
	require.ElementsMatch(t, fields, names)

	inBoth := func(typ, public, private string) []string {
		return []string{typ + public + "1", typ + private + "1", typ + public + "2", typ + private + "2"}
	}
	require.Equal(t, inBoth(subnet, "::net-public-", "::net-app-"), references(outputs["subnets"]))
	require.Equal(t, inBoth("aws:ec2/routeTable:RouteTable", "::net-public-", "::net-app-"), references(outputs["routeTables"]))
	require.Equal(t, inBoth("aws:ec2/routeTableAssociation:RouteTableAssociation", "::net-public-", "::net-app-"),
		references(outputs["routeTableAssociations"]))
	require.Equal(t, []string{route + "::net-public-1", route + "::net-public-2"}, references(outputs["routes"]))
	require.Equal(t, "aws:ec2/vpc:Vpc::net", reference(outputs["vpc"]))
	require.Equal(t, "aws:ec2/internetGateway:InternetGateway::net", reference(outputs["internetGateway"]))
	for _, none := range []resource.PropertyKey{"eips", "natGateways", "vpcEndpoints", "isolatedSubnetIds"} {
		require.Empty(t, outputs[none].ArrayValue(), none)
	}
	require.Equal(t, "${aws:ec2/vpc:Vpc::net}", outputs["vpcId"].Mappable())
	require.Equal(t, []any{"${" + subnet + "::net-public-1}", "${" + subnet + "::net-public-2}"}, outputs["publicSubnetIds"].Mappable())
	require.Equal(t, []any{"${" + subnet + "::net-app-1}", "${" + subnet + "::net-app-2}"}, outputs["privateSubnetIds"].Mappable())
	require.Equal(t, []any{
		map[string]any{"type": "Private", "name": "app", "cidrMask": 20.0, "size": 4096.0, "cidrBlocks": []any{}},
		map[string]any{"type": "Unused", "cidrMask": 20.0, "size": 4096.0, "cidrBlocks": []any{}},
		map[string]any{"type": "Public", "cidrBlocks": []any{}},
	}, outputs["subnetLayout"].Mappable())
}

func reference(v resource.PropertyValue) string {
	return label(string(v.ResourceReferenceValue().URN))
}

func references(v resource.PropertyValue) []string {
	var keys []string
	for _, element := range v.ArrayValue() {
		keys = append(keys, reference(element))
	}
	return keys
}

func TestUnknownsAtPreview(t *testing.T) {
	t.Parallel()
	unknown := resource.NewProperty(resource.Output{}) // as the Go SDK sends one
	inputs := properties(map[string]any{"availabilityZoneNames": []string{"a"}, "subnetStrategy": "Auto"})
	inputs["tags"] = resource.NewProperty(resource.PropertyMap{"owner": unknown, "team": resource.NewProperty("web")})
	inputs["enableDnsHostnames"] = unknown
	inputs["natGateways"] = resource.NewProperty(resource.PropertyMap{
		"elasticIpAllocationIds": resource.NewProperty([]resource.PropertyValue{unknown}),
	})
	inputs["vpcEndpointSpecs"] = resource.NewProperty([]resource.PropertyValue{resource.NewProperty(resource.PropertyMap{
		"serviceName": resource.NewProperty("s3"), "routeTableIds": unknown,
	})})
	m := &monitor{preview: true}
	outputs, err := m.build(t, vpcType, inputs)
	require.NoError(t, err)

	vpc := m.get(t, "aws:ec2/vpc:Vpc::net").properties
	require.True(t, vpc["enableDnsHostnames"].IsComputed())
	require.True(t, vpc["tags"].ObjectValue()["owner"].IsComputed())
	require.Equal(t, "web", vpc["tags"].ObjectValue()["team"].StringValue())
	require.True(t, m.get(t, natGateway+"::net-1").properties["allocationId"].IsComputed())
	require.True(t, m.get(t, endpoint+"::s3").properties["routeTableIds"].IsComputed())
	require.True(t, outputs["vpcId"].IsComputed())
	require.True(t, outputs["publicSubnetIds"].IsComputed())
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	auto := func(more map[string]any) map[string]any {
		more["subnetStrategy"] = "Auto"
		return more
	}
	for name, tt := range map[string]struct {
		typ    string
		inputs map[string]any
		want   string
	}{
		"another component": {"awsx:ecs:FargateService", nil, "the offline awsx does not simulate awsx:ecs:FargateService, only awsx:ec2:Vpc"},
		"IPAM": {
			vpcType, auto(map[string]any{"ipv4IpamPoolId": "ipam-1", "ipv4NetmaskLength": 16}),
			"does not simulate ipv4IpamPoolId, ipv4NetmaskLength",
		},
		"a property of subnetSpecs": {
			vpcType, auto(map[string]any{"subnetSpecs": []any{map[string]any{"type": "Public", "assignIpv6AddressOnCreation": true}}}),
			"does not simulate subnetSpecs[0].assignIpv6AddressOnCreation",
		},
		"a property of natGateways": {vpcType, auto(map[string]any{"natGateways": map[string]any{"mode": "x"}}), "does not simulate natGateways.mode"},
		"a property of vpcEndpointSpecs": {
			vpcType, auto(map[string]any{"vpcEndpointSpecs": []any{map[string]any{"serviceName": "s3", "serviceRegion": "eu-west-1"}}}),
			"does not simulate vpcEndpointSpecs[0].serviceRegion",
		},
		"endpoint without a service": {
			vpcType, auto(map[string]any{"vpcEndpointSpecs": []any{map[string]any{"policy": "{}"}}}), "vpcEndpointSpecs[0].serviceName is missing",
		},
		"Legacy by default":   {vpcType, map[string]any{}, "does not simulate subnetStrategy Legacy, the default"},
		"Legacy":              {vpcType, map[string]any{"subnetStrategy": "Legacy"}, "does not simulate subnetStrategy Legacy"},
		"unknown strategy":    {vpcType, map[string]any{"subnetStrategy": "AutoMerge"}, `subnetStrategy is "AutoMerge"; use Auto or Exact`},
		"Exact without specs": {vpcType, map[string]any{"subnetStrategy": "Exact"}, "does not simulate subnetStrategy Exact without subnetSpecs"},
		"unknown subnet type": {
			vpcType, auto(map[string]any{"subnetSpecs": []any{map[string]any{"type": "Hidden"}}}),
			`subnetSpecs[0].type is "Hidden"; use one of [Public Private Isolated Unused]`,
		},
		"unknown NAT strategy": {vpcType, auto(map[string]any{"natGateways": map[string]any{"strategy": "Two"}}), "Unknown NatGatewayStrategy 'Two'"},
		"zones twice": {
			vpcType, auto(map[string]any{"availabilityZoneNames": []string{"a"}, "numberOfAvailabilityZones": 1}),
			"Only one of [availabilityZoneNames] and [numberOfAvailabilityZones] can be specified",
		},
		"no zone named": {vpcType, auto(map[string]any{"availabilityZoneNames": []string{}}), "availabilityZoneNames is empty"},
		"zero zones":    {vpcType, auto(map[string]any{"numberOfAvailabilityZones": 0}), "numberOfAvailabilityZones is 0"},
		"fewer zones in the region": {
			vpcType, auto(map[string]any{}),
			"The configured region for this provider does not have at least 3 Availability Zones. Either specify an explicit list of " +
				"zones in availabilityZoneNames or choose a region with at least 3 AZs.",
		},
		"subnets too large": {
			vpcType, auto(map[string]any{"numberOfAvailabilityZones": 2, "subnetSpecs": []any{map[string]any{"type": "Public", "cidrMask": 16}}}),
			"Subnets are too large for VPC. VPC has 32768 addresses, but subnets require 65536 addresses.",
		},
		"EIPs without gateways": {
			vpcType, auto(map[string]any{
				"numberOfAvailabilityZones": 2,
				"natGateways":               map[string]any{"strategy": "None", "elasticIpAllocationIds": []string{"eipalloc-1"}},
			}),
			"Elastic IP allocation IDs cannot be specified when NAT Gateway strategy is 'None'.",
		},
		"two EIPs for one gateway": {
			vpcType, auto(map[string]any{
				"numberOfAvailabilityZones": 2,
				"natGateways":               map[string]any{"strategy": "Single", "elasticIpAllocationIds": []string{"eipalloc-1", "eipalloc-2"}},
			}),
			"Exactly one Elastic IP may be specified when NAT Gateway strategy is 'Single'.",
		},
		"one EIP for two zones": {
			vpcType, auto(map[string]any{
				"numberOfAvailabilityZones": 2,
				"natGateways":               map[string]any{"elasticIpAllocationIds": []string{"eipalloc-1"}},
			}),
			"The number of Elastic IPs, if specified, must match the number of availability zones for the VPC (2) when NAT Gateway strategy is 'OnePerAz'",
		},
		"a number for a string": {vpcType, auto(map[string]any{"cidrBlock": 10}), "cidrBlock"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := &monitor{zones: []string{"a", "b"}}
			_, err := m.build(t, tt.typ, properties(tt.inputs))
			require.ErrorContains(t, err, tt.want)
			require.LessOrEqual(t, len(m.registered), 1, "only the component itself may be registered")
		})
	}
}

func TestUnknownWherePlainIsNeeded(t *testing.T) {
	t.Parallel()
	for _, input := range []resource.PropertyKey{"cidrBlock", "subnetSpecs", "tags", "availabilityZoneNames"} {
		inputs := properties(map[string]any{"subnetStrategy": "Auto"})
		inputs[input] = resource.MakeComputed(resource.NewProperty(""))
		_, err := (&monitor{preview: true}).build(t, vpcType, inputs)
		require.ErrorContains(t, err, fmt.Sprintf("copying input %q", input))
		require.ErrorContains(t, err, "awsx needs a value that is known at preview there")
	}
}
