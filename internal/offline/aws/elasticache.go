package aws

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/elasticache"

	"stagecraft/internal/offline/cloud"
)

const (
	cacheSubnetGroupToken    = "aws:elasticache/subnetGroup:SubnetGroup"
	cacheParameterGroupToken = "aws:elasticache/parameterGroup:ParameterGroup"
	cacheUserToken           = "aws:elasticache/user:User"
	cacheUserGroupToken      = "aws:elasticache/userGroup:UserGroup"
	replicationGroupToken    = "aws:elasticache/replicationGroup:ReplicationGroup"
)

// elastiCacheTypes are caches of Valkey and Redis OSS on nodes, with cluster mode disabled (quotas: AWS General Reference,
// "Amazon ElastiCache endpoints and quotas"; ElastiCache User Guide, "Quotas for ElastiCache").
func elastiCacheTypes() []cloud.Type {
	return slices.Concat(cacheGroupTypes(), cacheUserTypes(), replicationGroupTypes())
}

func cacheQuota(limit int, code, what string) *cloud.Quota {
	return &cloud.Quota{Limit: limit, Error: cloud.Error{
		Code: code, Message: fmt.Sprintf("You have reached the limit of %d %s", limit, what),
	}}
}

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
		Check:  cacheSubnetGroupFits,
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
		Check:   cacheParametersFit,
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

func cacheSubnetGroupFits(account cloud.Account, group *cloud.Resource) error {
	subnets, err := subnetsOf(account, group)
	if err != nil {
		return err
	}
	for _, subnet := range subnets {
		if subnet.Text("vpcId") != group.Text("vpcId") {
			return refuse("InvalidSubnet", "The subnets are not in the same VPC.")
		}
	}
	if len(subnets) > mostSubnets {
		return refuse("CacheSubnetQuotaExceededFault", "A cache subnet group may have %d subnets at most.", mostSubnets)
	}
	return nil
}

// cacheVersions are the families of parameters, and the engine versions that they are for, oldest first (ElastiCache User
// Guide, "Supported engine versions"). Parameters are in the words of the family (same guide, "Valkey and Redis OSS
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

func cacheParametersFit(_ cloud.Account, group *cloud.Resource) error {
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
				"internal/offline/aws/elasticache.go.)", name)
		case name == "maxmemory-policy" && !slices.Contains(memoryPolicies, value):
			return invalidValue("The parameter value %s is invalid. Allowed values: %s", value, strings.Join(memoryPolicies, ","))
		}
	}
	return nil
}

// cacheID is how ids of users, user groups and replication groups look.
func cacheID(property string, manual bool) *cloud.Name {
	return &cloud.Name{
		Property: property, Max: 40, Pattern: regexp.MustCompile(`^[a-z](-?[a-z0-9])*$`), Manual: manual, Lower: true,
	}
}

// defaultUser is the one that every account has: it needs no password, and may do everything.
var defaultUser = regexp.MustCompile(`^default$`)

