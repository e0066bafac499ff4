package aws

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/elasticache"

	"stagecraft/internal/offline/cloud"
)

const replicationGroupToken = "aws:elasticache/replicationGroup:ReplicationGroup"

// notSimulatedOfCaches are inputs for shards, passwords, other stores, restoring and data on disks.
var notSimulatedOfCaches = []string{
	"authToken", "authTokenUpdateStrategy", "dataTieringEnabled", "globalReplicationGroupId", "numNodeGroups",
	"preferredCacheClusterAzs", "replicasPerNodeGroup", "securityGroupNames", "snapshotArns", "snapshotName",
}

func replicationGroupTypes() []cloud.Type {
	values := map[string]cloud.Value{
		"clusterMode":             cloud.OneOf("disabled"),
		"description":             cloud.Length(1, 255),
		"engine":                  cloud.OneOf("redis", "valkey"),
		"finalSnapshotIdentifier": cloud.Length(1, 255),
		"ipDiscovery":             cloud.OneOf("ipv4"),
		"logDeliveryConfigurations[*].destinationType": cloud.OneOf("cloudwatch-logs"),
		"logDeliveryConfigurations[*].logFormat":       cloud.OneOf("json", "text"),
		"logDeliveryConfigurations[*].logType":         cloud.OneOf("engine-log", "slow-log"),
		"maintenanceWindow": cloud.Match("^("+weekdays+"):"+timeOfDay+"-("+weekdays+"):"+timeOfDay+"$",
			`of the format "ddd:hh24:mi-ddd:hh24:mi"`),
		"networkType":            cloud.OneOf("ipv4"),
		"numCacheClusters":       cloud.Range(1, 6),
		"port":                   cloud.Range(1, 65535),
		"snapshotRetentionLimit": cloud.Range(0, 35),
		"snapshotWindow":         cloud.Match("^"+timeOfDay+"-"+timeOfDay+"$", `of the format "hh24:mi-hh24:mi"`),
		"transitEncryptionMode":  cloud.OneOf("preferred", "required"),
		"userGroupIds":           cloud.Count(0, 1),
	}
	for _, property := range notSimulatedOfCaches {
		values[property] = cloud.NotSimulated
	}
	return []cloud.Type{{
		Token:     replicationGroupToken,
		Args:      elasticache.ReplicationGroupArgs{},
		State:     elasticache.ReplicationGroup{},
		Service:   "ElastiCache",
		Operation: "CreateReplicationGroup",
		Source: "CloudFormation resource schema AWS::ElastiCache::ReplicationGroup; SDK doc; ElastiCache API Reference, " +
			"CreateReplicationGroup and ModifyReplicationGroup. Its time is what users report; AWS publishes none. The final " +
			"snapshot is not kept: no type reads it",
		Name:   cacheID("replicationGroupId", false),
		ID:     "${replicationGroupId}",
		Values: values,
		Computed: map[string]any{
			"applyImmediately":             false,
			"arn":                          "arn:aws:elasticache:${region}:${account}:replicationgroup:${replicationGroupId}",
			"autoMinorVersionUpgrade":      true,
			"automaticFailoverEnabled":     false,
			"clusterEnabled":               false,
			"clusterMode":                  "disabled",
			"configurationEndpointAddress": "",
			"dataTieringEnabled":           false,
			"engine":                       "redis",
			"globalReplicationGroupId":     "",
			"ipDiscovery":                  "ipv4",
			"maintenanceWindow":            "sun:05:00-sun:06:00",
			"multiAzEnabled":               false,
			"networkType":                  "ipv4",
			"numCacheClusters":             1,
			"numNodeGroups":                1,
			"port":                         6379,
			"snapshotRetentionLimit":       0,
			"snapshotWindow":               "03:00-04:00",
			"transitEncryptionEnabled":     false,
		},
		Replace: []string{
			"atRestEncryptionEnabled", "dataTieringEnabled", "globalReplicationGroupId", "kmsKeyId", "networkType", "port",
			"preferredCacheClusterAzs", "replicationGroupId", "securityGroupNames", "snapshotArns", "snapshotName",
			"subnetGroupName",
		},
		Refs: []cloud.Ref{
			{Path: "subnetGroupName", Type: cacheSubnetGroupToken, TargetProperty: "name"},
			{Path: "parameterGroupName", Type: cacheParameterGroupToken, TargetProperty: "name", External: regexp.MustCompile(`^default\.`)},
			{Path: "securityGroupIds[*]", Type: securityGroupToken, NotFound: cloud.Error{
				Code: "InvalidParameterValue", Message: "Some security group IDs in [${value}] are invalid.",
			}},
			{Path: "userGroupIds[*]", Type: cacheUserGroupToken},
			{Path: "notificationTopicArn", Type: topicToken, TargetProperty: "arn", Weak: true, NotFound: cloud.Error{
				Code: "InvalidParameterValue", Message: "Topic ${value} does not exist.",
			}},
			{Path: "logDeliveryConfigurations[*].destination", Type: logGroupToken, TargetProperty: "name", Weak: true, NotFound: cloud.Error{
				Code: "InvalidParameterValue", Message: "The log group ${value} does not exist.",
			}},
		},
		Unique:     [][]string{{"replicationGroupId"}},
		Check:      validateReplicationGroup,
		AfterWrite: describeReplicationGroup,
		NotFound:   cloud.Error{Code: "ReplicationGroupNotFoundFault", Message: "ReplicationGroup ${value} not found."},
		Exists: cloud.Error{
			Code: "ReplicationGroupAlreadyExists", Message: "Replication group ${replicationGroupId} already exists.",
		},
	}}
}

