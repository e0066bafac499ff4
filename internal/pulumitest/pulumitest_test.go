package pulumitest_test

import (
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"stagecraft/internal/pulumitest"
)

const (
	topicType        = "aws:sns/topic:Topic"
	subscriptionType = "aws:sns/topicSubscription:TopicSubscription"
	getRegion        = "aws:index/getRegion:getRegion"
)

// program creates a topic named after the region and the stack, and a subscription of it.
func program(ctx *pulumi.Context) error {
	region, err := aws.GetRegion(ctx, nil)
	if err != nil {
		return err
	}
	topic, err := sns.NewTopic(ctx, "alarms", &sns.TopicArgs{
		DisplayName: pulumi.String(ctx.Project() + "-" + ctx.Stack() + "-" + region.Name),
		Tags:        pulumi.StringMap{"tier": pulumi.String("web")},
	}, pulumi.Protect(true), pulumi.IgnoreChanges([]string{"tags"}))
	if err != nil {
		return err
	}
	_, err = sns.NewTopicSubscription(ctx, "mail", &sns.TopicSubscriptionArgs{
		Topic:    topic.Arn,
		Protocol: pulumi.String("email"),
		Endpoint: topic.Owner,
	}, pulumi.Parent(topic))
	return err
}

var (
	outputs = map[string]map[string]any{topicType: {"owner": "123456789012"}}
	answers = map[string]map[string]any{getRegion: {"name": "eu-central-1"}}
)

func TestRunTellsSecrets(t *testing.T) {
	t.Parallel()
	resources, err := pulumitest.Run(func(ctx *pulumi.Context) error {
		_, err := sns.NewTopic(ctx, "alarms", &sns.TopicArgs{
			DisplayName: pulumi.String("open"),
			Name:        pulumi.ToSecret(pulumi.String("hidden")).(pulumi.StringOutput),
			Tags:        pulumi.StringMap{"tier": pulumi.ToSecret(pulumi.String("web")).(pulumi.StringOutput)},
		})
		return err
	}, nil, nil)
	require.NoError(t, err)
	topic := resources.One(t, topicType)
	require.Equal(t, []string{"name", "tags"}, topic.Secrets)
	require.Equal(t, map[string]any{
		"displayName": "open", "name": "hidden", "tags": map[string]any{"tier": "web"},
	}, topic.Inputs)
}

func TestRun(t *testing.T) {
	t.Parallel()
	resources, err := pulumitest.Run(program, outputs, answers)
	require.NoError(t, err)

	topic := resources.One(t, topicType)
	require.Equal(t, "stagecraft-test-eu-central-1", topic.Inputs["displayName"])
	require.True(t, topic.Protect)
	require.Equal(t, []string{"tags"}, topic.IgnoreChanges)
	require.True(t, topic.Taggable)

	subscription := resources.Named(t, subscriptionType, "mail")
	require.Equal(t, map[string]any{"topic": "arn:alarms", "protocol": "email", "endpoint": "123456789012"},
		subscription.Inputs)
	require.False(t, subscription.Taggable)
	require.Contains(t, subscription.Parent, topicType+"::alarms")
	require.Len(t, subscription.DependsOn, 1)
	require.Contains(t, subscription.DependsOn[0], topicType+"::alarms")

	require.Equal(t, []string{"mail"}, resources.Names(subscriptionType))
	require.Len(t, resources.Of(topicType), 1)
	resources.RequireTags(t, map[string]string{"tier": "web"})
	resources.RequireParents(t, topicType)
}

func TestRunOptions(t *testing.T) {
	t.Parallel()
	resources, err := pulumitest.Run(program, outputs, answers, func(info *pulumi.RunInfo) { info.Stack = "other" })
	require.NoError(t, err)
	require.Equal(t, "stagecraft-other-eu-central-1", resources.One(t, topicType).Inputs["displayName"])
}

func TestRunRefusesUnknownInvokes(t *testing.T) {
	t.Parallel()
	_, err := pulumitest.Run(program, outputs, nil)
	require.ErrorContains(t, err, "the test has no answer to "+getRegion)
}

func TestRunTellsOfOptions(t *testing.T) {
	t.Parallel()
	resources, err := pulumitest.Run(func(ctx *pulumi.Context) error {
		_, err := s3.NewBucketObjectv2(ctx, "kept", &s3.BucketObjectv2Args{Bucket: pulumi.String("bucket")},
			pulumi.RetainOnDelete(true))
		return err
	}, nil, nil)
	require.NoError(t, err)
	object := resources.One(t, "aws:s3/bucketObjectv2:BucketObjectv2")
	require.True(t, object.RetainOnDelete)
	require.False(t, object.Taggable, "tags of objects are another thing")
}
