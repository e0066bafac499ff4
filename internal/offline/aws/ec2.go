package aws

import (
	"strconv"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"

	"stagecraft/internal/offline/cloud"
)

func ec2Types() []cloud.Type {
	return []cloud.Type{instanceType(), eipType(), eipAssociationType(), encryptionByDefaultType()}
}

// ec2Functions returns the functions of EC2.
func ec2Functions() []cloud.Function {
	return []cloud.Function{{
		Token:  "aws:ebs/getEncryptionByDefault:getEncryptionByDefault",
		Source: "SDK doc",
		Invoke: func(request cloud.InvokeRequest) (map[string]any, error) {
			enabled, err := encryptsByDefault(request.Account)
			return map[string]any{"id": request.Region, "enabled": enabled}, err
		},
	}, {
		Token:  "aws:ec2/getInstanceType:getInstanceType",
		Args:   ec2.GetInstanceTypeArgs{},
		Source: "SDK doc; Amazon EC2 Instance Types guide. Of a type it knows the vCPUs, and no more",
		Invoke: func(request cloud.InvokeRequest) (map[string]any, error) {
			name := request.Text("instanceType")
			if !instanceTypeName.MatchString(name) {
				return nil, apiError("InvalidInstanceType", "The following supplied instance types do not exist: [%s]", name)
			}
			return map[string]any{"id": name, "instanceType": name, "defaultVcpus": virtualCPUs(name)}, nil
		},
	}}
}

// virtualCPUs returns the number of vCPUs of an instance type: four times its number of xlarge, two below that, and one
// for the medium and smaller sizes of families that do not burst.
func virtualCPUs(instanceType string) int {
	family, size, _ := strings.Cut(instanceType, ".")
	times, isExtraLarge := strings.CutSuffix(size, "xlarge")
	switch {
	case size == "xlarge":
		return 4
	case isExtraLarge:
		number, _ := strconv.Atoi(times) // the name's pattern sees to it
		return 4 * number
	case size == "large" || strings.HasPrefix(family, "t"):
		return 2
	default:
		return 1
	}
}
