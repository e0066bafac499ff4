package aws

import (
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"

	"stagecraft/internal/offline/cloud"
)

// dbEvents are the categories of events of each type of source (RDS User Guide, "Amazon RDS event categories and event
// messages").
var dbEvents = map[string][]string{
	"db-instance": {
		"availability", "backup", "configuration change", "creation", "deletion", "failover", "failure", "low storage",
		"maintenance", "notification", "read replica", "recovery", "restoration", "security", "security patching",
	},
	"db-parameter-group": {"configuration change"},
	"db-security-group":  {"configuration change", "failure"},
	"db-snapshot":        {"creation", "deletion", "notification", "restoration"},
}

func dbEventSubscriptionType() cloud.Type {
	return cloud.Type{
		Token:     "aws:rds/eventSubscription:EventSubscription",
		Args:      rds.EventSubscriptionArgs{},
		State:     rds.EventSubscription{},
		Service:   "RDS",
		Operation: "CreateEventSubscription",
		Source:    "CloudFormation resource schema AWS::RDS::EventSubscription; RDS API Reference, CreateEventSubscription",
		Name:      rdsName("name", "A-Za-z", "0-9A-Za-z", 255),
		ID:        "${name}",
		Conflicts: [][]string{{"name", "namePrefix"}},
		Values: map[string]cloud.Value{
			"sourceType": cloud.OneOf("db-instance", "db-parameter-group", "db-security-group", "db-snapshot"),
		},
		Computed: map[string]any{
			"arn":           "arn:aws:rds:${region}:${account}:es:${name}",
			"customerAwsId": "${account}",
			"enabled":       true,
			"name":          "${namePrefix}${digits26}",
		},
		Replace: []string{"name", "namePrefix"},
		Refs: []cloud.Ref{{Path: "snsTopic", Type: topicToken, TargetProperty: "arn", Weak: true, NotFound: cloud.Error{
			Code: "SNSTopicArnNotFound", Message: "The SNS topic ARN ${value} does not exist.",
		}}},
		Unique:   [][]string{{"name"}},
		Quota:    rdsQuota(20, "EventSubscriptionQuotaExceeded", "event subscriptions"),
		Check:    validateDBEvents,
		NotFound: cloud.Error{Code: "SubscriptionNotFound", Message: "Subscription ${value} does not exist."},
		Exists:   cloud.Error{Code: "SubscriptionAlreadyExist", Message: "Subscription ${name} already exists."},
	}
}

func validateDBEvents(account cloud.Account, subscription *cloud.Resource) error {
	kind, sources := subscription.Text("sourceType"), subscription.Texts("sourceIds[*]")
	if kind == "" && len(sources) > 0 {
		return invalidCombination("SourceType is required if SourceIds are specified.")
	}
	for _, category := range subscription.Texts("eventCategories[*]") {
		if kind == "" {
			return invalidCombination("SourceType is required if EventCategories are specified.")
		}
		if !slices.Contains(dbEvents[kind], category) {
			return apiError("SubscriptionCategoryNotFound", "The category %q does not exist for source type %s.", category, kind)
		}
	}
	if kind != "db-instance" {
		return nil
	}
	for _, source := range sources {
		instance, err := account.Find(dbInstanceToken, "identifier", source)
		if err != nil {
			return err
		}
		if instance == nil {
			return apiError("SourceNotFound", "Could not find source: %s", source)
		}
	}
	return nil
}
