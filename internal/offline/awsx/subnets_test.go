package awsx

import (
	"net/netip"
	"testing"

	awsxec2 "github.com/pulumi/pulumi-awsx/sdk/v2/go/awsx/ec2"
	"github.com/stretchr/testify/require"
)

// plan lays out with the strategy Auto unless the args say otherwise.
func plan(args vpcArgs, zones ...string) (*subnetPlan, error) {
	if args.SubnetStrategy == nil {
		args.SubnetStrategy = new("Auto")
	}
	return planSubnets("net", &args, zones, awsxec2.NatGatewayStrategyNone)
}

func TestPlanSubnets(t *testing.T) {
	t.Parallel()
	public, private, isolated, unused := "Public", "Private", "Isolated", "Unused"
	for name, tt := range map[string]struct {
		args  vpcArgs
		zones []string
		want  []string
	}{
		"default, one zone": {
			vpcArgs{},
			[]string{"a"},
			[]string{"a net-private-1 10.0.0.0/17", "a net-public-1 10.0.128.0/18"},
		},
		"default, two zones": {
			vpcArgs{CidrBlock: new("10.20.0.0/16")},
			[]string{"a", "b"},
			[]string{
				"a net-private-1 10.20.0.0/18", "a net-public-1 10.20.64.0/19",
				"b net-private-2 10.20.128.0/18", "b net-public-2 10.20.192.0/19",
			},
		},
		"default, three zones share four quarters": {
			vpcArgs{},
			[]string{"a", "b", "c"},
			[]string{
				"a net-private-1 10.0.0.0/19", "a net-public-1 10.0.32.0/20",
				"b net-private-2 10.0.64.0/19", "b net-public-2 10.0.96.0/20",
				"c net-private-3 10.0.128.0/19", "c net-public-3 10.0.160.0/20",
			},
		},
		"default in a network larger than /16": {
			vpcArgs{CidrBlock: new("10.0.0.0/8")},
			[]string{"a"},
			[]string{"a net-private-1 10.0.0.0/17", "a net-public-1 10.0.128.0/18"},
		},
		"smallest default": {
			vpcArgs{CidrBlock: new("10.0.0.0/26")},
			[]string{"a"},
			[]string{"a net-private-1 10.0.0.0/27", "a net-public-1 10.0.0.32/28"},
		},
		"a zone mask of its own": {
			vpcArgs{AvailabilityZoneCidrMask: new(20)},
			[]string{"a", "b"},
			[]string{
				"a net-private-1 10.0.0.0/21", "a net-public-1 10.0.8.0/22",
				"b net-private-2 10.0.16.0/21", "b net-public-2 10.0.24.0/22",
			},
		},
		"even shares, a quarter left over": {
			vpcArgs{SubnetSpecs: []subnetSpecArgs{{Type: private}, {Type: public}, {Type: isolated}}},
			[]string{"a"},
			[]string{"a net-private-1 10.0.0.0/18", "a net-public-1 10.0.64.0/18", "a net-isolated-1 10.0.128.0/18"},
		},
		"one subnet takes the whole network": {
			vpcArgs{CidrBlock: new("10.0.0.0/24"), SubnetSpecs: []subnetSpecArgs{{Type: public}}},
			[]string{"a"},
			[]string{"a net-public-1 10.0.0.0/24"},
		},
		"small before large leaves a gap": {
			vpcArgs{SubnetSpecs: []subnetSpecArgs{
				{Type: public, CidrMask: new(24)}, {Type: private, CidrMask: new(20)}, {Type: isolated, CidrMask: new(24)},
			}},
			[]string{"a", "b", "c"},
			[]string{
				"a net-public-1 10.0.0.0/24", "a net-private-1 10.0.16.0/20", "a net-isolated-1 10.0.32.0/24",
				"b net-public-2 10.0.64.0/24", "b net-private-2 10.0.80.0/20", "b net-isolated-2 10.0.96.0/24",
				"c net-public-3 10.0.128.0/24", "c net-private-3 10.0.144.0/20", "c net-isolated-3 10.0.160.0/24",
			},
		},
		"names and sizes": {
			vpcArgs{SubnetSpecs: []subnetSpecArgs{
				{Type: private, Name: new("app"), Size: new(1024)},
				{Type: private, Name: new("db"), CidrMask: new(24), Size: new(256)},
			}},
			[]string{"a"},
			[]string{"a net-app-1 10.0.0.0/22", "a net-db-1 10.0.4.0/24"},
		},
		"explicit blocks": {
			vpcArgs{SubnetSpecs: []subnetSpecArgs{
				{Type: public, CidrBlocks: []string{"10.0.0.0/18", "10.0.64.0/19"}},
				{Type: private, CidrBlocks: []string{"10.0.96.0/19", "10.0.128.0/20"}},
			}},
			[]string{"a", "b"},
			[]string{
				"a net-public-1 10.0.0.0/18", "a net-private-1 10.0.96.0/19",
				"b net-public-2 10.0.64.0/19", "b net-private-2 10.0.128.0/20",
			},
		},
		"Exact with the rest unused": {
			vpcArgs{SubnetStrategy: new("Exact"), SubnetSpecs: []subnetSpecArgs{{Type: public}, {Type: unused, CidrMask: new(18)}}},
			[]string{"a", "b"},
			[]string{
				"a net-public-1 10.0.0.0/18", "a net-unused-1 10.0.64.0/18",
				"b net-public-2 10.0.128.0/18", "b net-unused-2 10.0.192.0/18",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			layout, err := plan(tt.args, tt.zones...)
			require.NoError(t, err)
			var got []string
			for _, s := range layout.subnets {
				got = append(got, s.zone+" "+s.name+" "+s.cidr.String())
			}
			require.Equal(t, tt.want, got)
		})
	}
}

