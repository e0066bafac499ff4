package aws

import (
	"math"
	"regexp"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/apigatewayv2"

	"stagecraft/internal/offline/cloud"
)

const (
	apiToken         = "aws:apigatewayv2/api:Api"
	integrationToken = "aws:apigatewayv2/integration:Integration"
	apiRouteToken    = "aws:apigatewayv2/route:Route"
	apiStageToken    = "aws:apigatewayv2/stage:Stage"
)

// apiGatewayTypes returns the types of HTTP APIs; API Gateway's other kinds are not simulated.
func apiGatewayTypes() []cloud.Type {
	return []cloud.Type{apiType(), integrationType(), apiRouteType(), apiStageType()}
}

// apiRefs is the reference to the API that owns a resource.
var apiRefs = []cloud.Ref{{Path: "apiId", Type: apiToken, OwnedBy: true}}

func apiNotFound(what string) cloud.Error {
	return cloud.Error{Code: "NotFoundException", Message: "Invalid " + what + " identifier specified ${value}"}
}

// apiQuota returns the quota of resources within an API.
func apiQuota(limit int, what string) *cloud.Quota {
	return &cloud.Quota{Limit: limit, Scope: "apiId", Error: cloud.Error{
		Code: "BadRequestException", Message: "Maximum number of " + what + " for this API has been reached.",
	}}
}

func apiType() cloud.Type {
	return cloud.Type{
		Token:     apiToken,
		Args:      apigatewayv2.ApiArgs{},
		State:     apigatewayv2.Api{},
		Service:   "ApiGatewayV2",
		Operation: "CreateApi",
		Change:    "UpdateApi",
		Source: "CloudFormation resource schema AWS::ApiGatewayV2::Api; SDK doc; API Gateway Developer Guide, Quotas for " +
			"configuring and running an HTTP API. Quick create and OpenAPI are left out",
		Name: &cloud.Name{Property: "name", Max: 128},
		ID:   "${letters10}",
		Values: map[string]cloud.Value{
			"body":                            cloud.NotSimulated,
			"corsConfiguration.allowMethods":  cloud.Count(0, 8),
			"corsConfiguration.maxAge":        cloud.Range(-1, 86400),
			"credentialsArn":                  cloud.NotSimulated,
			"description":                     cloud.Length(0, 1024),
			"failOnWarnings":                  cloud.NotSimulated,
			"ipAddressType":                   cloud.OneOf("dualstack", "ipv4"),
			"protocolType":                    cloud.OneOf("HTTP"),
			"routeKey":                        cloud.NotSimulated,
			"target":                          cloud.NotSimulated,
			"version":                         cloud.Length(1, 64),
			"corsConfiguration.allowHeaders":  cloud.Count(0, 100),
			"corsConfiguration.exposeHeaders": cloud.Count(0, 100),
		},
		Computed: map[string]any{
			"apiEndpoint":               "https://${id}.execute-api.${region}.amazonaws.com",
			"apiKeySelectionExpression": "$request.header.x-api-key",
			"arn":                       "arn:aws:apigateway:${region}::/apis/${id}",
			"disableExecuteApiEndpoint": false,
			"executionArn":              "arn:aws:execute-api:${region}:${account}:${id}",
			"ipAddressType":             "ipv4",
			"routeSelectionExpression":  "$request.method $request.path",
		},
		Replace:  []string{"protocolType"},
		NotFound: apiNotFound("API"),
	}
}

