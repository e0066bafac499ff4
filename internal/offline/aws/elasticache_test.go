package aws

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/stretchr/testify/require"
)

// minimalCaches are the minimal inputs of ElastiCache's types.
var minimalCaches = map[string]func(*testAccount) map[string]any{
	cacheSubnetGroupToken:    func(a *testAccount) map[string]any { return subnetGroupInputs(a.network("0")) },
	cacheParameterGroupToken: func(*testAccount) map[string]any { return cacheParameterInputs("allkeys-lru") },
	cacheUserToken:           func(*testAccount) map[string]any { return cacheUserInputs("app") },
	cacheUserGroupToken: func(a *testAccount) map[string]any {
		return cacheUserGroupInputs(a.create(cacheUserToken, cacheUserInputs("app")))
	},
	replicationGroupToken: func(a *testAccount) map[string]any {
		network := a.network("0")
		logs := a.create(logGroupToken, map[string]any{"name": "/aws/vendedlogs/elasticache/cache/slow-log"})
		users := a.create(cacheUserGroupToken, cacheUserGroupInputs(a.create(cacheUserToken, cacheUserInputs("app"))))
		return map[string]any{
			"replicationGroupId": "cache", "description": "Cache", "engine": "valkey", "engineVersion": "8.1",
			"nodeType": "cache.t4g.small", "numCacheClusters": 2, "automaticFailoverEnabled": true, "multiAzEnabled": true,
			"transitEncryptionEnabled": true, "userGroupIds": []any{users.id}, "notificationTopicArn": a.topic().id,
			"subnetGroupName":    a.create(cacheSubnetGroupToken, subnetGroupInputs(network)).id,
			"parameterGroupName": a.create(cacheParameterGroupToken, cacheParameterInputs("allkeys-lru")).id,
			"securityGroupIds":   []any{a.securityGroup(network.vpc, "cache").id},
			"snapshotWindow":     "02:00-03:00", "maintenanceWindow": "sun:04:00-sun:05:00",
			"logDeliveryConfigurations": []any{slowLog(logs)},
		}
	},
}

func cacheParameterInputs(policy string) map[string]any {
	return map[string]any{"name": "cache", "family": "valkey8", "parameters": []any{
		map[string]any{"name": "maxmemory-policy", "value": policy},
	}}
}

func cacheUserInputs(id string) map[string]any {
	return map[string]any{
		"userId": id, "userName": id, "engine": "valkey", "accessString": "on ~users:* resetchannels -@all +get +set",
		"authenticationMode": map[string]any{"type": "iam"},
	}
}

func cacheUserGroupInputs(users ...created) map[string]any {
	ids := make([]any, len(users))
	for i, user := range users {
		ids[i] = user.id
	}
	return map[string]any{"userGroupId": "app", "engine": "valkey", "userIds": ids}
}

func slowLog(logs created) map[string]any {
	return map[string]any{
		"destination": logs.id, "destinationType": "cloudwatch-logs", "logFormat": "json", "logType": "slow-log",
	}
}

