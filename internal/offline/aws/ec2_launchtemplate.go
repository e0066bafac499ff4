package aws

import (
	"encoding/base64"
	"maps"
	"regexp"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"stagecraft/internal/offline/cloud"
)

const launchTemplateToken = "aws:ec2/launchTemplate:LaunchTemplate"

// fromParameter is the prefix of an AMI that AWS looks up at each launch.
const fromParameter = "resolve:ssm:"

func launchTemplateTypes() []cloud.Type {
	values := maps.Clone(launchTemplateValues)
	for _, unknown := range []string{
		"capacityReservationSpecification", "cpuOptions", "elasticGpuSpecifications", "elasticInferenceAccelerator",
		"enclaveOptions", "hibernationOptions", "instanceMarketOptions", "instanceRequirements", "kernelId", "keyName",
		"licenseSpecifications", "maintenanceOptions", "networkInterfaces", "placement", "privateDnsNameOptions", "ramDiskId",
		"securityGroupNames",
	} {
		values[unknown] = cloud.NotSimulated
	}
	return []cloud.Type{{
		Token:     launchTemplateToken,
		Args:      ec2.LaunchTemplateArgs{},
		State:     ec2.LaunchTemplate{},
		Service:   "EC2",
		Operation: "CreateLaunchTemplate",
		Change:    "CreateLaunchTemplateVersion",
		Source: "SDK doc; CloudFormation resource schema AWS::EC2::LaunchTemplate; EC2 API Reference, CreateLaunchTemplate; " +
			"Amazon EC2 User Guide, Restrictions of launch templates. EC2 finds out at a launch whether what it names is there. " +
			"Former versions are not kept",
		Name: &cloud.Name{Property: "name", Max: 128, Pattern: regexp.MustCompile(`^[a-zA-Z0-9().\-/_]{3,}$`)},
		ID:   "lt-${hex17}",
		Conflicts: [][]string{
			{"name", "namePrefix"}, {"defaultVersion", "updateDefaultVersion"}, {"instanceType", "instanceRequirements"},
		},
		Values: values,
		Computed: map[string]any{
			"arn":            "arn:aws:ec2:${region}:${account}:launch-template/${id}",
			"defaultVersion": 1,
			"latestVersion":  1,
			"name":           "${namePrefix}${digits26}",
		},
		UnknownOnUpdate: []string{"defaultVersion", "latestVersion"},
		Replace:         []string{"name", "namePrefix"},
		Unique:          [][]string{{"name"}},
		Quota: &cloud.Quota{Limit: 5000, Error: cloud.Error{
			Code: "LaunchTemplateLimitExceeded", Message: "The maximum number of launch templates has been reached.",
		}},
		Check:      validateLaunchTemplate,
		AfterWrite: setTemplateVersion,
		NotFound: cloud.Error{
			Code: "InvalidLaunchTemplateId.NotFound", Message: "The specified launch template, with template ID ${value}, does not exist.",
		},
		Exists: cloud.Error{
			Code: "InvalidLaunchTemplateName.AlreadyExistsException", Message: "Launch template name already in use.",
		},
	}}
}

var launchTemplateValues = map[string]cloud.Value{
	"blockDeviceMappings[*].ebs.deleteOnTermination": textOfBool,
	"blockDeviceMappings[*].ebs.encrypted":           textOfBool,
	"blockDeviceMappings[*].ebs.throughput":          cloud.Range(125, 2000),
	"blockDeviceMappings[*].ebs.volumeSize":          cloud.Range(1, 65536),
	"blockDeviceMappings[*].ebs.volumeType":          volumeType,
	"creditSpecification.cpuCredits":                 cloud.OneOf("standard", "unlimited"),
	"description":                                    cloud.Length(0, 255),
	"ebsOptimized":                                   textOfBool,
	"imageId": cloud.Match(
		`^(ami-|`+fromParameter+`)`, "an AMI, or "+fromParameter+" and a parameter's name",
	),
	"instanceInitiatedShutdownBehavior":       cloud.OneOf("stop", "terminate"),
	"instanceType":                            cloud.Match(instanceTypeName.String(), "an instance type such as t4g.small"),
	"metadataOptions.httpEndpoint":            cloud.OneOf("enabled", "disabled"),
	"metadataOptions.httpPutResponseHopLimit": cloud.Range(1, 64),
	"metadataOptions.httpTokens":              cloud.OneOf("optional", "required"),
	"metadataOptions.instanceMetadataTags":    cloud.OneOf("enabled", "disabled"),
	"tagSpecifications[*].resourceType": cloud.OneOf("instance", "volume", "network-interface", "spot-instances-request",
		"elastic-gpu"),
}

