package aws

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/require"
)

var minimalSNS = map[string]func(*testAccount) map[string]any{
	topicToken: func(*testAccount) map[string]any { return map[string]any{"name": "alarms", "displayName": "Alarms"} },
	topicPolicyToken: func(a *testAccount) map[string]any {
		return map[string]any{"arn": a.topic().id, "policy": publishing("sns:Publish")}
	},
	topicSubscriptionToken: func(a *testAccount) map[string]any {
		return map[string]any{"topic": a.topic().id, "protocol": "email", "endpoint": "ops@example.com"}
	},
}

const (
	topicPolicyToken       = "aws:sns/topicPolicy:TopicPolicy"
	topicSubscriptionToken = "aws:sns/topicSubscription:TopicSubscription"
)

func TestSNSInputsRejected(t *testing.T) {
	t.Parallel()
	runInputRejections(t, []inputRejection{
		{topicToken, "name", map[string]any{"name": "my alarms"}},
		{topicToken, "displayName", map[string]any{"displayName": strings.Repeat("a", 101)}},
		{topicToken, "fifoTopic", map[string]any{"fifoTopic": true}},
		{topicPolicyToken, "policy", map[string]any{"policy": "{"}},
		{topicSubscriptionToken, "protocol", map[string]any{"protocol": "pigeon"}},
		{topicSubscriptionToken, "filterPolicyScope", map[string]any{"filterPolicyScope": "All"}},
	})
}

func TestSNSRejections(t *testing.T) {
	t.Parallel()
	const invalid = "InvalidParameter"
	policy := func(statement string) map[string]any {
		return map[string]any{"policy": `{"Statement": [` + statement + `]}`}
	}
	rejections := []rejection{
		{"e-mail of no address", invalid, topicSubscriptionToken, but(topicSubscriptionToken, map[string]any{"endpoint": "ops"})},
		{
			"e-mail of a name", invalid, topicSubscriptionToken,
			but(topicSubscriptionToken, map[string]any{"endpoint": "Ops <ops@example.com>"}),
		},
		{"queue of no ARN", invalid, topicSubscriptionToken, but(topicSubscriptionToken, map[string]any{
			"protocol": "sqs", "endpoint": "queue",
		})},
		{"feedback by nobody", "NoSuchEntity", topicToken, but(topicToken, map[string]any{
			"sqsFailureFeedbackRoleArn": "arn:aws:iam::123456789012:role/missing",
		})},
	}
	for name, statement := range map[string]string{
		"no statement":        ``,
		"no principal":        `{"Effect": "Allow", "Action": "sns:Publish", "Resource": "*"}`,
		"a wrong principal":   `{"Effect": "Allow", "Action": "sns:Publish", "Resource": "*", "Principal": {"Service": "budgets"}}`,
		"no action":           `{"Effect": "Allow", "Principal": "*", "Resource": "*"}`,
		"an action of others": `{"Effect": "Allow", "Action": "sqs:SendMessage", "Principal": "*", "Resource": "*"}`,
	} {
		for _, token := range []string{topicToken, topicPolicyToken} {
			rejections = append(rejections, rejection{"policy with " + name + " " + token, invalid, token, but(token, policy(statement))})
		}
	}
	runRejections(t, rejections)
}

func TestTopicTakesOver(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	inputs := map[string]any{"name": "alarms", "displayName": "Alarms", "tags": map[string]any{"Stack": "a"}}
	account.takesOver(topicToken, inputs)

	account.create(topicToken, inputs)
	for _, more := range []map[string]any{{"displayName": "Other"}, {"tags": map[string]any{"Stack": "b"}}} {
		differing := resource.NewPropertyMapFromMap(with(inputs, more))
		_, _, err := account.Create(t.Context(), topicToken, "urn:another", differing, false)
		requireCode(t, "InvalidParameter", err)
	}
	_, _, err := account.Create(t.Context(), topicToken, "urn:another", resource.NewPropertyMapFromMap(inputs), false)
	require.NoError(t, err)
}

func TestSubscriptions(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	topic := account.topic()
	require.Equal(t, "arn:aws:sns:eu-west-1:123456789012:alarms", topic.id)
	for endpoint, pending := range map[string]bool{"ops@example.com": true, "arn:aws:sqs:eu-west-1:123456789012:queue": false} {
		protocol := map[bool]string{true: "email", false: "sqs"}[pending]
		subscription := account.create(topicSubscriptionToken, map[string]any{
			"topic": topic.id, "protocol": protocol, "endpoint": endpoint,
		})
		require.Equal(t, pending, subscription.outputs["pendingConfirmation"].BoolValue())
		require.Equal(t, subscription.id, subscription.text("arn"))
		require.Regexp(t, "^"+topic.id+":[0-9a-f-]{36}$", subscription.id)
	}
}

func (a *testAccount) topic() created {
	a.t.Helper()
	return a.create(topicToken, map[string]any{"name": "alarms"})
}

// publishing returns a topic's policy that allows CloudWatch an action.
func publishing(action string) string {
	return `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "` + action + `",
		"Principal": {"Service": "cloudwatch.amazonaws.com"}, "Resource": "*"}]}`
}
