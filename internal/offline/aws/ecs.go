package aws

import (
	"regexp"

	"stagecraft/internal/offline/cloud"
)

const (
	// invalidECS is the code of most errors of ECS, and clientECS of those about task definitions.
	invalidECS, clientECS = "InvalidParameterException", "ClientException"
)

// ecsTypes returns the types of ECS on Fargate; EC2 and external instances are not simulated.
func ecsTypes() []cloud.Type {
	return []cloud.Type{clusterType(), capacityProvidersType(), taskDefinitionType(), ecsServiceType()}
}

// ecsName matches the names of clusters, services and families (Amazon ECS API Reference, CreateCluster).
var ecsName = regexp.MustCompile(`^[\w-]+$`)
