package main

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ssm"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// careless leaves undone what a remediation can do: it tags nothing, keeps logs forever, and takes an older volume and the
// older metadata service.
func careless(ctx *pulumi.Context) error {
	logs, err := cloudwatch.NewLogGroup(ctx, "web", nil)
	if err != nil {
		return err
	}
	profile, err := logsTo(ctx, logs)
	if err != nil {
		return err
	}
	network, err := ec2.NewVpc(ctx, "network", &ec2.VpcArgs{CidrBlock: pulumi.String("10.0.0.0/16")})
	if err != nil {
		return err
	}
	subnet, err := ec2.NewSubnet(ctx, "network", &ec2.SubnetArgs{VpcId: network.ID(), CidrBlock: pulumi.String("10.0.1.0/24")})
	if err != nil {
		return err
	}
	image, err := ssm.LookupParameter(ctx, &ssm.LookupParameterArgs{
		Name: "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64",
	})
	if err != nil {
		return err
	}
	_, err = ec2.NewInstance(ctx, "web", &ec2.InstanceArgs{
		Ami: pulumi.String(image.Value), InstanceType: pulumi.String("t4g.micro"), SubnetId: subnet.ID(), IamInstanceProfile: profile.Name,
		MetadataOptions: ec2.InstanceMetadataOptionsArgs{HttpTokens: pulumi.String("optional")},
		RootBlockDevice: ec2.InstanceRootBlockDeviceArgs{VolumeSize: pulumi.Int(20), VolumeType: pulumi.String("gp2")},
	})
	return err
}

// logsTo is a profile that may write to a log group, and nothing else.
func logsTo(ctx *pulumi.Context, logs *cloudwatch.LogGroup) (*iam.InstanceProfile, error) {
	role, err := iam.NewRole(ctx, "web", &iam.RoleArgs{AssumeRolePolicy: trust("ec2.amazonaws.com")})
	if err != nil {
		return nil, err
	}
	_, err = iam.NewRolePolicy(ctx, "web", &iam.RolePolicyArgs{
		Role: role.ID(),
		Policy: pulumi.Sprintf(
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"logs:PutLogEvents","Resource":"%s:*"}]}`, logs.Arn),
	})
	if err != nil {
		return nil, err
	}
	return iam.NewInstanceProfile(ctx, "web", &iam.InstanceProfileArgs{Role: role.Name})
}
