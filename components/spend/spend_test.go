package spend_test

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"stagecraft/components/spend"
	"stagecraft/internal/mock"
)

const budgetType = "aws:budgets/budget:Budget"

func valid() spend.Args {
	return spend.Args{
		MonthlyBudgetUSD: 250,
		Email:            "ops@example.com",
		AlarmTopicArn:    pulumi.String("arn:topic"),
		Tags:             pulumi.StringMap{"tier": pulumi.String("spend")},
	}
}

func run(args spend.Args, options ...pulumi.RunOption) (mock.Resources, error) {
	return mock.Run(func(ctx *pulumi.Context) error {
		_, err := spend.New(ctx, "spend", &args)
		return err
	}, nil, nil, options...)
}

func TestNew(t *testing.T) {
	t.Parallel()
	resources, err := run(valid())
	require.NoError(t, err)
	resources.RequireTags(t, map[string]string{"tier": "spend"})
	resources.RequireParents(t, "stagecraft:spend:Spend")

	notification := func(costs string, percent float64) map[string]any {
		return map[string]any{
			"notificationType":         costs,
			"comparisonOperator":       "GREATER_THAN",
			"threshold":                percent,
			"thresholdType":            "PERCENTAGE",
			"subscriberSnsTopicArns":   []any{"arn:topic"},
			"subscriberEmailAddresses": []any{"ops@example.com"},
		}
	}
	require.Equal(t, map[string]any{
		"name":        "stagecraft-test",
		"budgetType":  "COST",
		"limitAmount": "250",
		"limitUnit":   "USD",
		"timeUnit":    "MONTHLY",
		"notifications": []any{
			notification("ACTUAL", 80), notification("ACTUAL", 100), notification("FORECASTED", 100),
		},
		"tags": map[string]any{"tier": "spend"},
	}, resources.One(t, budgetType).Inputs)
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*spend.Args)
		want   string
	}{
		"no budget":       {func(a *spend.Args) { a.MonthlyBudgetUSD = 0 }, "MonthlyBudgetUSD is 0: it must be more than 0"},
		"negative budget": {func(a *spend.Args) { a.MonthlyBudgetUSD = -5 }, "MonthlyBudgetUSD is -5"},
		"no e-mail":       {func(a *spend.Args) { a.Email = "" }, "it must have an Email and an AlarmTopicArn"},
		"no topic":        {func(a *spend.Args) { a.AlarmTopicArn = nil }, "it must have an Email and an AlarmTopicArn"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := valid()
			test.change(&args)
			resources, err := run(args)
			require.ErrorContains(t, err, `spend "spend": `)
			require.ErrorContains(t, err, test.want)
			require.Empty(t, resources.Of(budgetType))
		})
	}
}

func TestNewRefusesLongNames(t *testing.T) {
	t.Parallel()
	inStack := func(name string) pulumi.RunOption {
		return func(info *pulumi.RunInfo) { info.Stack = name }
	}
	longest := strings.Repeat("s", 100-len("stagecraft-"))

	resources, err := run(valid(), inStack(longest))
	require.NoError(t, err)
	require.Len(t, resources.One(t, budgetType).Inputs["name"], 100)

	resources, err = run(valid(), inStack(longest+"s"))
	require.ErrorContains(t, err, "of 101 characters: AWS Budgets takes 100, so give the stack a shorter name")
	require.Empty(t, resources.Of(budgetType))
}
