package aws

import (
	"net/mail"
	"regexp"
	"time"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/budgets"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"stagecraft/internal/offline/cloud"
)

// budgetTime is how the AWS provider writes a budget's times.
const budgetTime = "2006-01-02_15:04"

// budgetTypes returns a global type: a budget belongs to the account.
func budgetTypes() []cloud.Type {
	return []cloud.Type{{
		Token:     "aws:budgets/budget:Budget",
		Args:      budgets.BudgetArgs{},
		State:     budgets.Budget{},
		Global:    true,
		Service:   "Budgets",
		Operation: "CreateBudget",
		Change:    "UpdateBudget",
		Source: "CloudFormation resource schema AWS::Budgets::Budget; AWS Billing and Cost Management API Reference, " +
			"CreateBudget, Budget and NotificationWithSubscribers; AWS Cost Management User Guide, Quotas and restrictions",
		Name:      &cloud.Name{Property: "name", Max: 100, Pattern: regexp.MustCompile(`^[^:\\]+$`)},
		ID:        "${accountId}:${name}",
		Conflicts: [][]string{{"name", "namePrefix"}, {"limitAmount", "plannedLimits"}, {"limitUnit", "plannedLimits"}},
		Values: map[string]cloud.Value{
			"accountId":      cloud.OneOf(Account),
			"autoAdjustData": cloud.NotSimulated,
			"budgetType": cloud.OneOf("USAGE", "COST", "RI_UTILIZATION", "RI_COVERAGE", "SAVINGS_PLANS_UTILIZATION",
				"SAVINGS_PLANS_COVERAGE"),
			"limitAmount":                         positiveAmount,
			"notifications":                       cloud.Count(0, 5),
			"notifications[*].comparisonOperator": cloud.OneOf("GREATER_THAN", "LESS_THAN", "EQUAL_TO"),
			"notifications[*].notificationType":   cloud.OneOf("ACTUAL", "FORECASTED"),
			"notifications[*].threshold":          cloud.Range(0, 15000000000000),
			"notifications[*].thresholdType":      cloud.OneOf("PERCENTAGE", "ABSOLUTE_VALUE"),
			"plannedLimits":                       cloud.NotSimulated,
			"timePeriodEnd":                       budgetTimestamp,
			"timePeriodStart":                     budgetTimestamp,
			"timeUnit":                            cloud.OneOf("DAILY", "MONTHLY", "QUARTERLY", "ANNUALLY"),
		},
		Computed: map[string]any{
			"accountId":     "${account}",
			"arn":           "arn:aws:budgets::${account}:budget/${name}",
			"name":          "${namePrefix}${digits26}",
			"timePeriodEnd": "2087-06-15_00:00",
		},
		Replace: []string{"accountId", "name", "namePrefix"},
		Refs: []cloud.Ref{{
			Path: "notifications[*].subscriberSnsTopicArns[*]", Type: topicToken, TargetProperty: "arn", Weak: true, NotFound: cloud.Error{
				Code: "InvalidParameterException", Message: "SNS topic ${value} does not exist",
			},
		}},
		Unique:     [][]string{{"name"}},
		Check:      validateBudget,
		AfterWrite: setBudgetDefaults,
		NotFound:   cloud.Error{Code: "NotFoundException", Message: "Unable to get budget: ${value} - the budget doesn't exist."},
		Exists: cloud.Error{
			Code: "DuplicateRecordException", Message: "Error creating budget: ${name} - the budget already exists.",
		},
	}}
}

var positiveAmount = cloud.Match(`^(0*[1-9]\d*(\.\d+)?|0*\.0*[1-9]\d*)$`, "a number above 0")

func budgetTimestamp(value resource.PropertyValue) string {
	if value.IsString() {
		if _, err := time.Parse(budgetTime, value.StringValue()); err == nil {
			return ""
		}
	}
	return "must be a time such as 2017-01-01_12:00"
}

// The subscribers of a notification (AWS Billing and Cost Management API Reference, "NotificationWithSubscribers").
const (
	mostEmails = 10
	mostTopics = 1
)

func validateBudget(_ cloud.Account, budget *cloud.Resource) error {
	if budget.Text("limitAmount") == "" || budget.Text("limitUnit") == "" {
		return invalidBudget("Budget limit is required for a budget without planned limits or auto-adjustment.")
	}
	if budget.Text("budgetType") == "COST" && budget.Text("limitUnit") != "USD" {
		return invalidBudget("Unit %s is not valid for a budget of type COST: it must be USD.", budget.Text("limitUnit"))
	}
	seen := map[string]bool{}
	for _, notification := range budget.Elements("notifications") {
		kind := notification.Text("notificationType") + notification.Text("comparisonOperator") +
			notification.Text("thresholdType") + notification.Text("threshold")
		if seen[kind] {
			return apiError("DuplicateRecordException", "Error creating notification: the notification already exists.")
		}
		seen[kind] = true
		if err := validateNotification(budget, notification); err != nil {
			return err
		}
	}
	return nil
}

func validateNotification(budget, notification *cloud.Resource) error {
	emails, topics := notification.Texts("subscriberEmailAddresses[*]"), notification.Texts("subscriberSnsTopicArns[*]")
	switch {
	case len(emails)+len(topics) == 0:
		return invalidBudget("A notification must have at least one subscriber.")
	case len(emails) > mostEmails:
		return apiError("CreationLimitExceededException", "A notification has at most %d e-mail subscribers.", mostEmails)
	case len(topics) > mostTopics:
		return apiError("CreationLimitExceededException", "A notification has at most %d SNS subscriber.", mostTopics)
	case number(notification, "threshold") <= 0:
		return invalidBudget("A notification's threshold must be above 0.")
	case notification.Text("notificationType") == "FORECASTED" && budget.Text("timeUnit") == "DAILY":
		return invalidBudget("Forecasted notifications are not supported for daily budgets.")
	}
	for _, email := range emails {
		if address, err := mail.ParseAddress(email); err != nil || address.Address != email {
			return invalidBudget("%s is not a valid e-mail address.", email)
		}
	}
	return nil
}

func invalidBudget(format string, values ...any) error {
	return apiError("InvalidParameterException", format, values...)
}

// setBudgetDefaults includes all costs that the program does not exclude, and starts a budget without a start date with
// the current day, month, quarter or year.
func setBudgetDefaults(_ cloud.Account, budget *cloud.Resource) error {
	budget.Fill("costTypes", map[string]any{
		"includeCredit": true, "includeDiscount": true, "includeOtherSubscription": true, "includeRecurring": true,
		"includeRefund": true, "includeSubscription": true, "includeSupport": true, "includeTax": true,
		"includeUpfront": true, "useAmortized": false, "useBlended": false,
	})
	if budget.Text("timePeriodStart") != "" {
		return nil
	}
	year, month, day := time.Now().UTC().Date()
	switch budget.Text("timeUnit") {
	case "MONTHLY":
		day = 1
	case "QUARTERLY":
		month, day = (month-1)/3*3+1, 1
	case "ANNUALLY":
		month, day = 1, 1
	}
	budget.Set("timePeriodStart", time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Format(budgetTime))
	return nil
}
