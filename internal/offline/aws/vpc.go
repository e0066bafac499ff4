package aws

import (
	"fmt"
	"net/netip"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"

	"stagecraft/internal/offline/cloud"
)

const vpcToken = "aws:ec2/vpc:Vpc"

// vpcRange allows the IPv4 ranges of a VPC or subnet, /16 to /28.
var vpcRange = cloud.All(cloud.CIDR, cloud.PrefixBits(16, 28))

// inUse returns EC2's error for the deletion of a resource that is in use.
func inUse(kind string) cloud.Error {
	return cloud.Error{
		Code: "DependencyViolation", Message: "The " + kind + " '${id}' has dependencies and cannot be deleted.",
	}
}

// vpcTypes returns the types of networks. The account has no default VPC in any region.
func vpcTypes() []cloud.Type {
	return []cloud.Type{
		vpcType(), subnetType(), internetGatewayType(), natGatewayType(),
		routeTableType(), routeTableAssociationType(), routeType(),
		vpcEndpointType(), vpcEndpointRouteTableAssociationType(),
		flowLogType(),
	}
}

func vpcType() cloud.Type {
	return cloud.Type{
		Token:     vpcToken,
		Args:      ec2.VpcArgs{},
		State:     ec2.Vpc{},
		Service:   "EC2",
		Operation: "CreateVpc",
		Source:    "CloudFormation resource schema AWS::EC2::VPC; VPC User Guide, Amazon VPC quotas",
		ID:        "vpc-${hex17}",
		OneOf:     [][]string{{"cidrBlock", "ipv4IpamPoolId"}},
		Values: map[string]cloud.Value{
			"cidrBlock":       vpcRange,
			"instanceTenancy": cloud.OneOf("default", "dedicated"),
		},
		Computed: map[string]any{
			"arn":                    "arn:aws:ec2:${region}:${account}:vpc/${id}",
			"defaultNetworkAclId":    "acl-${hex17}",
			"defaultRouteTableId":    "rtb-${hex17}",
			"defaultSecurityGroupId": "sg-${hex17}",
			"dhcpOptionsId":          "dopt-${hex17}",
			"enableDnsHostnames":     false,
			"enableDnsSupport":       true,
			"instanceTenancy":        "default",
			"mainRouteTableId":       "${defaultRouteTableId}",
			"ownerId":                "${account}",
		},
		Replace:    []string{"cidrBlock", "ipv4IpamPoolId", "ipv4NetmaskLength"},
		AfterWrite: addDefaultResources,
		Quota: &cloud.Quota{Limit: 5, Error: cloud.Error{
			Code: "VpcLimitExceeded", Message: "The maximum number of VPCs has been reached.",
		}},
		NotFound: cloud.Error{Code: "InvalidVpcID.NotFound", Message: "The vpc ID '${value}' does not exist"},
		InUse:    inUse("vpc"),
	}
}

// addDefaultResources adds the default security group and the main route table of a VPC.
func addDefaultResources(account cloud.Account, vpc *cloud.Resource) error {
	group := vpc.Text("defaultSecurityGroupId")
	known, err := account.Find(securityGroupToken, "", group)
	if err != nil || known != nil {
		return err
	}
	common := map[string]any{"vpcId": vpc.ID, "ownerId": Account, "tags": map[string]any{}, "tagsAll": map[string]any{}}
	err = account.Put(securityGroupToken, awsManaged(group, common, map[string]any{
		"arn":         fmt.Sprintf("arn:aws:ec2:%s:%s:security-group/%s", vpc.Region, Account, group),
		"name":        defaultGroupName,
		"description": "default VPC security group",
		"ingress":     []any{map[string]any{"protocol": "-1", "fromPort": 0, "toPort": 0, "self": true}},
		"egress":      []any{map[string]any{"protocol": "-1", "fromPort": 0, "toPort": 0, "cidrBlocks": []any{"0.0.0.0/0"}}},
	}))
	if err != nil {
		return err
	}
	table := vpc.Text("mainRouteTableId")
	return account.Put(routeTableToken, awsManaged(table, common, map[string]any{
		"arn":    fmt.Sprintf("arn:aws:ec2:%s:%s:route-table/%s", vpc.Region, Account, table),
		"routes": []any{},
	}))
}

// cidrBlock returns the range of a VPC or subnet, which Values has checked. Without a range it is the zero prefix,
// which overlaps nothing.
func cidrBlock(network *cloud.Resource) netip.Prefix {
	block, _ := netip.ParsePrefix(network.Text("cidrBlock"))
	return block
}
