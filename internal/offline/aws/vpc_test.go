package aws

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"stagecraft/internal/offline/store"
)

var minimalVPC = map[string]func(*testAccount) map[string]any{
	vpcToken: func(*testAccount) map[string]any { return map[string]any{"cidrBlock": "10.0.0.0/16"} },
	subnetToken: func(a *testAccount) map[string]any {
		vpc := a.create(vpcToken, map[string]any{"cidrBlock": "10.0.0.0/16"})
		return map[string]any{"vpcId": vpc.id, "cidrBlock": "10.0.0.0/24"}
	},
	internetGatewayToken: func(a *testAccount) map[string]any {
		return map[string]any{"vpcId": a.create(vpcToken, map[string]any{"cidrBlock": "10.0.0.0/16"}).id}
	},
	natGatewayToken: func(a *testAccount) map[string]any {
		return map[string]any{"subnetId": a.network("0").subnets[0].id, "allocationId": a.create(eipToken, nil).id}
	},
	routeTableToken: func(a *testAccount) map[string]any {
		network := a.network("0")
		return map[string]any{"vpcId": network.vpc.id, "routes": []any{
			map[string]any{"cidrBlock": "0.0.0.0/0", "gatewayId": network.gateway.id},
		}}
	},
	"aws:ec2/routeTableAssociation:RouteTableAssociation": func(a *testAccount) map[string]any {
		network := a.network("0")
		return map[string]any{"routeTableId": network.table.id, "subnetId": network.subnets[0].id}
	},
	"aws:ec2/route:Route": func(a *testAccount) map[string]any {
		network := a.network("0")
		return map[string]any{
			"routeTableId": network.table.id, "destinationCidrBlock": "0.0.0.0/0", "gatewayId": network.gateway.id,
		}
	},
	vpcEndpointToken: func(a *testAccount) map[string]any {
		network := a.network("0")
		return map[string]any{
			"vpcId": network.vpc.id, "serviceName": "com.amazonaws.eu-west-1.s3", "routeTableIds": []any{network.table.id},
		}
	},
	vpcEndpointRouteTableAssociationToken: func(a *testAccount) map[string]any {
		network := a.network("0")
		endpoint := a.create(vpcEndpointToken, map[string]any{
			"vpcId": network.vpc.id, "serviceName": "com.amazonaws.eu-west-1.s3",
		})
		return map[string]any{"vpcEndpointId": endpoint.id, "routeTableId": network.table.id}
	},
	flowLogToken: func(a *testAccount) map[string]any {
		return map[string]any{
			"vpcId": a.create(vpcToken, map[string]any{"cidrBlock": "10.0.0.0/16"}).id, "trafficType": "ALL",
			"logDestinationType": "s3", "logDestination": a.bucket("flow-logs").text("arn"),
		}
	},
}

