// Package delivery creates the pipelines: one that tests, builds and deploys the service to EC2 instances, ECS services
// and Lambda functions, and one that updates the stack itself with Pulumi.
package delivery

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/codeconnections"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/logbucket"
	"stagecraft/components/observability"
)

// artifactDays is for how many days artefacts are kept. A rollback deploys the last good bundle again, which must
// therefore be kept for longer than the time between two releases.
const artifactDays = 365

// Args describes delivery. Every field is required unless a default is named.
type Args struct {
	// AccountID and Region are the stack's.
	AccountID, Region string
	// Repository is the repository's owner and name at the source provider, such as "example/service"; Branch is the
	// branch that is released.
	Repository, Branch string
	// SourceProvider is the host of the repository: GitHub, Bitbucket, GitLab or AzureDevOps. The connection to it is
	// created in the state PENDING: nothing is released until you authorize it in the AWS console. Default: GitHub.
	SourceProvider string
	// ConnectionArn is a connection that is authorized already. Default: nil, a connection is created.
	ConnectionArn pulumi.StringInput
	// Approval creates each release wait for a manual approval. Default: false, a release is deployed once it is tested and
	// built.
	Approval bool
	// Instances, Services and Functions are the targets that the service is deployed to, all at the same time. At least
	// one of the three is required.
	Instances *Instances
	Services  []Service
	Functions []Function
	// Frontend is whether Pulumi publishes the page in app/web, so that a change of the page alone starts the
	// infrastructure pipeline and not a release. Default: false, the service serves the page.
	Frontend bool
	// Infrastructure configures the pipeline that runs Pulumi. Default: nil, no such pipeline.
	Infrastructure *Infrastructure
	// LogRetentionDays is for how many days CloudWatch Logs keeps the logs of builds, 1 or more.
	LogRetentionDays int
	// Ephemeral allows the artefacts to be deleted with the bucket, for throw-away stacks. Default: false.
	Ephemeral bool
	// KmsKeyArn is the KMS key that encrypts the artefacts and the logs. Default: nil, AWS's own keys.
	KmsKeyArn pulumi.StringInput
	// AlarmTopicArn is the SNS topic that is notified of failures and of what waits for approval.
	AlarmTopicArn pulumi.StringInput
	// Tags are set on every resource.
	Tags pulumi.StringMap
}

// Instances are EC2 instances of Amazon Linux 2023 that Systems Manager manages. Every field is required unless a
// default is named.
type Instances struct {
	// Tags select the instances to prepare and to deploy to, by all of the tags: one to three.
	Tags map[string]string
	// GroupNames are auto-scaling groups whose instances are deployed to instead of those with the tags, present ones and
	// new ones: ten groups at most. Their instances must have the tags, and run AgentScript at their first boot. Default:
	// none.
	GroupNames pulumi.StringArray
	// FixedTags select the instances outside of GroupNames that are deployed to, too, by all of the tags: three at most,
	// which no instance of a group has. Without GroupNames they are rejected. Default: none.
	FixedTags map[string]string
	// RoleName is the instances' IAM role, which gets the permissions that the CodeDeploy agent and the service's start
	// need.
	RoleName pulumi.StringInput
	// TargetGroupArn is the load balancer's target group, which an instance leaves before a deployment, and joins again
	// when it is healthy. Default: nil, an instance does not serve during a deployment.
	TargetGroupArn pulumi.StringInput
	// RollbackAlarms stop a deployment and restore the last good bundle: ten at most. Default: none, only a failed hook
	// does.
	RollbackAlarms observability.Alarms
}

// Infrastructure is what must exist before Pulumi runs; docs/bootstrap.md explains how to create it. Every field is
// required.
type Infrastructure struct {
	// StateBucket is the S3 bucket that holds Pulumi's state.
	StateBucket string
	// SecretsKeyAlias is the alias of the KMS key that encrypts Pulumi's secrets, such as "alias/stagecraft-state".
	SecretsKeyAlias string
	// DeployRoleArn is the role that Pulumi assumes to update the stack. It must trust the role that the component creates
	// for the build project NAME-apply.
	DeployRoleArn string
}

// Delivery is the pipelines with their builds, roles, logs and alarms.
type Delivery struct {
	pulumi.ResourceState

	// PipelineURL is the page of the service's pipeline, and InfrastructureURL that of the stack's pipeline. The latter is
	// set only with Infrastructure.
	PipelineURL, InfrastructureURL pulumi.StringOutput
	// ConnectionURL is the page on which you authorize the connection to the repository.
	ConnectionURL pulumi.StringOutput
	// Alarms are the alarms for the dashboard.
	Alarms observability.Alarms

	name       string
	args       *Args
	connection pulumi.StringInput
	// bucket is the artefact bucket's name.
	bucket pulumi.StringOutput
	// logs is the log group of the release pipeline's own actions.
	logs *cloudwatch.LogGroup
	// parent is the option of every child.
	parent pulumi.ResourceOption
	// builds and pipelines are the declared ones, for the alarms.
	builds    []buildProject
	pipelines pulumi.StringArray
}

// New creates both pipelines. It rejects a repository or a source provider that cannot exist, a service without a
// target, targets without a name or a role that a deployment needs, and more alarms than a deployment watches.
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
		component.newConnection, component.newArtifactBucket, component.newReleasePipeline,
		component.newInfrastructurePipeline, component.newAlarms,
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

// newConnection creates the connection to the repository, unless Args has one.
func (d *Delivery) newConnection(ctx *pulumi.Context) error {
	d.ConnectionURL = pulumi.Sprintf("https://%s.console.aws.amazon.com/codesuite/settings/connections?region=%s",
		d.args.Region, d.args.Region)
	if d.connection != nil {
		return nil
	}
	connection, err := codeconnections.NewConnection(ctx, d.name, &codeconnections.ConnectionArgs{
		ProviderType: pulumi.String(d.args.sourceProvider()),
		Tags:         d.args.Tags,
	}, d.parent)
	if err != nil {
		return err
	}
	d.connection = connection.Arn
	return nil
}

// newArtifactBucket creates the artefact bucket. The roles of pipelines and builds allow access to it.
func (d *Delivery) newArtifactBucket(ctx *pulumi.Context) (err error) {
	d.bucket, err = logbucket.New(ctx, d.name+"-artifacts", &logbucket.Args{
		Delivery:      func(pulumi.StringInput) []pulumi.Map { return nil },
		RetentionDays: artifactDays,
		Ephemeral:     d.args.Ephemeral,
		Tags:          d.args.Tags,
	}, d.parent)
	return err
}
