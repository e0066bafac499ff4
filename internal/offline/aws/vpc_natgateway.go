package aws

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"

	"stagecraft/internal/offline/cloud"
)

const natGatewayToken = "aws:ec2/natGateway:NatGateway"

func natGatewayType() cloud.Type {
	return cloud.Type{
		Token:     natGatewayToken,
		Args:      ec2.NatGatewayArgs{},
		State:     ec2.NatGateway{},
		Service:   "EC2",
		Operation: "CreateNatGateway",
		Source:    "CloudFormation resource schema AWS::EC2::NatGateway; VPC User Guide, Amazon VPC quotas",
		ID:        "nat-${hex17}",
		Values:    map[string]cloud.Value{"connectivityType": cloud.OneOf("public", "private")},
		Computed: map[string]any{
			"associationId":      "eipassoc-${hex17}",
			"connectivityType":   "public",
			"networkInterfaceId": "eni-${hex17}",
			"publicIp":           "${allocationId.publicIp}",
		},
		Replace: []string{"allocationId", "connectivityType", "privateIp", "subnetId"},
		Refs: []cloud.Ref{
			{Path: "subnetId", Type: subnetToken},
			{Path: "allocationId", Type: eipToken},
			{Path: "secondaryAllocationIds[*]", Type: eipToken},
		},
		Check:      validateNatGateway,
		AfterWrite: assignPrivateAddress,
		NotFound: cloud.Error{
			Code: "InvalidNatGatewayID.NotFound", Message: "The Nat Gateway ID '${value}' does not exist",
		},
	}
}

// natGatewaysPerZone is the quota (VPC User Guide, Amazon VPC quotas).
const natGatewaysPerZone = 5

// validateNatGateway rejects a public NAT gateway without a free Elastic IP or without an internet gateway, and
// gateways above the quota of a zone.
func validateNatGateway(account cloud.Account, gateway *cloud.Resource) error {
	subnet, err := account.Find(subnetToken, "", gateway.Text("subnetId"))
	if err != nil {
		return err
	}
	if err := validateNatGatewayNetwork(account, gateway, subnet.Text("vpcId")); err != nil {
		return err
	}
	others, err := account.List(natGatewayToken)
	if err != nil {
		return err
	}
	zone := 0
	for _, other := range others {
		place, err := account.Find(subnetToken, "", other.Text("subnetId"))
		if err != nil {
			return err
		}
		if other.ID != gateway.ID && place.Text("availabilityZone") == subnet.Text("availabilityZone") {
			zone++
		}
	}
	if zone >= natGatewaysPerZone {
		return apiError("NatGatewayLimitExceeded",
			"Performing this operation would exceed the limit of %d NAT gateways", natGatewaysPerZone)
	}
	return nil
}

func validateNatGatewayNetwork(account cloud.Account, gateway *cloud.Resource, vpc string) error {
	allocation := gateway.Text("allocationId")
	switch {
	case gateway.Text("connectivityType") == "private" && allocation != "":
		return apiError("InvalidParameter", "Private NAT gateways do not support the AllocationId parameter.")
	case gateway.Text("connectivityType") == "private":
		return nil
	case allocation == "":
		return apiError("MissingParameter", "The request must include the AllocationId parameter. "+
			"Add the required parameter and retry the request.")
	}
	holder, err := addressHolder(account, allocation, gateway.ID)
	if err != nil {
		return err
	}
	if holder != "" {
		return apiError("Resource.AlreadyAssociated", "Elastic IP address [%s] is already associated", allocation)
	}
	attached, err := account.Find(internetGatewayToken, "vpcId", vpc)
	if err == nil && attached == nil {
		err = apiError("Gateway.NotAttached", "Network %s has no Internet gateway attached", vpc)
	}
	return err
}
