package aws

import (
	"net/netip"
	"strings"
	"time"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ebs"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"

	"stagecraft/internal/offline/cloud"
)

const (
	instanceToken          = "aws:ec2/instance:Instance"
	eipToken               = "aws:ec2/eip:Eip"
	eipAssociationToken    = "aws:ec2/eipAssociation:EipAssociation"
	encryptionDefaultToken = "aws:ebs/encryptionByDefault:EncryptionByDefault"
)

func ec2Types() []cloud.Type {
	return []cloud.Type{instanceType(), eipType(), eipAssociationType(), encryptionByDefaultType()}
}

func instanceType() cloud.Type {
	return cloud.Type{
		Token:     instanceToken,
		Args:      ec2.InstanceArgs{},
		State:     ec2.Instance{},
		Service:   "EC2",
		Operation: "RunInstances",
		Source: "SDK doc; CloudFormation resource schema AWS::EC2::Instance; EC2 API Reference, RunInstances and Error codes; " +
			"replaced as by the AWS provider",
		ID:        "i-${hex17}",
		Conflicts: [][]string{{"userData", "userDataBase64"}, {"subnetId", "networkInterfaces"}},
		Values:    instanceValues,
		Computed: map[string]any{
			"arn":                               "arn:aws:ec2:${region}:${account}:instance/${id}",
			"associatePublicIpAddress":          "${subnetId.mapPublicIpOnLaunch}",
			"availabilityZone":                  "${subnetId.availabilityZone}",
			"disableApiStop":                    false,
			"disableApiTermination":             false,
			"ebsOptimized":                      false,
			"getPasswordData":                   false,
			"instanceInitiatedShutdownBehavior": "stop",
			"instanceState":                     "running",
			"monitoring":                        false,
			"primaryNetworkInterfaceId":         "eni-${hex17}",
			"sourceDestCheck":                   true,
			"tenancy":                           "default",
			"vpcSecurityGroupIds":               []any{},
		},
		Replace: []string{
			"ami", "associatePublicIpAddress", "availabilityZone", "cpuOptions", "ebsBlockDevices", "ebsOptimized",
			"enclaveOptions", "ephemeralBlockDevices", "hibernation", "hostId", "instanceMarketOptions", "ipv6AddressCount",
			"ipv6Addresses", "keyName", "launchTemplate", "networkInterfaces", "placementGroup", "privateIp",
			"rootBlockDevice.encrypted", "rootBlockDevice.kmsKeyId", "securityGroups", "subnetId", "tenancy",
		},
		ReplaceIf: map[string]string{
			"userData": "userDataReplaceOnChange", "userDataBase64": "userDataReplaceOnChange",
		},
		Refs: []cloud.Ref{
			{Path: "subnetId", Type: subnetToken},
			{Path: "vpcSecurityGroupIds[*]", Type: securityGroupToken},
			{Path: "iamInstanceProfile", Type: instanceProfileToken, By: "name", Loose: true},
		},
		Check:     instanceFits,
		Make:      launchInstance,
		Protected: "disableApiTermination",
		Protection: cloud.Error{
			Code: "OperationNotPermitted",
			Message: "The instance '${id}' may not be terminated. " +
				"Modify its 'disableApiTermination' instance attribute and try again.",
		},
		NotFound: cloud.Error{Code: "InvalidInstanceID.NotFound", Message: "The instance ID '${value}' does not exist"},
		Takes:    30 * time.Second,
	}
}

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
		Refs:    []cloud.Ref{{Path: "instance", Type: instanceToken, Loose: true}},
		Check: func(account cloud.Account, address *cloud.Resource) error {
			return reachable(account, address.Text("instance"))
		},
		Make: giveElasticAddress,
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
			{Path: "publicIp", Type: eipToken, By: "publicIp"},
			{Path: "instanceId", Type: instanceToken, Part: true},
			{Path: "networkInterfaceId", Type: instanceToken, By: "primaryNetworkInterfaceId", Part: true},
		},
		Check: associationFits,
		Make:  takeOverAddress,
	}
}