func integrationType() cloud.Type {
	return cloud.Type{
		Token:     integrationToken,
		Args:      apigatewayv2.IntegrationArgs{},
		State:     apigatewayv2.Integration{},
		Service:   "ApiGatewayV2",
		Operation: "CreateIntegration",
		Change:    "UpdateIntegration",
		Source: "CloudFormation resource schema AWS::ApiGatewayV2::Integration; SDK doc; API Gateway Developer Guide, Create AWS " +
			"Lambda proxy integrations for HTTP APIs. Other integrations are left out; nobody looks whether the function exists",
		ID: "${letters7}",
		Values: map[string]cloud.Value{
			"connectionId":                cloud.NotSimulated,
			"connectionType":              cloud.OneOf("INTERNET"),
			"contentHandlingStrategy":     cloud.NotSimulated,
			"credentialsArn":              cloud.NotSimulated,
			"description":                 cloud.Length(0, 1024),
			"integrationMethod":           cloud.OneOf("POST"),
			"integrationSubtype":          cloud.NotSimulated,
			"integrationType":             cloud.OneOf("AWS_PROXY"),
			"passthroughBehavior":         cloud.NotSimulated,
			"payloadFormatVersion":        cloud.OneOf("1.0", "2.0"),
			"requestParameters":           cloud.NotSimulated,
			"requestTemplates":            cloud.NotSimulated,
			"responseParameters":          cloud.NotSimulated,
			"templateSelectionExpression": cloud.NotSimulated,
			"timeoutMilliseconds":         cloud.Range(50, 30000),
			"tlsConfig":                   cloud.NotSimulated,
		},
		Computed: map[string]any{
			"connectionType": "INTERNET", "integrationMethod": "POST", "payloadFormatVersion": "1.0", "timeoutMilliseconds": 30000,
		},
		Replace: []string{"apiId", "integrationSubtype", "integrationType"},
		Refs:    apiRefs,
		Quota:   apiQuota(300, "integrations"),
		Check: func(_ cloud.Account, integration *cloud.Resource) error {
			if !functionURI.MatchString(integration.Text("integrationUri")) {
				return apiError("BadRequestException", "Invalid function ARN or invalid uri")
			}
			return nil
		},
		Delete:   rejectIfRouted,
		NotFound: apiNotFound("Integration"),
	}
}

// functionURI is the ARN of a function, or the one by which API Gateway invokes it.
var functionURI = regexp.MustCompile(`^(arn:aws:apigateway:[a-z0-9-]+:lambda:path/2015-03-31/functions/)?` +
	`arn:aws:lambda:[a-z0-9-]+:\d{12}:function:[\w-]+(:[\w$-]+)?(/invocations)?$`)

func rejectIfRouted(account cloud.Account, integration *cloud.Resource) error {
	routes, err := account.List(apiRouteToken)
	if err != nil {
		return err
	}
	for _, route := range routes {
		if route.Text("target") == "integrations/"+integration.ID {
			return apiError("ConflictException", "Cannot delete Integration '%s' due to conflict. One or more Routes refer to it: %s",
				integration.ID, route.Text("routeKey"))
		}
	}
	return nil
}

func apiRouteType() cloud.Type {
	return cloud.Type{
		Token:     apiRouteToken,
		Args:      apigatewayv2.RouteArgs{},
		State:     apigatewayv2.Route{},
		Service:   "ApiGatewayV2",
		Operation: "CreateRoute",
		Change:    "UpdateRoute",
		Source: "CloudFormation resource schema AWS::ApiGatewayV2::Route; SDK doc; API Gateway Developer Guide, Create routes for " +
			"HTTP APIs. Authorizers of one's own are left out",
		ID: "${letters7}",
		Values: map[string]cloud.Value{
			"apiKeyRequired":                   cloud.NotSimulated,
			"authorizationScopes":              cloud.NotSimulated,
			"authorizationType":                cloud.OneOf("AWS_IAM", "NONE"),
			"authorizerId":                     cloud.NotSimulated,
			"modelSelectionExpression":         cloud.NotSimulated,
			"operationName":                    cloud.Length(1, 64),
			"requestModels":                    cloud.NotSimulated,
			"requestParameters":                cloud.NotSimulated,
			"routeKey":                         cloud.Match(routeKey, `"$default", or a method and a path such as "GET /visits"`),
			"routeResponseSelectionExpression": cloud.NotSimulated,
			"target":                           cloud.Match(`^integrations/\S+$`, "integrations/ID"),
		},
		Computed: map[string]any{"apiKeyRequired": false, "authorizationType": "NONE"},
		Replace:  []string{"apiId"},
		Refs:     apiRefs,
		Unique:   [][]string{{"apiId", "routeKey"}},
		Quota:    apiQuota(300, "routes"),
		Check:    validateAPIRoute,
		NotFound: apiNotFound("Route"),
		Exists:   cloud.Error{Code: "ConflictException", Message: "Route with key ${routeKey} already exists for this API"},
	}
}

