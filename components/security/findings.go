package security

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/observability"
)

// The scale of GuardDuty's severities.
const (
	minSeverity = 1
	maxSeverity = 10
)

// notify sends findings to the topic, whether this stack owns the detector or another one: the events of an account reach
// the rules of all of its stacks.
func (g *AccountSecurity) notify(ctx *pulumi.Context, name string, args *Args) (err error) {
	parent := pulumi.Parent(g)
	g.Alarms, err = observability.NewNotifications(ctx, name,
		observability.AlarmsArgs{TopicArn: args.AlarmTopicArn, Tags: args.Tags},
		[]observability.Notification{threats(args.MinSeverity), vulnerabilities()}, parent)
	if err != nil {
		return err
	}
	g.GlobalAlarms, err = observability.NewNotifications(ctx, name,
		observability.AlarmsArgs{TopicArn: args.Global.AlarmTopicArn, Tags: args.Tags},
		[]observability.Notification{risks()}, args.Global.Options(parent)...)
	return err
}

// threats are GuardDuty's findings (Amazon GuardDuty User Guide, "Processing GuardDuty findings with Amazon
// EventBridge").
func threats(least float64) observability.Notification {
	return observability.Notification{
		Name:   "threats",
		Event:  "GuardDuty Finding",
		Source: "aws.guardduty",
		Detail: pulumi.Map{"severity": pulumi.Array{
			pulumi.Map{"numeric": pulumi.Array{pulumi.String(">="), pulumi.Float64(least)}},
		}},
		Message: "GuardDuty found a threat of severity <severity> in account <account>, <region>: <title> (<type>). " +
			"<description> See finding <id> in GuardDuty.",
		Values: map[string]string{
			"account":     "$.detail.accountId",
			"description": "$.detail.description",
			"id":          "$.detail.id",
			"region":      "$.detail.region",
			"severity":    "$.detail.severity",
			"title":       "$.detail.title",
			"type":        "$.detail.type",
		},
	}
}

// vulnerabilities are Inspector's findings (Amazon Inspector User Guide, "Amazon EventBridge schema for Amazon Inspector
// events").
func vulnerabilities() observability.Notification {
	return observability.Notification{
		Name:   "vulnerabilities",
		Event:  "Inspector2 Finding",
		Source: "aws.inspector2",
		Detail: pulumi.Map{
			"severity": pulumi.ToStringArray([]string{"HIGH", "CRITICAL"}),
			"status":   pulumi.ToStringArray([]string{"ACTIVE"}),
		},
		Message: "Inspector found a vulnerability of severity <severity> in <resource>: <title>. See finding <id> in Inspector.",
		Values: map[string]string{
			"id":       "$.detail.findingArn",
			"resource": "$.detail.resources[0].id",
			"severity": "$.detail.severity",
			"title":    "$.detail.title",
		},
	}
}

// risks are results of Trusted Advisor's checks that got worse: yellow recommends an investigation, red an action. It
// reports in us-east-1, and most checks only for accounts with AWS Business Support or better: without it there are no
// events (AWS Support User Guide, "Monitoring AWS Trusted Advisor check results with Amazon EventBridge").
func risks() observability.Notification {
	return observability.Notification{
		Name:    "risks",
		Event:   "Trusted Advisor Check Item Refresh Notification",
		Source:  "aws.trustedadvisor",
		Detail:  pulumi.Map{"status": pulumi.ToStringArray([]string{"WARN", "ERROR"})},
		Message: "Trusted Advisor's check <check> says <status> of <resource>: see its recommendation.",
		Values: map[string]string{
			"check":    "$.detail.check-name",
			"resource": "$.detail.resource_id",
			"status":   "$.detail.status",
		},
	}
}
