package budgets

import (
	"fmt"
	"strconv"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/budgets"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// budget is a monthly limit of costs.
type budget struct {
	name     string
	limitUSD float64
	// tags are cost allocation tags with their values: costs must have all of them. Default: none, all costs count.
	tags          []string
	notifications []notification
}

// notification is the percentage of a budget that actual or forecast costs of the month must exceed. AWS forecasts once
// it has about five weeks of data (AWS Cost Management User Guide, "Best practices for AWS Budgets").
type notification struct {
	costs   string
	percent float64
}

func (a *Args) ofAccount(name string) budget {
	return budget{
		name:          name,
		limitUSD:      float64(a.MonthlyBudgetUSD),
		notifications: []notification{{"ACTUAL", 80}, {"ACTUAL", 100}, {"FORECASTED", 100}},
	}
}

// ofTier returns the filter by tags (AWS Cost Management User Guide, "Budget filters"): tags of users are written
// user:key$value.
func (a *Args) ofTier(ctx *pulumi.Context, account, tier string) budget {
	return budget{
		name:          account + "-" + tier,
		limitUSD:      float64(a.MonthlyBudgetUSD) * float64(a.TierPercent) / 100,
		tags:          []string{fmt.Sprintf("user:Stack$%s", ctx.Stack()), fmt.Sprintf("user:Tier$%s", tier)},
		notifications: []notification{{"ACTUAL", 100}, {"FORECASTED", 100}},
	}
}

func (a *Args) newBudget(
	ctx *pulumi.Context, name string, planned budget, parent pulumi.ResourceOption,
) (*budgets.Budget, error) {
	var filters budgets.BudgetCostFilterArray
	if len(planned.tags) > 0 {
		filters = append(filters, budgets.BudgetCostFilterArgs{
			Name: pulumi.String("TagKeyValue"), Values: pulumi.ToStringArray(planned.tags),
		})
	}
	return budgets.NewBudget(ctx, name, &budgets.BudgetArgs{
		Name:          pulumi.String(planned.name),
		BudgetType:    pulumi.String("COST"),
		CostFilters:   filters,
		LimitAmount:   pulumi.String(strconv.FormatFloat(planned.limitUSD, 'f', -1, 64)),
		LimitUnit:     pulumi.String("USD"),
		TimeUnit:      pulumi.String("MONTHLY"),
		Notifications: a.notify(planned.notifications),
		Tags:          a.Tags,
	}, parent)
}

func (a *Args) notify(notifications []notification) budgets.BudgetNotificationArray {
	made := make(budgets.BudgetNotificationArray, 0, len(notifications))
	for _, notification := range notifications {
		made = append(made, budgets.BudgetNotificationArgs{
			NotificationType:         pulumi.String(notification.costs),
			ComparisonOperator:       pulumi.String("GREATER_THAN"),
			Threshold:                pulumi.Float64(notification.percent),
			ThresholdType:            pulumi.String("PERCENTAGE"),
			SubscriberSnsTopicArns:   pulumi.StringArray{a.AlarmTopicArn},
			SubscriberEmailAddresses: pulumi.StringArray{pulumi.String(a.Email)},
		})
	}
	return made
}
