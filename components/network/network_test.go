package network_test

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"stagecraft/components/network"
	"stagecraft/internal/pulumitest"
)

const (
	vpcType        = "awsx:ec2:Vpc"
	routeTableType = "aws:ec2/routeTable:RouteTable"
	natGatewayType = "aws:ec2/natGateway:NatGateway"
	alarmType      = "aws:cloudwatch/metricAlarm:MetricAlarm"
)

func valid() network.Args {
	return network.Args{
		CIDR:              netip.MustParsePrefix("10.0.0.0/16"),
		Region:            "eu-west-1",
		AvailabilityZones: []string{"eu-west-1a", "eu-west-1b", "eu-west-1c"},
		NAT:               network.NoNAT,
		LogRetentionDays:  30,
		AlarmTopicArn:     pulumi.String("arn:topic"),
		Tags:              pulumi.StringMap{"project": pulumi.String("stagecraft")},
	}
}

// outputs are awsx's: it hands out references to the resources that it makes, one of each for each zone.
func outputs(zones int) map[string]map[string]any {
	reference := func(token string, zone int) resource.PropertyValue {
		name := fmt.Sprintf("%d", zone)
		urn := resource.NewURN(pulumitest.Stack, pulumitest.Project, "", tokens.Type(token), name)
		return resource.MakeCustomResourceReference(urn, resource.ID(name+"-id"), "")
	}
	var tables, gateways []any
	for zone := range zones {
		tables = append(tables, reference(routeTableType, zone))
		gateways = append(gateways, reference(natGatewayType, zone))
	}
	return map[string]map[string]any{vpcType: {
		"vpcId":             "vpc-1",
		"publicSubnetIds":   []any{"subnet-public"},
		"privateSubnetIds":  []any{"subnet-private"},
		"isolatedSubnetIds": []any{"subnet-isolated"},
		"routeTables":       tables,
		"natGateways":       gateways,
	}}
}

func run(args network.Args, check func(*network.Network)) (pulumitest.Resources, error) {
	zones := len(args.AvailabilityZones)
	return pulumitest.Run(func(ctx *pulumi.Context) error {
		if err := registerReferenced(ctx, zones, args.Tags); err != nil {
			return err
		}
		made, err := network.New(ctx, "network", &args)
		if err == nil && check != nil {
			check(made)
		}
		return err
	}, outputs(zones), nil)
}

// registerReferenced registers what outputs refers to, and waits for it: a reference must not come first.
func registerReferenced(ctx *pulumi.Context, zones int, tags pulumi.StringMap) error {
	var registered []any
	for zone := range zones {
		name := fmt.Sprintf("%d", zone)
		table, err := ec2.NewRouteTable(ctx, name, &ec2.RouteTableArgs{VpcId: pulumi.String("vpc-1"), Tags: tags})
		if err != nil {
			return err
		}
		gateway, err := ec2.NewNatGateway(ctx, name, &ec2.NatGatewayArgs{SubnetId: pulumi.String("subnet-1"), Tags: tags})
		if err != nil {
			return err
		}
		registered = append(registered, table.ID(), gateway.ID())
	}
	done := make(chan struct{})
	pulumi.All(registered...).ApplyT(func([]any) error { close(done); return nil })
	<-done
	return nil
}

func TestNew(t *testing.T) {
	t.Parallel()
	known := make(chan []any, 1)
	resources, err := run(valid(), func(made *network.Network) {
		pulumi.All(made.VpcID, made.PublicSubnetIDs, made.PrivateSubnetIDs, made.IsolatedSubnetIDs).
			ApplyT(func(values []any) error { known <- values; return nil })
	})
	require.NoError(t, err)
	require.Equal(t,
		[]any{"vpc-1", []string{"subnet-public"}, []string{"subnet-private"}, []string{"subnet-isolated"}}, <-known)

	resources.RequireParents(t, "stagecraft:network:Network", routeTableType, natGatewayType)
	resources.RequireTags(t, map[string]string{"project": "stagecraft"})

	group := resources.One(t, "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup")
	require.Equal(t, "vpc-1", group.Inputs["vpcId"])
	require.NotContains(t, group.Inputs, "ingress")
	require.NotContains(t, group.Inputs, "egress")

	require.Subset(t, resources.One(t, "aws:ec2/vpcEndpoint:VpcEndpoint").Inputs, map[string]any{
		"vpcId":           "vpc-1",
		"serviceName":     "com.amazonaws.eu-west-1.s3",
		"vpcEndpointType": "Gateway",
		"routeTableIds":   []any{"0-id", "1-id", "2-id"},
	})
}

