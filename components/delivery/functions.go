package delivery

import (
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/codebuild"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/observability"
	"stagecraft/components/role"
)

// canary gives a tenth of the requests to the new version for five minutes, and then all of them (CodePipeline User Guide,
// "AWS Lambda deploy action reference").
const canary = "Canary10Percent5Minutes"

// Function is a Lambda function that runs the code. A release becomes a version of it, to which the alias then turns.
// Every field is required, unless a default is named.
type Function struct {
	// Name is the function's within the pipeline: 50 lower-case letters, digits and hyphens at most.
	Name string
	// FunctionName and FunctionArn are the function's, without a version; AliasName is the alias that is called.
	FunctionName, FunctionArn, AliasName pulumi.StringInput
	// RollbackAlarms stop a deployment while requests turn to the new version, and bring the last version back: ten at
	// most. Default: nothing does.
	RollbackAlarms observability.Alarms
}

// toFunctions builds the code once, and has CodePipeline bring it to each function.
func (d *Delivery) toFunctions(ctx *pulumi.Context) (target, error) {
	if len(d.args.Functions) == 0 {
		return target{}, nil
	}
	code, err := d.newBuild(ctx, build{
		name:        "function",
		description: "Builds the code that Lambda runs",
		buildspec:   "delivery/buildspec-function.yml",
		statements:  []role.Statement{d.mayWriteArtifacts()},
	})
	if err != nil {
		return target{}, err
	}
	made := target{
		projects:   []*codebuild.Project{code},
		builds:     []action{run("Function", "Build", code, functionArtifact)},
		statements: d.mayDeployFunctions(),
	}
	for _, function := range d.args.Functions {
		made.deploys = append(made.deploys, function.deploy())
	}
	return made, nil
}

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

func (f Function) alarms(property func(*cloudwatch.MetricAlarm) pulumi.StringOutput) pulumi.StringArray {
	values := make(pulumi.StringArray, len(f.RollbackAlarms))
	for i, alarm := range f.RollbackAlarms {
		values[i] = property(alarm)
	}
	return values
}

// mayDeployFunctions lets a pipeline publish versions, turn the aliases to them, watch the alarms meanwhile, and log what
// it does (CodePipeline User Guide, "AWS Lambda deploy action reference").
func (d *Delivery) mayDeployFunctions() []role.Statement {
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
