package aws

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"

	"stagecraft/internal/offline/cloud"
)

const internetGatewayToken = "aws:ec2/internetGateway:InternetGateway"

func internetGatewayType() cloud.Type {
	return cloud.Type{
		Token:     internetGatewayToken,
		Args:      ec2.InternetGatewayArgs{},
		State:     ec2.InternetGateway{},
		Service:   "EC2",
		Operation: "CreateInternetGateway",
		Source:    "SDK doc; VPC User Guide, Amazon VPC quotas",
		ID:        "igw-${hex17}",
		Computed: map[string]any{
			"arn":     "arn:aws:ec2:${region}:${account}:internet-gateway/${id}",
			"ownerId": "${account}",
		},
		Refs:   []cloud.Ref{{Path: "vpcId", Type: vpcToken}},
		Unique: [][]string{{"vpcId"}},
		Exists: cloud.Error{
			Code: "InvalidParameterValue", Message: "Network ${vpcId} already has an internet gateway attached",
		},
		Quota: &cloud.Quota{Limit: 5, Error: cloud.Error{
			Code: "InternetGatewayLimitExceeded", Message: "The maximum number of internet gateways has been reached.",
		}},
		NotFound: cloud.Error{
			Code: "InvalidInternetGatewayID.NotFound", Message: "The internetGateway ID '${value}' does not exist",
		},
	}
}