func TestNetworkRejections(t *testing.T) {
	t.Parallel()
	const route, association = "aws:ec2/route:Route", "aws:ec2/routeTableAssociation:RouteTableAssociation"
	runRejections(t, []rejection{
		{
			"subnet in another region's zone", "InvalidParameterValue", subnetToken,
			but(subnetToken, map[string]any{"availabilityZone": "us-east-1a"}),
		},
		{
			"subnet in an unknown zone id", "InvalidParameterValue", subnetToken,
			but(subnetToken, map[string]any{"availabilityZoneId": "euw1-az9"}),
		},
		{
			"subnet outside of its VPC", "InvalidSubnet.Range", subnetToken,
			but(subnetToken, map[string]any{"cidrBlock": "10.1.0.0/24"}),
		},
		{"subnet on top of another", "InvalidSubnet.Conflict", subnetToken, func(a *testAccount) map[string]any {
			return map[string]any{"vpcId": a.network("0").vpc.id, "cidrBlock": "10.0.0.128/25"}
		}},
		{"second internet gateway", "InvalidParameterValue", internetGatewayToken, func(a *testAccount) map[string]any {
			return map[string]any{"vpcId": a.network("0").vpc.id}
		}},
		{
			"NAT gateway without an address", "MissingParameter", natGatewayToken,
			but(natGatewayToken, map[string]any{"allocationId": nil}),
		},
		{
			"private NAT gateway with an address", "InvalidParameter", natGatewayToken,
			but(natGatewayToken, map[string]any{"connectivityType": "private"}),
		},
		{"NAT gateway without internet", "Gateway.NotAttached", natGatewayToken, func(a *testAccount) map[string]any {
			inputs := minimal[natGatewayToken](a)
			gateways, err := a.list(internetGatewayToken)
			require.NoError(a.t, err)
			require.NoError(a.t, a.Delete(internetGatewayToken, gateways[0]))
			return inputs
		}},
		{
			"NAT gateway with another's address", "Resource.AlreadyAssociated", natGatewayToken,
			func(a *testAccount) map[string]any {
				inputs := minimal[natGatewayToken](a)
				a.create(natGatewayToken, inputs)
				return inputs
			},
		},
		{
			"NAT gateways beyond the zone's quota", "NatGatewayLimitExceeded", natGatewayToken,
			func(a *testAccount) map[string]any {
				private := map[string]any{"subnetId": a.network("0").subnets[0].id, "connectivityType": "private"}
				for range natGatewaysPerZone {
					a.create(natGatewayToken, private)
				}
				return private
			},
		},
		{"route to another VPC's gateway", "InvalidParameterValue", route, func(a *testAccount) map[string]any {
			return map[string]any{
				"routeTableId": a.network("0").table.id, "gatewayId": a.network("1").gateway.id,
				"destinationCidrBlock": "0.0.0.0/0",
			}
		}},
		{"route to another VPC's NAT gateway", "InvalidParameterValue", route, func(a *testAccount) map[string]any {
			gateway := a.create(natGatewayToken, minimal[natGatewayToken](a))
			return map[string]any{
				"routeTableId": a.network("1").table.id, "natGatewayId": gateway.id, "destinationCidrBlock": "0.0.0.0/0",
			}
		}},
		{
			"route table with a route to another VPC", "InvalidParameterValue", routeTableToken,
			func(a *testAccount) map[string]any {
				return with(minimal[routeTableToken](a), map[string]any{"vpcId": a.network("1").vpc.id})
			},
		},
		{"association with another VPC's subnet", "InvalidParameterValue", association, func(a *testAccount) map[string]any {
			return map[string]any{"routeTableId": a.network("0").table.id, "subnetId": a.network("1").subnets[0].id}
		}},
		{
			"endpoint of another region", "InvalidServiceName", vpcEndpointToken,
			but(vpcEndpointToken, map[string]any{"serviceName": "com.amazonaws.us-east-1.s3"}),
		},
		{
			"gateway endpoint of a service without", "InvalidServiceName", vpcEndpointToken,
			but(vpcEndpointToken, map[string]any{"serviceName": "com.amazonaws.eu-west-1.ssm"}),
		},
		{"gateway endpoint in subnets", "InvalidParameter", vpcEndpointToken, func(a *testAccount) map[string]any {
			network := a.network("0")
			return map[string]any{
				"vpcId": network.vpc.id, "serviceName": "com.amazonaws.eu-west-1.s3", "subnetIds": []any{network.subnets[0].id},
			}
		}},
		{
			"interface endpoint in route tables", "InvalidParameter", vpcEndpointToken,
			but(vpcEndpointToken, map[string]any{"vpcEndpointType": "Interface"}),
		},
		{"endpoint in another VPC's route table", "InvalidParameter", vpcEndpointToken, func(a *testAccount) map[string]any {
			return with(minimal[vpcEndpointToken](a), map[string]any{"vpcId": a.network("1").vpc.id})
		}},
		{"second endpoint in a route table", "RouteAlreadyExists", vpcEndpointToken, func(a *testAccount) map[string]any {
			inputs := minimal[vpcEndpointToken](a)
			a.create(vpcEndpointToken, inputs)
			return inputs
		}},
		{
			"endpoint associated twice", "RouteAlreadyExists", vpcEndpointRouteTableAssociationToken,
			func(a *testAccount) map[string]any {
				inputs := minimal[vpcEndpointRouteTableAssociationToken](a)
				a.create(vpcEndpointRouteTableAssociationToken, inputs)
				return inputs
			},
		},
		{"endpoints beyond the quota", "VpcEndpointLimitExceeded", vpcEndpointToken, func(a *testAccount) map[string]any {
			inputs := with(minimal[vpcEndpointToken](a), map[string]any{"routeTableIds": nil})
			for range endpointQuotas[true] {
				a.create(vpcEndpointToken, inputs)
			}
			return inputs
		}},
		{"flow log of no traffic", "MissingParameter", flowLogToken, but(flowLogToken, map[string]any{"trafficType": nil})},
		{"flow log to nowhere", "InvalidParameter", flowLogToken, but(flowLogToken, map[string]any{"logDestination": nil})},
		{
			"flow log to a bucket that is not there", "NoSuchBucket", flowLogToken,
			but(flowLogToken, map[string]any{"logDestination": "arn:aws:s3:::nowhere"}),
		},
	})
}

