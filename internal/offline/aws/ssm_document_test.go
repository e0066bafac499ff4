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

const step = `{"action": "aws:runShellScript", "name": "run", "inputs": {"runCommand": ["touch x"]}}`

// command returns the inputs of a command document.
func command(content string) func(*testAccount) map[string]any {
	return func(*testAccount) map[string]any {
		return map[string]any{"name": "drain", "documentType": "Command", "content": content}
	}
}

func TestDocuments(t *testing.T) {
	t.Parallel()
	runInputRejections(t, []inputRejection{
		{documentToken, "documentType", map[string]any{"documentType": "Automation"}},
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

	runRejections(t, []rejection{
		{"no steps", "InvalidDocumentContent", documentToken, command(`{"schemaVersion": "2.2"}`)},
		{"another schema", "InvalidDocumentContent", documentToken, command(`{"schemaVersion": "1.2", "mainSteps": [` + step + `]}`)},
		{"no command", "InvalidDocumentContent", documentToken, command(`{"schemaVersion": "2.2", "mainSteps": [
			{"action": "aws:runShellScript", "name": "run", "inputs": {}}]}`)},
		{"no JSON", "InvalidDocumentContent", documentToken, command("{")},
	})

	account := newTestAccount(t)
	run := account.create(documentToken, command(`{"schemaVersion": "2.2", "mainSteps": [`+step+`]}`)(account))
	require.Equal(t, "2.2", run.text("schemaVersion"))
	session := account.create(documentToken, sessionInputs(""))
	require.Equal(t, "1", session.text("latestVersion"))
	outputs, err := account.update(session, sessionInputs(`, "idleSessionTimeout": "20"`))
	require.NoError(t, err)
	require.Equal(t, "2", outputs["latestVersion"].StringValue())
}
