package aws

import (
	"fmt"
	"regexp"
	"slices"

	"stagecraft/internal/offline/cloud"
)

// elastiCacheTypes returns the types of Valkey and Redis OSS on nodes, with cluster mode disabled (quotas: AWS General
// Reference, "Amazon ElastiCache endpoints and quotas"; ElastiCache User Guide, "Quotas for ElastiCache").
func elastiCacheTypes() []cloud.Type {
	return slices.Concat(cacheGroupTypes(), cacheUserTypes(), replicationGroupTypes())
}

func cacheQuota(limit int, code, what string) *cloud.Quota {
	return &cloud.Quota{Limit: limit, Error: cloud.Error{
		Code: code, Message: fmt.Sprintf("You have reached the limit of %d %s", limit, what),
	}}
}

// cacheID returns the name rules for ids of users, user groups and replication groups.
func cacheID(property string, manual bool) *cloud.Name {
	return &cloud.Name{
		Property: property, Max: 40, Pattern: regexp.MustCompile(`^[a-z](-?[a-z0-9])*$`), Manual: manual, Lower: true,
	}
}
