package delivery

import (
	"cmp"
	"maps"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/codebuild"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/role"
)

const (
	// buildImage is Amazon Linux 2023 on Graviton, as are the instances (CodeBuild User Guide, "Docker images provided
	// by CodeBuild").
	buildImage = "aws/codebuild/amazonlinux-aarch64-standard:3.0"
	// smallBuild has 2 vCPUs and 4 GiB, mediumBuild 4 and 8 (CodeBuild User Guide, "Build environment compute modes and
	// types").
	smallBuild  = "BUILD_GENERAL1_SMALL"
	mediumBuild = "BUILD_GENERAL1_MEDIUM"

	buildMinutes = 30
	queueMinutes = 60
)

// build is a CodeBuild project that one action of a pipeline runs.
type build struct {
	// name ends the project's name, project-stack-name.
	name, description string
	// buildspec is the path of its commands in the repository.
	buildspec string
	// computeType is its size. Default: smallBuild.
	computeType string
	// privileged allows it to run a Docker daemon.
	privileged bool
	// variables are its environment.
	variables map[string]pulumi.StringInput
	// managed and statements are its permissions beside reading its input and writing its log.
	managed    []iam.ManagedPolicy
	statements []role.Statement
}

// buildProject is a build with the name of its project.
type buildProject struct {
	name    string
	project pulumi.StringOutput
}

// newBuild creates a build project with its log group and role.
func (d *Delivery) newBuild(ctx *pulumi.Context, b build) (*codebuild.Project, error) {
	logs, err := cloudwatch.NewLogGroup(ctx, d.name+"-"+b.name, &cloudwatch.LogGroupArgs{
		NamePrefix:      pulumi.Sprintf("/%s/%s/%s/%s-", ctx.Project(), ctx.Stack(), d.name, b.name),
		RetentionInDays: pulumi.Int(d.args.LogRetentionDays),
		KmsKeyId:        d.args.KmsKeyArn,
		Tags:            d.args.Tags,
	}, d.parent)
	if err != nil {
		return nil, err
	}
	permissions, err := role.New(ctx, d.name+"-"+b.name, &role.Args{
		Service:         "codebuild.amazonaws.com",
		SourceAccount:   d.args.AccountID,
		Description:     "CodeBuild: " + b.description,
		ManagedPolicies: b.managed,
		Statements: append([]role.Statement{d.readStatement(), {
			Actions:   []string{"logs:CreateLogStream", "logs:PutLogEvents"},
			Resources: pulumi.StringArray{pulumi.Sprintf("%s:*", logs.Arn)},
		}}, b.statements...),
		Tags: d.args.Tags,
	}, d.parent)
	if err != nil {
		return nil, err
	}
	project, err := codebuild.NewProject(ctx, d.name+"-"+b.name, &codebuild.ProjectArgs{
		Name:          pulumi.Sprintf("%s-%s-%s", ctx.Project(), ctx.Stack(), b.name),
		Description:   pulumi.String(b.description),
		ServiceRole:   permissions.Arn,
		Artifacts:     codebuild.ProjectArtifactsArgs{Type: pulumi.String("CODEPIPELINE")},
		Source:        codebuild.ProjectSourceArgs{Type: pulumi.String("CODEPIPELINE"), Buildspec: pulumi.String(b.buildspec)},
		Environment:   b.environment(),
		EncryptionKey: d.args.KmsKeyArn,
		BuildTimeout:  pulumi.Int(buildMinutes),
		QueuedTimeout: pulumi.Int(queueMinutes),
		// The files that the buildspec's cache lists stay on the build host for the next run, if that comes soon.
		Cache: codebuild.ProjectCacheArgs{
			Type:  pulumi.String("LOCAL"),
			Modes: pulumi.ToStringArray([]string{"LOCAL_CUSTOM_CACHE"}),
		},
		LogsConfig: codebuild.ProjectLogsConfigArgs{CloudwatchLogs: codebuild.ProjectLogsConfigCloudwatchLogsArgs{
			GroupName: logs.Name,
			Status:    pulumi.String("ENABLED"),
		}},
		Tags: d.args.Tags,
	}, d.parent, pulumi.DependsOn(permissions.Policies))
	if err != nil {
		return nil, err
	}
	d.builds = append(d.builds, buildProject{b.name, project.Name})
	return project, nil
}

// environment returns the environment of the build.
func (b build) environment() codebuild.ProjectEnvironmentArgs {
	var variables codebuild.ProjectEnvironmentEnvironmentVariableArray
	for _, name := range slices.Sorted(maps.Keys(b.variables)) {
		variables = append(variables, codebuild.ProjectEnvironmentEnvironmentVariableArgs{
			Name: pulumi.String(name), Value: b.variables[name],
		})
	}
	return codebuild.ProjectEnvironmentArgs{
		Type:                     pulumi.String("ARM_CONTAINER"),
		ComputeType:              pulumi.String(cmp.Or(b.computeType, smallBuild)),
		Image:                    pulumi.String(buildImage),
		ImagePullCredentialsType: pulumi.String("CODEBUILD"),
		PrivilegedMode:           pulumi.Bool(b.privileged),
		EnvironmentVariables:     variables,
	}
}

// bucketArn returns the artefact bucket's ARN.
func (d *Delivery) bucketArn() pulumi.StringOutput {
	return pulumi.Sprintf("arn:aws:s3:::%s", d.bucket)
}

// artifacts returns the ARN of all objects in the artefact bucket: pipelines shorten their names into keys that cannot
// be derived reliably.
func (d *Delivery) artifacts() pulumi.StringArray {
	return pulumi.StringArray{pulumi.Sprintf("%s/*", d.bucketArn())}
}

// readStatement allows a role to read artefacts.
func (d *Delivery) readStatement() role.Statement {
	return role.Statement{Actions: []string{"s3:GetObject", "s3:GetObjectVersion"}, Resources: d.artifacts()}
}

// writeStatement allows a role to write artefacts.
func (d *Delivery) writeStatement() role.Statement {
	return role.Statement{Actions: []string{"s3:PutObject"}, Resources: d.artifacts()}
}

// buildStatement allows a pipeline to run its builds.
func buildStatement(projects ...*codebuild.Project) role.Statement {
	arns := pulumi.StringArray{}
	for _, project := range projects {
		arns = append(arns, project.Arn)
	}
	return role.Statement{Actions: []string{"codebuild:BatchGetBuilds", "codebuild:StartBuild"}, Resources: arns}
}
