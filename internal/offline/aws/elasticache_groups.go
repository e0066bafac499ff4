package aws

import (
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/elasticache"

	"stagecraft/internal/offline/cloud"
)

const (
	cacheSubnetGroupToken    = "aws:elasticache/subnetGroup:SubnetGroup"
	cacheParameterGroupToken = "aws:elasticache/parameterGroup:ParameterGroup"
)

func cacheGroupTypes() []cloud.Type {
	return []cloud.Type{{
		Token:     cacheSubnetGroupToken,
		Args:      elasticache.SubnetGroupArgs{},
		State:     elasticache.SubnetGroup{},
		Service:   "ElastiCache",
		Operation: "CreateCacheSubnetGroup",
		Source: "CloudFormation resource schema AWS::ElastiCache::SubnetGroup; ElastiCache API Reference, " +
			"CreateCacheSubnetGroup. It keeps its subnets from being deleted, as on AWS the network interfaces of its nodes do",
		Name:     &cloud.Name{Property: "name", Max: 255, Pattern: regexp.MustCompile(`^[a-z0-9-]+$`), Lower: true},
		ID:       "${name}",
		Required: []string{"subnetIds"},
		Computed: map[string]any{
			"arn":         "arn:aws:elasticache:${region}:${account}:subnetgroup:${name}",
			"description": "Managed by Pulumi",
			"vpcId":       "${subnetIds[0].vpcId}",
		},
		Replace: []string{"name"},
		Refs: []cloud.Ref{{Path: "subnetIds[*]", Type: subnetToken, NotFound: cloud.Error{
			Code: "InvalidParameterValue", Message: "Some input subnets in :[${value}] are invalid.",
		}}},
		Unique: [][]string{{"name"}},
		Quota:  cacheQuota(300, "CacheSubnetGroupQuotaExceeded", "cache subnet groups"),
		Check:  validateCacheSubnetGroup,
		NotFound: cloud.Error{
			Code: "CacheSubnetGroupNotFoundFault", Message: "Cache Subnet Group ${value} does not exist.",
		},
		Exists: cloud.Error{
			Code: "CacheSubnetGroupAlreadyExists", Message: "Cache subnet group ${name} already exists.",
		},
		InUse: cloud.Error{
			Code: "CacheSubnetGroupInUse", Message: "Cache subnet group ${name} is currently in use by a cache cluster.",
		},
	}, {
		Token:     cacheParameterGroupToken,
		Args:      elasticache.ParameterGroupArgs{},
		State:     elasticache.ParameterGroup{},
		Service:   "ElastiCache",
		Operation: "CreateCacheParameterGroup",
		Source: "CloudFormation resource schema AWS::ElastiCache::ParameterGroup; ElastiCache API Reference, " +
			"CreateCacheParameterGroup",
		Name: &cloud.Name{
			Property: "name", Max: 255, Pattern: regexp.MustCompile(`^[a-z](-?[a-z0-9])*$`), Lower: true,
		},
		ID: "${name}",
		Computed: map[string]any{
			"arn":         "arn:aws:elasticache:${region}:${account}:parametergroup:${name}",
			"description": "Managed by Pulumi",
		},
		Replace: []string{"description", "family", "name"},
		Unique:  [][]string{{"name"}},
		Quota:   cacheQuota(300, "CacheParameterGroupQuotaExceeded", "cache parameter groups"),
		Check:   validateCacheParameters,
		NotFound: cloud.Error{
			Code: "CacheParameterGroupNotFound", Message: "CacheParameterGroup ${value} not found.",
		},
		Exists: cloud.Error{
			Code: "CacheParameterGroupAlreadyExists", Message: "CacheParameterGroup ${name} already exists.",
		},
		InUse: cloud.Error{
			Code: "InvalidCacheParameterGroupState",
			Message: "One or more cache clusters are still members of this parameter group ${name}, so the group cannot be " +
				"deleted.",
		},
	}}
}

func validateCacheSubnetGroup(account cloud.Account, group *cloud.Resource) error {
	subnets, err := subnetsOf(account, group)
	if err != nil {
		return err
	}
	for _, subnet := range subnets {
		if subnet.Text("vpcId") != group.Text("vpcId") {
			return apiError("InvalidSubnet", "The subnets are not in the same VPC.")
		}
	}
	if len(subnets) > mostSubnets {
		return apiError("CacheSubnetQuotaExceededFault", "A cache subnet group may have %d subnets at most.", mostSubnets)
	}
	return nil
}

// cacheVersions are the families of parameters, and the engine versions that they are for, oldest first (ElastiCache
// User Guide, "Supported engine versions"). Parameters have the names of the family (same guide, "Valkey and Redis OSS
// parameters").
var cacheVersions = []struct {
	engine, family string
	versions       []string
}{
	{"redis", "redis6.x", []string{"6.2"}},
	{"redis", "redis7", []string{"7.0", "7.1"}},
	{"valkey", "valkey7", []string{"7.2"}},
	{"valkey", "valkey8", []string{"8.0", "8.1"}},
}

var (
	cacheParameters = strings.Fields(`
		acllog-max-len activedefrag active-defrag-cycle-max active-defrag-cycle-min activerehashing appendfsync
		client-output-buffer-limit-pubsub-hard-limit client-output-buffer-limit-pubsub-soft-limit
		client-output-buffer-limit-pubsub-soft-seconds client-query-buffer-limit close-on-replica-write hash-max-listpack-entries
		hash-max-listpack-value lazyfree-lazy-eviction lazyfree-lazy-expire lazyfree-lazy-server-del lazyfree-lazy-user-del
		lfu-decay-time lfu-log-factor list-compress-depth list-max-listpack-size lua-time-limit maxmemory-policy
		maxmemory-samples min-replicas-max-lag min-replicas-to-write notify-keyspace-events proto-max-bulk-len
		reserved-memory-percent set-max-intset-entries slowlog-log-slower-than slowlog-max-len stream-node-max-bytes
		stream-node-max-entries tcp-keepalive timeout tracking-table-max-keys zset-max-listpack-entries
		zset-max-listpack-value`)
	memoryPolicies = []string{
		"volatile-lru", "allkeys-lru", "volatile-lfu", "allkeys-lfu", "volatile-random", "allkeys-random", "volatile-ttl",
		"noeviction",
	}
)

func validateCacheParameters(_ cloud.Account, group *cloud.Resource) error {
	family := group.Text("family")
	known := false
	for _, offered := range cacheVersions {
		known = known || offered.family == family
	}
	if !known {
		return invalidValue("CacheParameterGroupFamily %s is not a valid parameter group family.", family)
	}
	for _, parameter := range group.Elements("parameters") {
		name, value := parameter.Text("name"), parameter.Text("value")
		switch {
		case !slices.Contains(cacheParameters, name):
			return invalidValue("The parameter %s cannot be modified. (The offline cloud knows those of "+
				"internal/offline/aws/elasticache_groups.go.)", name)
		case name == "maxmemory-policy" && !slices.Contains(memoryPolicies, value):
			return invalidValue("The parameter value %s is invalid. Allowed values: %s", value, strings.Join(memoryPolicies, ","))
		}
	}
	return nil
}
