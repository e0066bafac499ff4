package stack

import (
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/dynamodb"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecr"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/secretsmanager"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sqs"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ssm"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"
)

func TestKeyed(t *testing.T) {
	t.Parallel()
	arn := pulumi.String("arn:key").ToStringOutput()
	keyed := &keyed{arn: arn, optionalArn: arn.ToStringPtrOutput()}
	give := func(inputs pulumi.Input) *pulumi.ResourceTransformationResult {
		return keyed.transform(&pulumi.ResourceTransformationArgs{Props: inputs})
	}

	table := &dynamodb.TableArgs{}
	require.Equal(t, table, give(table).Props)
	require.Equal(t, dynamodb.TableServerSideEncryptionArgs{Enabled: pulumi.Bool(true), KmsKeyArn: keyed.optionalArn},
		table.ServerSideEncryption)

	repository := &ecr.RepositoryArgs{}
	give(repository)
	require.Equal(t, ecr.RepositoryEncryptionConfigurationArray{ecr.RepositoryEncryptionConfigurationArgs{
		EncryptionType: pulumi.String("KMS"), KmsKey: keyed.optionalArn,
	}}, repository.EncryptionConfigurations)

	function, secret, queue := &lambda.FunctionArgs{}, &secretsmanager.SecretArgs{}, &sqs.QueueArgs{}
	give(function)
	give(secret)
	give(queue)
	require.Equal(t, []pulumi.StringPtrInput{keyed.optionalArn, keyed.optionalArn, keyed.optionalArn},
		[]pulumi.StringPtrInput{function.KmsKeyArn, secret.KmsKeyId, queue.KmsMasterKeyId})

	template := &ec2.LaunchTemplateArgs{BlockDeviceMappings: ec2.LaunchTemplateBlockDeviceMappingArray{
		ec2.LaunchTemplateBlockDeviceMappingArgs{Ebs: ec2.LaunchTemplateBlockDeviceMappingEbsArgs{VolumeSize: pulumi.Int(20)}},
		ec2.LaunchTemplateBlockDeviceMappingArgs{VirtualName: pulumi.String("ephemeral0")},
	}}
	give(template)
	require.Equal(t, ec2.LaunchTemplateBlockDeviceMappingArray{
		ec2.LaunchTemplateBlockDeviceMappingArgs{Ebs: ec2.LaunchTemplateBlockDeviceMappingEbsArgs{
			VolumeSize: pulumi.Int(20), KmsKeyId: keyed.optionalArn,
		}},
		ec2.LaunchTemplateBlockDeviceMappingArgs{VirtualName: pulumi.String("ephemeral0")},
	}, template.BlockDeviceMappings)

	replica := &rds.InstanceArgs{ReplicateSourceDb: pulumi.String("writer"), PerformanceInsightsEnabled: pulumi.Bool(true)}
	give(replica)
	require.Nil(t, replica.KmsKeyId, "a replica has the key of what it replicates")
	require.Nil(t, replica.MasterUserSecretKmsKeyId)
	require.Equal(t, keyed.optionalArn, replica.PerformanceInsightsKmsKeyId)

	require.Nil(t, give(&ssm.ParameterArgs{}), "what takes no key, or needs none, stays as it is")
}