// validateReplicationGroup rejects invalid combinations, conflicts with other resources, and invalid changes.
func validateReplicationGroup(account cloud.Account, group *cloud.Resource) error {
	for _, validate := range []func(cloud.Account, *cloud.Resource) error{
		validateCacheNodes, validateCacheVersion, validateCacheEncryption, validateCacheNetwork, validateCacheWindows,
		validateCacheLogs, validateCacheTopic,
	} {
		if err := validate(account, group); err != nil {
			return err
		}
	}
	return nil
}

// cacheNode matches the node types without data tiering (ElastiCache User Guide, "Supported node types").
var cacheNode = regexp.MustCompile(`^cache\.(` +
	`t2\.(micro|small|medium)|t(3|4g)\.(micro|small|medium)` +
	`|m4\.(large|xlarge|2xlarge|4xlarge|10xlarge)|r4\.(large|xlarge|(2|4|8|16)xlarge)` +
	`|[mr]5\.(large|xlarge|(2|4|12|24)xlarge)|[mr](6g|7g)\.(large|xlarge|(2|4|8|12|16)xlarge))$`)

// mostNodes is the quota of nodes per region.
const mostNodes = 300

func validateCacheNodes(account cloud.Account, group *cloud.Resource) error {
	failover, nodes := group.Text("automaticFailoverEnabled") == "true", number(group, "numCacheClusters")
	switch {
	case !cacheNode.MatchString(group.Text("nodeType")):
		return invalidValue("The instance type %s is invalid.", group.Text("nodeType"))
	case failover && nodes < 2:
		return invalidCombination("\"num_cache_clusters\": must be at least 2 if automatic_failover_enabled is true")
	case group.Text("multiAzEnabled") == "true" && !failover:
		return invalidCombination("automatic_failover_enabled must be true if multi_az_enabled is true")
	}
	others, err := account.List(replicationGroupToken)
	if err != nil {
		return err
	}
	for _, other := range others {
		if other.ID != group.Text("replicationGroupId") {
			nodes += number(other, "numCacheClusters")
		}
	}
	if nodes > mostNodes {
		return apiError("NodeQuotaForCustomerExceeded", "You have reached the limit of %d nodes in a region.", mostNodes)
	}
	return nil
}