func TestElastiCacheInputsRejected(t *testing.T) {
	t.Parallel()
	delivery := func(property, value string) map[string]any {
		return map[string]any{"logDeliveryConfigurations": []any{map[string]any{property: value}}}
	}
	rejections := []inputRejection{
		{cacheSubnetGroupToken, "name", map[string]any{"name": "Data"}},
		{cacheParameterGroupToken, "name", map[string]any{"name": "my--group"}},
		{cacheUserToken, "userId", map[string]any{"userId": strings.Repeat("a", 41)}},
		{cacheUserToken, "userId", map[string]any{"userId": "1app"}},
		{cacheUserToken, "accessString", map[string]any{"accessString": "~* +@all"}},
		{cacheUserToken, "authenticationMode.type", map[string]any{"authenticationMode": map[string]any{"type": "none"}}},
		{cacheUserToken, "authenticationMode", map[string]any{"passwords": []any{"correct-horse-battery"}}},
		{cacheUserToken, "passwords[0]", map[string]any{"passwords": []any{"correct-horse"}}},
		{cacheUserToken, "engine", map[string]any{"engine": "memcached"}},
		{cacheUserGroupToken, "userGroupId", map[string]any{"userGroupId": strings.Repeat("a", 41)}},
		{cacheUserGroupToken, "engine", map[string]any{"engine": "memcached"}},
		{replicationGroupToken, "replicationGroupId", map[string]any{"replicationGroupId": strings.Repeat("a", 41)}},
		{replicationGroupToken, "replicationGroupId", map[string]any{"replicationGroupId": "my--cache"}},
		{replicationGroupToken, "engine", map[string]any{"engine": "memcached"}},
		{replicationGroupToken, "numCacheClusters", map[string]any{"numCacheClusters": 7}},
		{replicationGroupToken, "snapshotRetentionLimit", map[string]any{"snapshotRetentionLimit": 36}},
		{replicationGroupToken, "snapshotWindow", map[string]any{"snapshotWindow": "2:00-3:00"}},
		{replicationGroupToken, "maintenanceWindow", map[string]any{"maintenanceWindow": "sunday:04:00-sunday:05:00"}},
		{replicationGroupToken, "transitEncryptionMode", map[string]any{"transitEncryptionMode": "maybe"}},
		{replicationGroupToken, "userGroupIds", map[string]any{"userGroupIds": []any{"one", "two"}}},
		{replicationGroupToken, "clusterMode", map[string]any{"clusterMode": "enabled"}},
		{replicationGroupToken, "logDeliveryConfigurations[0].logType", delivery("logType", "audit-log")},
		{replicationGroupToken, "logDeliveryConfigurations[0].destinationType", delivery("destinationType", "kinesis-firehose")},
		{replicationGroupToken, "logDeliveryConfigurations[0].logFormat", delivery("logFormat", "xml")},
	}
	for _, property := range notSimulatedOfCaches {
		rejections = append(rejections, inputRejection{replicationGroupToken, property, map[string]any{property: "something"}})
	}
	runInputRejections(t, rejections)
}

func TestCacheGroupRejections(t *testing.T) {
	t.Parallel()
	const value, combination = "InvalidParameterValue", "InvalidParameterCombination"
	mode := func(mode map[string]any) func(*testAccount) map[string]any {
		return but(cacheUserToken, map[string]any{"authenticationMode": mode})
	}
	const password = "correct-horse-battery"
	runRejections(t, []rejection{
		{"two networks", "InvalidSubnet", cacheSubnetGroupToken, func(a *testAccount) map[string]any {
			return map[string]any{"subnetIds": []any{a.network("0").subnets[0].id, a.network("1").subnets[1].id}}
		}},
		{"unknown family", value, cacheParameterGroupToken, but(cacheParameterGroupToken, map[string]any{"family": "valkey6"})},
		{"unknown parameter", value, cacheParameterGroupToken, but(cacheParameterGroupToken, map[string]any{
			"parameters": []any{map[string]any{"name": "maxmemory", "value": "1"}},
		})},
		{"unknown policy", value, cacheParameterGroupToken, func(*testAccount) map[string]any {
			return cacheParameterInputs("oldest-first")
		}},
		{"no login", combination, cacheUserToken, but(cacheUserToken, map[string]any{"authenticationMode": nil})},
		{"IAM for another name", combination, cacheUserToken, but(cacheUserToken, map[string]any{"userName": "other"})},
		{"no password", combination, cacheUserToken, mode(map[string]any{"type": "password"})},
		{"IAM and a password", combination, cacheUserToken, mode(map[string]any{"type": "iam", "passwords": []any{password}})},
		{"anybody in Valkey", combination, cacheUserToken, mode(map[string]any{"type": "no-password-required"})},
		{"Redis without default", "DefaultUserRequired", cacheUserGroupToken, but(cacheUserGroupToken, map[string]any{
			"engine": "redis",
		})},
		{"Valkey with default", combination, cacheUserGroupToken, but(cacheUserGroupToken, map[string]any{
			"userIds": []any{"default"},
		})},
		{"one name twice", "DuplicateUserName", cacheUserGroupToken, func(a *testAccount) map[string]any {
			second := with(cacheUserInputs("second"), map[string]any{
				"userName": "app", "authenticationMode": map[string]any{"type": "password", "passwords": []any{password}},
			})
			return cacheUserGroupInputs(a.create(cacheUserToken, cacheUserInputs("app")), a.create(cacheUserToken, second))
		}},
	})
}

func TestRedisUserGroupHasDefault(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	account.create(cacheUserToken, cacheUserInputs("app"))
	account.create(cacheUserGroupToken, map[string]any{
		"userGroupId": "app", "engine": "REDIS", "userIds": []any{"default", "app"},
	})
}

