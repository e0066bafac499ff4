package network

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	awsxec2 "github.com/pulumi/pulumi-awsx/sdk/v2/go/awsx/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/observability"
)

// alarms returns the alarms on flow logs that do not arrive (Amazon CloudWatch Logs User Guide, "Monitoring with
// CloudWatch metrics"), and on connections that a NAT gateway rejects or loses (Amazon VPC User Guide, "NAT gateway
// metrics and dimensions").
func alarms(args *Args, vpc *awsxec2.Vpc, logs *cloudwatch.LogGroup) []observability.Alarm {
	list := []observability.Alarm{{
		Name:        "flow-logs",
		Description: "No flow log arrived for 15 minutes: nobody sees the traffic. Look at the flow log's status and role.",
		Namespace:   "AWS/Logs",
		Metric:      "IncomingLogEvents",
		Dimensions:  pulumi.StringMap{"LogGroupName": logs.Name},
		Statistic:   "Sum",
		Comparison:  "LessThanThreshold",
		Threshold:   1,
		Period:      900,
		Periods:     1,
		MissingData: "breaching",
	}}
	for i := range natGateways(args) {
		dimensions := pulumi.StringMap{"NatGatewayId": natGatewayID(vpc, i)}
		list = append(list, observability.Alarm{
			Name:        fmt.Sprintf("nat-%d-ports", i+1),
			Description: "The NAT gateway has no port left for a connection: look for clients that do not reuse theirs.",
			Namespace:   "AWS/NATGateway",
			Metric:      "ErrorPortAllocation",
			Dimensions:  dimensions,
			Statistic:   "Sum",
			Comparison:  "GreaterThanThreshold",
		}, observability.Alarm{
			Name:        fmt.Sprintf("nat-%d-drops", i+1),
			Description: "The NAT gateway drops packets: look at its bandwidth, and at the AWS Health Dashboard.",
			Namespace:   "AWS/NATGateway",
			Metric:      "PacketsDropCount",
			Dimensions:  dimensions,
			Statistic:   "Sum",
			Comparison:  "GreaterThanThreshold",
		})
	}
	return list
}

func natGateways(args *Args) int {
	switch args.NAT {
	case SingleNAT:
		return 1
	case NATPerZone:
		return len(args.AvailabilityZones)
	default:
		return 0
	}
}

func natGatewayID(vpc *awsxec2.Vpc, index int) pulumi.StringOutput {
	return vpc.NatGateways.Index(pulumi.Int(index)).ApplyT(func(gateway *ec2.NatGateway) pulumi.StringOutput {
		return gateway.ID().ToStringOutput()
	}).(pulumi.StringOutput)
}
