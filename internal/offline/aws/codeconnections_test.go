package aws

import (
	"testing"

	"github.com/stretchr/testify/require"
)

var minimalConnection = map[string]func(*testAccount) map[string]any{
	connectionToken: func(*testAccount) map[string]any {
		return map[string]any{"name": "source", "providerType": "GitHub"}
	},
}

func TestConnectionIsPending(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	connection := account.create(connectionToken, minimal[connectionToken](account))
	require.Equal(t, "PENDING", connection.text("connectionStatus"))
	require.Regexp(t, `^arn:aws:codeconnections:eu-west-1:123456789012:connection/[0-9a-f-]{36}$`, connection.text("arn"))
}

func TestConnectionInputsRejected(t *testing.T) {
	t.Parallel()
	runInputRejections(t, []inputRejection{
		{connectionToken, "name", map[string]any{"name": "stagecraft-production-in-the-far-west"}},
		{connectionToken, "providerType", map[string]any{"providerType": "SourceForge"}},
		{connectionToken, "hostArn", map[string]any{"hostArn": "arn:aws:codeconnections:eu-west-1:123456789012:host/a"}},
	})
}

func TestConnectionChanges(t *testing.T) {
	t.Parallel()
	runChanges(t, []change{
		{connectionToken, "provider", true, map[string]any{"providerType": "GitLab"}},
		{connectionToken, "tags", false, map[string]any{"tags": map[string]any{"a": "b"}}},
	})
}
