// Package budgets creates the budgets of the AWS account and of each tier of a stack, and alerts on cost anomalies.
package budgets

import (
	"errors"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Args describes the budgets, and who watches for what nobody budgeted. Every field is required unless a default is
// named.
type Args struct {
	// MonthlyBudgetUSD is what the whole account may cost in a calendar month, in US dollars.
	MonthlyBudgetUSD int
	// Tiers are this stack's tiers, each the value of a tag Tier. Default: none, no budgets of tiers.
	Tiers []string
	// TierPercent is what part of the account's budget each tier may cost, 1 to 100 percent: who costs more is worth a
	// look, well before all tiers together cost too much. Required if there are Tiers.
	TierPercent int
	// Owned has this stack make what exists once per account: the Cost Explorer anomaly monitor of all services, and the
	// activation of cost allocation tags. Default: false.
	Owned bool
	// AnomalyMonitorArn is an anomaly monitor that exists already: AWS makes one by itself where Cost Explorer is turned
	// on, and nothing can look it up. With it, none is made. Default: "".
	AnomalyMonitorArn string
	// AnomalyUSD is from how many US dollars beyond what is usual the topic is notified of an anomaly, 1 or more.
	AnomalyUSD int
	// ActivateTags creates the tags Project, Stack and Tier count in the bill, if Owned. AWS rejects a tag that it does not
	// know yet, so wait for a day after the first resource has it; until then the tiers' budgets see no costs, and never
	// see what was spent before. In an organization only the management account may do it. Default: false.
	ActivateTags bool
	// Email gets every notification of a budget; unlike a subscription of the topic it needs no confirmation.
	Email string
	// AlarmTopicArn is the SNS topic that gets every notification. Its policy must let AWS Budgets and Cost Anomaly
	// Detection publish.
	AlarmTopicArn pulumi.StringInput
	// Tags go on every resource.
	Tags pulumi.StringMap
}

// Budgets is the watch over an account's costs.
type Budgets struct {
	pulumi.ResourceState

	// BudgetName names the budget of the account.
	BudgetName pulumi.StringOutput
}

// A budget's name has 100 characters at most (AWS Billing and Cost Management API Reference, "Budget").
const maxNameLength = 100

// New creates a monthly cost budget of the whole account, named project-stack, and one of each tier, named
// project-stack-tier, and has Cost Explorer tell people of anomalies where a monitor is owned or known. It rejects a
// budget of nothing, a part of more than all, notifications to nobody, and a name that is too long: shortened names of
// two stacks might be the same.
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
