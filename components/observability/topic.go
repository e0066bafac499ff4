package observability

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// AlarmTopicArgs describes the alarm topic.
type AlarmTopicArgs struct {
	// Email is the address that receives every notification, once its owner has confirmed the subscription. Required.
	Email string
	// AccountID is the AWS account whose alarms, rules and budgets may publish. Required.
	AccountID string
	// KmsKeyArn is the KMS key that encrypts the topic; its policy must allow the publishing services to use it. Default:
	// nil, the topic is not encrypted.
	KmsKeyArn pulumi.StringInput
	// Tags are set on the topic.
	Tags pulumi.StringMap
}

// AlarmTopic is the SNS topic for alarms, budgets, events and findings.
type AlarmTopic struct {
	pulumi.ResourceState

	// Arn is the topic's ARN, known once its policy allows AWS services to publish.
	Arn pulumi.StringOutput
}

// Publishers are the services that notify people and name the account on whose behalf they do: alarms, budgets, RDS
// event subscriptions and Cost Explorer anomalies.
var Publishers = []string{
	"cloudwatch.amazonaws.com",
	"budgets.amazonaws.com",
	"events.rds.amazonaws.com",
	"costalerts.amazonaws.com",
}

// EventBridge names no account: a topic policy with a condition drops its events (Amazon EventBridge User Guide, "Using
// resource-based policies for Amazon EventBridge").
const EventBridge = "events.amazonaws.com"

// sourceOwner is the condition for ElastiCache, which publishes without naming a service (Amazon ElastiCache User
// Guide, "Event Notifications and Amazon SNS"): that of SNS's own default policy.
const sourceOwner = "aws:SourceOwner"

// NewAlarmTopic creates the topic, its e-mail subscription, and a policy that allows only AWS services to publish, on
// behalf of this account where they name one (Amazon SNS Developer Guide, "Example cases for Amazon SNS access
// control"). It rejects an empty e-mail or account.
func NewAlarmTopic(
	ctx *pulumi.Context, name string, args *AlarmTopicArgs, opts ...pulumi.ResourceOption,
) (*AlarmTopic, error) {
	if args.Email == "" || args.AccountID == "" {
		return nil, fmt.Errorf("alarm topic %q: Email and AccountID must be set", name)
	}
	component := &AlarmTopic{}
	if err := ctx.RegisterComponentResource("stagecraft:observability:AlarmTopic", name, component, opts...); err != nil {
		return nil, err
	}
	parent := pulumi.Parent(component)

	topic, err := sns.NewTopic(ctx, name, &sns.TopicArgs{
		DisplayName:    pulumi.Sprintf("%s %s alarms", ctx.Project(), ctx.Stack()),
		KmsMasterKeyId: args.KmsKeyArn,
		Tags:           args.Tags,
	}, parent)
	if err != nil {
		return nil, err
	}
	policy, err := sns.NewTopicPolicy(ctx, name, &sns.TopicPolicyArgs{
		Arn:    topic.Arn,
		Policy: pulumi.JSONMarshal(topicPolicy(topic.Arn, args.AccountID)),
	}, parent)
	if err != nil {
		return nil, err
	}
	_, err = sns.NewTopicSubscription(ctx, name, &sns.TopicSubscriptionArgs{
		Topic:    topic.Arn,
		Protocol: pulumi.String("email"),
		Endpoint: pulumi.String(args.Email),
	}, parent)
	if err != nil {
		return nil, err
	}

	component.Arn = policy.Arn
	return component, ctx.RegisterResourceOutputs(component, pulumi.Map{"arn": component.Arn})
}

func topicPolicy(topic pulumi.StringInput, account string) pulumi.Map {
	allow := func(sid string, services ...string) pulumi.Map {
		return pulumi.Map{
			"Sid":       pulumi.String(sid),
			"Effect":    pulumi.String("Allow"),
			"Principal": pulumi.Map{"Service": pulumi.ToStringArray(services)},
			"Action":    pulumi.String("sns:Publish"),
			"Resource":  topic,
		}
	}
	ofThisAccount := allow("NotifyingServicesOfThisAccount", Publishers...)
	ofThisAccount["Condition"] = pulumi.Map{"StringEquals": pulumi.StringMap{"aws:SourceAccount": pulumi.String(account)}}
	elastiCache := allow("ElastiCacheOfThisAccount")
	elastiCache["Principal"] = pulumi.StringMap{"AWS": pulumi.String("*")}
	elastiCache["Condition"] = pulumi.Map{"StringEquals": pulumi.StringMap{sourceOwner: pulumi.String(account)}}
	return pulumi.Map{
		"Version":   pulumi.String("2012-10-17"),
		"Statement": pulumi.Array{ofThisAccount, allow("EventBridge", EventBridge), elastiCache},
	}
}