const routeKey = `^(\$default|(ANY|DELETE|GET|HEAD|OPTIONS|PATCH|POST|PUT) /(([\w.~-]+|\{[\w.-]+\+?\})(/([\w.~-]+|\{[\w.-]+\+?\}))*)?)$`

func validateAPIRoute(account cloud.Account, route *cloud.Resource) error {
	id, targeted := strings.CutPrefix(route.Text("target"), "integrations/")
	if !targeted {
		return nil
	}
	integration, err := account.Find(integrationToken, "", id)
	if err != nil {
		return err
	}
	if integration == nil || integration.Text("apiId") != route.Text("apiId") {
		return apiError("BadRequestException", "Invalid integration identifier specified: %s", id)
	}
	return nil
}

func apiStageType() cloud.Type {
	return cloud.Type{
		Token:     apiStageToken,
		Args:      apigatewayv2.StageArgs{},
		State:     apigatewayv2.Stage{},
		Service:   "ApiGatewayV2",
		Operation: "CreateStage",
		Change:    "UpdateStage",
		Source: "CloudFormation resource schema AWS::ApiGatewayV2::Stage; SDK doc; API Gateway Developer Guide, Configure logging " +
			"for HTTP APIs. The id has the API, which the AWS provider's lacks",
		Name: &cloud.Name{Property: "name", Max: 128, Pattern: regexp.MustCompile(`^(\$default|[\w-]+)$`)},
		ID:   "${apiId}/${name}",
		Values: map[string]cloud.Value{
			"description":                               cloud.Length(0, 1024),
			"clientCertificateId":                       cloud.NotSimulated,
			"defaultRouteSettings.dataTraceEnabled":     cloud.NotSimulated,
			"defaultRouteSettings.loggingLevel":         cloud.NotSimulated,
			"defaultRouteSettings.throttlingBurstLimit": cloud.Range(0, math.MaxInt32),
			"routeSettings[*].dataTraceEnabled":         cloud.NotSimulated,
			"routeSettings[*].loggingLevel":             cloud.NotSimulated,
		},
		Computed: map[string]any{
			"arn":          "arn:aws:apigateway:${region}::/apis/${apiId}/stages/${name}",
			"autoDeploy":   false,
			"deploymentId": "${letters6}",
			"executionArn": "${apiId.executionArn}/${name}",
		},
		Replace: []string{"apiId", "name"},
		Refs: append([]cloud.Ref{{
			Path: "accessLogSettings.destinationArn", Type: logGroupToken, TargetProperty: "arn", Weak: true,
			NotFound: cloud.Error{
				Code: "BadRequestException", Message: "Invalid ARN specified in the request. ARNs must start with 'arn:' and name a log group",
			},
		}}, apiRefs...),
		Unique:     [][]string{{"apiId", "name"}},
		Quota:      apiQuota(10, "stages"),
		Check:      validateAccessLog,
		AfterWrite: setInvokeURL,
		NotFound:   apiNotFound("Stage"),
		Exists:     cloud.Error{Code: "ConflictException", Message: "Stage already exists"},
	}
}

func validateAccessLog(_ cloud.Account, stage *cloud.Resource) error {
	format := stage.Text("accessLogSettings.format")
	if format != "" && !strings.Contains(format, "$context.requestId") && !strings.Contains(format, "$context.extendedRequestId") {
		return apiError("BadRequestException", "AccessLogSettings format is invalid: it must include at least $context.requestId "+
			"or $context.extendedRequestId")
	}
	return nil
}

func setInvokeURL(account cloud.Account, stage *cloud.Resource) error {
	api, err := account.Find(apiToken, "", stage.Text("apiId"))
	if err != nil {
		return err
	}
	stage.Set("invokeUrl", api.Text("apiEndpoint")+"/"+strings.TrimPrefix(stage.Text("name"), "$default"))
	return nil
}
