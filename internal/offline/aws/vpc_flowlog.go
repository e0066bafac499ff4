package aws

import (
	"regexp"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"stagecraft/internal/offline/cloud"
)

const flowLogToken = "aws:ec2/flowLog:FlowLog"

// notBucket and notLogGroup match the other destinations of flow logs.
var (
	notBucket   = regexp.MustCompile(`^arn:aws:(logs|firehose):`)
	notLogGroup = regexp.MustCompile(`^arn:aws:(s3|firehose):`)
)

func flowLogType() cloud.Type {
	configuration := []string{
		"logDestinationType", "logDestination", "trafficType", "maxAggregationInterval", "logFormat",
	}
	return cloud.Type{
		Token:     flowLogToken,
		Args:      ec2.FlowLogArgs{},
		State:     ec2.FlowLog{},
		Service:   "EC2",
		Operation: "CreateFlowLogs",
		Source:    "CloudFormation resource schema AWS::EC2::FlowLog; EC2 API Reference, CreateFlowLogs",
		ID:        "fl-${hex17}",
		OneOf:     [][]string{{"eniId", "subnetId", "transitGatewayAttachmentId", "transitGatewayId", "vpcId"}},
		Conflicts: [][]string{{"logDestination", "logGroupName"}},
		Values: map[string]cloud.Value{
			"logDestinationType":     cloud.OneOf("cloud-watch-logs", "s3", "kinesis-data-firehose"),
			"maxAggregationInterval": cloud.NumberIn(60, 600),
			"trafficType":            cloud.OneOf("ACCEPT", "REJECT", "ALL"),
		},
		Computed: map[string]any{
			"arn":                    "arn:aws:ec2:${region}:${account}:vpc-flow-log/${id}",
			"logDestination":         "${logGroupName.arn}",
			"logDestinationType":     "cloud-watch-logs",
			"logFormat":              resource.NewProperty(flowLogFormat),
			"maxAggregationInterval": 600,
		},
		Replace: []string{
			"deliverCrossAccountRole", "destinationOptions", "eniId", "iamRoleArn", "logDestination", "logDestinationType",
			"logFormat", "logGroupName", "maxAggregationInterval", "subnetId", "trafficType", "transitGatewayAttachmentId",
			"transitGatewayId", "vpcId",
		},
		Refs: []cloud.Ref{
			{Path: "vpcId", Type: vpcToken, OwnedBy: true},
			{Path: "subnetId", Type: subnetToken, OwnedBy: true},
			{Path: "iamRoleArn", Type: roleToken, TargetProperty: "arn", Weak: true},
			{Path: "logGroupName", Type: logGroupToken, TargetProperty: "name", Weak: true},
			{Path: "logDestination", Type: logGroupToken, TargetProperty: "arn", Weak: true, External: notLogGroup},
			{Path: "logDestination", Type: bucketToken, TargetProperty: "arn", Weak: true, External: notBucket},
		},
		Unique: [][]string{
			append([]string{"vpcId"}, configuration...), append([]string{"subnetId"}, configuration...),
		},
		Exists: cloud.Error{
			Code:    "FlowLogAlreadyExists",
			Message: "Error. There is an existing Flow Log with the same configuration and log destination.",
		},
		Check: validateFlowLog,
	}
}

func validateFlowLog(_ cloud.Account, log *cloud.Resource) error {
	kind := log.Text("logDestinationType")
	switch {
	case log.Text("trafficType") == "" && log.Text("vpcId")+log.Text("subnetId")+log.Text("eniId") != "":
		return apiError("MissingParameter", "The request must contain the parameter TrafficType")
	case log.Text("logDestination") == "":
		return apiError("InvalidParameter", "LogDestination can't be empty if LogGroupName is not provided.")
	case kind == "cloud-watch-logs" && log.Text("iamRoleArn") == "":
		return apiError("InvalidParameter", "DeliverLogsPermissionArn can't be empty if LogDestinationType is %s.", kind)
	case kind != "cloud-watch-logs" && log.Text("iamRoleArn") != "":
		return apiError("InvalidParameter", "DeliverLogsPermissionArn is not applicable for %s delivery", kind)
	}
	return nil
}

// flowLogFormat is the default format (VPC User Guide, Flow log records).
const flowLogFormat = "${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} " +
	"${protocol} ${packets} ${bytes} ${start} ${end} ${action} ${log-status}"
