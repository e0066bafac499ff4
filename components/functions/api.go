package functions

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/apigatewayv2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/observability"
)

// APIArgs describes an HTTP API. Every field is required unless a default is named.
type APIArgs struct {
	// Routes are the functions that answer, by method and path, such as "GET /visits" or "ANY /visits/{id}". At least one.
	Routes map[string]*Function
	// RequestsPerSecond and Burst are how many requests the API accepts, on average and at once, 1 or more; it answers
	// further requests with 429. They limit the cost of a flood of requests.
	RequestsPerSecond, Burst int
	// LogRetentionDays is for how many days CloudWatch Logs keeps the access log, 1 or more.
	LogRetentionDays int
	// KmsKeyArn is the KMS key that encrypts the access log. Default: nil, AWS's own key.
	KmsKeyArn pulumi.StringInput
	// AlarmTopicArn is the SNS topic that is notified of alarms.
	AlarmTopicArn pulumi.StringInput
	// Tags are set on every resource.
	Tags pulumi.StringMap
}

// API is an HTTP API of API Gateway whose routes invoke functions, with its access log and alarms.
type API struct {
	pulumi.ResourceState

	// Endpoint is the API's host name, without a scheme, as an origin of CloudFront needs it.
	Endpoint pulumi.StringOutput
	// LogGroup is the name of the access log's log group.
	LogGroup pulumi.StringOutput
	// Alarms are the alarms for the dashboard.
	Alarms observability.Alarms

	name   string
	args   *APIArgs
	parent pulumi.ResourceOption
}

// NewAPI creates the API. It rejects routes that are not a method and a path, and limits that accept no request.
func NewAPI(ctx *pulumi.Context, name string, args *APIArgs, opts ...pulumi.ResourceOption) (*API, error) {
	if err := args.validate(); err != nil {
		return nil, fmt.Errorf("API %q: %w", name, err)
	}
	component := &API{name: name, args: args}
	if err := ctx.RegisterComponentResource("stagecraft:functions:API", name, component, opts...); err != nil {
		return nil, err
	}
	component.parent = pulumi.Parent(component)

	api, err := apigatewayv2.NewApi(ctx, name, &apigatewayv2.ApiArgs{
		Description:  pulumi.Sprintf("The functions of %s %s", ctx.Project(), ctx.Stack()),
		ProtocolType: pulumi.String("HTTP"),
		Tags:         args.Tags,
	}, component.parent)
	if err != nil {
		return nil, err
	}
	if err := component.newRoutes(ctx, api); err != nil {
		return nil, err
	}
	if err := component.newStage(ctx, api); err != nil {
		return nil, err
	}
	component.Alarms, err = observability.NewAlarms(ctx, name,
		observability.AlarmsArgs{TopicArn: args.AlarmTopicArn, Tags: args.Tags}, apiAlarms(api), component.parent)
	if err != nil {
		return nil, err
	}
	return component, ctx.RegisterResourceOutputs(component, pulumi.Map{
		"endpoint": component.Endpoint, "logGroup": component.LogGroup,
	})
}

// newRoutes creates the routes, and one integration for each function.
func (a *API) newRoutes(ctx *pulumi.Context, api *apigatewayv2.Api) error {
	integrations := map[*Function]*apigatewayv2.Integration{}
	for _, key := range slices.Sorted(maps.Keys(a.args.Routes)) {
		function := a.args.Routes[key]
		if integrations[function] == nil {
			integration, err := a.newIntegration(ctx, api, function)
			if err != nil {
				return err
			}
			integrations[function] = integration
		}
		_, err := apigatewayv2.NewRoute(ctx, a.name+" "+key, &apigatewayv2.RouteArgs{
			ApiId:    api.ID(),
			RouteKey: pulumi.String(key),
			Target:   pulumi.Sprintf("integrations/%s", integrations[function].ID()),
		}, a.parent)
		if err != nil {
			return err
		}
	}
	return nil
}

