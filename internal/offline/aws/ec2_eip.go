package aws

import (
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"

	"stagecraft/internal/offline/cloud"
)

const (
	eipToken            = "aws:ec2/eip:Eip"
	eipAssociationToken = "aws:ec2/eipAssociation:EipAssociation"
)

func eipType() cloud.Type {
	return cloud.Type{
		Token:     eipToken,
		Args:      ec2.EipArgs{},
		State:     ec2.Eip{},
		Service:   "EC2",
		Operation: "AllocateAddress",
		Source:    "CloudFormation resource schema AWS::EC2::EIP; VPC User Guide, Amazon VPC quotas",
		ID:        "eipalloc-${hex17}",
		Values:    map[string]cloud.Value{"domain": cloud.OneOf("vpc")},
		Computed: map[string]any{
			"allocationId":       "${id}",
			"arn":                "arn:aws:ec2:${region}:${account}:elastic-ip/${id}",
			"domain":             "vpc",
			"networkBorderGroup": "${region}",
			"publicIpv4Pool":     "amazon",
			"vpc":                true,
		},
		Replace: []string{"address", "domain", "ipamPoolId", "networkBorderGroup", "publicIpv4Pool", "vpc"},
		Refs:    []cloud.Ref{{Path: "instance", Type: instanceToken, Weak: true}},
		Check: func(account cloud.Account, address *cloud.Resource) error {
			return requireInternetGateway(account, address.Text("instance"))
		},
		AfterWrite: assignElasticAddress,
		Quota: &cloud.Quota{Limit: 5, Error: cloud.Error{
			Code: "AddressLimitExceeded", Message: "The maximum number of addresses has been reached.",
		}},
		NotFound: cloud.Error{Code: "InvalidAllocationID.NotFound", Message: "The allocation ID '${value}' does not exist"},
		InUse:    cloud.Error{Code: "InvalidIPAddress.InUse", Message: "Address ${publicIp} is in use."},
	}
}

func eipAssociationType() cloud.Type {
	return cloud.Type{
		Token:     eipAssociationToken,
		Args:      ec2.EipAssociationArgs{},
		State:     ec2.EipAssociation{},
		Service:   "EC2",
		Operation: "AssociateAddress",
		Source:    "CloudFormation resource schema AWS::EC2::EIPAssociation; EC2 API Reference, AssociateAddress",
		ID:        "eipassoc-${hex17}",
		OneOf:     [][]string{{"allocationId", "publicIp"}, {"instanceId", "networkInterfaceId"}},
		Computed: map[string]any{
			"allocationId":       "${publicIp.id}",
			"instanceId":         "${networkInterfaceId.id}",
			"networkInterfaceId": "${instanceId.primaryNetworkInterfaceId}",
			"privateIpAddress":   "${instanceId.privateIp}${networkInterfaceId.privateIp}",
			"publicIp":           "${allocationId.publicIp}",
		},
		Replace: []string{
			"allocationId", "allowReassociation", "instanceId", "networkInterfaceId", "privateIpAddress", "publicIp",
		},
		Refs: []cloud.Ref{
			{Path: "allocationId", Type: eipToken},
			{Path: "publicIp", Type: eipToken, TargetProperty: "publicIp"},
			{Path: "instanceId", Type: instanceToken, OwnedBy: true},
			{Path: "networkInterfaceId", Type: instanceToken, TargetProperty: "primaryNetworkInterfaceId", OwnedBy: true},
		},
		Check:      validateAssociation,
		AfterWrite: moveAddress,
	}
}

func assignElasticAddress(account cloud.Account, address *cloud.Resource) error {
	if address.Text("publicIp") != "" {
		return nil
	}
	free, err := freePublicAddress(account, eipToken, elasticAddresses)
	address.Set("publicIp", free)
	address.Set("publicDns", publicName(address.Region, free))
	return err
}

// addressHolder returns the NAT gateway or association that holds an Elastic IP, other than the given one.
func addressHolder(account cloud.Account, allocation, except string) (string, error) {
	for _, token := range []string{natGatewayToken, eipAssociationToken} {
		holders, err := account.List(token)
		if err != nil {
			return "", err
		}
		for _, holder := range holders {
			if holder.ID != except && holder.Text("allocationId") == allocation {
				return holder.ID, nil
			}
		}
	}
	return "", nil
}

// validateAssociation rejects an Elastic IP that a NAT gateway holds, or that another association holds and may keep.
func validateAssociation(account cloud.Account, association *cloud.Resource) error {
	if err := requireInternetGateway(account, association.Text("instanceId")); err != nil {
		return err
	}
	allocation := association.Text("allocationId")
	holder, err := addressHolder(account, allocation, association.ID)
	if err != nil {
		return err
	}
	keeps := strings.HasPrefix(holder, "nat-") || association.Text("allowReassociation") == "false"
	if holder != "" && keeps {
		return apiError("Resource.AlreadyAssociated",
			"resource %s is already associated with associate-id %s", allocation, holder)
	}
	return nil
}

// moveAddress deletes the association that held the Elastic IP before: in a VPC, reassociation is automatic.
func moveAddress(account cloud.Account, association *cloud.Resource) error {
	holder, err := addressHolder(account, association.Text("allocationId"), association.ID)
	if err != nil || holder == "" {
		return err
	}
	return account.Remove(eipAssociationToken, holder)
}

// requireInternetGateway rejects an instance in a VPC without an internet gateway.
func requireInternetGateway(account cloud.Account, id string) error {
	instance, err := account.Find(instanceToken, "", id)
	if err != nil || instance == nil {
		return err
	}
	subnet, err := account.Find(subnetToken, "", instance.Text("subnetId"))
	if err != nil {
		return err
	}
	gateway, err := account.Find(internetGatewayToken, "vpcId", subnet.Text("vpcId"))
	if err == nil && gateway == nil {
		err = apiError("Gateway.NotAttached", "Network %s is not attached to any internet gateway", subnet.Text("vpcId"))
	}
	return err
}