func TestPlanRefusals(t *testing.T) {
	t.Parallel()
	public, private, isolated := "Public", "Private", "Isolated"
	const sizes = "4294967296, 2147483648, 1073741824, 536870912, 268435456, 134217728, 67108864, 33554432, 16777216, 8388608, " +
		"4194304, 2097152, 1048576, 524288, 262144, 131072, 65536, 32768, 16384, 8192, 4096, 2048, 1024, 512, 256, 128, 64, 32, 16, 8, 4"
	for name, tt := range map[string]struct {
		args vpcArgs
		want string
	}{
		"no specs": {vpcArgs{SubnetSpecs: []subnetSpecArgs{}}, "No subnets specified"},
		"too large": {
			vpcArgs{SubnetSpecs: []subnetSpecArgs{{Type: public, CidrMask: new(18)}, {Type: private, CidrMask: new(17)}}},
			"Subnets are too large for VPC. VPC has 32768 addresses, but subnets require 49152 addresses.",
		},
		"a gap pushes a subnet into the next zone": {
			vpcArgs{SubnetSpecs: []subnetSpecArgs{
				{Type: public, CidrMask: new(19)}, {Type: private, CidrMask: new(18)}, {Type: isolated, CidrMask: new(19)},
			}},
			"The following subnets overlap with at least one other subnet. Make the CIDR for the VPC larger, reduce the size of the " +
				"subnets per AZ, or use less Availability Zones:\n\n1. net-isolated-1: 10.0.128.0/19\n2. net-public-2: 10.0.128.0/19\n",
		},
		"VPC too small for the default": {
			vpcArgs{CidrBlock: new("10.0.0.0/26")},
			"Automatic subnet creation requires a VPC with at least /26 available per AZ, but only /27 is available." +
				"If you do need very small subnets, please specify them explicitly.",
		},
		"gap between zones": {
			vpcArgs{SubnetStrategy: new("Exact"), SubnetSpecs: []subnetSpecArgs{{Type: public, CidrMask: new(18)}}},
			"There are gaps in the subnet ranges. Please fix the following gaps: net-public-1 (10.0.0.0/18) <=> net-public-2 (10.0.128.0/18), " +
				"net-public-2 (ending 10.0.191.254) ends before VPC ends (at 10.0.255.254})",
		},
		"gap at the start": {
			vpcArgs{SubnetStrategy: new("Exact"), SubnetSpecs: []subnetSpecArgs{{Type: public, CidrBlocks: []string{"10.0.64.0/18", "10.0.128.0/17"}}}},
			"There are gaps in the subnet ranges. Please fix the following gaps: net-public-1 (10.0.64.0/18) does not start at the " +
				"beginning of the VPC (10.0.0.0/16)",
		},
		"invalid size": {
			vpcArgs{SubnetSpecs: []subnetSpecArgs{{Type: public, Size: new(100)}, {Type: private, Size: new(2)}}},
			"Invalid subnet specifications:\n - The following subnet sizes are invalid: 100, 2. Valid sizes are: " + sizes + ".",
		},
		"size and mask differ": {
			vpcArgs{SubnetSpecs: []subnetSpecArgs{{Type: public, Size: new(4096), CidrMask: new(21)}}},
			"Invalid subnet specifications:\n - Subnet size 4096 does not match the expected size for a /21 subnet (2048).",
		},
		"explicit and automatic, and too few": {
			vpcArgs{SubnetSpecs: []subnetSpecArgs{{Type: public, CidrBlocks: []string{"10.0.0.0/16"}}, {Type: private}}},
			"Invalid subnet specifications:\n - The number of CIDR blocks in subnetSpecs[0] must match the number of availability zones (2).\n" +
				" - If any subnet spec has explicit cidrBlocks, all subnets must have explicit cidrBlocks.",
		},
		"explicit against its mask": {
			vpcArgs{SubnetSpecs: []subnetSpecArgs{{Type: public, CidrBlocks: []string{"10.0.0.0/17", "10.0.128.0/17"}, CidrMask: new(18)}}},
			"Invalid subnet specifications:\n - The cidrMask in subnetSpecs[0] must match all cidrBlocks or be left undefined.",
		},
		"explicit against its size": {
			vpcArgs{SubnetSpecs: []subnetSpecArgs{{Type: public, CidrBlocks: []string{"10.0.0.0/17", "10.0.128.0/17"}, Size: new(1024)}}},
			"Invalid subnet specifications:\n - The size in subnetSpecs[0] must match all cidrBlocks or be left undefined.",
		},
		"explicit nonsense": {
			vpcArgs{SubnetSpecs: []subnetSpecArgs{{Type: public, CidrBlocks: []string{"10.0.0.0/17", "fd00::/64"}}}},
			"Invalid subnet specifications:\n - subnetSpecs[0].cidrBlocks: \"fd00::/64\" is not an IPv4 CIDR block",
		},
		"not a CIDR block": {
			vpcArgs{CidrBlock: new("10.0.0.0")},
			`cidrBlock: "10.0.0.0" is not a CIDR block: netip.ParsePrefix("10.0.0.0"): no '/'`,
		},
		"mask past the end": {
			vpcArgs{SubnetSpecs: []subnetSpecArgs{{Type: public, CidrMask: new(33)}}},
			"subnetSpecs[0] would be a /33 block: prefix length 33 too large for IPv4; use a larger VPC or another cidrMask",
		},
		"negative mask": {
			vpcArgs{SubnetSpecs: []subnetSpecArgs{{Type: public, CidrMask: new(-1)}}},
			"subnetSpecs[0] would be a /-1 block: negative Prefix bits; use a larger VPC or another cidrMask",
		},
		"zone mask past the end": {
			vpcArgs{AvailabilityZoneCidrMask: new(40), SubnetSpecs: []subnetSpecArgs{{Type: public}}},
			"a zone of 10.0.0.0/16 would be a /40 block: prefix length 40 too large for IPv4; make the VPC larger or use fewer zones",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := plan(tt.args, "a", "b")
			require.EqualError(t, err, tt.want)
		})
	}
}

