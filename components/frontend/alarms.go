package frontend

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudfront"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sfn"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/observability"
)

// newGlobalAlarms turns on CloudFront's additional metrics, latency and errors by status, for about 2.50 US dollars a
// month, and creates the alarms in us-east-1.
func (f *Frontend) newGlobalAlarms(ctx *pulumi.Context) error {
	_, err := cloudfront.NewMonitoringSubscription(ctx, f.name, &cloudfront.MonitoringSubscriptionArgs{
		DistributionId: f.DistributionID,
		MonitoringSubscription: cloudfront.MonitoringSubscriptionMonitoringSubscriptionArgs{
			RealtimeMetricsSubscriptionConfig: cloudfront.MonitoringSubscriptionMonitoringSubscriptionRealtimeMetricsSubscriptionConfigArgs{
				RealtimeMetricsSubscriptionStatus: pulumi.String("Enabled"),
			},
		},
	}, f.parent)
	if err != nil {
		return err
	}
	f.GlobalAlarms, err = observability.NewAlarms(ctx, f.name,
		observability.AlarmsArgs{TopicArn: f.args.Global.AlarmTopicArn, Tags: f.args.Tags},
		globalAlarms(f.DistributionID, f.functionName), f.args.Global.Options(f.parent)...)
	return err
}

// regionalAlarms returns the alarms on whether users get new pages (AWS Step Functions Developer Guide, "Monitoring
// Step Functions metrics using Amazon CloudWatch"; Amazon EventBridge User Guide, "Monitoring Amazon EventBridge").
func regionalAlarms(machine *sfn.StateMachine, rule *cloudwatch.EventRule) []observability.Alarm {
	list := []observability.Alarm{{
		Name: "invalidation-failed",
		Description: "CloudFront was not told of a new page, so that some users see the old one for five minutes: look at the " +
			"state machine's last execution.",
		Namespace:  "AWS/States",
		Metric:     "ExecutionsFailed",
		Dimensions: pulumi.StringMap{"StateMachineArn": machine.Arn},
	}, {
		Name: "invalidation-not-started",
		Description: "EventBridge could not start the invalidation of old pages: see whether its role may start the state " +
			"machine.",
		Namespace:  "AWS/Events",
		Metric:     "FailedInvocations",
		Dimensions: pulumi.StringMap{"RuleName": rule.Name},
	}}
	for i := range list {
		list[i].Statistic, list[i].Threshold = "Sum", 1
		list[i].Period, list[i].Periods, list[i].MissingData = 300, 1, "notBreaching"
	}
	return list
}

// globalAlarms returns the alarms on whether users get answers, and in time (Amazon CloudFront Developer Guide, "Types
// of metrics for CloudFront" and "Monitor CloudFront metrics with Amazon CloudWatch").
func globalAlarms(distributionID, function pulumi.StringInput) []observability.Alarm {
	global := pulumi.String("Global")
	distribution := pulumi.StringMap{"DistributionId": distributionID, "Region": global}
	viewerFunction := pulumi.StringMap{"FunctionName": function, "Region": global}
	list := []observability.Alarm{{
		Name:        "5xx-rate",
		Description: "One answer in twenty is an error of the service or of CloudFront: look at the origins, then at the access logs.",
		Metric:      "5xxErrorRate",
		Dimensions:  distribution,
		Threshold:   5,
	}, {
		Name: "4xx-rate",
		Description: "A quarter of the requests is refused or finds nothing: look in the access logs for a file that is missing, " +
			"or for somebody who tries paths.",
		Metric:     "4xxErrorRate",
		Dimensions: distribution,
		Threshold:  25,
		Period:     300,
		Periods:    3,
	}, {
		Name:        "origin-latency",
		Description: "One answer in a hundred takes an origin more than three seconds: look at the tier behind CloudFront.",
		Metric:      "OriginLatency",
		Dimensions:  distribution,
		Statistic:   "p99",
		Comparison:  "GreaterThanThreshold",
		Threshold:   3000,
	}, {
		Name:        "function-errors",
		Description: "The CloudFront function that leads paths to the page fails: look at its last change.",
		Metric:      "FunctionExecutionErrors",
		Dimensions:  viewerFunction,
		Statistic:   "Sum",
		Threshold:   1,
		Period:      300,
		Periods:     1,
	}, {
		Name:        "function-invalid",
		Description: "The CloudFront function gives back what is no request: look at its last change.",
		Metric:      "FunctionValidationErrors",
		Dimensions:  viewerFunction,
		Statistic:   "Sum",
		Threshold:   1,
		Period:      300,
		Periods:     1,
	}}
	for i := range list {
		list[i].Namespace = "AWS/CloudFront"
		list[i].MissingData = "notBreaching"
	}
	return list
}
