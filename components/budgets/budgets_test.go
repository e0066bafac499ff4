package budgets_test

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"stagecraft/components/budgets"
	"stagecraft/internal/pulumitest"
)

const (
	budgetType       = "aws:budgets/budget:Budget"
	monitorType      = "aws:costexplorer/anomalyMonitor:AnomalyMonitor"
	subscriptionType = "aws:costexplorer/anomalySubscription:AnomalySubscription"
	costTagType      = "aws:costexplorer/costAllocationTag:CostAllocationTag"
)

func valid() budgets.Args {
	return budgets.Args{
		MonthlyBudgetUSD: 250,
		Tiers:            []string{"web", "database"},
		TierPercent:      33,
		Owned:            true,
		AnomalyUSD:       20,
		ActivateTags:     true,
		Email:            "ops@example.com",
		AlarmTopicArn:    pulumi.String("arn:topic"),
		Tags:             pulumi.StringMap{"tier": pulumi.String("spend")},
	}
}

func run(args budgets.Args, options ...pulumi.RunOption) (pulumitest.Resources, []string, error) {
	var warnings *pulumitest.Warnings
	resources, err := pulumitest.Run(func(ctx *pulumi.Context) error {
		warnings = pulumitest.KeepWarnings(ctx)
		_, err := budgets.New(ctx, "spend", &args)
		return err
	}, nil, nil, options...)
	return resources, warnings.Messages(), err
}

func notification(costs string, percent float64) map[string]any {
	return map[string]any{
		"notificationType":         costs,
		"comparisonOperator":       "GREATER_THAN",
		"threshold":                percent,
		"thresholdType":            "PERCENTAGE",
		"subscriberSnsTopicArns":   []any{"arn:topic"},
		"subscriberEmailAddresses": []any{"ops@example.com"},
	}
}

func TestNewBudgets(t *testing.T) {
	t.Parallel()
	resources, warned, err := run(valid())
	require.NoError(t, err)
	require.Empty(t, warned)
	resources.RequireTags(t, map[string]string{"tier": "spend"})
	resources.RequireParents(t, "stagecraft:spend:Spend")

	byTags := func(tags ...any) []any {
		return []any{map[string]any{"name": "TagKeyValue", "values": tags}}
	}
	for name, want := range map[string]map[string]any{
		"spend": {
			"name": "stagecraft-test", "limitAmount": "250",
			"notifications": []any{notification("ACTUAL", 80), notification("ACTUAL", 100), notification("FORECASTED", 100)},
		},
		"spend-web": {
			"name": "stagecraft-test-web", "limitAmount": "82.5", "costFilters": byTags("user:Stack$test", "user:Tier$web"),
			"notifications": []any{notification("ACTUAL", 100), notification("FORECASTED", 100)},
		},
		"spend-database": {
			"name": "stagecraft-test-database", "limitAmount": "82.5",
			"costFilters":   byTags("user:Stack$test", "user:Tier$database"),
			"notifications": []any{notification("ACTUAL", 100), notification("FORECASTED", 100)},
		},
	} {
		want["budgetType"], want["limitUnit"], want["timeUnit"] = "COST", "USD", "MONTHLY"
		want["tags"] = map[string]any{"tier": "spend"}
		require.Equal(t, want, resources.Named(t, budgetType, name).Inputs)
	}
	require.Len(t, resources.Of(budgetType), 3)
}