// textOfBool allows a boolean as text, since the property is optional.
var textOfBool = cloud.OneOf("true", "false")

func validateLaunchTemplate(_ cloud.Account, template *cloud.Resource) error {
	decoded, err := base64.StdEncoding.DecodeString(template.Text("userData"))
	switch {
	case err != nil:
		return apiError("InvalidUserData.Malformed", "Invalid BASE64 encoding of user data.")
	case len(decoded) > userDataBytes:
		return apiError("InvalidParameterValue", "User data is limited to %d bytes", userDataBytes)
	}
	return nil
}

// setTemplateVersion increments the version at each change, except of tags and of the default version.
func setTemplateVersion(_ cloud.Account, template *cloud.Resource) error {
	if template.Before == nil {
		return nil
	}
	latest := number(template.Before, "latestVersion")
	if !templateContent(template.Inputs).DeepEquals(templateContent(template.Before.Inputs)) {
		latest++
	}
	template.Set("latestVersion", latest)
	if template.Text("updateDefaultVersion") == "true" {
		template.Set("defaultVersion", latest)
	}
	return nil
}

// templateContent returns the properties of a version of a template.
func templateContent(inputs resource.PropertyMap) resource.PropertyMap {
	properties := inputs.Copy()
	for _, apart := range []resource.PropertyKey{"defaultVersion", "tags", "updateDefaultVersion"} {
		delete(properties, apart)
	}
	return properties
}

// instanceFromTemplate returns the instance that a template describes, in a subnet and with additional tags.
func instanceFromTemplate(template, subnet *cloud.Resource, tags map[string]any) *cloud.Resource {
	image := template.Text("imageId")
	if parameter, ok := strings.CutPrefix(image, fromParameter); ok {
		image = imageID(template.Region, parameter)
	}
	volume := map[string]any{}
	for _, mapping := range template.Elements("blockDeviceMappings") {
		if mapping.Text("deviceName") == rootDevice {
			volume["encrypted"] = mapping.Text("ebs.encrypted") == "true"
			for _, property := range []string{"volumeSize", "volumeType"} {
				if value := mapping.Outputs["ebs"].ObjectValue()[resource.PropertyKey(property)]; !value.IsNull() {
					volume[property] = value.Mappable()
				}
			}
		}
	}
	id := newID("i-0")
	instance := awsManaged(id, map[string]any{
		"arn":                       "arn:aws:ec2:" + template.Region + ":" + Account + ":instance/" + id,
		"ami":                       image,
		"availabilityZone":          subnet.Text("availabilityZone"),
		"associatePublicIpAddress":  subnet.Text("mapPublicIpOnLaunch") == "true",
		"iamInstanceProfile":        template.Text("iamInstanceProfile.name"),
		"instanceState":             "running",
		"instanceType":              template.Text("instanceType"),
		"monitoring":                template.Text("monitoring.enabled") == "true",
		"primaryNetworkInterfaceId": newID("eni-0"),
		"rootBlockDevice":           volume,
		"subnetId":                  subnet.ID,
		"vpcSecurityGroupIds":       template.Texts("vpcSecurityGroupIds[*]"),
	})
	instance.Region = template.Region
	for _, same := range []resource.PropertyKey{"creditSpecification", "metadataOptions", "userData"} {
		if value, ok := template.Outputs[same]; ok {
			instance.Outputs[same] = value
		}
	}
	all := resource.NewPropertyMapFromMap(tags)
	for _, specification := range template.Elements("tagSpecifications") {
		if own := specification.Outputs["tags"]; specification.Text("resourceType") == "instance" && own.IsObject() {
			maps.Copy(all, own.ObjectValue())
		}
	}
	instance.Outputs["tags"], instance.Outputs["tagsAll"] = resource.NewProperty(all), resource.NewProperty(all)
	return instance
}
