package stack

import (
	"sync"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudtrail"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/codebuild"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/codepipeline"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/dynamodb"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecr"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/elasticache"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/secretsmanager"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sqs"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/encryption"
)

// encrypt makes the stack's own key, if the settings ask for one, and has all that follows use it.
func (d *deployment) encrypt() (err error) {
	if !d.settings.CustomerKey {
		return nil
	}
	d.key, err = encryption.New(d.ctx, "encryption", &encryption.Args{
		AccountID: d.place.account,
		Region:    d.place.region,
		Ephemeral: d.settings.Ephemeral,
		Tags:      d.tags("encryption"),
	})
	if err != nil {
		return err
	}
	keyed := &keyed{arn: d.key.Arn, optionalArn: d.key.Arn.ToStringPtrOutput()}
	return d.ctx.RegisterStackTransformation(keyed.transform)
}

// watchKey has people told when the key is about to end.
func (d *deployment) watchKey() error {
	if d.key == nil {
		return nil
	}
	alarms, err := d.key.Watch(d.ctx, d.topic.Arn)
	if err != nil {
		return err
	}
	return d.show("Encryption key", alarms)
}

// keyed gives the key to every resource that can be encrypted with it, so that no component has to know of keys. Without
// it remain:
//   - what is in another region, since a key is of one region;
//   - buckets: who writes to them names the key himself (CloudTrail, CodePipeline), or takes none but S3's (access logs),
//     and what the edge serves is public;
//   - parameters: none of them is secret;
//   - what holds nothing for longer than a request, such as the disks of Fargate.
type keyed struct {
	arn         pulumi.StringOutput
	optionalArn pulumi.StringPtrOutput
	// elsewhere are the resources with a provider of their own, and their children.
	elsewhere sync.Map
}

func (k *keyed) transform(args *pulumi.ResourceTransformationArgs) *pulumi.ResourceTransformationResult {
	if k.isElsewhere(args) {
		return nil
	}
	switch inputs := args.Props.(type) {
	case *cloudtrail.TrailArgs:
		inputs.KmsKeyId = k.optionalArn
	case *cloudwatch.LogGroupArgs:
		inputs.KmsKeyId = k.optionalArn
	case *codebuild.ProjectArgs:
		inputs.EncryptionKey = k.optionalArn
	case *codepipeline.PipelineArgs:
		inputs.ArtifactStores = k.artifactStores(inputs.ArtifactStores)
	case *dynamodb.TableArgs:
		inputs.ServerSideEncryption = dynamodb.TableServerSideEncryptionArgs{
			Enabled: pulumi.Bool(true), KmsKeyArn: k.optionalArn,
		}
	case *ec2.InstanceArgs:
		inputs.RootBlockDevice = k.rootVolume(inputs.RootBlockDevice)
	case *ec2.LaunchTemplateArgs:
		inputs.BlockDeviceMappings = k.volumes(inputs.BlockDeviceMappings)
	case *ecr.RepositoryArgs:
		inputs.EncryptionConfigurations = ecr.RepositoryEncryptionConfigurationArray{
			ecr.RepositoryEncryptionConfigurationArgs{EncryptionType: pulumi.String("KMS"), KmsKey: k.optionalArn},
		}
	case *elasticache.ReplicationGroupArgs:
		inputs.KmsKeyId = k.optionalArn
		// ElastiCache does not publish to an encrypted topic. Alarms still do.
		inputs.NotificationTopicArn = nil
	case *lambda.FunctionArgs:
		inputs.KmsKeyArn = k.optionalArn
	case *rds.InstanceArgs:
		k.encryptDatabase(inputs)
	case *secretsmanager.SecretArgs:
		inputs.KmsKeyId = k.optionalArn
	case *sns.TopicArgs:
		inputs.KmsMasterKeyId = k.optionalArn
	case *sqs.QueueArgs:
		inputs.KmsMasterKeyId, inputs.SqsManagedSseEnabled = k.optionalArn, nil
	default:
		return nil
	}
	return &pulumi.ResourceTransformationResult{Props: args.Props, Opts: args.Opts}
}

// isElsewhere tells whether a resource is in another region. A provider of one's own is for that only.
func (k *keyed) isElsewhere(args *pulumi.ResourceTransformationArgs) bool {
	options, err := pulumi.NewResourceOptions(args.Opts...)
	if err != nil {
		return false // the resource refuses these options itself
	}
	elsewhere := options.Provider != nil || len(options.Providers) > 0
	if !elsewhere && options.Parent != nil {
		_, elsewhere = k.elsewhere.Load(options.Parent)
	}
	if elsewhere {
		k.elsewhere.Store(args.Resource, true)
	}
	return elsewhere
}

// encryptDatabase leaves out a replica's own storage: in its region it has the key of what it replicates (Amazon RDS API
// Reference, CreateDBInstanceReadReplica).
func (k *keyed) encryptDatabase(inputs *rds.InstanceArgs) {
	if inputs.ReplicateSourceDb == nil {
		inputs.KmsKeyId = k.optionalArn
	}
	if inputs.PerformanceInsightsEnabled != nil {
		inputs.PerformanceInsightsKmsKeyId = k.optionalArn
	}
	if inputs.ManageMasterUserPassword != nil {
		inputs.MasterUserSecretKmsKeyId = k.optionalArn
	}
}

func (k *keyed) artifactStores(input codepipeline.PipelineArtifactStoreArrayInput) codepipeline.PipelineArtifactStoreArrayInput {
	stores, ok := input.(codepipeline.PipelineArtifactStoreArray)
	if !ok {
		return input
	}
	for i := range stores {
		if store, ok := stores[i].(codepipeline.PipelineArtifactStoreArgs); ok {
			store.EncryptionKey = codepipeline.PipelineArtifactStoreEncryptionKeyArgs{Id: k.arn, Type: pulumi.String("KMS")}
			stores[i] = store
		}
	}
	return stores
}

func (k *keyed) rootVolume(input ec2.InstanceRootBlockDevicePtrInput) ec2.InstanceRootBlockDevicePtrInput {
	if volume, ok := input.(*ec2.InstanceRootBlockDeviceArgs); ok {
		volume.KmsKeyId = k.optionalArn
	}
	return input
}

func (k *keyed) volumes(input ec2.LaunchTemplateBlockDeviceMappingArrayInput) ec2.LaunchTemplateBlockDeviceMappingArrayInput {
	mappings, ok := input.(ec2.LaunchTemplateBlockDeviceMappingArray)
	if !ok {
		return input
	}
	for i := range mappings {
		mapping, _ := mappings[i].(ec2.LaunchTemplateBlockDeviceMappingArgs)
		if volume, ok := mapping.Ebs.(ec2.LaunchTemplateBlockDeviceMappingEbsArgs); ok {
			volume.KmsKeyId = k.optionalArn
			mapping.Ebs = volume
			mappings[i] = mapping
		}
	}
	return mappings
}
