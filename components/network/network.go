// Package network creates the VPC of all tiers. Its layout fits the largest stage, so that no stage moves a subnet.
package network

import (
	"fmt"
	"net/netip"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	awsxec2 "github.com/pulumi/pulumi-awsx/sdk/v2/go/awsx/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/observability"
	"stagecraft/components/role"
)

// NAT is how private subnets reach the internet; the values are awsx's strategies. A change to the next one adds
// gateways, addresses and routes, points existing routes to the new gateways, and replaces nothing.
type NAT string

const (
	// NoNAT leaves private subnets without a way out.
	NoNAT = NAT(awsxec2.NatGatewayStrategyNone)
	// SingleNAT creates one gateway in the first zone; when that zone fails, no private subnet reaches the internet.
	SingleNAT = NAT(awsxec2.NatGatewayStrategySingle)
	// NATPerZone creates a gateway in each zone.
	NATPerZone = NAT(awsxec2.NatGatewayStrategyOnePerAz)
)

// Each zone has a quarter of the VPC's range, however many zones there are, so that a later zone moves none. The
// private subnet has half of it, the public one a quarter, and the isolated one an eighth; an eighth stays free.
const (
	zoneBits     = 2
	privateBits  = 3
	publicBits   = 4
	isolatedBits = 5
)

// Args describes the network. Every field is required unless a default is named.
type Args struct {
	// CIDR is the VPC's range: private IPv4 (RFC 1918, or 100.64.0.0/10), /16 to /22.
	CIDR netip.Prefix
	// Region is the AWS region, such as "eu-west-1"; AvailabilityZones are names of 2 to 4 of its zones. Their order
	// decides which range each has: a new zone goes to the end.
	Region            string
	AvailabilityZones []string
	// NAT is NoNAT, SingleNAT or NATPerZone.
	NAT NAT
	// LogRetentionDays is for how many days CloudWatch Logs keeps the flow logs.
	LogRetentionDays int
	// KmsKeyArn is the KMS key that encrypts the flow logs. Default: nil, AWS's own key.
	KmsKeyArn pulumi.StringInput
	// AlarmTopicArn is the SNS topic that is notified of alarms.
	AlarmTopicArn pulumi.StringInput
	// Tags are set on every resource.
	Tags pulumi.StringMap
}

// Network is a VPC with public, private and isolated subnets in each zone, flow logs, and their alarms.
type Network struct {
	pulumi.ResourceState

	// VpcID is the VPC's id.
	VpcID pulumi.StringOutput
	// PublicSubnetIDs have a route to the internet and from it, PrivateSubnetIDs one to the internet through NAT, if
	// there is any, and IsolatedSubnetIDs none. All are in the order of the zones.
	PublicSubnetIDs, PrivateSubnetIDs, IsolatedSubnetIDs pulumi.StringArrayOutput
	// Alarms are the alarms for the dashboard.
	Alarms observability.Alarms
}

// New creates the network. It rejects a range that is not a private IPv4 block of the right size, and zones that are
// too few, too many, repeated or of another region.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Network, error) {
	if err := args.validate(); err != nil {
		return nil, fmt.Errorf("network %q: %w", name, err)
	}
	component := &Network{}
	if err := ctx.RegisterComponentResource("stagecraft:network:Network", name, component, opts...); err != nil {
		return nil, err
	}
	parent := pulumi.Parent(component)

	vpc, err := newVpc(ctx, name, args, parent)
	if err != nil {
		return nil, err
	}
	component.VpcID = vpc.VpcId
	component.PublicSubnetIDs = vpc.PublicSubnetIds
	component.PrivateSubnetIDs = vpc.PrivateSubnetIds
	component.IsolatedSubnetIDs = vpc.IsolatedSubnetIds

	// It has no rules: an instance without a security group of its own reaches nobody (AWS Security Hub control EC2.2).
	_, err = ec2.NewDefaultSecurityGroup(ctx, name, &ec2.DefaultSecurityGroupArgs{
		VpcId: vpc.VpcId,
		Tags:  args.Tags,
	}, parent)
	if err != nil {
		return nil, err
	}
	// awsx needs route tables for its endpoints before it has created any.
	_, err = ec2.NewVpcEndpoint(ctx, name+"-s3", &ec2.VpcEndpointArgs{
		VpcId:           vpc.VpcId,
		ServiceName:     pulumi.Sprintf("com.amazonaws.%s.s3", args.Region),
		VpcEndpointType: pulumi.String("Gateway"),
		RouteTableIds:   routeTableIDs(vpc),
		Tags:            args.Tags,
	}, parent)
	if err != nil {
		return nil, err
	}
	logs, err := newFlowLog(ctx, name, args, vpc, parent)
	if err != nil {
		return nil, err
	}

	component.Alarms, err = observability.NewAlarms(ctx, name,
		observability.AlarmsArgs{TopicArn: args.AlarmTopicArn, Tags: args.Tags}, alarms(args, vpc, logs), parent)
	if err != nil {
		return nil, err
	}
	return component, ctx.RegisterResourceOutputs(component, pulumi.Map{
		"vpcId":             component.VpcID,
		"publicSubnetIds":   component.PublicSubnetIDs,
		"privateSubnetIds":  component.PrivateSubnetIDs,
		"isolatedSubnetIds": component.IsolatedSubnetIDs,
	})
}