func TestLayout(t *testing.T) {
	t.Parallel()
	layout := func(args network.Args) map[string]any {
		resources, err := run(args, nil)
		require.NoError(t, err)
		return resources.One(t, vpcType).Inputs
	}
	expected := layout(valid())
	require.Equal(t, map[string]any{
		"cidrBlock":                "10.0.0.0/16",
		"availabilityZoneNames":    []any{"eu-west-1a", "eu-west-1b", "eu-west-1c"},
		"availabilityZoneCidrMask": 18.0,
		"subnetStrategy":           "Auto",
		"subnetSpecs": []any{
			map[string]any{"type": "Private", "name": "private", "cidrMask": 19.0},
			map[string]any{"type": "Public", "name": "public", "cidrMask": 20.0},
			map[string]any{"type": "Isolated", "name": "isolated", "cidrMask": 21.0},
		},
		"natGateways":        map[string]any{"strategy": "None"},
		"enableDnsHostnames": true,
		"enableDnsSupport":   true,
		"tags":               map[string]any{"project": "stagecraft"},
	}, expected)

	// Whatever a stage turns on, and whichever zones it has: everything else stays where it is.
	for _, nat := range []network.NAT{network.SingleNAT, network.NATPerZone} {
		for _, zones := range [][]string{
			{"eu-west-1a", "eu-west-1b"},
			{"eu-west-1a", "eu-west-1b", "eu-west-1c", "eu-west-1d"},
		} {
			args := valid()
			args.NAT, args.AvailabilityZones = nat, zones
			grown := layout(args)
			require.Equal(t, map[string]any{"strategy": string(nat)}, grown["natGateways"])
			require.Len(t, grown["availabilityZoneNames"], len(zones))
			for _, property := range []string{"cidrBlock", "availabilityZoneCidrMask", "subnetStrategy", "subnetSpecs"} {
				require.Equal(t, expected[property], grown[property], property)
			}
		}
	}
}

func TestFlowLogs(t *testing.T) {
	t.Parallel()
	resources, err := run(valid(), nil)
	require.NoError(t, err)

	logs := resources.One(t, "aws:cloudwatch/logGroup:LogGroup")
	require.Subset(t, logs.Inputs, map[string]any{"namePrefix": "/stagecraft/test/network/flow-", "retentionInDays": 30.0})

	writer := resources.One(t, "aws:iam/role:Role")
	require.Contains(t, writer.Inputs["assumeRolePolicy"], `"Service":"vpc-flow-logs.amazonaws.com"`)
	policy := resources.One(t, "aws:iam/rolePolicy:RolePolicy")
	require.JSONEq(t, `{"Version": "2012-10-17", "Statement": [{
		"Effect": "Allow",
		"Action": ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
		"Resource": ["arn:network-flow:*"]
	}]}`, policy.Inputs["policy"].(string))

	flow := resources.One(t, "aws:ec2/flowLog:FlowLog")
	require.Subset(t, flow.Inputs, map[string]any{
		"vpcId":                  "vpc-1",
		"trafficType":            "ALL",
		"maxAggregationInterval": 60.0,
		"logDestination":         "arn:network-flow",
		"iamRoleArn":             "arn:network-flow",
	})
	require.Contains(t, flow.DependsOn, string(resource.NewURN(pulumitest.Stack, pulumitest.Project,
		"stagecraft:network:Network$stagecraft:role:Role", "aws:iam/rolePolicy:RolePolicy", policy.Name)))
}

func TestAlarms(t *testing.T) {
	t.Parallel()
	for nat, names := range map[network.NAT][]string{
		network.NoNAT:     {"network-flow-logs"},
		network.SingleNAT: {"network-flow-logs", "network-nat-1-drops", "network-nat-1-ports"},
		network.NATPerZone: {
			"network-flow-logs", "network-nat-1-drops", "network-nat-1-ports", "network-nat-2-drops", "network-nat-2-ports",
			"network-nat-3-drops", "network-nat-3-ports",
		},
	} {
		t.Run(string(nat), func(t *testing.T) {
			t.Parallel()
			args := valid()
			args.NAT = nat
			resources, err := run(args, func(made *network.Network) { require.Len(t, made.Alarms, len(names)) })
			require.NoError(t, err)
			require.Equal(t, names, resources.Names(alarmType))
			for _, alarm := range resources.Of(alarmType) {
				require.Equal(t, []any{"arn:topic"}, alarm.Inputs["alarmActions"])
			}
		})
	}
}

