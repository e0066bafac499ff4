package cache

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/elasticache"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/observability"
)

// maxConnections is the connection limit of a node (Amazon ElastiCache User Guide, "Quotas for ElastiCache").
const maxConnections = 65000

// nodeAlarms are the alarms of each node (Amazon ElastiCache User Guide, "Metrics for Valkey and Redis OSS" and "Which
// Metrics Should I Monitor?").
var nodeAlarms = []observability.Alarm{{
	Name: "engine-cpu",
	Description: "The cache's one thread for commands is 80 % busy: look at the slow log for commands that take long, or " +
		"choose a node type with a faster core.",
	Metric:    "EngineCPUUtilization",
	Threshold: 80,
	Periods:   10,
}, {
	// On two vCPUs, the engine's work outside its command thread, such as TLS, may saturate the node first.
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
	// The primary reports no lag, and any node may be the primary.
	Name:        "replication-lag",
	Description: "The replica is 10 s behind: a failover would lose what was written since. Look at the primary's writes.",
	Metric:      "ReplicationLag",
	Statistic:   "Maximum",
	Threshold:   10,
	MissingData: "notBreaching",
}}

// alarms returns the alarms of all nodes. ElastiCache names nodes after their group, starting at 001, and keeps the
// name of a node that fails over or is replaced.
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
