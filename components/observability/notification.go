package observability

import (
	"errors"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Notification describes events that are sent to the alarm topic as a sentence. Every field is required.
type Notification struct {
	// Name is the notification's kebab-case name within its tier, such as "window-failed".
	Name string
	// Event is the event's detail-type.
	Event string
	// Source is the service that sends the event, such as "aws.ssm".
	Source string
	// Detail is the pattern of the event's detail (Amazon EventBridge User Guide, "Creating Amazon EventBridge event
	// patterns").
	Detail pulumi.Map
	// Message is the sentence, with <name> for each value of Values. It must not have double quotes.
	Message string
	// Values are JSON paths into the event, by their names in Message.
	Values map[string]string
}

// NewNotifications creates EventBridge rules, each named prefix-name, that send events as sentences to the alarm topic,
// and an alarm on each rule that cannot deliver. An AWS service sends its events in the region in which it works. It
// rejects notifications without a topic, and an incomplete one.
func NewNotifications(
	ctx *pulumi.Context, prefix string, args AlarmsArgs, notifications []Notification, opts ...pulumi.ResourceOption,
) (Alarms, error) {
	if err := args.validate(prefix); err != nil {
		return nil, err
	}
	for _, notification := range notifications {
		if err := notification.validate(); err != nil {
			return nil, fmt.Errorf("notification %q of %q: %w", notification.Name, prefix, err)
		}
	}
	undelivered := make([]Alarm, 0, len(notifications))
	for _, notification := range notifications {
		rule, err := notification.create(ctx, prefix, args, opts)
		if err != nil {
			return nil, err
		}
		undelivered = append(undelivered, notification.undelivered(rule))
	}
	return NewAlarms(ctx, prefix, args, undelivered, opts...)
}

func (n Notification) validate() error {
	if n.Name == "" || n.Event == "" || n.Source == "" || n.Message == "" || len(n.Detail) == 0 || len(n.Values) == 0 {
		return errors.New("it must have a Name, an Event, a Source, a Detail, a Message and Values")
	}
	if strings.Contains(n.Message, `"`) {
		return errors.New("its Message holds a double quote: EventBridge ends the text there")
	}
	return nil
}

func (n Notification) create(
	ctx *pulumi.Context, prefix string, args AlarmsArgs, opts []pulumi.ResourceOption,
) (*cloudwatch.EventRule, error) {
	name := prefix + "-" + n.Name
	rule, err := cloudwatch.NewEventRule(ctx, name, &cloudwatch.EventRuleArgs{
		Description: pulumi.Sprintf("%s of %s %s", n.Event, ctx.Project(), ctx.Stack()),
		EventPattern: pulumi.JSONMarshal(pulumi.Map{
			"source":      pulumi.ToStringArray([]string{n.Source}),
			"detail-type": pulumi.ToStringArray([]string{n.Event}),
			"detail":      n.Detail,
		}),
		Tags: args.Tags,
	}, opts...)
	if err != nil {
		return nil, err
	}
	_, err = cloudwatch.NewEventTarget(ctx, name, &cloudwatch.EventTargetArgs{
		Rule: rule.Name,
		Arn:  args.TopicArn,
		InputTransformer: cloudwatch.EventTargetInputTransformerArgs{
			InputPaths:    pulumi.ToStringMap(n.Values),
			InputTemplate: pulumi.Sprintf("\"%s %s: %s\"", ctx.Project(), ctx.Stack(), n.Message),
		},
	}, opts...)
	return rule, err
}

// undelivered returns the alarm on events that EventBridge could not deliver (Amazon EventBridge User Guide,
// "Monitoring Amazon EventBridge").
func (n Notification) undelivered(rule *cloudwatch.EventRule) Alarm {
	return Alarm{
		Name: n.Name + "-untold",
		Description: fmt.Sprintf("Nobody was told of this event: %s. See whether the alarm topic lets EventBridge publish, "+
			"and what happened.", n.Event),
		Namespace:   "AWS/Events",
		Metric:      "FailedInvocations",
		Dimensions:  pulumi.StringMap{"RuleName": rule.Name},
		Statistic:   "Sum",
		Threshold:   1,
		Period:      300,
		Periods:     1,
		MissingData: "notBreaching",
	}
}