func TestAlarmProperties(t *testing.T) {
	t.Parallel()
	args := valid()
	args.NAT = network.NATPerZone
	resources, err := run(args, nil)
	require.NoError(t, err)

	require.Subset(t, resources.Named(t, alarmType, "network-flow-logs").Inputs, map[string]any{
		"namespace":          "AWS/Logs",
		"metricName":         "IncomingLogEvents",
		"dimensions":         map[string]any{"LogGroupName": "/stagecraft/test/network/flow-1"},
		"statistic":          "Sum",
		"comparisonOperator": "LessThanThreshold",
		"threshold":          1.0,
		"period":             900.0,
		"evaluationPeriods":  1.0,
		"treatMissingData":   "breaching",
	})
	for name, metric := range map[string]string{
		"network-nat-2-ports": "ErrorPortAllocation", "network-nat-2-drops": "PacketsDropCount",
	} {
		require.Subset(t, resources.Named(t, alarmType, name).Inputs, map[string]any{
			"namespace":          "AWS/NATGateway",
			"metricName":         metric,
			"dimensions":         map[string]any{"NatGatewayId": "1-id"},
			"statistic":          "Sum",
			"comparisonOperator": "GreaterThanThreshold",
			"threshold":          0.0,
		})
	}
}

func TestAccepts(t *testing.T) {
	t.Parallel()
	for _, cidr := range []string{"10.0.0.0/16", "172.31.252.0/22", "192.168.0.0/16", "100.127.0.0/16"} {
		args := valid()
		args.CIDR = netip.MustParsePrefix(cidr)
		_, err := run(args, nil)
		require.NoError(t, err, cidr)
	}
}

func TestRefuses(t *testing.T) {
	t.Parallel()
	cidr := func(text string) func(*network.Args) {
		return func(args *network.Args) { args.CIDR = netip.MustParsePrefix(text) }
	}
	zones := func(names ...string) func(*network.Args) {
		return func(args *network.Args) { args.AvailabilityZones = names }
	}
	for name, test := range map[string]struct {
		change func(*network.Args)
		says   string
	}{
		"no range":       {func(args *network.Args) { args.CIDR = netip.Prefix{} }, "CIDR must be set"},
		"host bits":      {cidr("10.0.1.0/16"), "write 10.0.0.0/16"},
		"too large":      {cidr("10.0.0.0/15"), "its prefix must be /16 to /22"},
		"too small":      {cidr("10.0.0.0/23"), "its prefix must be /16 to /22"},
		"public":         {cidr("8.8.0.0/16"), "it must be private IPv4"},
		"beyond RFC1918": {cidr("172.32.0.0/16"), "it must be private IPv4"},
		"beyond RFC6598": {cidr("100.128.0.0/16"), "it must be private IPv4"},
		"IPv6":           {cidr("fd00::/16"), "it must be private IPv4"},
		"no region":      {func(args *network.Args) { args.Region = "" }, "Region must be set"},
		"one zone":       {zones("eu-west-1a"), "has 1 zones: name 2 to 4"},
		"five zones": {
			zones("eu-west-1a", "eu-west-1b", "eu-west-1c", "eu-west-1d", "eu-west-1e"), "has 5 zones: name 2 to 4",
		},
		"zone twice":    {zones("eu-west-1a", "eu-west-1b", "eu-west-1a"), `"eu-west-1a" twice`},
		"foreign zone":  {zones("eu-west-1a", "us-east-1b"), `"us-east-1b", which is no zone of region "eu-west-1"`},
		"region itself": {zones("eu-west-1a", "eu-west-1"), `"eu-west-1", which is no zone`},
		"unknown NAT":   {func(args *network.Args) { args.NAT = "Double" }, `NAT is "Double": it takes ["None" "Single" "OnePerAz"]`},
		"no NAT value":  {func(args *network.Args) { args.NAT = "" }, `NAT is ""`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := valid()
			test.change(&args)
			resources, err := run(args, nil)
			require.ErrorContains(t, err, `network "network": `)
			require.ErrorContains(t, err, test.says)
			require.Empty(t, resources.Of("stagecraft:network:Network"))
		})
	}
}
