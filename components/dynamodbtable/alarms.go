package dynamodbtable

import (
	"regexp"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/observability"
)

// alarms returns the alarms on throttled requests, and those of each operation (Amazon DynamoDB Developer Guide,
// "DynamoDB metrics and dimensions", which lists the metrics that have the dimension Operation).
func (a *Args) alarms(table pulumi.StringInput) []observability.Alarm {
	tableDimensions := pulumi.StringMap{"TableName": table}
	list := []observability.Alarm{{
		Name: "read-throttles",
		Description: "DynamoDB refuses reads: the table has reached its maximum, one key is asked for too often, or requests have " +
			"doubled within half an hour.",
		Metric:     "ReadThrottleEvents",
		Dimensions: tableDimensions,
	}, {
		Name: "write-throttles",
		Description: "DynamoDB refuses writes: the table has reached its maximum, one key is written too often, or requests have " +
			"doubled within half an hour.",
		Metric:     "WriteThrottleEvents",
		Dimensions: tableDimensions,
	}}
	for i := range list {
		list[i].Statistic, list[i].Threshold = "Sum", 1
	}
	for _, operation := range a.Operations {
		operationDimensions := pulumi.StringMap{"TableName": table, "Operation": pulumi.String(operation)}
		name := kebab(operation)
		list = append(list, observability.Alarm{
			Name:        name + "-errors",
			Description: "DynamoDB itself fails at " + operation + ": see the AWS Health Dashboard. Clients should try again.",
			Metric:      "SystemErrors",
			Dimensions:  operationDimensions,
			Statistic:   "Sum",
			Threshold:   1,
		}, observability.Alarm{
			Name:        name + "-latency",
			Description: operation + " takes DynamoDB more than 100 ms at the 99th percentile: look for large items, and at its limits.",
			Metric:      "SuccessfulRequestLatency",
			Dimensions:  operationDimensions,
			Statistic:   "p99",
			Threshold:   100,
			Periods:     10,
		})
	}
	for i := range list {
		list[i].Namespace = "AWS/DynamoDB"
		// DynamoDB publishes no data without requests or without errors.
		list[i].MissingData = "notBreaching"
	}
	return list
}

var capital = regexp.MustCompile(`\B[A-Z]`)

// kebab returns an operation's name in lower case with hyphens.
func kebab(operation string) string {
	return strings.ToLower(capital.ReplaceAllString(operation, "-$0"))
}
