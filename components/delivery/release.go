package delivery

import (
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/codebuild"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/role"
)

// releasePipeline is the name of the pipeline that releases the service.
const releasePipeline = "service"

// target is one kind of targets of a release; the zero value is not one of that kind.
type target struct {
	// builds are the actions that build, with their projects, and deploys the actions that deploy.
	builds, deploys []action
	projects        []*codebuild.Project
	// statements are the permissions that the pipeline needs to deploy.
	statements []role.Statement
}

// newReleasePipeline creates the pipeline that tests the service, builds it for all targets at the same time, and
// deploys it to all of them at the same time.
func (d *Delivery) newReleasePipeline(ctx *pulumi.Context) error {
	if err := d.newPipelineLogGroup(ctx); err != nil {
		return err
	}
	test, err := d.newBuild(ctx, build{
		name:        "test",
		description: "Tests the service",
		buildspec:   "delivery/buildspec-test.yml",
	})
	if err != nil {
		return err
	}
	all := target{projects: []*codebuild.Project{test}}
	for _, newTarget := range []func(*pulumi.Context) (target, error){
		d.newInstanceTarget, d.newServiceTarget, d.newFunctionTarget,
	} {
		kind, err := newTarget(ctx)
		if err != nil {
			return err
		}
		all.builds = slices.Concat(all.builds, kind.builds)
		all.deploys = slices.Concat(all.deploys, kind.deploys)
		all.projects = slices.Concat(all.projects, kind.projects)
		all.statements = slices.Concat(all.statements, kind.statements)
	}
	service := pipeline{
		name:       releasePipeline,
		changes:    d.releaseChanges(),
		stages:     []stage{d.source(), {"Test", []action{run("Test", "Test", test)}}, {"Build", all.builds}},
		statements: append(all.statements, buildStatement(all.projects...)),
	}
	if d.args.Approval {
		service.stages = append(service.stages, d.approval("Deploy this release?", nil))
		service.statements = append(service.statements, d.approvalStatement())
	}
	service.stages = append(service.stages, stage{"Deploy", all.deploys})
	d.PipelineURL, err = d.newPipeline(ctx, service)
	return err
}

// newPipelineLogGroup creates the log group of the pipeline's own actions, whether or not the pipeline has such actions
// now: CodePipeline determines its name, so that it could not be created again beside a retained group of that name.
func (d *Delivery) newPipelineLogGroup(ctx *pulumi.Context) (err error) {
	d.logs, err = cloudwatch.NewLogGroup(ctx, d.name+"-"+releasePipeline, &cloudwatch.LogGroupArgs{
		Name:            pulumi.String("/aws/codepipeline/" + pipelineName(ctx, releasePipeline)),
		RetentionInDays: pulumi.Int(d.args.LogRetentionDays),
		KmsKeyId:        d.args.KmsKeyArn,
		Tags:            d.args.Tags,
	}, d.parent)
	return err
}

// releaseChanges returns the files whose changes start a release: the service, and how it is released. The service
// contains the page in app/web, but does not serve it where Pulumi publishes the page.
func (d *Delivery) releaseChanges() []paths {
	service := paths{includes: []string{"app/**", "delivery/**"}}
	if d.args.Frontend {
		service.excludes = []string{"app/web/**"}
	}
	return []paths{service}
}

// newInstanceTarget creates the build of the bundle, which CodeDeploy deploys to the instances.
func (d *Delivery) newInstanceTarget(ctx *pulumi.Context) (target, error) {
	if d.args.Instances == nil {
		return target{}, nil
	}
	bundle, err := d.newBuild(ctx, build{
		name:        "bundle",
		description: "Builds the bundle that CodeDeploy puts on the instances",
		buildspec:   "delivery/buildspec-bundle.yml",
		statements:  []role.Statement{d.writeStatement()},
	})
	if err != nil {
		return target{}, err
	}
	group, err := d.newDeploymentGroup(ctx)
	if err != nil {
		return target{}, err
	}
	return target{
		projects: []*codebuild.Project{bundle},
		builds:   []action{run("Bundle", "Build", bundle, bundleArtifact)},
		deploys: []action{deploy("Instances", "CodeDeploy", bundleArtifact, pulumi.StringMap{
			"ApplicationName":     group.AppName,
			"DeploymentGroupName": group.DeploymentGroupName,
		})},
		statements: []role.Statement{d.deployStatement(group)},
	}, nil
}
