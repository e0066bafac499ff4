package aws

import (
	"strings"
	"testing"
)

var minimalLogDelivery = map[string]func(*testAccount) map[string]any{
	logSourceToken:      logSourceInputs,
	logDestinationToken: logDestinationInputs,
	logDeliveryToken: func(a *testAccount) map[string]any {
		return map[string]any{
			"deliverySourceName":     a.create(logSourceToken, logSourceInputs(a)).id,
			"deliveryDestinationArn": a.create(logDestinationToken, logDestinationInputs(a)).text("arn"),
		}
	},
}

func logSourceInputs(a *testAccount) map[string]any {
	return map[string]any{"name": "app", "logType": "ACCESS_LOGS", "resourceArn": a.distribution().text("arn")}
}

func logDestinationInputs(a *testAccount) map[string]any {
	return map[string]any{"name": "app", "outputFormat": "json", "deliveryDestinationConfiguration": map[string]any{
		"destinationResourceArn": a.create(logGroupToken, map[string]any{"name": "access"}).text("arn"),
	}}
}

func TestLogDeliveryRejections(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	account.rejects("ValidationException", logSourceToken, logSourceInputs(account))
	runRejections(t, []rejection{{
		"columns in a log group", "ValidationException", logDestinationToken,
		but(logDestinationToken, map[string]any{"outputFormat": "parquet"}),
	}})
}

func TestLogDeliveryInputsRejected(t *testing.T) {
	t.Parallel()
	runInputRejections(t, []inputRejection{
		{logSourceToken, "logType", map[string]any{"logType": "ERROR_LOGS"}},
		{logSourceToken, "name", map[string]any{"name": strings.Repeat("a", 61)}},
		{logDestinationToken, "outputFormat", map[string]any{"outputFormat": "xml"}},
	})
}
