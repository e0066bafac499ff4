package aws

import (
	"regexp"

	"stagecraft/internal/offline/cloud"
)

const elbService = "Elastic Load Balancing v2"

// elbName is 1 to 32 letters, digits and hyphens, no hyphen first or last (Elastic Load Balancing API Reference,
// CreateLoadBalancer).
var elbName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?$`)

// elbTypes returns the types of application load balancers; the other kinds are not simulated.
func elbTypes() []cloud.Type {
	return []cloud.Type{
		loadBalancerType(), targetGroupType(), targetGroupAttachmentType(), listenerType(), listenerRuleType(),
		listenerCertificateType(),
	}
}

var noSubnet = cloud.Error{Code: "SubnetNotFound", Message: "The subnet ID '${value}' is not valid"}