func TestCacheUserLogins(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	anybody := with(cacheUserInputs("anybody"), map[string]any{
		"engine": "redis", "authenticationMode": nil, "noPasswordRequired": true,
	})
	password := with(cacheUserInputs("password"), map[string]any{
		"authenticationMode": nil, "passwords": []any{"correct-horse-battery"},
	})
	for login, inputs := range map[string]map[string]any{
		"iam": cacheUserInputs("app"), "no-password-required": anybody, "password": password,
	} {
		user := account.create(cacheUserToken, inputs)
		require.Equal(t, login, user.outputs["authenticationMode"].ObjectValue()["type"].StringValue())
		require.Equal(t, "arn:aws:elasticache:eu-west-1:123456789012:user:"+user.id, user.text("arn"))
	}
}

func TestReplicationGroupRejections(t *testing.T) {
	t.Parallel()
	const value, combination = "InvalidParameterValue", "InvalidParameterCombination"
	var rejections []rejection
	for name, rejected := range map[string]struct {
		code string
		more map[string]any
	}{
		"a type of RDS":              {value, map[string]any{"nodeType": "db.t4g.small"}},
		"no node type":               {value, map[string]any{"nodeType": nil}},
		"failover to nobody":         {combination, map[string]any{"numCacheClusters": 1}},
		"two zones without failover": {combination, map[string]any{"automaticFailoverEnabled": false}},
		"unknown version":            {combination, map[string]any{"engineVersion": "9.9"}},
		"another engine's version":   {combination, map[string]any{"engine": "redis"}},
		"another family":             {combination, map[string]any{"engineVersion": "7.2"}},
		"another default family":     {combination, map[string]any{"parameterGroupName": "default.valkey7"}},
		"a key of no encryption": {combination, map[string]any{
			"atRestEncryptionEnabled": false, "kmsKeyId": "alias/aws/elasticache",
		}},
		"users in plain text": {combination, map[string]any{"transitEncryptionEnabled": false}},
		"a mode of no encryption": {combination, map[string]any{
			"transitEncryptionEnabled": false, "userGroupIds": nil, "transitEncryptionMode": "required",
		}},
		"no subnet group":   {combination, map[string]any{"subnetGroupName": nil}},
		"short snapshot":    {value, map[string]any{"snapshotWindow": "02:00-02:59"}},
		"short maintenance": {value, map[string]any{"maintenanceWindow": "sun:04:00-sun:04:59"}},
		"overlapping windows": {value, map[string]any{
			"snapshotWindow": "03:30-04:30", "maintenanceWindow": "sun:04:00-sun:05:00",
		}},
	} {
		rejections = append(rejections, rejection{name, rejected.code, replicationGroupToken, but(replicationGroupToken, rejected.more)})
	}
	rejections = append(rejections, rejection{
		"one log twice", combination, replicationGroupToken, func(a *testAccount) map[string]any {
			logs := a.create(logGroupToken, map[string]any{"name": "/twice"})
			return with(minimal[replicationGroupToken](a), map[string]any{
				"logDeliveryConfigurations": []any{slowLog(logs), slowLog(logs)},
			})
		},
	}, rejection{
		"security group of another network", combination, replicationGroupToken, func(a *testAccount) map[string]any {
			other := a.create(vpcToken, map[string]any{"cidrBlock": "10.9.0.0/16"})
			return with(minimal[replicationGroupToken](a), map[string]any{
				"securityGroupIds": []any{a.securityGroup(other, "other").id},
			})
		},
	}, rejection{
		"two zones of one", combination, replicationGroupToken, func(a *testAccount) map[string]any {
			inputs := minimal[replicationGroupToken](a)
			subnets := map[string]any{"name": "narrow", "subnetIds": []any{a.network("1").subnets[0].id}}
			return with(inputs, map[string]any{
				"subnetGroupName": a.create(cacheSubnetGroupToken, subnets).id, "securityGroupIds": nil,
			})
		},
	}, rejection{
		"encrypted topic", value, replicationGroupToken, func(a *testAccount) map[string]any {
			topic := a.create(topicToken, map[string]any{"name": "secret", "kmsMasterKeyId": "alias/aws/sns"})
			return with(minimal[replicationGroupToken](a), map[string]any{"notificationTopicArn": topic.id})
		},
	})
	runRejections(t, rejections)
}

