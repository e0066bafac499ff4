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

// target is one kind of what a release is deployed to; the zero value is nothing of that kind.
type target struct {
	// builds make what is deployed, with projects, and deploys bring it there.
	builds, deploys []action
	projects        []*codebuild.Project
	// statements are what the pipeline may do to deploy.
	statements []role.Statement
}

// release makes the pipeline that brings the service to what runs it: it is tested, built in every form that is asked for
// at the same time, and deployed everywhere at the same time.
func (d *Delivery) release(ctx *pulumi.Context) error {
	if err := d.log(ctx); err != nil {
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
	for _, kind := range []func(*pulumi.Context) (target, error){d.toInstances, d.toServices, d.toFunctions} {
		made, err := kind(ctx)
		if err != nil {
			return err
		}
		all.builds = slices.Concat(all.builds, made.builds)
		all.deploys = slices.Concat(all.deploys, made.deploys)
		all.projects = slices.Concat(all.projects, made.projects)
		all.statements = slices.Concat(all.statements, made.statements)
	}
	service := pipeline{
		name:       releasePipeline,
		changes:    d.releaseChanges(),
		stages:     []stage{d.source(), {"Test", []action{run("Test", "Test", test)}}, {"Build", all.builds}},
		statements: append(all.statements, mayBuild(all.projects...)),
	}
	if d.args.Approval {
		service.stages = append(service.stages, d.approve("Deploy this release?", nil))
		service.statements = append(service.statements, d.mayAsk())
	}
	service.stages = append(service.stages, stage{"Deploy", all.deploys})
	d.PipelineURL, err = d.newPipeline(ctx, service)
	return err
}

// log makes the group that the pipeline's own actions log to, whether or not there are such actions now: CodePipeline
// fixes its name, so that it could not be made again beside what was retained of an earlier one.
func (d *Delivery) log(ctx *pulumi.Context) (err error) {
	d.logs, err = cloudwatch.NewLogGroup(ctx, d.name+"-"+releasePipeline, &cloudwatch.LogGroupArgs{
		Name:            pulumi.String("/aws/codepipeline/" + pipelineName(ctx, releasePipeline)),
		RetentionInDays: pulumi.Int(d.args.LogRetentionDays),
		KmsKeyId:        d.args.KmsKeyArn,
		Tags:            d.args.Tags,
	}, d.parent)
	return err
}

// releaseChanges are of the service, and of how it is released. The service holds the page in app/web, but nobody sees
// that where Pulumi publishes the page.
func (d *Delivery) releaseChanges() []paths {
	service := paths{includes: []string{"app/**", "delivery/**"}}
	if d.args.Frontend {
		service.excludes = []string{"app/web/**"}
	}
	return []paths{service}
}

// toInstances bundles the service, and has CodeDeploy bring the bundle to the instances.
func (d *Delivery) toInstances(ctx *pulumi.Context) (target, error) {
	if d.args.Instances == nil {
		return target{}, nil
	}
	bundle, err := d.newBuild(ctx, build{
		name:        "bundle",
		description: "Builds the bundle that CodeDeploy puts on the instances",
		buildspec:   "delivery/buildspec-bundle.yml",
		statements:  []role.Statement{d.mayWriteArtifacts()},
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
		statements: []role.Statement{d.mayDeploy(group)},
	}, nil
}
