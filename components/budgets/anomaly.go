package budgets

import (
	"strconv"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/costexplorer"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// watchAnomalies subscribes the alarm topic to the account's anomaly monitor, which it creates if this stack owns it.
// Without a monitor it does nothing. AWS allows one monitor of all services in an account (AWS Cost Management User
// Guide, "Quotas and restrictions").
func (a *Args) watchAnomalies(
	ctx *pulumi.Context, name, shownName string, parent pulumi.ResourceOption,
) error {
	var monitorArn pulumi.StringInput
	switch {
	case a.AnomalyMonitorArn != "":
		monitorArn = pulumi.String(a.AnomalyMonitorArn)
	case a.Owned:
		monitor, err := costexplorer.NewAnomalyMonitor(ctx, name, &costexplorer.AnomalyMonitorArgs{
			Name:             pulumi.String(shownName),
			MonitorType:      pulumi.String("DIMENSIONAL"),
			MonitorDimension: pulumi.String("SERVICE"),
			Tags:             a.Tags,
		}, parent)
		if err != nil {
			return err
		}
		monitorArn = monitor.Arn
	default:
		return nil
	}
	_, err := costexplorer.NewAnomalySubscription(ctx, name, &costexplorer.AnomalySubscriptionArgs{
		Name:            pulumi.String(shownName),
		MonitorArnLists: pulumi.StringArray{monitorArn},
		// A topic receives anomalies one by one, as they are detected (AWS Billing and Cost Management API Reference,
		// "AnomalySubscription").
		Frequency: pulumi.String("IMMEDIATE"),
		Subscribers: costexplorer.AnomalySubscriptionSubscriberArray{costexplorer.AnomalySubscriptionSubscriberArgs{
			Type: pulumi.String("SNS"), Address: a.AlarmTopicArn,
		}},
		ThresholdExpression: costexplorer.AnomalySubscriptionThresholdExpressionArgs{
			Dimension: costexplorer.AnomalySubscriptionThresholdExpressionDimensionArgs{
				Key:          pulumi.String("ANOMALY_TOTAL_IMPACT_ABSOLUTE"),
				MatchOptions: pulumi.ToStringArray([]string{"GREATER_THAN_OR_EQUAL"}),
				Values:       pulumi.ToStringArray([]string{strconv.Itoa(a.AnomalyUSD)}),
			},
		},
		Tags: a.Tags,
	}, parent)
	return err
}

// costTags are the keys of the cost allocation tags.
var costTags = []string{"Project", "Stack", "Tier"}

// activateTags activates the cost allocation tags, or warns that they are not. Only a stack that owns the account's
// singletons can know.
func (s *Budgets) activateTags(ctx *pulumi.Context, name string, args *Args) error {
	if !args.Owned {
		return nil
	}
	if !args.ActivateTags {
		return ctx.Log.Warn("The tiers' budgets see no costs before the cost allocation tags "+strings.Join(costTags, ", ")+
			" are active. A day after the first update AWS knows them: then set activateCostTags: true.",
			&pulumi.LogArgs{Resource: s})
	}
	for _, key := range costTags {
		_, err := costexplorer.NewCostAllocationTag(ctx, name+"-"+strings.ToLower(key), &costexplorer.CostAllocationTagArgs{
			TagKey: pulumi.String(key),
			Status: pulumi.String("Active"),
		}, pulumi.Parent(s))
		if err != nil {
			return err
		}
	}
	return nil
}
