package database

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/observability"
)

const (
	mebibyte = 1 << 20
	gibibyte = 1 << 30
)

// instanceAlarms returns the alarms on what fills up or slows down first on any instance (Amazon RDS User Guide,
// "Amazon CloudWatch metrics for Amazon RDS", and for storage "Managing capacity automatically with Amazon RDS storage
// autoscaling").
func instanceAlarms(args *Args) []observability.Alarm {
	return []observability.Alarm{{
		Name:        "cpu",
		Description: "The database's CPU is above 80 %: look at CloudWatch Database Insights for the top statements.",
		Metric:      "CPUUtilization",
		Threshold:   80,
		Periods:     10,
	}, {
		// RDS grows the storage when a tenth of it is free: less than half of that means that RDS could not grow it.
		Name:        "storage",
		Description: "Less than a twentieth of the first allocation is free: at zero the database stops. Raise the maximum.",
		Metric:      "FreeStorageSpace",
		Statistic:   "Minimum",
		Comparison:  "LessThanThreshold",
		Threshold:   float64(args.StorageGiB) * gibibyte / 20,
	}, {
		Name:        "memory",
		Description: "Less than 128 MiB of memory is free: the instance swaps soon. Choose a larger class.",
		Metric:      "FreeableMemory",
		Comparison:  "LessThanThreshold",
		Threshold:   128 * mebibyte,
		Periods:     10,
	}, {
		Name:        "connections",
		Description: "Four fifths of the connections are taken: clients are refused soon. Look for leaks, or pool.",
		Metric:      "DatabaseConnections",
		Statistic:   "Maximum",
		Threshold:   float64(args.MaxConnections) * 0.8,
	}}
}

// writerAlarms returns the alarms of any instance and those on what happens only where data is written.
func writerAlarms(args *Args, writer *rds.Instance) []observability.Alarm {
	return forInstance(writer, append(instanceAlarms(args), observability.Alarm{
		Name:        "read-latency",
		Description: "Reads take more than 50 ms at the disk: look at IOPS and throughput of the volume.",
		Metric:      "ReadLatency",
		Threshold:   0.05,
		Periods:     10,
	}, observability.Alarm{
		Name:        "write-latency",
		Description: "Writes take more than 50 ms at the disk: look at IOPS and throughput of the volume.",
		Metric:      "WriteLatency",
		Threshold:   0.05,
		Periods:     10,
	}, observability.Alarm{
		Name:        "transaction-ids",
		Description: "A thousand million transaction ids are in use: vacuum falls behind, and at two the database stops.",
		Metric:      "MaximumUsedTransactionIDs",
		Statistic:   "Maximum",
		Threshold:   1e9,
	}))
}

// maxLagSeconds exceeds the lag that a replica of an idle source reports: up to five minutes, after which RDS switches
// to a new segment of the write-ahead log (Amazon RDS User Guide, "Monitoring replication lag" of RDS for PostgreSQL).
const maxLagSeconds = 600

// replicaAlarms returns the alarms of a replica. The first is on its lag, and decides whether clients read from it.
func replicaAlarms(args *Args, replica *rds.Instance) []observability.Alarm {
	return forInstance(replica, append([]observability.Alarm{{
		Name:        "lag",
		Description: "The replica is ten minutes behind, and is not read from: look for long queries on it, and at its CPU and disk.",
		Metric:      "ReplicaLag",
		Threshold:   maxLagSeconds,
		Periods:     3,
	}}, instanceAlarms(args)...))
}

// forInstance sets the namespace and dimensions of the alarms to those of the instance, and returns the alarms.
func forInstance(instance *rds.Instance, alarms []observability.Alarm) []observability.Alarm {
	for i := range alarms {
		alarms[i].Namespace = "AWS/RDS"
		alarms[i].Dimensions = pulumi.StringMap{"DBInstanceIdentifier": instance.Identifier}
	}
	return alarms
}
