// Package encryption creates the stack's own KMS key, for those who must be able to control who uses it and to revoke
// its use.
package encryption

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/observability"
)

// The maximum and minimum number of days that KMS waits before it deletes a key.
const (
	longestWait  = 30
	shortestWait = 7
)

// Args describes the key.
type Args struct {
	// AccountID and Region are the AWS account and the region of the key, whose principals and services may use it.
	// Required.
	AccountID, Region string
	// Ephemeral is whether every protection against data loss is off, for throw-away stacks. Default: false.
	Ephemeral bool
	// Tags are the tags of every resource.
	Tags pulumi.StringMap
}

// Key is a KMS key with its alias.
type Key struct {
	pulumi.ResourceState

	// Arn is the ARN of the key.
	Arn pulumi.StringOutput

	name string
	tags pulumi.StringMap
}

// New creates a key that KMS rotates every year, with the alias alias/PROJECT-STACK. It rejects a key without an
// account or a region.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Key, error) {
	if args.AccountID == "" || args.Region == "" {
		return nil, fmt.Errorf("encryption key %q: AccountID and Region must be set", name)
	}
	component := &Key{name: name, tags: args.Tags}
	if err := ctx.RegisterComponentResource("stagecraft:encryption:Key", name, component, opts...); err != nil {
		return nil, err
	}
	parent := pulumi.Parent(component)

	wait := longestWait
	if args.Ephemeral {
		wait = shortestWait
	}
	key, err := kms.NewKey(ctx, name, &kms.KeyArgs{
		Description:          pulumi.Sprintf("%s %s: all that the stack keeps", ctx.Project(), ctx.Stack()),
		EnableKeyRotation:    pulumi.Bool(true),
		DeletionWindowInDays: pulumi.Int(wait),
		Policy:               pulumi.JSONMarshal(args.policy()),
		Tags:                 args.Tags,
	}, parent, pulumi.Protect(!args.Ephemeral))
	if err != nil {
		return nil, err
	}
	_, err = kms.NewAlias(ctx, name, &kms.AliasArgs{
		Name:        pulumi.Sprintf("alias/%s-%s", ctx.Project(), ctx.Stack()),
		TargetKeyId: key.KeyId,
	}, parent)
	if err != nil {
		return nil, err
	}
	component.Arn = key.Arn
	return component, ctx.RegisterResourceOutputs(component, pulumi.Map{"arn": key.Arn})
}

// Watch notifies the topic when a principal disables the key or schedules its deletion (AWS Security Hub control
// CloudWatch.7): from then on, nothing that the key encrypts can be read. It needs a trail in the account.
func (k *Key) Watch(ctx *pulumi.Context, topicArn pulumi.StringInput) (observability.Alarms, error) {
	return observability.NewNotifications(ctx, k.name,
		observability.AlarmsArgs{TopicArn: topicArn, Tags: k.tags},
		[]observability.Notification{{
			Name:   "ending",
			Event:  "AWS API Call via CloudTrail",
			Source: "aws.kms",
			Detail: pulumi.Map{
				"eventName": pulumi.ToStringArray([]string{"DisableKey", "ScheduleKeyDeletion"}),
				"resources": pulumi.Map{"ARN": pulumi.StringArray{k.Arn}},
			},
			Message: "<user> called <call> on the key of all that the stack keeps. Without the key nothing can be read: enable it " +
				"again, or cancel its deletion, unless the stack is to end.",
			Values: map[string]string{"user": "$.detail.userIdentity.arn", "call": "$.detail.eventName"},
		}}, pulumi.Parent(k))
}
