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

// alarms watch what fills up or slows down first (Amazon RDS User Guide, "Amazon CloudWatch metrics for Amazon RDS", and
// for storage "Managing capacity automatically with Amazon RDS storage autoscaling").
func alarms(args *Args, instance *rds.Instance) []observability.Alarm {
	list := []observability.Alarm{{
		Name:        "cpu",
		Description: "The database's CPU is above 80 %: look at CloudWatch Database Insights for the top statements.",
		Metric:      "CPUUtilization",
		Threshold:   80,
		Periods:     10,
	}, {
		// RDS grows the storage when a tenth of it is free: less than half of that means that it could not.
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
	}, {
		Name:        "read-latency",
		Description: "Reads take more than 50 ms at the disk: look at IOPS and throughput of the volume.",
		Metric:      "ReadLatency",
		Threshold:   0.05,
		Periods:     10,
	}, {
		Name:        "write-latency",
		Description: "Writes take more than 50 ms at the disk: look at IOPS and throughput of the volume.",
		Metric:      "WriteLatency",
		Threshold:   0.05,
		Periods:     10,
	}, {
		Name:        "transaction-ids",
		Description: "A thousand million transaction ids are in use: vacuum falls behind, and at two the database stops.",
		Metric:      "MaximumUsedTransactionIDs",
		Statistic:   "Maximum",
		Threshold:   1e9,
	}}
	for i := range list {
		list[i].Namespace = "AWS/RDS"
		list[i].Dimensions = pulumi.StringMap{"DBInstanceIdentifier": instance.Identifier}
	}
	return list
}
