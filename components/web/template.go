package web

import (
	"encoding/base64"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// newTemplate creates the group's launch template. It equals a fixed instance, except that AWS looks up the newest AMI
// at each launch, so that a newer AMI neither changes the template nor replaces an instance by itself (EC2 Auto Scaling
// User Guide, "Use AWS Systems Manager parameters instead of AMI IDs in launch templates").
func (w *Web) newTemplate(
	ctx *pulumi.Context, args *Args, config *launchConfig, parent pulumi.ResourceOption,
) (*ec2.LaunchTemplate, error) {
	script, err := userData(ctx, w.name, scriptValues{Group: args.Group, Setup: args.Setup})
	if err != nil {
		return nil, err
	}
	tags := args.serverTags(ctx, w.name)
	template := &ec2.LaunchTemplateArgs{
		Description:          pulumi.String("Web servers of the auto-scaling group"),
		ImageId:              pulumi.String("resolve:ssm:" + amiParameter),
		InstanceType:         pulumi.String(args.InstanceType),
		VpcSecurityGroupIds:  pulumi.StringArray{w.SecurityGroupID},
		IamInstanceProfile:   ec2.LaunchTemplateIamInstanceProfileArgs{Name: config.profile},
		UserData:             pulumi.String(base64.StdEncoding.EncodeToString([]byte(script))),
		Monitoring:           ec2.LaunchTemplateMonitoringArgs{Enabled: pulumi.Bool(true)},
		EbsOptimized:         pulumi.String("true"),
		UpdateDefaultVersion: pulumi.Bool(true),
		MetadataOptions: ec2.LaunchTemplateMetadataOptionsArgs{
			HttpEndpoint:            pulumi.String("enabled"),
			HttpTokens:              pulumi.String("required"),
			HttpPutResponseHopLimit: pulumi.Int(1),
			InstanceMetadataTags:    pulumi.String("enabled"),
		},
		BlockDeviceMappings: ec2.LaunchTemplateBlockDeviceMappingArray{ec2.LaunchTemplateBlockDeviceMappingArgs{
			DeviceName: pulumi.String("/dev/xvda"),
			Ebs: ec2.LaunchTemplateBlockDeviceMappingEbsArgs{
				VolumeType:          pulumi.String("gp3"),
				VolumeSize:          pulumi.Int(args.VolumeGiB),
				Encrypted:           pulumi.String("true"),
				KmsKeyId:            args.KmsKeyArn,
				DeleteOnTermination: pulumi.String("true"),
			},
		}},
		TagSpecifications: ec2.LaunchTemplateTagSpecificationArray{
			ec2.LaunchTemplateTagSpecificationArgs{ResourceType: pulumi.String("instance"), Tags: tags},
			ec2.LaunchTemplateTagSpecificationArgs{ResourceType: pulumi.String("volume"), Tags: tags},
		},
		Tags: args.Tags,
	}
	if args.burstable() {
		template.CreditSpecification = ec2.LaunchTemplateCreditSpecificationArgs{CpuCredits: pulumi.String("unlimited")}
	}
	return ec2.NewLaunchTemplate(ctx, w.name, template, parent)
}