func TestNATGatewaysNeedPublicAndPrivateSubnets(t *testing.T) {
	t.Parallel()
	for _, types := range [][]string{{"Public"}, {"Private"}, {"Isolated", "Public"}} {
		args := &vpcArgs{SubnetStrategy: new("Auto")}
		for _, typ := range types {
			args.SubnetSpecs = append(args.SubnetSpecs, subnetSpecArgs{Type: typ})
		}
		for _, nat := range []awsxec2.NatGatewayStrategy{awsxec2.NatGatewayStrategySingle, awsxec2.NatGatewayStrategyOnePerAz} {
			_, err := planSubnets("net", args, []string{"a"}, nat)
			require.EqualError(t, err, "If NAT Gateway strategy is 'OnePerAz' or 'Single', both private and public subnets must be "+
				"declared. The private subnet creates the need for a NAT Gateway, and the public subnet is required to host the NAT Gateway resource.")
		}
		_, err := planSubnets("net", args, []string{"a"}, awsxec2.NatGatewayStrategyNone)
		require.NoError(t, err)
	}
}

// The first two are the cases of subnetDistributorNew.test.ts, nextNetmask.
func TestBlockAfter(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		previous string
		mask     int
		want     string
	}{
		{"10.0.0.0/16", 17, "10.1.0.0/17"},
		{"10.0.0.0/17", 16, "10.1.0.0/16"},
		{"10.0.0.0/24", 24, "10.0.1.0/24"},
		{"10.0.0.16/28", 20, "10.0.16.0/20"},
		{"10.0.0.0/30", 32, "10.0.0.3/32"},
		{"10.0.0.0/31", 32, "10.0.0.2/32"},
		{"10.0.0.0/32", 32, "10.0.0.1/32"},
	} {
		require.Equal(t, tt.want, blockAfter(netip.MustParsePrefix(tt.previous), tt.mask).String())
	}
}
