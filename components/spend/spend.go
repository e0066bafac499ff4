// Package spend watches what the AWS account costs.
package spend

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/budgets"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Args describes the budget. Every field is required, Tags apart.
type Args struct {
	// MonthlyBudgetUSD is what the whole account may cost in a calendar month, in US dollars.
	MonthlyBudgetUSD int
	// Email gets every notification; unlike a subscription of the topic it needs no confirmation.
	Email string
	// AlarmTopicArn is the SNS topic that gets every notification. Its policy must let AWS Budgets publish.
	AlarmTopicArn pulumi.StringInput
	// Tags go on the budget.
	Tags pulumi.StringMap
}

// Spend is the account's budget.
type Spend struct {
	pulumi.ResourceState

	// BudgetName names the budget.
	BudgetName pulumi.StringOutput
}

// A budget's name has 100 characters at most (AWS Billing and Cost Management API Reference, "Budget").
const maxNameLength = 100

// notifications say what part of the budget, in percent, must be exceeded by the costs so far or by those forecast for
// the whole month. AWS forecasts once it knows about five weeks of costs (AWS Cost Management User Guide, "Best
// practices for AWS Budgets").
var notifications = []struct {
	costs   string
	percent float64
}{
	{"ACTUAL", 80},
	{"ACTUAL", 100},
	{"FORECASTED", 100},
}

// New makes one monthly cost budget of the whole account, named project-stack, that notifies people at 80 % and 100 %
// of actual costs and at 100 % of forecast costs. It refuses a budget of nothing, notifications to nobody, and a name
// that is too long: shortened names of two stacks might be the same.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Spend, error) {
	budgetName := ctx.Project() + "-" + ctx.Stack()
	if err := args.validate(budgetName); err != nil {
		return nil, fmt.Errorf("spend %q: %w", name, err)
	}
	component := &Spend{}
	if err := ctx.RegisterComponentResource("stagecraft:spend:Spend", name, component, opts...); err != nil {
		return nil, err
	}

	budget, err := budgets.NewBudget(ctx, name, &budgets.BudgetArgs{
		Name:          pulumi.String(budgetName),
		BudgetType:    pulumi.String("COST"),
		LimitAmount:   pulumi.String(strconv.Itoa(args.MonthlyBudgetUSD)),
		LimitUnit:     pulumi.String("USD"),
		TimeUnit:      pulumi.String("MONTHLY"),
		Notifications: args.notifications(),
		Tags:          args.Tags,
	}, pulumi.Parent(component))
	if err != nil {
		return nil, err
	}

	component.BudgetName = budget.Name
	return component, ctx.RegisterResourceOutputs(component, pulumi.Map{"budgetName": component.BudgetName})
}

func (a *Args) validate(budgetName string) error {
	var errs []error
	if a.MonthlyBudgetUSD <= 0 {
		errs = append(errs, fmt.Errorf("MonthlyBudgetUSD is %d: it must be more than 0", a.MonthlyBudgetUSD))
	}
	if a.Email == "" || a.AlarmTopicArn == nil {
		errs = append(errs, errors.New("it must have an Email and an AlarmTopicArn"))
	}
	if len(budgetName) > maxNameLength {
		errs = append(errs, fmt.Errorf("the budget's name would be %q, of %d characters: AWS Budgets takes %d, so give the "+
			"stack a shorter name", budgetName, len(budgetName), maxNameLength))
	}
	return errors.Join(errs...)
}

func (a *Args) notifications() budgets.BudgetNotificationArray {
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
