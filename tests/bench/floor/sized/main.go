// Command sized declares resources that the policy pack judges, as many as it receives, of which its provider knows nothing.
package main

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"
)

var tags = pulumi.StringMap{"Project": pulumi.String("floor"), "Tier": pulumi.String("floor")}

// kinds are what the program declares in turn: about what rules ask for, so that the time is not that of printing.
var kinds = []struct {
	token      string
	properties pulumi.Map
}{
	{"aws:sqs/queue:Queue", pulumi.Map{"kmsMasterKeyId": pulumi.String("alias/aws/sqs"), "tags": tags}},
	{"aws:sns/topic:Topic", pulumi.Map{"kmsMasterKeyId": pulumi.String("alias/key"), "tags": tags}},
	{"aws:cloudwatch/logGroup:LogGroup", pulumi.Map{"kmsKeyId": pulumi.String("key"), "retentionInDays": pulumi.Int(365), "tags": tags}},
	{"aws:cloudwatch/metricAlarm:MetricAlarm", pulumi.Map{
		"comparisonOperator": pulumi.String("GreaterThanThreshold"), "evaluationPeriods": pulumi.Int(1),
		"namespace": pulumi.String("AWS/SQS"), "metricName": pulumi.String("ApproximateAgeOfOldestMessage"),
		"alarmActions": pulumi.StringArray{pulumi.String("arn:aws:sns:eu-west-1:123456789012:topic")},
		"okActions":    pulumi.StringArray{pulumi.String("arn:aws:sns:eu-west-1:123456789012:topic")},
		"tags":         tags,
	}},
}

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		for i := range config.RequireInt(ctx, "resources") {
			var resource pulumi.CustomResourceState
			of := kinds[i%len(kinds)]
			if err := ctx.RegisterResource(of.token, fmt.Sprint("resource-", i), of.properties, &resource); err != nil {
				return err
			}
		}
		return nil
	})
}
