package aws

import (
	"regexp"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/costexplorer"

	"stagecraft/internal/offline/cloud"
)

const (
	anomalyMonitorToken      = "aws:costexplorer/anomalyMonitor:AnomalyMonitor"
	anomalySubscriptionToken = "aws:costexplorer/anomalySubscription:AnomalySubscription"
	costAllocationTagToken   = "aws:costexplorer/costAllocationTag:CostAllocationTag"
)

// costExplorerTypes returns global types: costs belong to the account.
func costExplorerTypes() []cloud.Type {
	return []cloud.Type{anomalyMonitorType(), anomalySubscriptionType(), costAllocationTagType()}
}

func anomalyMonitorType() cloud.Type {
	return cloud.Type{
		Token:     anomalyMonitorToken,
		Args:      costexplorer.AnomalyMonitorArgs{},
		State:     costexplorer.AnomalyMonitor{},
		Global:    true,
		Service:   "Cost Explorer",
		Operation: "CreateAnomalyMonitor",
		Source: "CloudFormation resource schema AWS::CE::AnomalyMonitor; SDK doc; AWS Cost Management User Guide, Quotas and " +
			"restrictions: one monitor of each dimension. A real account whose Cost Explorer is on may have AWS's own",
		Name:  &cloud.Name{Property: "name", Max: 1024},
		ID:    "arn:aws:ce::${account}:anomalymonitor/${hex8}-${hex4}-${hex4}-${hex4}-${hex12}",
		OneOf: [][]string{{"monitorDimension", "monitorSpecification"}},
		Values: map[string]cloud.Value{
			"monitorDimension":     cloud.OneOf("SERVICE"),
			"monitorSpecification": cloud.JSON,
			"monitorType":          cloud.OneOf("DIMENSIONAL", "CUSTOM"),
		},
		Computed: map[string]any{"arn": "${id}"},
		Replace:  []string{"monitorDimension", "monitorSpecification", "monitorType"},
		Unique:   [][]string{{"monitorDimension"}},
		Check: func(_ cloud.Account, monitor *cloud.Resource) error {
			if (monitor.Text("monitorType") == "DIMENSIONAL") != (monitor.Text("monitorDimension") != "") {
				return apiError("ValidationException",
					"A DIMENSIONAL monitor needs a dimension, and a CUSTOM monitor a specification.")
			}
			return nil
		},
		NotFound: cloud.Error{Code: "UnknownMonitorException", Message: "The cost anomaly monitor ${value} does not exist."},
		Exists: cloud.Error{
			Code: "ValidationException", Message: "Limit exceeded on dimensional spend monitor creation",
		},
	}
}

// mailbox matches e-mail addresses.
var mailbox = regexp.MustCompile(`@`)

func anomalySubscriptionType() cloud.Type {
	const threshold = "thresholdExpression.dimension."
	return cloud.Type{
		Token:     anomalySubscriptionToken,
		Args:      costexplorer.AnomalySubscriptionArgs{},
		State:     costexplorer.AnomalySubscription{},
		Global:    true,
		Service:   "Cost Explorer",
		Operation: "CreateAnomalySubscription",
		Source: "CloudFormation resource schema AWS::CE::AnomalySubscription; SDK doc; AWS Billing and Cost Management API " +
			"Reference, AnomalySubscription: a topic is told at once, and people by e-mail daily or weekly. AWS does not look " +
			"whether a topic exists: here it must, since nobody would hear of the anomaly",
		Name:     &cloud.Name{Property: "name", Max: 1024},
		ID:       "arn:aws:ce::${account}:anomalysubscription/${hex8}-${hex4}-${hex4}-${hex4}-${hex12}",
		Required: []string{"monitorArnLists", "subscribers"},
		Values: map[string]cloud.Value{
			"accountId":                   cloud.OneOf(Account),
			"frequency":                   cloud.OneOf("DAILY", "IMMEDIATE", "WEEKLY"),
			"monitorArnLists":             cloud.Count(1, 1000),
			"subscribers":                 cloud.Count(1, 10),
			"subscribers[*].address":      cloud.Length(6, 302),
			"subscribers[*].type":         cloud.OneOf("EMAIL", "SNS"),
			threshold + "key":             cloud.OneOf("ANOMALY_TOTAL_IMPACT_ABSOLUTE", "ANOMALY_TOTAL_IMPACT_PERCENTAGE"),
			threshold + "matchOptions":    cloud.Count(1, 1),
			threshold + "matchOptions[*]": cloud.OneOf("GREATER_THAN_OR_EQUAL"),
			threshold + "values":          cloud.Count(1, 1),
			threshold + "values[*]":       positiveAmount,
		},
		Computed: map[string]any{"accountId": "${account}", "arn": "${id}"},
		Replace:  []string{"name"},
		Refs: []cloud.Ref{
			{Path: "monitorArnLists[*]", Type: anomalyMonitorToken, TargetProperty: "arn", Weak: true},
			{Path: "subscribers[*].address", Type: topicToken, TargetProperty: "arn", Weak: true, External: mailbox},
		},
		Check:    validateAnomalySubscription,
		NotFound: cloud.Error{Code: "UnknownSubscriptionException", Message: "The subscription ${value} does not exist."},
	}
}

func validateAnomalySubscription(_ cloud.Account, subscription *cloud.Resource) error {
	if len(subscription.Outputs["thresholdExpression"].ObjectValue()) == 0 {
		return apiError("ValidationException", "A threshold expression is required.")
	}
	immediate := subscription.Text("frequency") == "IMMEDIATE"
	for _, subscriber := range subscription.Elements("subscribers") {
		if topic := subscriber.Text("type") == "SNS"; topic != immediate {
			return apiError("ValidationException",
				"A subscription with the frequency IMMEDIATE has SNS subscribers only, and any other EMAIL subscribers only.")
		}
	}
	return nil
}

func costAllocationTagType() cloud.Type {
	return cloud.Type{
		Token:     costAllocationTagToken,
		Args:      costexplorer.CostAllocationTagArgs{},
		State:     costexplorer.CostAllocationTag{},
		Global:    true,
		Service:   "Cost Explorer",
		Operation: "UpdateCostAllocationTagsStatus",
		Source: "SDK doc; AWS Billing User Guide, Activating user-defined cost allocation tags. AWS knows a tag about a day " +
			"after something was billed that has it; here at once when a resource of the region has it",
		ID: "${tagKey}",
		Values: map[string]cloud.Value{
			"status": cloud.OneOf("Active", "Inactive"),
			"tagKey": cloud.Length(1, 1024),
		},
		Computed: map[string]any{"type": "UserDefined"},
		Check:    validateCostAllocationTag,
		NotFound: cloud.Error{
			Code: "ValidationException", Message: "Failed to update Cost Allocation Tag: Tag keys not found: ${value}",
		},
	}
}

// validateCostAllocationTag rejects a key that no resource has.
func validateCostAllocationTag(account cloud.Account, tag *cloud.Resource) error {
	key := tag.Text("tagKey")
	for _, known := range types() {
		resources, err := account.List(known.Token)
		if err != nil {
			return err
		}
		for _, one := range resources {
			if len(one.Texts("tagsAll."+key)) > 0 {
				return nil
			}
		}
	}
	return apiError("ValidationException", "Failed to update Cost Allocation Tag: Tag keys not found: %s", key)
}
