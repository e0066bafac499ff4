package observability

import (
	"errors"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// ServiceAlarmArgs describes the alarm of the whole service. Every field is required except Tags.
type ServiceAlarmArgs struct {
	// Alarms are the alarms of the tiers that users depend on, 1 to 100.
	Alarms Alarms
	// TopicArn is the SNS topic that is notified when the alarm goes on and off.
	TopicArn pulumi.StringInput
	// Tags are set on the alarm.
	Tags pulumi.StringMap
}

// ServiceAlarm is on while any alarm of a tier that users depend on is.
type ServiceAlarm struct {
	pulumi.ResourceState

	// Arn is the ARN of the composite alarm.
	Arn pulumi.StringOutput
}

// A composite alarm may have 100 child alarms (Amazon CloudWatch User Guide, "CloudWatch service quotas").
const maxChildren = 100

// NewServiceAlarm creates a composite alarm, named project-stack-name. It rejects fewer than one and more than 100
// alarms.
func NewServiceAlarm(
	ctx *pulumi.Context, name string, args *ServiceAlarmArgs, opts ...pulumi.ResourceOption,
) (*ServiceAlarm, error) {
	if err := args.validate(); err != nil {
		return nil, fmt.Errorf("service alarm %q: %w", name, err)
	}
	component := &ServiceAlarm{}
	err := ctx.RegisterComponentResource("stagecraft:observability:ServiceAlarm", name, component, opts...)
	if err != nil {
		return nil, err
	}

	alarm, err := cloudwatch.NewCompositeAlarm(ctx, name, &cloudwatch.CompositeAlarmArgs{
		AlarmName: pulumi.Sprintf("%s-%s-%s", ctx.Project(), ctx.Stack(), name),
		AlarmDescription: pulumi.Sprintf("Users of %s %s are affected: see which alarms are on, and begin with the tier "+
			"farthest from the users.", ctx.Project(), ctx.Stack()),
		AlarmRule:    args.anyAlarm(),
		AlarmActions: pulumi.StringArray{args.TopicArn},
		OkActions:    pulumi.StringArray{args.TopicArn},
		Tags:         args.Tags,
	}, pulumi.Parent(component))
	if err != nil {
		return nil, err
	}

	component.Arn = alarm.Arn
	return component, ctx.RegisterResourceOutputs(component, pulumi.Map{"arn": component.Arn})
}

func (a *ServiceAlarmArgs) validate() error {
	if a.TopicArn == nil {
		return errors.New("TopicArn must be set")
	}
	if len(a.Alarms) == 0 || len(a.Alarms) > maxChildren {
		return fmt.Errorf("it looks at %d alarms: CloudWatch takes 1 to %d", len(a.Alarms), maxChildren)
	}
	return nil
}

// anyAlarm returns the rule that is true while any of the alarms is on (Amazon CloudWatch API Reference,
// PutCompositeAlarm, AlarmRule).
func (a *ServiceAlarmArgs) anyAlarm() pulumi.StringOutput {
	names := make(pulumi.StringArray, len(a.Alarms))
	for i, alarm := range a.Alarms {
		names[i] = pulumi.Sprintf("ALARM(%q)", alarm.Name)
	}
	return names.ToStringArrayOutput().ApplyT(func(states []string) string {
		return strings.Join(states, " OR ")
	}).(pulumi.StringOutput)
}
