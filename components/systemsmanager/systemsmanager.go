// Package systemsmanager manages a stack's EC2 instances with Systems Manager: weekly patching, inventory, agents that
// update themselves, and logged sessions.
package systemsmanager

import (
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ssm"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/observability"
)

// Args describes the managed instances. Every field is required unless a default is named.
type Args struct {
	// TargetTags are the tags of the instances, 1 to 4, whenever they are launched. No instance of another stack or
	// project may have them all.
	TargetTags map[string]string
	// PatchedTags are the tags of the instances that the weekly window patches, beside TargetTags. Default: none, all are.
	PatchedTags map[string]string
	// LogRetentionDays is for how many days CloudWatch Logs keeps the output of patching and of sessions.
	LogRetentionDays int
	// KmsKeyArn is the KMS key that encrypts the logs of sessions and patching. Default: nil, AWS's own key.
	KmsKeyArn pulumi.StringInput
	// AlarmTopicArn is the SNS topic that is notified of failures.
	AlarmTopicArn pulumi.StringInput
	// Tags are set on every resource.
	Tags pulumi.StringMap
}

// ManagedNodes is the management of a stack's EC2 instances.
type ManagedNodes struct {
	pulumi.ResourceState

	// PatchGroup is project-stack: the value of the tag PatchGroup that selects the patch baseline.
	PatchGroup string
	// SessionDocument is the Session Manager document for logged sessions.
	SessionDocument pulumi.StringOutput
	// Alarms are the alarms for the dashboard.
	Alarms observability.Alarms
}

// New creates the patch baseline, the weekly maintenance window, the State Manager associations, the notifications of
// their failures, and the document for sessions. It rejects incomplete tags, which would leave instances unmanaged.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*ManagedNodes, error) {
	if err := args.validate(); err != nil {
		return nil, fmt.Errorf("fleet %q: %w", name, err)
	}
	component := &ManagedNodes{PatchGroup: fmt.Sprintf("%s-%s", ctx.Project(), ctx.Stack())}
	if err := ctx.RegisterComponentResource("stagecraft:fleet:Fleet", name, component, opts...); err != nil {
		return nil, err
	}
	parent := pulumi.Parent(component)

	baseline, err := component.newPatchBaseline(ctx, name, args, parent)
	if err != nil {
		return nil, err
	}
	// Patching before the baseline exists would use AWS's default one.
	after := pulumi.DependsOn([]pulumi.Resource{baseline})
	window, err := newPatchWindow(ctx, name, args, parent, after)
	if err != nil {
		return nil, err
	}
	associations, err := newAssociations(ctx, name, args, parent, after)
	if err != nil {
		return nil, err
	}
	if err := component.newSession(ctx, name, args, parent); err != nil {
		return nil, err
	}
	toTopic := observability.AlarmsArgs{TopicArn: args.AlarmTopicArn, Tags: args.Tags}
	component.Alarms, err = observability.NewAlarms(ctx, name, toTopic, alarms(), parent)
	if err != nil {
		return nil, err
	}
	untold, err := observability.NewNotifications(ctx, name, toTopic, failures(window, associations), parent)
	if err != nil {
		return nil, err
	}
	component.Alarms = append(component.Alarms, untold...)
	return component, ctx.RegisterResourceOutputs(component, pulumi.Map{
		"patchGroup":      pulumi.String(component.PatchGroup),
		"sessionDocument": component.SessionDocument,
	})
}

func (a *Args) validate() error {
	tags := map[string]string{}
	maps.Copy(tags, a.TargetTags)
	maps.Copy(tags, a.PatchedTags)
	if len(a.TargetTags) == 0 || len(tags) > maxTargets {
		return fmt.Errorf("TargetTags has %d tags, with PatchedTags %d: it must have 1 or more, and both %d at most",
			len(a.TargetTags), len(tags), maxTargets)
	}
	for key, value := range tags {
		if key == "" || value == "" {
			return fmt.Errorf("the tag %q is %q: each of TargetTags and PatchedTags must have a key and a value", key, value)
		}
	}
	return nil
}

// maxTargets is how many tags targets may have (AWS Systems Manager API Reference, "Target").
const maxTargets = 5

// targets returns TargetTags as Systems Manager spells them: an instance must have all.
func (a *Args) targets() ssm.AssociationTargetArray {
	var targets ssm.AssociationTargetArray
	for _, key := range slices.Sorted(maps.Keys(a.TargetTags)) {
		targets = append(targets, ssm.AssociationTargetArgs{
			Key: pulumi.String("tag:" + key), Values: pulumi.ToStringArray([]string{a.TargetTags[key]}),
		})
	}
	return targets
}

// newAssociations creates the associations for inventory, for updates of the agent, and for scans for missing patches.
func newAssociations(
	ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption,
) ([]*ssm.Association, error) {
	var made []*ssm.Association
	for _, association := range []struct {
		name, document, schedule string
		parameters               pulumi.StringMap
	}{
		{name: "inventory", document: "AWS-GatherSoftwareInventory", schedule: "rate(12 hours)"},
		{name: "agent", document: "AWS-UpdateSSMAgent", schedule: "rate(7 days)"},
		{
			name: "scan", document: patchDocument, schedule: "rate(1 day)",
			parameters: pulumi.StringMap{"Operation": pulumi.String("Scan")},
		},
	} {
		resource, err := ssm.NewAssociation(ctx, name+"-"+association.name, &ssm.AssociationArgs{
			AssociationName:    pulumi.Sprintf("%s-%s-%s-%s", ctx.Project(), ctx.Stack(), name, association.name),
			Name:               pulumi.String(association.document),
			ScheduleExpression: pulumi.String(association.schedule),
			Parameters:         association.parameters,
			Targets:            args.targets(),
			Tags:               args.Tags,
		}, opts...)
		if err != nil {
			return nil, err
		}
		made = append(made, resource)
	}
	return made, nil
}
