// Package budgets creates the budgets of the AWS account and of each tier of a stack, and alerts on cost anomalies.
package budgets

import (
	"errors"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Args describes the budgets and the anomaly alerts. Every field is required unless a default is named.
type Args struct {
	// MonthlyBudgetUSD is the limit of the whole account's costs in a calendar month, in US dollars.
	MonthlyBudgetUSD int
	// Tiers are the stack's tiers, by their value of the tag Tier. Default: none, no budgets of tiers.
	Tiers []string
	// TierPercent is each tier's part of the account's budget, 1 to 100 percent. Required with Tiers.
	TierPercent int
	// Owned creates what exists once per account: the Cost Explorer anomaly monitor of all services, and the activation
	// of cost allocation tags. Default: false.
	Owned bool
	// AnomalyMonitorArn is an existing anomaly monitor, which is used instead of a new one: AWS creates one where Cost
	// Explorer is turned on, and Pulumi cannot look it up. Default: "", none.
	AnomalyMonitorArn string
	// AnomalyUSD is the cost above the usual, in US dollars, from which the topic is notified of an anomaly, 1 or more.
	AnomalyUSD int
	// ActivateTags activates the cost allocation tags Project, Stack and Tier, if Owned. AWS rejects a tag that it does
	// not know yet: set it a day after the first resource has the tags. Until then the budgets of tiers see no costs, and
	// they never see earlier ones. In an organization only the management account may activate tags. Default: false.
	ActivateTags bool
	// Email is the address that receives every notification of a budget. It needs no confirmation, unlike a subscription
	// of the topic.
	Email string
	// AlarmTopicArn is the SNS topic that is notified too. Its policy must allow AWS Budgets and Cost Anomaly Detection
	// to publish.
	AlarmTopicArn pulumi.StringInput
	// Tags are set on every resource.
	Tags pulumi.StringMap
}

// Budgets is an account's and a stack's budgets and anomaly alerts.
type Budgets struct {
	pulumi.ResourceState

	// BudgetName is the name of the account's budget.
	BudgetName pulumi.StringOutput
}

// A budget's name has 100 characters at most (AWS Billing and Cost Management API Reference, "Budget").
const maxNameLength = 100

// New creates a monthly cost budget of the whole account, named project-stack, one of each tier, named
// project-stack-tier, and the alerts on anomalies where a monitor is owned or known. It rejects a budget of nothing, a
// part above 100 percent, missing recipients, and a name that is too long: shortened names of two stacks might be the
// same.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Budgets, error) {
	budgetName := ctx.Project() + "-" + ctx.Stack()
	if err := args.validate(budgetName); err != nil {
		return nil, fmt.Errorf("spend %q: %w", name, err)
	}
	component := &Budgets{}
	if err := ctx.RegisterComponentResource("stagecraft:spend:Spend", name, component, opts...); err != nil {
		return nil, err
	}
	parent := pulumi.Parent(component)

	account, err := args.newBudget(ctx, name, args.ofAccount(budgetName), parent)
	if err != nil {
		return nil, err
	}
	for _, tier := range args.Tiers {
		if _, err := args.newBudget(ctx, name+"-"+tier, args.ofTier(ctx, budgetName, tier), parent); err != nil {
			return nil, err
		}
	}
	if err := args.watchAnomalies(ctx, name, budgetName, parent); err != nil {
		return nil, err
	}
	if err := component.activateTags(ctx, name, args); err != nil {
		return nil, err
	}

	component.BudgetName = account.Name
	return component, ctx.RegisterResourceOutputs(component, pulumi.Map{"budgetName": component.BudgetName})
}

func (a *Args) validate(budgetName string) error {
	var errs []error
	if a.MonthlyBudgetUSD <= 0 {
		errs = append(errs, fmt.Errorf("MonthlyBudgetUSD is %d: it must be more than 0", a.MonthlyBudgetUSD))
	}
	if a.AnomalyUSD <= 0 {
		errs = append(errs, fmt.Errorf("AnomalyUSD is %d: it must be more than 0", a.AnomalyUSD))
	}
	if a.Email == "" || a.AlarmTopicArn == nil {
		errs = append(errs, errors.New("it must have an Email and an AlarmTopicArn"))
	}
	if len(a.Tiers) > 0 && (a.TierPercent < 1 || a.TierPercent > 100) {
		errs = append(errs, fmt.Errorf("TierPercent is %d: it must be from 1 to 100", a.TierPercent))
	}
	names := []string{budgetName}
	for _, tier := range a.Tiers {
		names = append(names, budgetName+"-"+tier)
	}
	for _, name := range names {
		if len(name) > maxNameLength {
			errs = append(errs, fmt.Errorf("the budget's name would be %q, of %d characters: AWS Budgets takes %d, so give "+
				"the stack a shorter name", name, len(name), maxNameLength))
		}
	}
	return errors.Join(errs...)
}
