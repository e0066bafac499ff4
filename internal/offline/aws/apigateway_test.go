package aws

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// minimalAPIs are the minimal inputs of HTTP APIs and tables.
var minimalAPIs = map[string]func(*testAccount) map[string]any{
	apiToken: func(*testAccount) map[string]any { return map[string]any{"name": "edge", "protocolType": "HTTP"} },
	integrationToken: func(a *testAccount) map[string]any {
		return integrationInputs(a.api("edge"))
	},
	apiRouteToken: func(a *testAccount) map[string]any {
		api := a.api("edge")
		integration := a.create(integrationToken, integrationInputs(api))
		return map[string]any{"apiId": api.id, "routeKey": "GET /visits", "target": "integrations/" + integration.id}
	},
	apiStageToken: func(a *testAccount) map[string]any {
		group := a.create(logGroupToken, map[string]any{"name": "/aws/vendedlogs/edge"})
		return map[string]any{
			"apiId": a.api("edge").id, "name": "$default",
			"accessLogSettings": map[string]any{"destinationArn": group.text("arn"), "format": "$context.requestId"},
		}
	},
	tableToken: func(*testAccount) map[string]any { return tableInputs() },
}

func (a *testAccount) api(name string) created {
	a.t.Helper()
	return a.create(apiToken, map[string]any{"name": name, "protocolType": "HTTP"})
}

func integrationInputs(api created) map[string]any {
	return map[string]any{
		"apiId": api.id, "integrationType": "AWS_PROXY", "payloadFormatVersion": "2.0",
		"integrationUri": "arn:aws:lambda:eu-west-1:123456789012:function:visits:live",
	}
}

func TestAPIInputsRejected(t *testing.T) {
	t.Parallel()
	runInputRejections(t, []inputRejection{
		{apiToken, "protocolType", map[string]any{"protocolType": "WEBSOCKET"}},
		{apiToken, "description", map[string]any{"description": strings.Repeat("a", 1025)}},
		{apiToken, "corsConfiguration.maxAge", map[string]any{"corsConfiguration": map[string]any{"maxAge": 86401}}},
		{apiToken, "target", map[string]any{"target": "https://example.com"}},
		{integrationToken, "integrationType", map[string]any{"integrationType": "MOCK"}},
		{integrationToken, "payloadFormatVersion", map[string]any{"payloadFormatVersion": "3.0"}},
		{integrationToken, "timeoutMilliseconds", map[string]any{"timeoutMilliseconds": 30001}},
		{apiRouteToken, "routeKey", map[string]any{"routeKey": "visits"}},
		{apiRouteToken, "routeKey", map[string]any{"routeKey": "FETCH /visits"}},
		{apiRouteToken, "routeKey", map[string]any{"routeKey": "GET /visits/{}"}},
		{apiRouteToken, "authorizationType", map[string]any{"authorizationType": "JWT"}},
		{apiRouteToken, "target", map[string]any{"target": "abc1234"}},
		{apiStageToken, "name", map[string]any{"name": "$latest"}},
		{apiStageToken, "defaultRouteSettings.loggingLevel", map[string]any{
			"defaultRouteSettings": map[string]any{"loggingLevel": "INFO"},
		}},
		{apiStageToken, "defaultRouteSettings.throttlingBurstLimit", map[string]any{
			"defaultRouteSettings": map[string]any{"throttlingBurstLimit": -1},
		}},
	})
}

func TestAPIRejections(t *testing.T) {
	t.Parallel()
	runRejections(t, []rejection{
		{"integration with no function", "BadRequestException", integrationToken, but(integrationToken, map[string]any{
			"integrationUri": "https://example.com",
		})},
		{"integration with nothing", "BadRequestException", integrationToken, but(integrationToken, map[string]any{
			"integrationUri": nil,
		})},
		{"route to nothing", "BadRequestException", apiRouteToken, but(apiRouteToken, map[string]any{
			"target": "integrations/missing",
		})},
		{"route to another API's integration", "BadRequestException", apiRouteToken, func(a *testAccount) map[string]any {
			return with(minimal[apiRouteToken](a), map[string]any{"apiId": a.api("other").id})
		}},
		{"access log without a request's id", "BadRequestException", apiStageToken, func(a *testAccount) map[string]any {
			inputs := minimal[apiStageToken](a)
			settings := inputs["accessLogSettings"].(map[string]any)
			return with(inputs, map[string]any{"accessLogSettings": with(settings, map[string]any{"format": "$context.status"})})
		}},
	})
}

func TestAPIRouteKeys(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	api := account.api("edge")
	for _, key := range []string{"$default", "ANY /", "GET /visits", "POST /visits/{id}", "GET /files/{path+}"} {
		account.create(apiRouteToken, map[string]any{"apiId": api.id, "routeKey": key})
	}
}

func TestAPIOutputs(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	api := account.api("edge")
	host := "https://" + api.id + ".execute-api.eu-west-1.amazonaws.com"
	require.Regexp(t, `^[a-z0-9]{10}$`, api.id)
	require.Equal(t, host, api.text("apiEndpoint"))
	require.Equal(t, "arn:aws:execute-api:eu-west-1:123456789012:"+api.id, api.text("executionArn"))
	for name, path := range map[string]string{"$default": "/", "v1": "/v1"} {
		stage := account.create(apiStageToken, map[string]any{"apiId": api.id, "name": name, "autoDeploy": true})
		require.Equal(t, host+path, stage.text("invokeUrl"))
		require.Equal(t, api.text("executionArn")+"/"+name, stage.text("executionArn"))
	}
}

func TestRoutesKeepTheirIntegration(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	route := account.create(apiRouteToken, minimal[apiRouteToken](account))
	id := strings.TrimPrefix(route.text("target"), "integrations/")
	requireCode(t, "ConflictException", account.Delete(integrationToken, id))
	require.NoError(t, account.Delete(apiRouteToken, route.id))
	require.NoError(t, account.Delete(integrationToken, id))
}
