package main

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/apigatewayv2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/dynamodb"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sqs"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// worker is somebody's component: a queue, a function that works on what is in it, and a table of the results.
type worker struct {
	pulumi.ResourceState

	function *lambda.Function
}

// jobs is an API before a function of a component.
func jobs(ctx *pulumi.Context) error {
	made, err := newWorker(ctx, "jobs")
	if err != nil {
		return err
	}
	api, err := apigatewayv2.NewApi(ctx, "jobs", &apigatewayv2.ApiArgs{ProtocolType: pulumi.String("HTTP")})
	if err != nil {
		return err
	}
	_, err = lambda.NewPermission(ctx, "api", &lambda.PermissionArgs{
		Action: pulumi.String("lambda:InvokeFunction"), Function: made.function.Name,
		Principal: pulumi.String("apigateway.amazonaws.com"), SourceArn: pulumi.Sprintf("%s/*/*", api.ExecutionArn),
	})
	if err != nil {
		return err
	}
	integration, err := apigatewayv2.NewIntegration(ctx, "jobs", &apigatewayv2.IntegrationArgs{
		ApiId: api.ID(), IntegrationType: pulumi.String("AWS_PROXY"), IntegrationUri: made.function.InvokeArn,
		PayloadFormatVersion: pulumi.String("2.0"),
	})
	if err != nil {
		return err
	}
	_, err = apigatewayv2.NewRoute(ctx, "jobs", &apigatewayv2.RouteArgs{
		ApiId: api.ID(), RouteKey: pulumi.String("$default"), Target: pulumi.Sprintf("integrations/%s", integration.ID()),
	})
	if err != nil {
		return err
	}
	_, err = apigatewayv2.NewStage(ctx, "jobs", &apigatewayv2.StageArgs{
		ApiId: api.ID(), Name: pulumi.String("$default"), AutoDeploy: pulumi.Bool(true),
	})
	ctx.Export("url", api.ApiEndpoint)
	return err
}

func newWorker(ctx *pulumi.Context, name string) (*worker, error) {
	made := &worker{}
	if err := ctx.RegisterComponentResource("acme:jobs:Worker", name, made); err != nil {
		return nil, err
	}
	inside := pulumi.Parent(made)
	queue, err := sqs.NewQueue(ctx, name, &sqs.QueueArgs{VisibilityTimeoutSeconds: pulumi.Int(60)}, inside)
	if err != nil {
		return nil, err
	}
	table, err := dynamodb.NewTable(ctx, name, &dynamodb.TableArgs{
		Attributes:  dynamodb.TableAttributeArray{dynamodb.TableAttributeArgs{Name: pulumi.String("id"), Type: pulumi.String("S")}},
		HashKey:     pulumi.String("id"),
		BillingMode: pulumi.String("PAY_PER_REQUEST"),
	}, inside)
	if err != nil {
		return nil, err
	}
	role, err := iam.NewRole(ctx, name, &iam.RoleArgs{
		AssumeRolePolicy: trust("lambda.amazonaws.com"),
		ManagedPolicyArns: pulumi.ToStringArray([]string{
			"arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
			"arn:aws:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole",
		}),
		InlinePolicies: iam.RoleInlinePolicyArray{iam.RoleInlinePolicyArgs{
			Name: pulumi.String("table"),
			Policy: pulumi.Sprintf(
				`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"dynamodb:*","Resource":"%s"}]}`, table.Arn),
		}},
	}, inside)
	if err != nil {
		return nil, err
	}
	made.function, err = lambda.NewFunction(ctx, name, &lambda.FunctionArgs{
		Code: pulumi.NewAssetArchive(map[string]any{
			"index.js": pulumi.NewStringAsset("exports.handler = async () => ({ statusCode: 200 })"),
		}),
		Handler: pulumi.String("index.handler"), Role: role.Arn, Runtime: pulumi.String("nodejs18.x"),
		Environment: lambda.FunctionEnvironmentArgs{Variables: pulumi.StringMap{"TABLE": table.Name}},
	}, inside)
	if err != nil {
		return nil, err
	}
	_, err = lambda.NewEventSourceMapping(ctx, name, &lambda.EventSourceMappingArgs{
		EventSourceArn: queue.Arn, FunctionName: made.function.Arn,
	}, inside)
	if err != nil {
		return nil, err
	}
	return made, ctx.RegisterResourceOutputs(made, pulumi.Map{"function": made.function.Arn})
}
