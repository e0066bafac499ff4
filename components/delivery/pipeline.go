package delivery

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/codebuild"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/codepipeline"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/role"
)

// The names by which the actions of a pipeline hand artefacts on.
const (
	sourceArtifact = "source"
	bundleArtifact = "bundle"

	sourceAction = "Source"
)

// action is one action of a pipeline, and the only one of its stage, which has its name.
type action = codepipeline.PipelineStageActionArgs

// pipeline is a CodePipeline of type V2.
type pipeline struct {
	// name ends its name, project-stack-name.
	name string
	// paths are the files whose change starts it.
	paths paths
	// actions run one after the other.
	actions []action
	// statements are what it may do beside using the connection and the artefact bucket.
	statements []role.Statement
}

// paths are glob patterns of files (CodePipeline User Guide, "Filter triggers on code push or pull requests").
type paths struct{ includes, excludes []string }

// newPipeline makes a pipeline and gives the address of its page. A newer run takes the place of one that still waits
// between two stages.
func (d *Delivery) newPipeline(ctx *pulumi.Context, p pipeline) (pulumi.StringOutput, error) {
	permissions, err := role.New(ctx, d.name+"-"+p.name, &role.Args{
		Service:       "codepipeline.amazonaws.com",
		SourceAccount: d.args.AccountID,
		Description:   "CodePipeline: the pipeline " + p.name,
		Statements: append([]role.Statement{
			d.mayReadArtifacts(), d.mayWriteArtifacts(), {
				Actions:   []string{"s3:GetBucketAcl", "s3:GetBucketLocation", "s3:GetBucketVersioning"},
				Resources: pulumi.StringArray{d.bucketArn()},
			}, {
				// A connection from before the service was renamed answers to its old name.
				Actions:   []string{"codeconnections:UseConnection", "codestar-connections:UseConnection"},
				Resources: pulumi.StringArray{d.connection},
			},
		}, p.statements...),
		Tags: d.args.Tags,
	}, d.parent)
	if err != nil {
		return pulumi.StringOutput{}, err
	}
	stages := codepipeline.PipelineStageArray{}
	for _, action := range p.actions {
		stages = append(stages, codepipeline.PipelineStageArgs{
			Name: action.Name, Actions: codepipeline.PipelineStageActionArray{action},
		})
	}
	made, err := codepipeline.NewPipeline(ctx, d.name+"-"+p.name, &codepipeline.PipelineArgs{
		Name:          pulumi.Sprintf("%s-%s-%s", ctx.Project(), ctx.Stack(), p.name),
		PipelineType:  pulumi.String("V2"),
		ExecutionMode: pulumi.String("SUPERSEDED"),
		RoleArn:       permissions.Arn,
		ArtifactStores: codepipeline.PipelineArtifactStoreArray{codepipeline.PipelineArtifactStoreArgs{
			Type: pulumi.String("S3"), Location: d.bucket,
		}},
		Stages:   stages,
		Triggers: codepipeline.PipelineTriggerArray{d.trigger(p.paths)},
		Tags:     d.args.Tags,
	}, d.parent, pulumi.DependsOn(permissions.Policies))
	if err != nil {
		return pulumi.StringOutput{}, err
	}
	d.pipelines = append(d.pipelines, made.Name)
	return pulumi.Sprintf("https://%s.console.aws.amazon.com/codesuite/codepipeline/pipelines/%s/view?region=%s",
		d.args.Region, made.Name, d.args.Region), nil
}

func (d *Delivery) trigger(changed paths) codepipeline.PipelineTriggerArgs {
	return codepipeline.PipelineTriggerArgs{
		ProviderType: pulumi.String("CodeStarSourceConnection"),
		GitConfiguration: codepipeline.PipelineTriggerGitConfigurationArgs{
			SourceActionName: pulumi.String(sourceAction),
			Pushes: codepipeline.PipelineTriggerGitConfigurationPushArray{
				codepipeline.PipelineTriggerGitConfigurationPushArgs{
					Branches: codepipeline.PipelineTriggerGitConfigurationPushBranchesArgs{
						Includes: pulumi.StringArray{pulumi.String(d.args.Branch)},
					},
					FilePaths: codepipeline.PipelineTriggerGitConfigurationPushFilePathsArgs{
						Includes: list(changed.includes),
						Excludes: list(changed.excludes),
					},
				},
			},
		},
	}
}

// source fetches a commit. The trigger starts the pipeline, so that the action need not look for changes itself
// (CodePipeline User Guide, "Automate starting pipelines using triggers and filtering").
func (d *Delivery) source() action {
	return action{
		Name: pulumi.String(sourceAction), Category: pulumi.String("Source"),
		Owner: pulumi.String("AWS"), Provider: pulumi.String("CodeStarSourceConnection"), Version: pulumi.String("1"),
		Configuration: pulumi.StringMap{
			"ConnectionArn":    d.connection,
			"FullRepositoryId": pulumi.String(d.args.Repository),
			"BranchName":       pulumi.String(d.args.Branch),
			"DetectChanges":    pulumi.String("false"),
		},
		OutputArtifacts: pulumi.ToStringArray([]string{sourceArtifact}),
	}
}

// run runs a build on the commit. Its category is Build or Test.
func run(name, category string, project *codebuild.Project, output ...string) action {
	return action{
		Name: pulumi.String(name), Category: pulumi.String(category),
		Owner: pulumi.String("AWS"), Provider: pulumi.String("CodeBuild"), Version: pulumi.String("1"),
		Configuration:   pulumi.StringMap{"ProjectName": project.Name},
		InputArtifacts:  pulumi.ToStringArray([]string{sourceArtifact}),
		OutputArtifacts: list(output),
	}
}

// list leaves out what is empty: a filter of nothing is none.
func list(values []string) pulumi.StringArrayInput {
	if len(values) == 0 {
		return nil
	}
	return pulumi.ToStringArray(values)
}

// approve waits for a person, for seven days at most (CodePipeline User Guide, "Add a manual approval action to a
// stage"). What there is to see is at a link, if there is one.
func (d *Delivery) approve(question string, link pulumi.StringInput) action {
	configuration := pulumi.StringMap{
		"NotificationArn": d.args.AlarmTopicArn,
		"CustomData":      pulumi.String(question),
	}
	if link != nil {
		configuration["ExternalEntityLink"] = link
	}
	return action{
		Name: pulumi.String("Approve"), Category: pulumi.String("Approval"),
		Owner: pulumi.String("AWS"), Provider: pulumi.String("Manual"), Version: pulumi.String("1"),
		Configuration: configuration,
	}
}

// mayAsk lets a pipeline tell people that it waits for them.
func (d *Delivery) mayAsk() role.Statement {
	return role.Statement{Actions: []string{"sns:Publish"}, Resources: pulumi.StringArray{d.args.AlarmTopicArn}}
}
