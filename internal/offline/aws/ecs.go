package aws

import (
	"regexp"

	"stagecraft/internal/offline/cloud"
)

const (
	// invalidECS is what ECS says of most that it does not take, and clientECS of task definitions.
	invalidECS, clientECS = "InvalidParameterException", "ClientException"
)

// ecsTypes run on Fargate: EC2 instances and external ones are not simulated.
func ecsTypes() []cloud.Type {
	return []cloud.Type{clusterType(), capacityProvidersType(), taskDefinitionType(), ecsServiceType()}
}

// ecsName is how clusters, services and families are called (Amazon ECS API Reference, CreateCluster).
var ecsName = regexp.MustCompile(`^[\w-]+$`)