func TestVpcGoesWithWhatItCameWith(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	vpc := account.create(vpcToken, map[string]any{"cidrBlock": "10.0.0.0/16"})
	require.NoError(t, account.Delete(vpcToken, vpc.id))
	account.records(func(_ *store.Tx, record store.Record) error {
		return fmt.Errorf("%s %s is left", record.Type, record.ID)
	})
}

// testNetwork is a VPC with an internet gateway.
type testNetwork struct {
	vpc, gateway, table created
	// subnets has one subnet in each of three zones.
	subnets []created
}

// network creates a VPC of the range 10.N.0.0/16.
func (a *testAccount) network(n string) testNetwork {
	a.t.Helper()
	network := testNetwork{vpc: a.create(vpcToken, map[string]any{"cidrBlock": "10." + n + ".0.0/16"})}
	network.gateway = a.create(internetGatewayToken, map[string]any{"vpcId": network.vpc.id})
	network.table = a.create(routeTableToken, map[string]any{"vpcId": network.vpc.id})
	for i, letter := range []string{"a", "b", "c"} {
		network.subnets = append(network.subnets, a.create(subnetToken, map[string]any{
			"vpcId": network.vpc.id, "availabilityZone": testRegion + letter,
			"cidrBlock": "10." + n + "." + string(rune('0'+i)) + ".0/24",
		}))
	}
	return network
}

func TestVPCInputsRejected(t *testing.T) {
	t.Parallel()
	runInputRejections(t, []inputRejection{
		{vpcToken, "cidrBlock", map[string]any{"cidrBlock": "10.0.0.1/16"}},
		{vpcToken, "cidrBlock", map[string]any{"cidrBlock": "10.0.0.0/8"}},
		{vpcToken, "instanceTenancy", map[string]any{"instanceTenancy": "shared"}},
		{subnetToken, "cidrBlock", map[string]any{"cidrBlock": "10.0.0.0/29"}},
		{subnetToken, "availabilityZone", map[string]any{
			"availabilityZone": "eu-west-1a", "availabilityZoneId": "euw1-az1",
		}},
		{natGatewayToken, "connectivityType", map[string]any{"connectivityType": "open"}},
		{"aws:ec2/route:Route", "destinationCidrBlock", map[string]any{"destinationCidrBlock": "anywhere"}},
		{"aws:ec2/route:Route", "carrierGatewayId", map[string]any{"natGatewayId": "nat-1"}},
		{"aws:ec2/routeTableAssociation:RouteTableAssociation", "subnetId", map[string]any{"gatewayId": "igw-1"}},
		{vpcEndpointToken, "vpcEndpointType", map[string]any{"vpcEndpointType": "Tunnel"}},
		{vpcEndpointToken, "policy", map[string]any{"policy": "{"}},
		{flowLogToken, "trafficType", map[string]any{"trafficType": "SOME"}},
		{flowLogToken, "maxAggregationInterval", map[string]any{"maxAggregationInterval": 120}},
		{flowLogToken, "eniId", map[string]any{"subnetId": "subnet-1"}},
		{flowLogToken, "logDestination", map[string]any{"logGroupName": "flow"}},
	})
}

func TestVPCChanges(t *testing.T) {
	t.Parallel()
	runChanges(t, []change{
		{"aws:ec2/route:Route", "target", false, map[string]any{"gatewayId": nil, "natGatewayId": "nat-1"}},
		{"aws:ec2/route:Route", "destination", true, map[string]any{"destinationCidrBlock": "10.0.0.0/8"}},
		{"aws:ec2/routeTableAssociation:RouteTableAssociation", "table", false, map[string]any{"routeTableId": "rtb-1"}},
		{flowLogToken, "interval", true, map[string]any{"maxAggregationInterval": 60}},
	})
}
