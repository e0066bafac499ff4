package delivery

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/codebuild"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/codepipeline"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/role"
)

// The names of the artefacts that the actions of a pipeline exchange.
const (
	sourceArtifact   = "source"
	bundleArtifact   = "bundle"
	imageArtifact    = "image"
	functionArtifact = "function"

	sourceAction = "Source"
)

// action is one action of a pipeline.
type action = codepipeline.PipelineStageActionArgs

// stage is a stage of a pipeline, whose actions run at the same time.
type stage struct {
	name    string
	actions []action
}

// newAction returns an action of one of AWS's own providers.
func newAction(name, category, provider string, configuration pulumi.StringMap) action {
	return action{
		Name: pulumi.String(name), Category: pulumi.String(category), Owner: pulumi.String("AWS"),
		Provider: pulumi.String(provider), Version: pulumi.String("1"), Configuration: configuration,
	}
}

// pipeline is a CodePipeline of type V2.
type pipeline struct {
	// name ends its name, project-stack-name.
	name string
	// changes are the files that start it: a push that matches one of them does.
	changes []paths
	// stages run one after the other.
	stages []stage
	// statements are its permissions beside using the connection and the artefact bucket.
	statements []role.Statement
}

// paths are glob patterns of files. A file that both lists match is excluded (CodePipeline User Guide, "Filter triggers
// on code push or pull requests").
type paths struct{ includes, excludes []string }

// newPipeline creates a pipeline and returns the address of its page. A newer run replaces one that waits between two
// stages.
func (d *Delivery) newPipeline(ctx *pulumi.Context, p pipeline) (pulumi.StringOutput, error) {
	permissions, err := role.New(ctx, d.name+"-"+p.name, &role.Args{
		Service:       "codepipeline.amazonaws.com",
		SourceAccount: d.args.AccountID,
		Description:   "CodePipeline: the pipeline " + p.name,
		Statements: append([]role.Statement{
			d.readStatement(), d.writeStatement(), {
				Actions:   []string{"s3:GetBucketAcl", "s3:GetBucketLocation", "s3:GetBucketVersioning"},
				Resources: pulumi.StringArray{d.bucketArn()},
			}, {
				// A connection from before AWS renamed the service needs the old name.
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
	for _, stage := range p.stages {
		actions := codepipeline.PipelineStageActionArray{}
		for _, action := range stage.actions {
			actions = append(actions, action)
		}
		stages = append(stages, codepipeline.PipelineStageArgs{Name: pulumi.String(stage.name), Actions: actions})
	}
	resource, err := codepipeline.NewPipeline(ctx, d.name+"-"+p.name, &codepipeline.PipelineArgs{
		Name:           pulumi.String(pipelineName(ctx, p.name)),
		PipelineType:   pulumi.String("V2"),
		ExecutionMode:  pulumi.String("SUPERSEDED"),
		RoleArn:        permissions.Arn,
		ArtifactStores: codepipeline.PipelineArtifactStoreArray{d.artifactStore()},
		Stages:         stages,
		Triggers:       codepipeline.PipelineTriggerArray{d.trigger(p.changes)},
		Tags:           d.args.Tags,
	}, d.parent, pulumi.DependsOn(permissions.Policies))
	if err != nil {
		return pulumi.StringOutput{}, err
	}
	d.pipelines = append(d.pipelines, resource.Name)
	return pulumi.Sprintf("https://%s.console.aws.amazon.com/codesuite/codepipeline/pipelines/%s/view?region=%s",
		d.args.Region, resource.Name, d.args.Region), nil
}

// artifactStore returns where a pipeline keeps artefacts.
func (d *Delivery) artifactStore() codepipeline.PipelineArtifactStoreArgs {
	store := codepipeline.PipelineArtifactStoreArgs{Type: pulumi.String("S3"), Location: d.bucket}
	if d.args.KmsKeyArn != nil {
		store.EncryptionKey = codepipeline.PipelineArtifactStoreEncryptionKeyArgs{
			Id: d.args.KmsKeyArn, Type: pulumi.String("KMS"),
		}
	}
	return store
}

// pipelineName returns project-stack-name.
func pipelineName(ctx *pulumi.Context, name string) string {
	return fmt.Sprintf("%s-%s-%s", ctx.Project(), ctx.Stack(), name)
}

// trigger returns the trigger by pushes that change some files.
func (d *Delivery) trigger(changes []paths) codepipeline.PipelineTriggerArgs {
	pushes := codepipeline.PipelineTriggerGitConfigurationPushArray{}
	for _, change := range changes {
		pushes = append(pushes, codepipeline.PipelineTriggerGitConfigurationPushArgs{
			Branches: codepipeline.PipelineTriggerGitConfigurationPushBranchesArgs{
				Includes: pulumi.StringArray{pulumi.String(d.args.Branch)},
			},
			FilePaths: codepipeline.PipelineTriggerGitConfigurationPushFilePathsArgs{
				Includes: list(change.includes),
				Excludes: list(change.excludes),
			},
		})
	}
	return codepipeline.PipelineTriggerArgs{
		ProviderType: pulumi.String("CodeStarSourceConnection"),
		GitConfiguration: codepipeline.PipelineTriggerGitConfigurationArgs{
			SourceActionName: pulumi.String(sourceAction),
			Pushes:           pushes,
		},
	}
}

// source returns the stage that fetches a commit. The trigger starts the pipeline, so that the action does not look for
// changes itself (CodePipeline User Guide, "Automate starting pipelines using triggers and filtering").
func (d *Delivery) source() stage {
	fetch := newAction(sourceAction, "Source", "CodeStarSourceConnection", pulumi.StringMap{
		"ConnectionArn":    d.connection,
		"FullRepositoryId": pulumi.String(d.args.Repository),
		"BranchName":       pulumi.String(d.args.Branch),
		"DetectChanges":    pulumi.String("false"),
	})
	fetch.OutputArtifacts = list([]string{sourceArtifact})
	return stage{sourceAction, []action{fetch}}
}

// run returns the action that runs a build on the commit. Its category is Build or Test.
func run(name, category string, project *codebuild.Project, output ...string) action {
	build := newAction(name, category, "CodeBuild", pulumi.StringMap{"ProjectName": project.Name})
	build.InputArtifacts, build.OutputArtifacts = list([]string{sourceArtifact}), list(output)
	return build
}

// deploy returns the action that deploys an artefact.
func deploy(name, provider, artifact string, configuration pulumi.StringMap) action {
	deployment := newAction(name, "Deploy", provider, configuration)
	deployment.InputArtifacts = list([]string{artifact})
	return deployment
}

// list returns nil for an empty list, which leaves the input out.
func list(values []string) pulumi.StringArrayInput {
	if len(values) == 0 {
		return nil
	}
	return pulumi.ToStringArray(values)
}

// approval returns the stage that waits for a manual approval, for seven days at most (CodePipeline User Guide, "Add a
// manual approval action to a stage"); link is the page to review, nil for none.
func (d *Delivery) approval(question string, link pulumi.StringInput) stage {
	configuration := pulumi.StringMap{
		"NotificationArn": d.args.AlarmTopicArn,
		"CustomData":      pulumi.String(question),
	}
	if link != nil {
		configuration["ExternalEntityLink"] = link
	}
	return stage{"Approve", []action{newAction("Approve", "Approval", "Manual", configuration)}}
}

// approvalStatement allows a pipeline to notify the alarm topic that it waits for an approval.
func (d *Delivery) approvalStatement() role.Statement {
	return role.Statement{Actions: []string{"sns:Publish"}, Resources: pulumi.StringArray{d.args.AlarmTopicArn}}
}
