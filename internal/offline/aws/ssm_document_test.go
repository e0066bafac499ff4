package aws

import (
	"testing"

	"github.com/stretchr/testify/require"
)

var minimalDocument = map[string]func(*testAccount) map[string]any{
	documentToken: func(*testAccount) map[string]any { return sessionInputs("") },
}

// sessionInputs returns the inputs of a session document with more settings.
func sessionInputs(more string) map[string]any {
	return map[string]any{"name": "web-session", "documentType": "Session", "content": `{"schemaVersion": "1.0",
		"sessionType": "Standard_Stream", "inputs": {"cloudWatchLogGroupName": "sessions"` + more + `}}`}
}

func TestSessionDocuments(t *testing.T) {
	t.Parallel()
	runInputRejections(t, []inputRejection{
		{documentToken, "documentType", map[string]any{"documentType": "Command"}},
		{documentToken, "documentFormat", map[string]any{"documentFormat": "TOML"}},
		{documentToken, "name", map[string]any{"name": "a b"}},
	})
	content := func(text string) func(*testAccount) map[string]any {
		return but(documentToken, map[string]any{"content": text})
	}
	runRejections(t, []rejection{
		{"no JSON", "InvalidDocumentContent", documentToken, content("{")},
		{"another schema", "InvalidDocumentSchemaVersion", documentToken, content(`{"schemaVersion": "2.2", "sessionType": "Port"}`)},
		{"an unknown session", "InvalidDocumentContent", documentToken, content(`{"schemaVersion": "1.0", "sessionType": "Chat"}`)},
		{"idle too long", "InvalidDocumentContent", documentToken, func(*testAccount) map[string]any {
			return sessionInputs(`, "idleSessionTimeout": "61"`)
		}},
		{"open too long", "InvalidDocumentContent", documentToken, func(*testAccount) map[string]any {
			return sessionInputs(`, "maxSessionDuration": "1441"`)
		}},
		{"AWS's own name", "ValidationException", documentToken, but(documentToken, map[string]any{"name": "AWS-session"})},
		{"twice", "DocumentAlreadyExists", documentToken, func(a *testAccount) map[string]any {
			a.create(documentToken, sessionInputs(""))
			return sessionInputs("")
		}},
	})

	account := newTestAccount(t)
	session := account.create(documentToken, sessionInputs(""))
	require.Equal(t, "1", session.text("latestVersion"))
	outputs, err := account.update(session, sessionInputs(`, "idleSessionTimeout": "20"`))
	require.NoError(t, err)
	require.Equal(t, "2", outputs["latestVersion"].StringValue())
}