func encryptionByDefaultType() cloud.Type {
	return cloud.Type{
		Token:     encryptionDefaultToken,
		Args:      ebs.EncryptionByDefaultArgs{},
		State:     ebs.EncryptionByDefault{},
		Service:   "EC2",
		Operation: "EnableEbsEncryptionByDefault",
		Source:    "SDK doc",
		ID:        "terraform-${digits26}",
		Computed:  map[string]any{"enabled": true},
	}
}

var instanceValues = map[string]cloud.Value{
	"creditSpecification.cpuCredits":          cloud.OneOf("standard", "unlimited"),
	"instanceInitiatedShutdownBehavior":       cloud.OneOf("stop", "terminate"),
	"instanceType":                            cloud.Match(instanceTypeName.String(), "an instance type such as t4g.small"),
	"metadataOptions.httpEndpoint":            cloud.OneOf("enabled", "disabled"),
	"metadataOptions.httpProtocolIpv6":        cloud.OneOf("enabled", "disabled"),
	"metadataOptions.httpPutResponseHopLimit": cloud.Range(1, 64),
	"metadataOptions.httpTokens":              cloud.OneOf("optional", "required"),
	"metadataOptions.instanceMetadataTags":    cloud.OneOf("enabled", "disabled"),
	"rootBlockDevice.throughput":              cloud.Range(125, 2000),
	"rootBlockDevice.volumeSize":              cloud.Range(1, 65536),
	"rootBlockDevice.volumeType":              volumeType,
	"ebsBlockDevices[*].volumeType":           volumeType,
	"tenancy":                                 cloud.OneOf("default", "dedicated", "host"),
}

var volumeType = cloud.OneOf("gp2", "gp3", "io1", "io2", "sc1", "st1", "standard")

// Limits of an instance (EC2 API Reference, RunInstances; VPC User Guide, Amazon VPC quotas).
const (
	userDataBytes   = 16384
	groupsPerSubnet = 5
)

func instanceFits(account cloud.Account, instance *cloud.Resource) error {
	if instance.Text("launchTemplate.id")+instance.Text("launchTemplate.name") == "" {
		if err := imageFits(instance); err != nil {
			return err
		}
	}
	if len(instance.Text("userData")) > userDataBytes {
		return refuse("InvalidParameterValue", "User data is limited to %d bytes", userDataBytes)
	}
	if key := instance.Text("keyName"); key != "" {
		return refuse("InvalidKeyPair.NotFound", "The key pair '%s' does not exist", key)
	}
	subnet, err := account.Find(subnetToken, "", instance.Text("subnetId"))
	if err != nil {
		return err
	}
	if subnet == nil && len(instance.Texts("networkInterfaces[*].networkInterfaceId")) == 0 {
		return refuse("VPCIdNotSpecified", "No default VPC for this user")
	}
	groups := instance.Texts("vpcSecurityGroupIds[*]")
	if len(groups) > groupsPerSubnet {
		return refuse("SecurityGroupsPerInterfaceLimitExceeded",
			"The maximum number of security groups per interface has been reached.")
	}
	for _, id := range groups {
		group, err := account.Find(securityGroupToken, "", id)
		if err != nil {
			return err
		}
		if group.Text("vpcId") != subnet.Text("vpcId") {
			return refuse("InvalidParameter", "Security group %s and subnet %s belong to different networks.", id, subnet.ID)
		}
	}
	return nil
}

// imageFits refuses an AMI that the region lacks, or that the type or the root volume do not suit.
func imageFits(instance *cloud.Resource) error {
	for property, parameter := range map[string]string{"ami": "ImageId", "instanceType": "InstanceType"} {
		if instance.Text(property) == "" {
			return refuse("MissingParameter", "The request must contain the parameter %s", parameter)
		}
	}
	image := instance.Text("ami")
	if !strings.HasPrefix(image, "ami-") {
		return refuse("InvalidAMIID.Malformed", "Invalid id: \"%s\" (expecting \"ami-...\")", image)
	}
	has, wants := imageArchitecture(instance.Region, image), typeArchitecture(instance.Text("instanceType"))
	switch size := instance.Text("rootBlockDevice.volumeSize"); {
	case has == "":
		return refuse("InvalidAMIID.NotFound", "The image id '[%s]' does not exist", image)
	case has != wants:
		return refuse("InvalidParameterValue", "The architecture '%s' of the specified instance type does not match "+
			"the architecture '%s' of the specified AMI. Specify an instance type and an AMI that have matching "+
			"architectures, and try again.", wants, has)
	case size != "" && number(instance, "rootBlockDevice.volumeSize") < amazonLinuxVolume:
		return refuse("InvalidBlockDeviceMapping", "Volume of size %sGB is smaller than the snapshot of %s, "+
			"expect size >= %dGB", size, image, amazonLinuxVolume)
	}
	return nil
}

