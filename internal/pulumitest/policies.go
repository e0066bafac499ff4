package pulumitest

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Policies returns the inline policies of roles as whole documents, by policy and role: each statement as a line of its
// effect, actions and resources, and of its condition if it has one. A document with any other element fails the test.
func (r Resources) Policies(t testing.TB) map[string][]string {
	t.Helper()
	policies := map[string][]string{}
	for _, policy := range r.Of("aws:iam/rolePolicy:RolePolicy") {
		text, _ := policy.Inputs["policy"].(string)
		policies[fmt.Sprintf("%s of %v", policy.Name, policy.Inputs["role"])] = statements(t, text)
	}
	return policies
}

func statements(t testing.TB, policy string) []string {
	t.Helper()
	var document struct {
		Version   string
		Statement []struct {
			Effect           string
			Action, Resource []string
			Condition        json.RawMessage
		}
	}
	decoder := json.NewDecoder(strings.NewReader(policy))
	decoder.DisallowUnknownFields()
	require.NoError(t, decoder.Decode(&document), policy)
	require.Equal(t, "2012-10-17", document.Version, policy)
	lines := make([]string, 0, len(document.Statement))
	for _, statement := range document.Statement {
		line := fmt.Sprintf("%s %s on %s",
			statement.Effect, strings.Join(statement.Action, " "), strings.Join(statement.Resource, " "))
		if len(statement.Condition) > 0 {
			line += " if " + string(statement.Condition)
		}
		lines = append(lines, line)
	}
	return lines
}
