package aws

import (
	"testing"
)

var minimalInspector = map[string]func(*testAccount) map[string]any{
	enablerToken: func(*testAccount) map[string]any {
		return map[string]any{"accountIds": []any{Account}, "resourceTypes": []any{"EC2", "LAMBDA"}}
	},
}

func TestInspectorInputsRejected(t *testing.T) {
	t.Parallel()
	runInputRejections(t, []inputRejection{
		{enablerToken, "accountIds[0]", map[string]any{"accountIds": []any{"210987654321"}}},
		{enablerToken, "resourceTypes", map[string]any{"resourceTypes": []any{}}},
		{enablerToken, "resourceTypes[0]", map[string]any{"resourceTypes": []any{"S3"}}},
	})
}

func TestInspectorRejections(t *testing.T) {
	t.Parallel()
	runRejections(t, []rejection{
		{
			"code without functions", "ValidationException", enablerToken,
			but(enablerToken, map[string]any{"resourceTypes": []any{"LAMBDA_CODE"}}),
		},
	})
}

func TestInspectorChanges(t *testing.T) {
	t.Parallel()
	runChanges(t, []change{
		{enablerToken, "types", false, map[string]any{"resourceTypes": []any{"ECR"}}},
	})
}
