package observability

import (
	"errors"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// ServiceAlarmArgs describes what users need of the service. Every field is required, Tags apart.
type ServiceAlarmArgs struct {
	// Alarms are those of the tiers that users depend on, 1 to 100.
	Alarms Alarms
	// TopicArn is the SNS topic that hears when the service is in trouble, and when it is well again.
	TopicArn pulumi.StringInput
	// Tags go on the alarm.
	Tags pulumi.StringMap
}

// ServiceAlarm reports whether users get what they came for: it is on while any alarm of a tier that they depend on is.
type ServiceAlarm struct {
	pulumi.ResourceState

	// Arn identifies the composite alarm.
	Arn pulumi.StringOutput
}

// A composite alarm looks at 100 others at most (Amazon CloudWatch User Guide, "CloudWatch service quotas").
const maxChildren = 100

// NewServiceAlarm creates one composite alarm, named project-stack-name. It rejects to look at no alarm, and at more than
// 100.
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

// anyAlarm is on while any of the alarms is (Amazon CloudWatch API Reference, PutCompositeAlarm, AlarmRule).
func (a *ServiceAlarmArgs) anyAlarm() pulumi.StringOutput {
	names := make(pulumi.StringArray, len(a.Alarms))
	for i, alarm := range a.Alarms {
		names[i] = pulumi.Sprintf("ALARM(%q)", alarm.Name)
	}
	return names.ToStringArrayOutput().ApplyT(func(states []string) string {
		return strings.Join(states, " OR ")
	}).(pulumi.StringOutput)
}
