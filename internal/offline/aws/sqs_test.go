package aws

import (
	"testing"

	"github.com/stretchr/testify/require"
)

var minimalSQS = map[string]func(*testAccount) map[string]any{
	queueToken: func(*testAccount) map[string]any { return map[string]any{"name": "letters"} },
}

func TestSQSInputsRejected(t *testing.T) {
	t.Parallel()
	runInputRejections(t, []inputRejection{
		{queueToken, "name", map[string]any{"name": "dead letters"}},
		{queueToken, "delaySeconds", map[string]any{"delaySeconds": 901}},
		{queueToken, "fifoQueue", map[string]any{"fifoQueue": true}},
		{queueToken, "kmsMasterKeyId", map[string]any{"kmsMasterKeyId": "alias/aws/sqs", "sqsManagedSseEnabled": true}},
		{queueToken, "maxMessageSize", map[string]any{"maxMessageSize": 1023}},
		{queueToken, "messageRetentionSeconds", map[string]any{"messageRetentionSeconds": 1209601}},
		{queueToken, "policy", map[string]any{"policy": "{"}},
		{queueToken, "receiveWaitTimeSeconds", map[string]any{"receiveWaitTimeSeconds": 21}},
		{queueToken, "visibilityTimeoutSeconds", map[string]any{"visibilityTimeoutSeconds": 43201}},
	})
}

func TestRedriveRejections(t *testing.T) {
	t.Parallel()
	redrive := func(policy string) map[string]any { return map[string]any{"redrivePolicy": policy} }
	runRejections(t, []rejection{
		{"no queue", "InvalidParameterValue", queueToken, but(queueToken,
			redrive(`{"deadLetterTargetArn": "arn:aws:sqs:eu-west-1:123456789012:missing", "maxReceiveCount": 3}`))},
		{"no count", "InvalidParameterValue", queueToken, but(queueToken,
			redrive(`{"deadLetterTargetArn": "arn:aws:sqs:eu-west-1:123456789012:missing"}`))},
		{"no map", "InvalidParameterValue", queueToken, but(queueToken, redrive(`{"maxReceiveCount": {}}`))},
	})
}

func TestQueues(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	letters := account.create(queueToken, map[string]any{"name": "letters"})
	require.Equal(t, "https://sqs.eu-west-1.amazonaws.com/123456789012/letters", letters.text("url"))
	require.True(t, letters.outputs["sqsManagedSseEnabled"].BoolValue())
	account.create(queueToken, map[string]any{
		"name": "orders", "redrivePolicy": `{"deadLetterTargetArn": "` + letters.text("arn") + `", "maxReceiveCount": 3}`,
	})
	open := account.create(queueToken, map[string]any{"name": "open", "sqsManagedSseEnabled": false})
	require.False(t, open.outputs["sqsManagedSseEnabled"].BoolValue())
}
