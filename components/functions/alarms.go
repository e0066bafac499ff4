package functions

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/apigatewayv2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sqs"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/observability"
)

// alarms returns the alarms on whether the function answers, in time, and loses no event (AWS Lambda Developer Guide,
// "Types of metrics for Lambda functions").
func (a *Args) alarms(function *lambda.Function, failed *sqs.Queue) []observability.Alarm {
	list := []observability.Alarm{{
		Name:        "errors",
		Description: "The function failed ten times in five minutes: look at its log and at its traces in X-Ray.",
		Metric:      "Errors",
		Statistic:   "Sum",
		Threshold:   10,
		Period:      300,
		Periods:     1,
	}, {
		Name: "throttles",
		Description: "Lambda refuses requests: the function has as many executions at once as it or the account may have. Reserve " +
			"more, or ask AWS for more.",
		Metric:    "Throttles",
		Statistic: "Sum",
		Threshold: 1,
	}, {
		Name:        "duration",
		Description: "One execution of a hundred takes four fifths of the timeout: look at the traces for what it waits for.",
		Metric:      "Duration",
		Statistic:   "p99",
		Threshold:   float64(a.TimeoutSeconds) * 1000 * 0.8,
	}, {
		Name:        "lost-events",
		Description: "Lambda could not keep an event that the function failed at: look at the role's right to send to the queue.",
		Metric:      "DestinationDeliveryFailures",
		Statistic:   "Sum",
		Threshold:   1,
		Periods:     1,
	}}
	for i := range list {
		list[i].Namespace = "AWS/Lambda"
		list[i].Dimensions = pulumi.StringMap{"FunctionName": function.Name}
	}
	if a.ProvisionedConcurrency > 0 {
		list = append(list, observability.Alarm{
			Name:        "spillover",
			Description: "Requests wait for executions to start: more come at once than are kept started. Provision more.",
			Namespace:   "AWS/Lambda",
			Metric:      "ProvisionedConcurrencySpilloverInvocations",
			Dimensions: pulumi.StringMap{
				"FunctionName": function.Name, "Resource": pulumi.Sprintf("%s:%s", function.Name, aliasName),
			},
			Statistic: "Sum",
			Threshold: 1,
		})
	}
	list = append(list, observability.Alarm{
		Name:        "failed-events",
		Description: "The queue holds events that the function failed at: read why in them, repair, and invoke it again.",
		Namespace:   "AWS/SQS",
		Metric:      "ApproximateNumberOfMessagesVisible",
		Dimensions:  pulumi.StringMap{"QueueName": failed.Name},
		Statistic:   "Maximum",
		Threshold:   1,
		Periods:     1,
	})
	for i := range list {
		list[i].MissingData = "notBreaching"
	}
	return list
}

// apiAlarms returns the alarms on what clients get (API Gateway Developer Guide, "Monitor CloudWatch metrics for HTTP
// APIs").
func apiAlarms(api *apigatewayv2.Api) []observability.Alarm {
	list := []observability.Alarm{{
		Name: "5xx",
		Description: "The API answered with ten errors in five minutes: look at its access log, and at the functions' logs. Until " +
			"its first release a function answers 503.",
		Metric:    "5xx",
		Statistic: "Sum",
		Threshold: 10,
		Period:    300,
		Periods:   1,
	}, {
		Name:        "latency",
		Description: "One answer of a hundred takes a second: look at the traces, and whether executions must be kept started.",
		Metric:      "Latency",
		Statistic:   "p99",
		Threshold:   1000,
	}}
	for i := range list {
		list[i].Namespace = "AWS/ApiGateway"
		list[i].Dimensions = pulumi.StringMap{"ApiId": api.ID()}
		list[i].MissingData = "notBreaching"
	}
	return list
}
