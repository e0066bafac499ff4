package pulumitest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"stagecraft/internal/pulumitest"
)

func TestChanges(t *testing.T) {
	t.Parallel()
	before := pulumitest.Resources{
		{Type: topicType, Name: "same", Inputs: map[string]any{"a": 1, "list": []any{"x"}}},
		{Type: topicType, Name: "other", Inputs: map[string]any{"a": 1, "b": 2, "c": 3}},
		{Type: topicType, Name: "gone", Inputs: map[string]any{"a": 1}},
	}
	after := pulumitest.Resources{
		{Type: topicType, Name: "other", Inputs: map[string]any{"a": 1, "b": 3, "d": 4}},
		{Type: topicType, Name: "same", Inputs: map[string]any{"a": 1, "list": []any{"x"}}},
		{Type: subscriptionType, Name: "same", Inputs: map[string]any{"a": 1}},
	}
	require.Equal(t, map[string]map[string]any{
		topicType + " other":       {"b": 3, "c": nil, "d": 4},
		topicType + " gone":        {"a": nil},
		subscriptionType + " same": {"a": 1},
	}, pulumitest.Changes(before, after))
	require.Empty(t, pulumitest.Changes(before, before))
}