// newIntegration creates the integration of a function, which this API, and no other, may invoke.
func (a *API) newIntegration(ctx *pulumi.Context, api *apigatewayv2.Api, function *Function) (*apigatewayv2.Integration, error) {
	name := a.name + "-" + function.name
	_, err := lambda.NewPermission(ctx, name, &lambda.PermissionArgs{
		Action:    pulumi.String("lambda:InvokeFunction"),
		Function:  function.FunctionName,
		Qualifier: pulumi.String(function.AliasName),
		Principal: pulumi.String("apigateway.amazonaws.com"),
		SourceArn: pulumi.Sprintf("%s/*/*", api.ExecutionArn),
	}, a.parent, pulumi.DependsOn([]pulumi.Resource{function.alias}))
	if err != nil {
		return nil, err
	}
	return apigatewayv2.NewIntegration(ctx, name, &apigatewayv2.IntegrationArgs{
		ApiId:                api.ID(),
		IntegrationType:      pulumi.String("AWS_PROXY"),
		IntegrationUri:       function.alias.InvokeArn,
		PayloadFormatVersion: pulumi.String("2.0"),
	}, a.parent)
}

// accessLog is the format of the access log: its fields, with API Gateway's variables (API Gateway Developer Guide,
// "Customize HTTP API access logs").
var accessLog = map[string]string{
	"requestId":        "$context.requestId",
	"requestTime":      "$context.requestTime",
	"route":            "$context.routeKey",
	"status":           "$context.status",
	"bytes":            "$context.responseLength",
	"milliseconds":     "$context.responseLatency",
	"functionStatus":   "$context.integrationStatus",
	"functionMs":       "$context.integrationLatency",
	"error":            "$context.error.message",
	"integrationError": "$context.integrationErrorMessage",
	"ip":               "$context.identity.sourceIp",
}

// newStage creates the API's only stage, whose name is not part of any path, with the access log.
func (a *API) newStage(ctx *pulumi.Context, api *apigatewayv2.Api) error {
	// AWS keeps one resource policy, of limited size, for all log groups of this prefix; with a statement for each group
	// it would be full (CloudWatch Logs User Guide, "Enabling logging from AWS services").
	logs, err := cloudwatch.NewLogGroup(ctx, a.name+"-access", &cloudwatch.LogGroupArgs{
		NamePrefix:      pulumi.Sprintf("/aws/vendedlogs/%s/%s/%s/access-", ctx.Project(), ctx.Stack(), a.name),
		RetentionInDays: pulumi.Int(a.args.LogRetentionDays),
		KmsKeyId:        a.args.KmsKeyArn,
		Tags:            a.args.Tags,
	}, a.parent)
	if err != nil {
		return err
	}
	stage, err := apigatewayv2.NewStage(ctx, a.name, &apigatewayv2.StageArgs{
		ApiId:      api.ID(),
		Name:       pulumi.String("$default"),
		AutoDeploy: pulumi.Bool(true),
		AccessLogSettings: apigatewayv2.StageAccessLogSettingsArgs{
			DestinationArn: logs.Arn,
			Format:         pulumi.JSONMarshal(accessLog),
		},
		DefaultRouteSettings: apigatewayv2.StageDefaultRouteSettingsArgs{
			ThrottlingBurstLimit: pulumi.Int(a.args.Burst),
			ThrottlingRateLimit:  pulumi.Float64(a.args.RequestsPerSecond),
		},
		Tags: a.args.Tags,
	}, a.parent)
	if err != nil {
		return err
	}
	// The stage's URL and not the API's: the host does not answer before it has a stage.
	a.Endpoint = stage.InvokeUrl.ApplyT(func(url string) string {
		return strings.Trim(strings.TrimPrefix(url, "https://"), "/")
	}).(pulumi.StringOutput)
	a.LogGroup = logs.Name
	return nil
}
