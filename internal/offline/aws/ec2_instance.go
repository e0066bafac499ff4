package aws

import (
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"

	"stagecraft/internal/offline/cloud"
)

const instanceToken = "aws:ec2/instance:Instance"

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
			{Path: "iamInstanceProfile", Type: instanceProfileToken, TargetProperty: "name", Weak: true},
		},
		Check:      validateInstance,
		AfterWrite: launchInstance,
		Protected:  "disableApiTermination",
		Protection: cloud.Error{
			Code: "OperationNotPermitted",
			Message: "The instance '${id}' may not be terminated. " +
				"Modify its 'disableApiTermination' instance attribute and try again.",
		},
		NotFound: cloud.Error{Code: "InvalidInstanceID.NotFound", Message: "The instance ID '${value}' does not exist"},
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

func validateInstance(account cloud.Account, instance *cloud.Resource) error {
	if instance.Text("launchTemplate.id")+instance.Text("launchTemplate.name") == "" {
		if err := validateImage(instance); err != nil {
			return err
		}
	}
	if len(instance.Text("userData")) > userDataBytes {
		return apiError("InvalidParameterValue", "User data is limited to %d bytes", userDataBytes)
	}
	if key := instance.Text("keyName"); key != "" {
		return apiError("InvalidKeyPair.NotFound", "The key pair '%s' does not exist", key)
	}
	subnet, err := account.Find(subnetToken, "", instance.Text("subnetId"))
	if err != nil {
		return err
	}
	if subnet == nil && len(instance.Texts("networkInterfaces[*].networkInterfaceId")) == 0 {
		return apiError("VPCIdNotSpecified", "No default VPC for this user")
	}
	groups := instance.Texts("vpcSecurityGroupIds[*]")
	if len(groups) > groupsPerSubnet {
		return apiError("SecurityGroupsPerInterfaceLimitExceeded",
			"The maximum number of security groups per interface has been reached.")
	}
	for _, id := range groups {
		group, err := account.Find(securityGroupToken, "", id)
		if err != nil {
			return err
		}
		if group.Text("vpcId") != subnet.Text("vpcId") {
			return apiError("InvalidParameter", "Security group %s and subnet %s belong to different networks.", id, subnet.ID)
		}
	}
	return nil
}

// validateImage rejects an AMI that does not exist in the region, or that does not match the instance type or the root
// volume.
func validateImage(instance *cloud.Resource) error {
	for property, parameter := range map[string]string{"ami": "ImageId", "instanceType": "InstanceType"} {
		if instance.Text(property) == "" {
			return apiError("MissingParameter", "The request must contain the parameter %s", parameter)
		}
	}
	image := instance.Text("ami")
	if !strings.HasPrefix(image, "ami-") {
		return apiError("InvalidAMIID.Malformed", "Invalid id: \"%s\" (expecting \"ami-...\")", image)
	}
	has, wants := imageArchitecture(instance.Region, image), typeArchitecture(instance.Text("instanceType"))
	switch size := instance.Text("rootBlockDevice.volumeSize"); {
	case has == "":
		return apiError("InvalidAMIID.NotFound", "The image id '[%s]' does not exist", image)
	case has != wants:
		return apiError("InvalidParameterValue", "The architecture '%s' of the specified instance type does not match "+
			"the architecture '%s' of the specified AMI. Specify an instance type and an AMI that have matching "+
			"architectures, and try again.", wants, has)
	case size != "" && number(instance, "rootBlockDevice.volumeSize") < amazonLinuxVolume:
		return apiError("InvalidBlockDeviceMapping", "Volume of size %sGB is smaller than the snapshot of %s, "+
			"expect size >= %dGB", size, image, amazonLinuxVolume)
	}
	return nil
}

// launchInstance assigns an instance its addresses, its root volume, and the VPC's default security group if it names
// none.
func launchInstance(account cloud.Account, instance *cloud.Resource) error {
	if err := addRootVolume(account, instance); err != nil {
		return err
	}
	instance.Fill("metadataOptions", map[string]any{
		"httpEndpoint": "enabled", "httpProtocolIpv6": "disabled", "httpPutResponseHopLimit": 2, "httpTokens": "required",
		"instanceMetadataTags": "disabled",
	})
	// Computed templates cannot produce booleans.
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
	if err := assignPrivateAddress(account, instance); err != nil {
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

// rootDevice is the device name of Amazon Linux's root volume.
const rootDevice = "/dev/xvda"

// addRootVolume sets the root volume: the AMI's, with the settings of the instance.
func addRootVolume(account cloud.Account, instance *cloud.Resource) error {
	encrypted, err := encryptsByDefault(account)
	instance.Fill("rootBlockDevice", map[string]any{
		"deleteOnTermination": true, "deviceName": rootDevice, "encrypted": encrypted, "iops": 3000, "throughput": 125,
		"volumeId": "vol-" + strings.TrimPrefix(instance.ID, "i-"), "volumeSize": amazonLinuxVolume, "volumeType": "gp3",
	})
	return err
}

// Limits of an instance (EC2 API Reference, RunInstances; VPC User Guide, Amazon VPC quotas).
const (
	userDataBytes   = 16384
	groupsPerSubnet = 5
)