func newVpc(ctx *pulumi.Context, name string, args *Args, parent pulumi.ResourceOption) (*awsxec2.Vpc, error) {
	subnet := func(kind awsxec2.SubnetType, name string, bits int) awsxec2.SubnetSpecArgs {
		mask := args.CIDR.Bits() + bits
		return awsxec2.SubnetSpecArgs{Type: kind, Name: &name, CidrMask: &mask}
	}
	cidr := args.CIDR.String()
	zoneMask := args.CIDR.Bits() + zoneBits
	strategy := awsxec2.SubnetAllocationStrategyAuto
	return awsxec2.NewVpc(ctx, name, &awsxec2.VpcArgs{
		CidrBlock:                &cidr,
		AvailabilityZoneNames:    args.AvailabilityZones,
		AvailabilityZoneCidrMask: &zoneMask,
		SubnetStrategy:           &strategy,
		SubnetSpecs: []awsxec2.SubnetSpecArgs{
			subnet(awsxec2.SubnetTypePrivate, "private", privateBits),
			subnet(awsxec2.SubnetTypePublic, "public", publicBits),
			subnet(awsxec2.SubnetTypeIsolated, "isolated", isolatedBits),
		},
		NatGateways:        &awsxec2.NatGatewayConfigurationArgs{Strategy: awsxec2.NatGatewayStrategy(args.NAT)},
		EnableDnsHostnames: pulumi.Bool(true),
		EnableDnsSupport:   pulumi.Bool(true),
		Tags:               args.Tags,
	}, parent)
}

func routeTableIDs(vpc *awsxec2.Vpc) pulumi.StringArrayOutput {
	return vpc.RouteTables.ApplyT(func(tables []*ec2.RouteTable) pulumi.StringArrayOutput {
		ids := make(pulumi.StringArray, len(tables))
		for i, table := range tables {
			ids[i] = table.ID()
		}
		return ids.ToStringArrayOutput()
	}).(pulumi.StringArrayOutput)
}

// newFlowLog logs all traffic of the VPC to a log group (Amazon VPC User Guide, "Publish flow logs to CloudWatch
// Logs"). The role may not create log groups, since the group exists.
func newFlowLog(
	ctx *pulumi.Context, name string, args *Args, vpc *awsxec2.Vpc, parent pulumi.ResourceOption,
) (*cloudwatch.LogGroup, error) {
	logs, err := cloudwatch.NewLogGroup(ctx, name+"-flow", &cloudwatch.LogGroupArgs{
		NamePrefix:      pulumi.Sprintf("/%s/%s/%s/flow-", ctx.Project(), ctx.Stack(), name),
		RetentionInDays: pulumi.Int(args.LogRetentionDays),
		KmsKeyId:        args.KmsKeyArn,
		Tags:            args.Tags,
	}, parent)
	if err != nil {
		return nil, err
	}
	writer, err := role.New(ctx, name+"-flow", &role.Args{
		Service:     "vpc-flow-logs.amazonaws.com",
		Description: "VPC flow logs write to their log group",
		Statements: []role.Statement{{
			Actions:   []string{"logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"},
			Resources: pulumi.StringArray{pulumi.Sprintf("%s:*", logs.Arn)},
		}},
		Tags: args.Tags,
	}, parent)
	if err != nil {
		return nil, err
	}
	_, err = ec2.NewFlowLog(ctx, name, &ec2.FlowLogArgs{
		VpcId:                  vpc.VpcId,
		TrafficType:            pulumi.String("ALL"),
		MaxAggregationInterval: pulumi.Int(60),
		LogDestination:         logs.Arn,
		IamRoleArn:             writer.Arn,
		Tags:                   args.Tags,
	}, parent, pulumi.DependsOn(writer.Policies))
	return logs, err
}