// cacheVersion returns the parameter family and the version that ElastiCache uses for the requested version, "" if none
// exists. Without a requested version, it keeps the current one, and a new group gets the newest.
func cacheVersion(group *cloud.Resource) (family, version string) {
	asked := group.Text("engineVersion")
	if before := group.Before; asked == "" && before != nil && before.Text("engine") == group.Text("engine") {
		asked = before.Text("engineVersion")
	}
	for _, offered := range cacheVersions {
		if offered.engine != group.Text("engine") {
			continue
		}
		switch {
		case asked == "":
			family, version = offered.family, offered.versions[len(offered.versions)-1]
		case slices.Contains(offered.versions, asked):
			return offered.family, asked
		}
	}
	return family, version
}

func validateCacheVersion(account cloud.Account, group *cloud.Resource) error {
	family, version := cacheVersion(group)
	if version == "" {
		return apiError("InvalidParameterCombination", "Cannot find version %s for %s", group.Text("engineVersion"),
			group.Text("engine"))
	}
	if before := group.Before; before != nil && before.Text("engine") == "valkey" && group.Text("engine") == "redis" {
		return invalidCombination("Cannot change the engine from valkey to redis.")
	} else if before != nil && version < before.Text("engineVersion") && before.Text("engine") == group.Text("engine") {
		return invalidCombination("Cannot downgrade from %s to %s. (The AWS provider replaces the group, which is not "+
			"simulated.)", before.Text("engineVersion"), version)
	}
	parameters := group.Text("parameterGroupName")
	if parameters == "" || parameters == "default."+family {
		return nil
	}
	has := strings.TrimPrefix(parameters, "default.")
	known, err := account.Find(cacheParameterGroupToken, "name", parameters)
	if err != nil {
		return err
	}
	if known != nil {
		has = known.Text("family")
	}
	if has != family {
		return invalidCombination("Expected a parameter group of family %s but found one of family %s", family, has)
	}
	return nil
}

func validateCacheEncryption(_ cloud.Account, group *cloud.Resource) error {
	encrypted, before := group.Text("transitEncryptionEnabled") == "true", group.Before
	_, version := cacheVersion(group)
	switch mode := group.Text("transitEncryptionMode"); {
	case !encrypted && mode != "":
		return invalidCombination("TransitEncryptionMode can only be given with TransitEncryptionEnabled.")
	case !encrypted && len(group.Texts("userGroupIds[*]")) > 0:
		return invalidCombination("User group based access control is only available for groups with encryption in transit.")
	case before != nil && encrypted && before.Text("transitEncryptionEnabled") == "false" && version < "7":
		return invalidCombination("Encryption in transit of %s can only be chosen at creation. (The AWS provider replaces "+
			"the group, which is not simulated.)", version)
	case before != nil && encrypted && before.Text("transitEncryptionEnabled") == "false" && mode != "preferred":
		return invalidCombination("To enable encryption in transit, set TransitEncryptionMode to preferred first.")
	case !cacheEncrypted(group) && group.Text("kmsKeyId") != "":
		return invalidCombination("KmsKeyId can only be given with AtRestEncryptionEnabled.")
	}
	return nil
}

// cacheEncrypted reports whether a group encrypts its data at rest, which is the default of Valkey.
func cacheEncrypted(group *cloud.Resource) bool {
	if asked := group.Inputs["atRestEncryptionEnabled"]; asked.IsBool() {
		return asked.BoolValue()
	}
	return group.Text("engine") == "valkey"
}

func validateCacheNetwork(account cloud.Account, group *cloud.Resource) error {
	subnets, err := account.Find(cacheSubnetGroupToken, "name", group.Text("subnetGroupName"))
	if err != nil {
		return err
	}
	if subnets == nil {
		return invalidCombination("No default subnet group. (The account has no default VPC: give subnetGroupName.)")
	}
	covered, err := zonesOf(account, subnets)
	if err != nil {
		return err
	}
	if group.Text("multiAzEnabled") == "true" && len(covered) < 2 {
		return invalidCombination("Multi-AZ needs subnets in two availability zones: %s has only %s.", subnets.ID, covered[0])
	}
	for _, id := range group.Texts("securityGroupIds[*]") {
		security, err := account.Find(securityGroupToken, "", id)
		if err != nil {
			return err
		}
		if security.Text("vpcId") != subnets.Text("vpcId") {
			return invalidCombination("The security group %s is in another VPC than the cache subnet group %s.", id, subnets.ID)
		}
	}
	return nil
}