// launchInstance gives an instance its addresses, its volume, and its VPC's own group if it names none.
func launchInstance(account cloud.Account, instance *cloud.Resource) error {
	if err := giveRootVolume(account, instance); err != nil {
		return err
	}
	instance.Fill("metadataOptions", map[string]any{
		"httpEndpoint": "enabled", "httpProtocolIpv6": "disabled", "httpPutResponseHopLimit": 2, "httpTokens": "required",
		"instanceMetadataTags": "disabled",
	})
	// Computed texts are never booleans.
	public := instance.Text("associatePublicIpAddress") == "true"
	instance.Set("associatePublicIpAddress", public)
	subnet, err := account.Find(subnetToken, "", instance.Text("subnetId"))
	if err != nil || subnet == nil {
		return err
	}
	network, err := account.Find(vpcToken, "", subnet.Text("vpcId"))
	if err != nil {
		return err
	}
	if len(instance.Texts("vpcSecurityGroupIds[*]")) == 0 {
		instance.Set("vpcSecurityGroupIds", []string{network.Text("defaultSecurityGroupId")})
	}
	if err := giveAddress(account, instance); err != nil {
		return err
	}
	instance.Set("privateDns", privateName(instance.Region, instance.Text("privateIp")))
	if !public || instance.Text("publicIp") != "" {
		return nil
	}
	address, err := freePublicAddress(account, instanceToken, instanceAddresses)
	if err != nil {
		return err
	}
	instance.Set("publicIp", address)
	if network.Text("enableDnsHostnames") == "true" {
		instance.Set("publicDns", publicName(instance.Region, address))
	}
	return nil
}

// rootDevice is where Amazon Linux has its root volume.
const rootDevice = "/dev/xvda"

// giveRootVolume describes the root volume: that of the AMI, with what the instance asks for.
func giveRootVolume(account cloud.Account, instance *cloud.Resource) error {
	encrypted, err := encryptsByDefault(account)
	instance.Fill("rootBlockDevice", map[string]any{
		"deleteOnTermination": true, "deviceName": rootDevice, "encrypted": encrypted, "iops": 3000, "throughput": 125,
		"volumeId": "vol-" + strings.TrimPrefix(instance.ID, "i-"), "volumeSize": amazonLinuxVolume, "volumeType": "gp3",
	})
	return err
}

func encryptsByDefault(account cloud.Account) (bool, error) {
	enabled, err := account.Find(encryptionDefaultToken, "enabled", "true")
	return enabled != nil, err
}

// privateName and publicName are DNS names of addresses (VPC User Guide, "DNS attributes for your VPC").
func privateName(region, address string) string {
	domain := region + ".compute.internal"
	if region == "us-east-1" {
		domain = "ec2.internal"
	}
	return "ip-" + strings.ReplaceAll(address, ".", "-") + "." + domain
}

func publicName(region, address string) string {
	domain := region + ".compute"
	if region == "us-east-1" {
		domain = "compute-1"
	}
	return "ec2-" + strings.ReplaceAll(address, ".", "-") + "." + domain + ".amazonaws.com"
}

// Public addresses are of ranges for documentation (RFC 5737).
var (
	instanceAddresses = netip.MustParsePrefix("198.51.100.0/24")
	elasticAddresses  = netip.MustParsePrefix("203.0.113.0/24")
)

func freePublicAddress(account cloud.Account, token string, within netip.Prefix) (string, error) {
	holders, err := account.List(token)
	if err != nil {
		return "", err
	}
	taken := map[string]bool{}
	for _, holder := range holders {
		taken[holder.Text("publicIp")] = true
	}
	for address := within.Addr().Next(); within.Contains(address); address = address.Next() {
		if !taken[address.String()] {
			return address.String(), nil
		}
	}
	return "", refuse("InsufficientAddressCapacity", "Not enough addresses available to satisfy the request.")
}

