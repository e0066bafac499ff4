package aws

import (
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"

	"stagecraft/internal/offline/cloud"
)

const subnetToken = "aws:ec2/subnet:Subnet"

func subnetType() cloud.Type {
	return cloud.Type{
		Token:     subnetToken,
		Args:      ec2.SubnetArgs{},
		State:     ec2.Subnet{},
		Service:   "EC2",
		Operation: "CreateSubnet",
		Source:    "CloudFormation resource schema AWS::EC2::Subnet; VPC User Guide, Subnet CIDR blocks and Amazon VPC quotas",
		ID:        "subnet-${hex17}",
		Conflicts: [][]string{{"availabilityZone", "availabilityZoneId"}},
		Values:    map[string]cloud.Value{"cidrBlock": vpcRange},
		Computed: map[string]any{
			"arn":                            "arn:aws:ec2:${region}:${account}:subnet/${id}",
			"mapPublicIpOnLaunch":            false,
			"ownerId":                        "${account}",
			"privateDnsHostnameTypeOnLaunch": "ip-name",
		},
		Replace:    []string{"vpcId", "cidrBlock", "availabilityZone", "availabilityZoneId", "ipv6Native", "outpostArn"},
		Refs:       []cloud.Ref{{Path: "vpcId", Type: vpcToken}},
		Check:      validateSubnet,
		AfterWrite: setSubnetZone,
		Quota: &cloud.Quota{Limit: 200, Scope: "vpcId", Error: cloud.Error{
			Code: "SubnetLimitExceeded", Message: "The maximum number of subnets has been reached.",
		}},
		NotFound: cloud.Error{Code: "InvalidSubnetID.NotFound", Message: "The subnet ID '${value}' does not exist"},
		InUse:    inUse("subnet"),
	}
}

// validateSubnet rejects a subnet in a zone that does not exist in the region, outside its VPC's range, or overlapping
// another subnet.
func validateSubnet(account cloud.Account, subnet *cloud.Resource) error {
	offered := zones()[subnet.Region]
	if zone := subnet.Text("availabilityZone"); zone != "" && !slices.Contains(offered, zone) {
		return apiError("InvalidParameterValue", "Value (%s) for parameter availabilityZone is invalid. "+
			"Subnets can currently only be created in the following availability zones: %s.", zone, strings.Join(offered, ", "))
	}
	if id := subnet.Text("availabilityZoneId"); id != "" && zoneWithID(subnet.Region, id) == "" {
		return apiError("InvalidParameterValue", "Value (%s) for parameter availabilityZoneId is invalid.", id)
	}
	network, err := account.Find(vpcToken, "", subnet.Text("vpcId"))
	if err != nil || subnet.Text("cidrBlock") == "" {
		return err
	}
	block, within := cidrBlock(subnet), cidrBlock(network)
	if !within.Contains(block.Addr()) || block.Bits() < within.Bits() {
		return apiError("InvalidSubnet.Range", "The CIDR '%s' is invalid.", block)
	}
	others, err := account.List(subnetToken)
	if err != nil {
		return err
	}
	for _, other := range others {
		if other.ID != subnet.ID && other.Text("vpcId") == subnet.Text("vpcId") && cidrBlock(other).Overlaps(block) {
			return apiError("InvalidSubnet.Conflict", "The CIDR '%s' conflicts with another subnet", block)
		}
	}
	return nil
}

// setSubnetZone sets the zone of a subnet, which is the region's first one by default.
func setSubnetZone(_ cloud.Account, subnet *cloud.Resource) error {
	zone := subnet.Text("availabilityZone")
	if zone == "" {
		zone = zones()[subnet.Region][0]
	}
	if id := subnet.Text("availabilityZoneId"); id != "" {
		zone = zoneWithID(subnet.Region, id)
	}
	subnet.Set("availabilityZone", zone)
	subnet.Set("availabilityZoneId", zoneID(zone))
	return nil
}

// subnetsOf returns a DB subnet group's subnets.
func subnetsOf(account cloud.Account, group *cloud.Resource) ([]*cloud.Resource, error) {
	var subnets []*cloud.Resource
	for _, id := range group.Texts("subnetIds[*]") {
		subnet, err := account.Find(subnetToken, "", id)
		if err != nil {
			return nil, err
		}
		subnets = append(subnets, subnet)
	}
	return subnets, nil
}

// mostSubnets is the quota of subnets in a DB subnet group.
const mostSubnets = 20
