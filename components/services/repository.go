package services

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecr"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const (
	// keptImages are enough for a rollback, and few enough to pay for.
	keptImages = 50
	// untaggedDays is for how many days ECR keeps an image without a tag.
	untaggedDays = 7
)

// newRepository creates the repository of the service's images. A tag never moves to another image, so that the image
// that was tested is the one that runs.
func (m *Microservice) newRepository(
	ctx *pulumi.Context, args *Args, parent pulumi.ResourceOption,
) (*ecr.Repository, error) {
	repository, err := ecr.NewRepository(ctx, m.name, &ecr.RepositoryArgs{
		ImageTagMutability:         pulumi.String("IMMUTABLE"),
		ImageScanningConfiguration: ecr.RepositoryImageScanningConfigurationArgs{ScanOnPush: pulumi.Bool(true)},
		EncryptionConfigurations:   args.imageEncryption(),
		ForceDelete:                pulumi.Bool(args.Ephemeral),
		Tags:                       args.Tags,
	}, parent, pulumi.Protect(!args.Ephemeral))
	if err != nil {
		return nil, err
	}
	m.RepositoryURL, m.RepositoryName, m.RepositoryArn = repository.RepositoryUrl, repository.Name, repository.Arn

	_, err = ecr.NewLifecyclePolicy(ctx, m.name, &ecr.LifecyclePolicyArgs{
		Repository: repository.Name,
		Policy:     pulumi.JSONMarshal(lifecycle()),
	}, parent)
	return repository, err
}

// imageEncryption returns how ECR encrypts the images: with S3's key or the given one.
func (a *Args) imageEncryption() ecr.RepositoryEncryptionConfigurationArray {
	encryption := ecr.RepositoryEncryptionConfigurationArgs{EncryptionType: pulumi.String("AES256")}
	if a.KmsKeyArn != nil {
		encryption = ecr.RepositoryEncryptionConfigurationArgs{
			EncryptionType: pulumi.String("KMS"), KmsKey: a.KmsKeyArn,
		}
	}
	return ecr.RepositoryEncryptionConfigurationArray{encryption}
}

// lifecycle returns the repository's lifecycle policy (Amazon ECR User Guide, "Lifecycle policy properties in Amazon
// ECR").
func lifecycle() pulumi.Map {
	rule := func(priority int, description string, selection pulumi.Map) pulumi.Map {
		return pulumi.Map{
			"rulePriority": pulumi.Int(priority),
			"description":  pulumi.String(description),
			"selection":    selection,
			"action":       pulumi.Map{"type": pulumi.String("expire")},
		}
	}
	return pulumi.Map{"rules": pulumi.Array{
		rule(1, "What has no tag goes", pulumi.Map{
			"tagStatus":   pulumi.String("untagged"),
			"countType":   pulumi.String("sinceImagePushed"),
			"countUnit":   pulumi.String("days"),
			"countNumber": pulumi.Int(untaggedDays),
		}),
		rule(2, "The newest releases stay", pulumi.Map{
			"tagStatus":      pulumi.String("tagged"),
			"tagPatternList": pulumi.ToStringArray([]string{"*"}),
			"countType":      pulumi.String("imageCountMoreThan"),
			"countNumber":    pulumi.Int(keptImages),
		}),
	}}
}