// reservedAddresses are the first ones of each subnet, and its last (VPC User Guide, "Subnet CIDR blocks").
const reservedAddresses = 4

// giveAddress gives an instance or NAT gateway a private address of its subnet that nobody else has.
func giveAddress(account cloud.Account, holder *cloud.Resource) error {
	subnet, err := account.Find(subnetToken, "", holder.Text("subnetId"))
	if err != nil {
		return err
	}
	taken, err := takenAddresses(account, subnet.ID, holder.ID)
	if err != nil {
		return err
	}
	block, wanted := blockOf(subnet), holder.Text("privateIp")
	if wanted != "" {
		address, err := netip.ParseAddr(wanted)
		switch {
		case err != nil || !block.Contains(address):
			return refuse("InvalidParameterValue", "Address %s does not fall within the subnet's address range", wanted)
		case taken[wanted]:
			return refuse("InvalidIPAddress.InUse", "Address %s is in use.", wanted)
		}
		return nil
	}
	address := block.Addr()
	for range reservedAddresses {
		address = address.Next()
	}
	for ; block.Contains(address.Next()); address = address.Next() {
		if !taken[address.String()] {
			holder.Set("privateIp", address.String())
			return nil
		}
	}
	return refuse("InsufficientFreeAddressesInSubnet",
		"The specified subnet does not have enough free addresses to satisfy the request.")
}

func takenAddresses(account cloud.Account, subnet, except string) (map[string]bool, error) {
	taken := map[string]bool{}
	for _, token := range []string{instanceToken, natGatewayToken} {
		holders, err := account.List(token)
		if err != nil {
			return nil, err
		}
		for _, holder := range holders {
			if holder.ID != except && holder.Text("subnetId") == subnet {
				taken[holder.Text("privateIp")] = true
			}
		}
	}
	return taken, nil
}

func giveElasticAddress(account cloud.Account, address *cloud.Resource) error {
	if address.Text("publicIp") != "" {
		return nil
	}
	free, err := freePublicAddress(account, eipToken, elasticAddresses)
	address.Set("publicIp", free)
	address.Set("publicDns", publicName(address.Region, free))
	return err
}

// reachable refuses an instance in a VPC without an internet gateway.
func reachable(account cloud.Account, id string) error {
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
		err = refuse("Gateway.NotAttached", "Network %s is not attached to any internet gateway", subnet.Text("vpcId"))
	}
	return err
}

// holderOf is the NAT gateway or the association, other than one, that holds an Elastic IP.
func holderOf(account cloud.Account, allocation, except string) (string, error) {
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

// associationFits refuses an Elastic IP that a NAT gateway holds, or that another association holds and may keep.
func associationFits(account cloud.Account, association *cloud.Resource) error {
	if err := reachable(account, association.Text("instanceId")); err != nil {
		return err
	}
	allocation := association.Text("allocationId")
	holder, err := holderOf(account, allocation, association.ID)
	if err != nil {
		return err
	}
	keeps := strings.HasPrefix(holder, "nat-") || association.Text("allowReassociation") == "false"
	if holder != "" && keeps {
		return refuse("Resource.AlreadyAssociated",
			"resource %s is already associated with associate-id %s", allocation, holder)
	}
	return nil
}

// takeOverAddress ends the association that held the Elastic IP before: in a VPC, reassociation is automatic.
func takeOverAddress(account cloud.Account, association *cloud.Resource) error {
	holder, err := holderOf(account, association.Text("allocationId"), association.ID)
	if err != nil || holder == "" {
		return err
	}
	return account.Remove(eipAssociationToken, holder)
}

// ec2Functions are questions to EC2.
func ec2Functions() []cloud.Function {
	return []cloud.Function{{
		Token:  "aws:ebs/getEncryptionByDefault:getEncryptionByDefault",
		Source: "SDK doc",
		Answer: func(question cloud.Question) (map[string]any, error) {
			enabled, err := encryptsByDefault(question.Account)
			return map[string]any{"id": question.Region, "enabled": enabled}, err
		},
	}}
}