func TestNewWatchesAnomalies(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		owned   bool
		known   string
		watched string
	}{
		"owned":            {true, "", "arn:spend"},
		"owned, but there": {true, "arn:monitor", "arn:monitor"},
		"found":            {false, "arn:monitor", "arn:monitor"},
		"not found":        {false, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := valid()
			args.Owned, args.AnomalyMonitorArn = test.owned, test.known
			resources, _, err := run(args)
			require.NoError(t, err)
			if test.watched == "arn:spend" {
				require.Equal(t, map[string]any{
					"name": "stagecraft-test", "monitorType": "DIMENSIONAL", "monitorDimension": "SERVICE",
					"tags": map[string]any{"tier": "spend"},
				}, resources.One(t, monitorType).Inputs)
			} else {
				require.Empty(t, resources.Of(monitorType))
			}
			if test.watched == "" {
				require.Empty(t, resources.Of(subscriptionType))
				return
			}
			require.Equal(t, map[string]any{
				"name":            "stagecraft-test",
				"monitorArnLists": []any{test.watched},
				"frequency":       "IMMEDIATE",
				"subscribers":     []any{map[string]any{"type": "SNS", "address": "arn:topic"}},
				"thresholdExpression": map[string]any{"dimension": map[string]any{
					"key": "ANOMALY_TOTAL_IMPACT_ABSOLUTE", "matchOptions": []any{"GREATER_THAN_OR_EQUAL"}, "values": []any{"20"},
				}},
				"tags": map[string]any{"tier": "spend"},
			}, resources.One(t, subscriptionType).Inputs)
		})
	}
}

func TestNewActivatesTags(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		owned, activate bool
		tags, warnings  int
	}{
		"owned":           {true, true, 3, 0},
		"owned, too soon": {true, false, 0, 1},
		"found":           {false, true, 0, 0},
		"found, too soon": {false, false, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := valid()
			args.Owned, args.ActivateTags = test.owned, test.activate
			resources, warned, err := run(args)
			require.NoError(t, err)
			require.Len(t, resources.Of(costTagType), test.tags)
			for _, tag := range resources.Of(costTagType) {
				require.Equal(t, "Active", tag.Inputs["status"])
				require.Equal(t, tag.Name, "spend-"+strings.ToLower(tag.Inputs["tagKey"].(string)))
			}
			require.Len(t, warned, test.warnings)
			for _, warning := range warned {
				require.Contains(t, warning, "Project, Stack, Tier are active")
			}
		})
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*budgets.Args)
		want   string
	}{
		"no budget":       {func(a *budgets.Args) { a.MonthlyBudgetUSD = 0 }, "MonthlyBudgetUSD is 0: it must be more than 0"},
		"negative budget": {func(a *budgets.Args) { a.MonthlyBudgetUSD = -5 }, "MonthlyBudgetUSD is -5"},
		"no part":         {func(a *budgets.Args) { a.TierPercent = 0 }, "TierPercent is 0: it must be from 1 to 100"},
		"more than all":   {func(a *budgets.Args) { a.TierPercent = 101 }, "TierPercent is 101"},
		"no anomaly":      {func(a *budgets.Args) { a.AnomalyUSD = 0 }, "AnomalyUSD is 0: it must be more than 0"},
		"no e-mail":       {func(a *budgets.Args) { a.Email = "" }, "it must have an Email and an AlarmTopicArn"},
		"no topic":        {func(a *budgets.Args) { a.AlarmTopicArn = nil }, "it must have an Email and an AlarmTopicArn"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := valid()
			test.change(&args)
			resources, _, err := run(args)
			require.ErrorContains(t, err, `spend "spend": `)
			require.ErrorContains(t, err, test.want)
			require.Empty(t, resources)
		})
	}
}

func TestNewRefusesLongNames(t *testing.T) {
	t.Parallel()
	inStack := func(name string) pulumi.RunOption {
		return func(info *pulumi.RunInfo) { info.Stack = name }
	}
	for name, tiers := range map[string][]string{"account": nil, "tier": {"database"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args, longest := valid(), 100-len("stagecraft-")
			args.Tiers = tiers
			for _, tier := range tiers {
				longest -= len("-" + tier)
			}
			resources, _, err := run(args, inStack(strings.Repeat("s", longest)))
			require.NoError(t, err)
			made := resources.Of(budgetType)
			require.Len(t, made[len(made)-1].Inputs["name"], 100)

			resources, _, err = run(args, inStack(strings.Repeat("s", longest+1)))
			require.ErrorContains(t, err, "of 101 characters: AWS Budgets takes 100, so give the stack a shorter name")
			require.Empty(t, resources)
		})
	}
}
