// Package delivery makes the way from a commit to what runs: a pipeline that tests, builds and deploys the service to
// EC2 instances, ECS services and Lambda functions, and a pipeline that changes the stack itself with Pulumi.
package delivery

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/codeconnections"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/logbucket"
	"stagecraft/components/observability"
)

// artifactDays is how long artefacts are kept. A rollback deploys the last good bundle again, so that it must outlive
// the time between two releases.
const artifactDays = 365

// Args describes delivery. Every field is required unless a default is named.
type Args struct {
	// AccountID and Region are where everything stands.
	AccountID, Region string
	// Repository is what the source provider calls it, such as "example/service"; Branch is what is released.
	Repository, Branch string
	// SourceProvider hosts the repository: GitHub, Bitbucket, GitLab or AzureDevOps. The connection to it is made in the
	// state PENDING: nothing is released until a person authorizes it in the AWS console. Default: GitHub.
	SourceProvider string
	// ConnectionArn is a connection that is authorized already. Default: nil, make one.
	ConnectionArn pulumi.StringInput
	// Approval makes each release wait until a person approves it. Default: releases are deployed as soon as tested.
	Approval bool
	// Instances, Services and Functions are what the service is deployed to, all of them at the same time. At least one of
	// the three is required.
	Instances *Instances
	Services  []Service
	Functions []Function
	// Frontend says that Pulumi publishes the page in app/web, so that a change of the page alone is the infrastructure's,
	// and no release. Default: the service serves the page.
	Frontend bool
	// Infrastructure makes the pipeline that runs Pulumi. Default: nil, without.
	Infrastructure *Infrastructure
	// LogRetentionDays is how long CloudWatch Logs keeps what builds print.
	LogRetentionDays int
	// Ephemeral lets the artefacts be deleted with the bucket: for throw-away stacks. Default: false.
	Ephemeral bool
	// KmsKeyArn is the KMS key that encrypts the artefacts and the logs. Default: nil, AWS's own keys.
	KmsKeyArn pulumi.StringInput
	// AlarmTopicArn is the SNS topic that is notified of failures and of what waits for approval.
	AlarmTopicArn pulumi.StringInput
	// Tags go on every resource.
	Tags pulumi.StringMap
}

// Instances are EC2 instances of Amazon Linux 2023 that Systems Manager manages.
type Instances struct {
	// Tags are what an instance must carry, all of them, to be prepared and deployed to: one to three.
	Tags map[string]string
	// GroupNames are auto-scaling groups, whose instances are deployed to in the place of those with the tags: the ones
	// that are there, and each that comes. They must carry the tags, and run AgentScript when they set themselves up.
	// Default: none.
	GroupNames pulumi.StringArray
	// RoleName is the instances' IAM role: it gets what the CodeDeploy agent and the service's start need.
	RoleName pulumi.StringInput
	// TargetGroupArn is the load balancer's target group: an instance leaves it before it changes, and joins it again
	// when it is healthy. Default: nil, an instance serves nothing while it changes.
	TargetGroupArn pulumi.StringInput
	// RollbackAlarms stop a deployment and bring the last good bundle back: ten at most. Default: only failed hooks do.
	RollbackAlarms observability.Alarms
}

// Infrastructure names what must exist before Pulumi runs; docs/bootstrap.md tells how it is made.
type Infrastructure struct {
	// StateBucket is the S3 bucket that holds Pulumi's state.
	StateBucket string
	// SecretsKeyAlias is the KMS key that encrypts Pulumi's secrets, such as "alias/stagecraft-state".
	SecretsKeyAlias string
	// DeployRoleArn is the role as which Pulumi changes the stack. It must trust the role that the component makes for
	// the build project NAME-apply.
	DeployRoleArn string
}

// Delivery is the pipelines with what they run.
type Delivery struct {
	pulumi.ResourceState

	// PipelineURL shows the pipeline of the service, and InfrastructureURL that of the stack. The latter is set only with
	// Infrastructure.
	PipelineURL, InfrastructureURL pulumi.StringOutput
	// ConnectionURL is where a person authorizes the connection to the repository.
	ConnectionURL pulumi.StringOutput
	// Alarms are what the dashboard shows.
	Alarms observability.Alarms

	name       string
	args       *Args
	connection pulumi.StringInput
	// bucket is the artefact bucket's name.
	bucket pulumi.StringOutput
	// logs are the release pipeline's own.
	logs *cloudwatch.LogGroup
	// parent is the option that every child gets.
	parent pulumi.ResourceOption
	// builds and pipelines are what was made, for the alarms.
	builds    []madeBuild
	pipelines pulumi.StringArray
}

// New makes both pipelines. It refuses a repository or a connection that cannot be, nothing to deploy to, what lacks a
// name or a role that a deployment needs, and more alarms than a deployment watches.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Delivery, error) {
	if err := args.validate(); err != nil {
		return nil, fmt.Errorf("delivery %q: %w", name, err)
	}
	component := &Delivery{name: name, args: args, connection: args.ConnectionArn}
	if err := ctx.RegisterComponentResource("stagecraft:delivery:Delivery", name, component, opts...); err != nil {
		return nil, err
	}
	component.parent = pulumi.Parent(component)

	steps := []func(*pulumi.Context) error{
		component.connect, component.store, component.release, component.change, component.watch,
	}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	outputs := pulumi.Map{"pipelineUrl": component.PipelineURL, "connectionUrl": component.ConnectionURL}
	if args.Infrastructure != nil {
		outputs["infrastructureUrl"] = component.InfrastructureURL
	}
	return component, ctx.RegisterResourceOutputs(component, outputs)
}

// connect makes the connection to the repository, unless there is one.
func (d *Delivery) connect(ctx *pulumi.Context) error {
	d.ConnectionURL = pulumi.Sprintf("https://%s.console.aws.amazon.com/codesuite/settings/connections?region=%s",
		d.args.Region, d.args.Region)
	if d.connection != nil {
		return nil
	}
	made, err := codeconnections.NewConnection(ctx, d.name, &codeconnections.ConnectionArgs{
		ProviderType: pulumi.String(d.args.sourceProvider()),
		Tags:         d.args.Tags,
	}, d.parent)
	if err != nil {
		return err
	}
	d.connection = made.Arn
	return nil
}

// store makes the artefact bucket. The pipelines' own roles let them in.
func (d *Delivery) store(ctx *pulumi.Context) (err error) {
	d.bucket, err = logbucket.New(ctx, d.name+"-artifacts", &logbucket.Args{
		Delivery:      func(pulumi.StringInput) []pulumi.Map { return nil },
		RetentionDays: artifactDays,
		Ephemeral:     d.args.Ephemeral,
		Tags:          d.args.Tags,
	}, d.parent)
	return err
}