// leastCacheWindow is the minimum length of a window, in minutes.
const leastCacheWindow = 60

func validateCacheWindows(_ cloud.Account, group *cloud.Resource) error {
	snapshot := strings.Split(group.Text("snapshotWindow"), "-")
	maintenance := strings.Split(group.Text("maintenanceWindow"), "-")
	snapshotStart, maintenanceStart := minuteOfWeek(snapshot[0]), minuteOfWeek(maintenance[0])
	snapshotLength := (minuteOfWeek(snapshot[1]) - snapshotStart + day) % day
	maintenanceLength := (minuteOfWeek(maintenance[1]) - maintenanceStart + week) % week
	switch {
	case snapshotLength < leastCacheWindow:
		return invalidValue("The snapshot window must be at least %d minutes.", leastCacheWindow)
	case maintenanceLength < leastCacheWindow:
		return invalidValue("The maintenance window must be at least %d minutes.", leastCacheWindow)
	case !group.Inputs.HasValue("snapshotWindow") || !group.Inputs.HasValue("maintenanceWindow"):
		return nil // ElastiCache chooses the other one
	case (maintenanceStart-snapshotStart+week)%day < snapshotLength,
		(snapshotStart-maintenanceStart+week)%day < maintenanceLength:
		return invalidValue("The snapshot window and maintenance window must not overlap.")
	}
	return nil
}

func validateCacheLogs(_ cloud.Account, group *cloud.Resource) error {
	seen := map[string]bool{}
	for _, delivery := range group.Elements("logDeliveryConfigurations") {
		kind := delivery.Text("logType")
		if seen[kind] {
			return invalidCombination("There can be one log delivery configuration of type %s.", kind)
		}
		seen[kind] = true
	}
	return nil
}

// validateCacheTopic rejects an encrypted topic. ElastiCache accepts it, but never publishes to it (ElastiCache User
// Guide, "Event Notifications and Amazon SNS"), so events would be lost.
func validateCacheTopic(account cloud.Account, group *cloud.Resource) error {
	topic, err := account.Find(topicToken, "arn", group.Text("notificationTopicArn"))
	if err != nil || topic == nil || topic.Text("kmsMasterKeyId") == "" {
		return err
	}
	return invalidValue("ElastiCache does not publish to the encrypted topic %s.", topic.ID)
}

// cacheDomain is the part of the host names of all of an account's caches in a region.
const cacheDomain = "0ffl1n"

// describeReplicationGroup sets the outputs that depend on other properties.
func describeReplicationGroup(_ cloud.Account, group *cloud.Resource) error {
	id, nodes := group.Text("replicationGroupId"), int(number(group, "numCacheClusters"))
	family, version := cacheVersion(group)
	group.Set("engineVersion", version)
	group.Set("engineVersionActual", version+".0")
	if !group.Inputs.HasValue("parameterGroupName") {
		group.Set("parameterGroupName", "default."+family)
	}
	group.Set("atRestEncryptionEnabled", cacheEncrypted(group))
	group.Set("replicasPerNodeGroup", nodes-1)
	members := make([]any, nodes)
	for i := range members {
		members[i] = fmt.Sprintf("%s-%03d", id, i+1)
	}
	group.Set("memberClusters", members)

	short, _, _ := strings.Cut(zoneID(group.Region+"a"), "-")
	primary, replica := "%s.%s.ng.0001.%s.cache.amazonaws.com", "%s-ro.%s.ng.0001.%s.cache.amazonaws.com"
	if group.Text("transitEncryptionEnabled") == "true" {
		primary, replica = "master.%s.%s.%s.cache.amazonaws.com", "replica.%s.%s.%s.cache.amazonaws.com"
		group.Set("transitEncryptionMode", cmp.Or(group.Text("transitEncryptionMode"), "required"))
	} else {
		group.Set("transitEncryptionMode", "")
	}
	group.Set("primaryEndpointAddress", fmt.Sprintf(primary, id, cacheDomain, short))
	group.Set("readerEndpointAddress", fmt.Sprintf(replica, id, cacheDomain, short))
	return nil
}