func cacheUserTypes() []cloud.Type {
	engine := cloud.OneOf("redis", "valkey", "REDIS", "VALKEY")
	return []cloud.Type{{
		Token:     cacheUserToken,
		Args:      elasticache.UserArgs{},
		State:     elasticache.User{},
		Service:   "ElastiCache",
		Operation: "CreateUser",
		Source: "CloudFormation resource schema AWS::ElastiCache::User; ElastiCache API Reference, CreateUser; ElastiCache " +
			"User Guide, Role-Based Access Control (RBAC) and Authenticating with IAM",
		Name:      cacheID("userId", true),
		ID:        "${userId}",
		Conflicts: [][]string{{"authenticationMode", "noPasswordRequired", "passwords"}},
		Values: map[string]cloud.Value{
			"accessString":                    cloud.Match(`(^|\s)(on|off)(\s|$)`, "an access string with on or off"),
			"authenticationMode.passwords[*]": cloud.Length(16, 128),
			"authenticationMode.type":         cloud.OneOf("iam", "no-password-required", "password"),
			"engine":                          engine,
			"passwords":                       cloud.Count(1, 2),
			"passwords[*]":                    cloud.Length(16, 128),
		},
		Computed: map[string]any{"arn": "arn:aws:elasticache:${region}:${account}:user:${userId}"},
		Replace:  []string{"userId", "userName"},
		Unique:   [][]string{{"userId"}},
		Quota:    cacheQuota(1000, "UserQuotaExceeded", "users"),
		Check:    cacheUserFits,
		Make: func(_ cloud.Account, user *cloud.Resource) error {
			passwords := len(user.Texts("passwords[*]")) + len(user.Texts("authenticationMode.passwords[*]"))
			user.Fill("authenticationMode", map[string]any{"passwordCount": passwords, "type": cacheLogin(user)})
			return nil
		},
		NotFound: cloud.Error{Code: "UserNotFound", Message: "User ${value} not found."},
		Exists:   cloud.Error{Code: "UserAlreadyExists", Message: "User ${userId} already exists."},
		Takes:    5 * time.Second,
	}, {
		Token:     cacheUserGroupToken,
		Args:      elasticache.UserGroupArgs{},
		State:     elasticache.UserGroup{},
		Service:   "ElastiCache",
		Operation: "CreateUserGroup",
		Source: "CloudFormation resource schema AWS::ElastiCache::UserGroup; ElastiCache API Reference, CreateUserGroup and " +
			"DeleteUser, which takes the user out of its groups",
		Name:     cacheID("userGroupId", true),
		ID:       "${userGroupId}",
		Values:   map[string]cloud.Value{"engine": engine},
		Computed: map[string]any{"arn": "arn:aws:elasticache:${region}:${account}:usergroup:${userGroupId}"},
		Replace:  []string{"userGroupId"},
		Refs:     []cloud.Ref{{Path: "userIds[*]", Type: cacheUserToken, Loose: true, External: defaultUser}},
		Unique:   [][]string{{"userGroupId"}},
		Quota:    cacheQuota(100, "UserGroupQuotaExceeded", "user groups"),
		Check:    cacheUserGroupFits,
		NotFound: cloud.Error{Code: "UserGroupNotFound", Message: "User group ${value} not found."},
		Exists:   cloud.Error{Code: "UserGroupAlreadyExists", Message: "User group ${userGroupId} already exists."},
		InUse: cloud.Error{
			Code: "InvalidUserGroupState", Message: "User group ${userGroupId} is associated with a replication group.",
		},
		Takes: 5 * time.Second,
	}}
}

// cacheLogin is how a user logs in, "" if nothing says so.
func cacheLogin(user *cloud.Resource) string {
	switch {
	case user.Text("authenticationMode.type") != "":
		return user.Text("authenticationMode.type")
	case len(user.Texts("passwords[*]")) > 0:
		return "password"
	case user.Text("noPasswordRequired") == "true":
		return "no-password-required"
	default:
		return ""
	}
}

func cacheUserFits(_ cloud.Account, user *cloud.Resource) error {
	login, passwords := cacheLogin(user), len(user.Texts("authenticationMode.passwords[*]"))
	switch {
	case login == "":
		return invalidCombination("Input Authentication type: null is not in the allowed list: " +
			"[password, no-password-required, iam]")
	case login == "iam" && user.Text("userId") != user.Text("userName"):
		return invalidCombination("User Id and User name must be same for authentication type: iam")
	case user.Text("authenticationMode.type") == "password" && (passwords < 1 || passwords > 2):
		return invalidCombination("A user with authentication type password has one or two passwords.")
	case login != "password" && passwords > 0:
		return invalidCombination("Passwords cannot be given for authentication type: %s", login)
	case login == "no-password-required" && strings.EqualFold(user.Text("engine"), "valkey"):
		return invalidCombination("No-password-required is not allowed for a user with engine Valkey")
	}
	return nil
}

// cacheUserGroupFits refuses a group of Redis OSS without a user named default, a group of Valkey with a user who need not
// show who they are, and a name that two users have.
func cacheUserGroupFits(account cloud.Account, group *cloud.Resource) error {
	valkey := strings.EqualFold(group.Text("engine"), "valkey")
	names := map[string]bool{}
	for _, id := range group.Texts("userIds[*]") {
		name, login := id, "no-password-required"
		if !defaultUser.MatchString(id) {
			user, err := account.Find(cacheUserToken, "", id)
			if err != nil {
				return err
			}
			name, login = user.Text("userName"), cacheLogin(user)
		}
		switch {
		case names[name]:
			return refuse("DuplicateUserName", "Two users of the group have the user name %s.", name)
		case valkey && login == "no-password-required":
			return invalidCombination("A user group with engine Valkey can only have users who authenticate: %s does not.", id)
		}
		names[name] = true
	}
	if !valkey && !names["default"] {
		return refuse("DefaultUserRequired", "User group needs to contain a user with the user name default.")
	}
	return nil
}