func TestReplicationGroupOutputs(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	group := account.create(replicationGroupToken, minimal[replicationGroupToken](account))
	require.Equal(t, "arn:aws:elasticache:eu-west-1:123456789012:replicationgroup:cache", group.text("arn"))
	require.Equal(t, "master.cache.0ffl1n.euw1.cache.amazonaws.com", group.text("primaryEndpointAddress"))
	require.Equal(t, "replica.cache.0ffl1n.euw1.cache.amazonaws.com", group.text("readerEndpointAddress"))
	require.Equal(t, "required", group.text("transitEncryptionMode"))
	outputs := group.outputs.Mappable()
	require.Equal(t, []any{"cache-001", "cache-002"}, outputs["memberClusters"])
	require.Equal(t, true, outputs["atRestEncryptionEnabled"])

	account = newTestAccount(t)
	group = account.create(replicationGroupToken, map[string]any{
		"replicationGroupId": "cache", "description": "Cache", "nodeType": "cache.m7g.large",
		"subnetGroupName": account.create(cacheSubnetGroupToken, subnetGroupInputs(account.network("0"))).id,
	})
	require.Equal(t, "cache.0ffl1n.ng.0001.euw1.cache.amazonaws.com", group.text("primaryEndpointAddress"))
	require.Equal(t, "7.1", group.text("engineVersion"))
	require.Equal(t, "default.redis7", group.text("parameterGroupName"))
	require.False(t, group.outputs["atRestEncryptionEnabled"].BoolValue())
}

func TestReplicationGroupChanges(t *testing.T) {
	t.Parallel()
	plain := map[string]any{"transitEncryptionEnabled": nil, "userGroupIds": nil}
	for name, test := range map[string]struct {
		validateBefore, after map[string]any
		code                  string
		want                  map[string]any
	}{
		"another node": {
			after: map[string]any{"numCacheClusters": 3},
			want:  map[string]any{"memberClusters": []any{"cache-001", "cache-002", "cache-003"}},
		},
		"a newer version": {
			validateBefore: map[string]any{"engineVersion": "8.0"}, want: map[string]any{"engineVersionActual": "8.1.0"},
		},
		"a version left to ElastiCache": {
			validateBefore: map[string]any{"engineVersion": "8.0"}, after: map[string]any{"engineVersion": nil},
			want: map[string]any{"engineVersion": "8.0"},
		},
		"an older version": {after: map[string]any{"engineVersion": "8.0"}, code: "InvalidParameterCombination"},
		"another engine": {
			after: map[string]any{"engine": "redis", "engineVersion": nil, "parameterGroupName": nil},
			code:  "InvalidParameterCombination",
		},
		"encryption at once": {
			validateBefore: plain, after: map[string]any{"transitEncryptionMode": "required"}, code: "InvalidParameterCombination",
		},
		"encryption step by step": {
			validateBefore: plain, after: map[string]any{"transitEncryptionMode": "preferred"},
			want: map[string]any{"transitEncryptionMode": "preferred"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			account := newTestAccount(t)
			inputs := minimal[replicationGroupToken](account)
			group := account.create(replicationGroupToken, with(inputs, test.validateBefore))
			outputs, err := account.update(group, with(inputs, test.after))
			if test.code != "" {
				requireCode(t, test.code, err)
				return
			}
			require.NoError(t, err)
			for property, want := range test.want {
				require.Equal(t, want, outputs.Mappable()[property], property)
			}
		})
	}
}

func TestReplicationGroupReplacements(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	inputs := minimal[replicationGroupToken](account)
	group := account.create(replicationGroupToken, inputs)
	for property, value := range map[string]any{
		"atRestEncryptionEnabled": false, "port": 6380, "subnetGroupName": "other", "replicationGroupId": "other",
	} {
		diff, err := account.Diff(replicationGroupToken, group.inputs,
			account.check(replicationGroupToken, with(inputs, map[string]any{property: value})))
		require.NoError(t, err)
		require.Equal(t, plugin.DiffSome, diff.Changes)
		require.NotEmpty(t, diff.ReplaceKeys, property)
	}
}

// TestCacheNodeQuota counts the nodes of all groups.
func TestCacheNodeQuota(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	inputs := with(minimal[replicationGroupToken](account), map[string]any{"numCacheClusters": 6})
	for i := range mostNodes / 6 {
		inputs["replicationGroupId"] = "cache-" + strings.Repeat("a", i%30) + strings.Repeat("b", i/30+1)
		account.create(replicationGroupToken, inputs)
	}
	inputs["replicationGroupId"] = "more"
	account.rejects("NodeQuotaForCustomerExceeded", replicationGroupToken, inputs)
}
