package aws

import (
	"net/netip"
	"time"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"

	"stagecraft/internal/offline/cloud"
)

const (
	vpcToken           = "aws:ec2/vpc:Vpc"
	subnetToken        = "aws:ec2/subnet:Subnet"
	securityGroupToken = "aws:ec2/securityGroup:SecurityGroup"
)

func ec2Types() []cloud.Type {
	return []cloud.Type{{
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
		Replace: []string{"cidrBlock", "ipv4IpamPoolId", "ipv4NetmaskLength"},
		Quota: &cloud.Quota{Limit: 5, Error: cloud.Error{
			Code: "VpcLimitExceeded", Message: "The maximum number of VPCs has been reached.",
		}},
		NotFound: cloud.Error{Code: "InvalidVpcID.NotFound", Message: "The vpc ID '${value}' does not exist"},
		InUse: cloud.Error{
			Code: "DependencyViolation", Message: "The vpc '${id}' has dependencies and cannot be deleted.",
		},
		Takes: 3 * time.Second,
	}, {
		Token:     subnetToken,
		Args:      ec2.SubnetArgs{},
		State:     ec2.Subnet{},
		Service:   "EC2",
		Operation: "CreateSubnet",
		Source:    "CloudFormation resource schema AWS::EC2::Subnet; VPC User Guide, Subnet CIDR blocks and Amazon VPC quotas",
		ID:        "subnet-${hex17}",
		Values:    map[string]cloud.Value{"cidrBlock": vpcRange},
		Computed: map[string]any{
			"arn":                            "arn:aws:ec2:${region}:${account}:subnet/${id}",
			"availabilityZone":               "${zone}",
			"availabilityZoneId":             "${region}-az1",
			"mapPublicIpOnLaunch":            false,
			"ownerId":                        "${account}",
			"privateDnsHostnameTypeOnLaunch": "ip-name",
		},
		Replace: []string{"vpcId", "cidrBlock", "availabilityZone", "availabilityZoneId", "ipv6Native", "outpostArn"},
		Refs:    []cloud.Ref{{Path: "vpcId", Type: vpcToken}},
		Check:   subnetFits,
		Quota: &cloud.Quota{Limit: 200, Per: "vpcId", Error: cloud.Error{
			Code: "SubnetLimitExceeded", Message: "The maximum number of subnets has been reached.",
		}},
		NotFound: cloud.Error{Code: "InvalidSubnetID.NotFound", Message: "The subnet ID '${value}' does not exist"},
		InUse: cloud.Error{
			Code: "DependencyViolation", Message: "The subnet '${id}' has dependencies and cannot be deleted.",
		},
	}, {
		Token:     "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
		Args:      vpc.SecurityGroupIngressRuleArgs{},
		State:     vpc.SecurityGroupIngressRule{},
		Service:   "EC2",
		Operation: "AuthorizeSecurityGroupIngress",
		Source:    "SDK doc; CloudFormation resource schema AWS::EC2::SecurityGroupIngress",
		ID:        "sgr-${hex17}",
	}}
}

// vpcRange allows IPv4 ranges of the sizes that a VPC or subnet may have, /16 to /28.
var vpcRange = cloud.All(cloud.CIDR, cloud.PrefixBits(16, 28))

// subnetFits refuses a subnet outside of its VPC's range or on top of another subnet.
func subnetFits(account cloud.Account, subnet *cloud.Resource) error {
	network, err := account.Find(vpcToken, "", subnet.Text("vpcId"))
	if err != nil || network == nil || subnet.Text("cidrBlock") == "" {
		return err
	}
	block, within := blockOf(subnet), blockOf(network)
	if !within.Contains(block.Addr()) || block.Bits() < within.Bits() {
		return &cloud.APIError{Code: "InvalidSubnet.Range", Message: "The CIDR '" + block.String() + "' is invalid."}
	}
	others, err := account.List(subnetToken)
	if err != nil {
		return err
	}
	for _, other := range others {
		if other.ID != subnet.ID && other.Text("vpcId") == subnet.Text("vpcId") && blockOf(other).Overlaps(block) {
			return &cloud.APIError{
				Code: "InvalidSubnet.Conflict", Message: "The CIDR '" + block.String() + "' conflicts with another subnet",
			}
		}
	}
	return nil
}

// blockOf is a VPC's or subnet's range, which Values has checked; the zero prefix, which nothing overlaps, without one.
func blockOf(network *cloud.Resource) netip.Prefix {
	block, _ := netip.ParsePrefix(network.Text("cidrBlock"))
	return block
}
