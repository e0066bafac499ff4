package delivery

import (
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/codebuild"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/observability"
	"stagecraft/components/role"
)

// canary sends a tenth of the requests to the new version for five minutes, and then all of them (CodePipeline User
// Guide, "AWS Lambda deploy action reference").
const canary = "Canary10Percent5Minutes"

// Function is a Lambda function that runs the code. A release publishes a version of it and moves the alias to that
// version. Every field is required unless a default is named.
type Function struct {
	// Name is the function's name within the pipeline, unique among the functions: 1 to 50 lower-case letters, digits and
	// hyphens, a letter first.
	Name string
	// FunctionName and FunctionArn are the function's, without a version; AliasName is the alias that clients invoke.
	FunctionName, FunctionArn, AliasName pulumi.StringInput
	// RollbackAlarms stop a deployment while the alias moves to the new version, and move it back: ten at most. Default:
	// none.
	RollbackAlarms observability.Alarms
}

// newFunctionTarget creates the build of the code, which CodePipeline deploys to each function.
func (d *Delivery) newFunctionTarget(ctx *pulumi.Context) (target, error) {
	if len(d.args.Functions) == 0 {
		return target{}, nil
	}
	code, err := d.newBuild(ctx, build{
		name:        "function",
		description: "Builds the code that Lambda runs",
		buildspec:   "delivery/buildspec-function.yml",
		statements:  []role.Statement{d.writeStatement()},
	})
	if err != nil {
		return target{}, err
	}
	functions := target{
		projects:   []*codebuild.Project{code},
		builds:     []action{run("Function", "Build", code, functionArtifact)},
		statements: d.functionStatements(),
	}
	for _, function := range d.args.Functions {
		functions.deploys = append(functions.deploys, function.deploy())
	}
	return functions, nil
}

// deploy returns the action that deploys to the function.
func (f Function) deploy() action {
	configuration := pulumi.StringMap{
		"FunctionName":   f.FunctionName,
		"FunctionAlias":  f.AliasName,
		"DeployStrategy": pulumi.String(canary),
	}
	if len(f.RollbackAlarms) > 0 {
		configuration["Alarms"] = f.alarms(func(alarm *cloudwatch.MetricAlarm) pulumi.StringOutput { return alarm.Name }).
			ToStringArrayOutput().
			ApplyT(func(names []string) string { return strings.Join(names, ",") }).(pulumi.StringOutput)
	}
	return deploy("Function-"+f.Name, "Lambda", functionArtifact, configuration)
}

// alarms returns a property of each rollback alarm.
func (f Function) alarms(property func(*cloudwatch.MetricAlarm) pulumi.StringOutput) pulumi.StringArray {
	values := make(pulumi.StringArray, len(f.RollbackAlarms))
	for i, alarm := range f.RollbackAlarms {
		values[i] = property(alarm)
	}
	return values
}

// functionStatements allows a pipeline to publish versions, to move the aliases, to watch the alarms meanwhile, and to
// log what it does (CodePipeline User Guide, "AWS Lambda deploy action reference").
func (d *Delivery) functionStatements() []role.Statement {
	var functions, alarms pulumi.StringArray
	for _, function := range d.args.Functions {
		functions = append(functions, function.FunctionArn, pulumi.Sprintf("%s:*", function.FunctionArn))
		alarms = append(alarms, function.alarms(func(alarm *cloudwatch.MetricAlarm) pulumi.StringOutput { return alarm.Arn })...)
	}
	statements := []role.Statement{{
		Actions: []string{
			"lambda:GetAlias",
			"lambda:GetFunctionConfiguration",
			"lambda:GetProvisionedConcurrencyConfig",
			"lambda:PublishVersion",
			"lambda:UpdateAlias",
			"lambda:UpdateFunctionCode",
		},
		Resources: functions,
	}, {
		Actions:   []string{"logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"},
		Resources: pulumi.StringArray{d.logs.Arn, pulumi.Sprintf("%s:*", d.logs.Arn)},
	}}
	if len(alarms) > 0 {
		statements = append(statements, role.Statement{Actions: []string{"cloudwatch:DescribeAlarms"}, Resources: alarms})
	}
	return statements
}
