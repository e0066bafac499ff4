package cache

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/elasticache"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/observability"
)

// maxConnections is the limit of a node (Amazon ElastiCache User Guide, "Quotas for ElastiCache").
const maxConnections = 65000

// nodeAlarms watch a node (Amazon ElastiCache User Guide, "Metrics for Valkey and Redis OSS" and "Which Metrics Should I
// Monitor?").
var nodeAlarms = []observability.Alarm{{
	Name: "engine-cpu",
	Description: "The cache's one thread for commands is 80 % busy: look at the slow log for commands that take long, or " +
		"choose a node type with a faster core.",
	Metric:    "EngineCPUUtilization",
	Threshold: 80,
	Periods:   10,
}, {
	// With two vCPUs, what the engine does beside its thread for commands, such as TLS, may take the node first.
	Name:        "cpu",
	Description: "The node's CPU is above 90 %: choose a node type with more vCPUs.",
	Metric:      "CPUUtilization",
	Threshold:   90,
	Periods:     10,
}, {
	Name:        "memory",
	Description: "Nine tenths of the cache's memory are used: it drops keys soon. Choose a larger node type.",
	Metric:      "DatabaseMemoryUsagePercentage",
	Threshold:   90,
	Periods:     10,
}, {
	Name: "evictions",
	Description: "The cache drops more than 100 keys a minute before their time: the database answers in its place. Choose " +
		"a larger node type.",
	Metric:    "Evictions",
	Statistic: "Sum",
	Threshold: 100,
}, {
	Name:        "connections",
	Description: "Four fifths of the connections are taken: clients are refused soon. Look for leaks, or pool.",
	Metric:      "CurrConnections",
	Statistic:   "Maximum",
	Threshold:   maxConnections * 0.8,
}, {
	// The primary has no lag to tell of, and each node may be the primary.
	Name:        "replication-lag",
	Description: "The replica is 10 s behind: a failover would lose what was written since. Look at the primary's writes.",
	Metric:      "ReplicationLag",
	Statistic:   "Maximum",
	Threshold:   10,
	MissingData: "notBreaching",
}}

// alarms watch each node. ElastiCache names nodes after their group, from 001 on, and keeps the names of those that fail
// over or are replaced.
func alarms(group *elasticache.ReplicationGroup) []observability.Alarm {
	var list []observability.Alarm
	for node := 1; node <= nodes; node++ {
		for _, alarm := range nodeAlarms {
			alarm.Name = fmt.Sprintf("%d-%s", node, alarm.Name)
			alarm.Namespace = "AWS/ElastiCache"
			alarm.Dimensions = pulumi.StringMap{"CacheClusterId": pulumi.Sprintf("%s-%03d", group.ReplicationGroupId, node)}
			list = append(list, alarm)
		}
	}
	return list
}
