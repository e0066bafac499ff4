package aws

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
)

// amazonLinux holds the public parameters for the newest AMI of Amazon Linux 2023, with the AMI's architecture (Amazon
// Linux 2023 User Guide, "AL2023 on Amazon EC2").
var amazonLinux = map[string]string{
	"/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64":          "arm64",
	"/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64":         "x86_64",
	"/aws/service/ami-amazon-linux-latest/al2023-ami-minimal-kernel-default-arm64":  "arm64",
	"/aws/service/ami-amazon-linux-latest/al2023-ami-minimal-kernel-default-x86_64": "x86_64",
}

// amazonLinuxVolume is the size of the root volume of these AMIs in GiB.
const amazonLinuxVolume = 8

// imageID returns the AMI that a public parameter names in a region.
func imageID(region, parameter string) string {
	sum := sha256.Sum256([]byte(region + parameter))
	return "ami-0" + hex.EncodeToString(sum[:8])
}

// imageArchitecture returns the architecture of an AMI, "" if the region does not have it.
func imageArchitecture(region, id string) string {
	for parameter, architecture := range amazonLinux {
		if imageID(region, parameter) == id {
			return architecture
		}
	}
	return ""
}

var (
	instanceTypeName = regexp.MustCompile(
		`^[a-z]+[0-9]+[a-z]*(-[a-z0-9]+)?\.(nano|micro|small|medium|large|[0-9]*xlarge|metal(-[0-9]+xl)?)$`)
	// graviton types have a g among the letters after the generation (Amazon EC2 User Guide, "Amazon EC2 instance type
	// naming conventions"), except the first ones.
	graviton = regexp.MustCompile(`^([a-z]+[0-9]+g[a-z]*|a1)\b`)
)

// typeArchitecture returns the architecture of an instance type.
func typeArchitecture(instanceType string) string {
	if graviton.MatchString(instanceType) {
		return "arm64"
	}
	return "x86_64"
}
