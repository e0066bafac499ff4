package main

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const hello = `#!/bin/bash
echo "Hello, World!" > index.html
nohup python3 -m http.server 80 &
`

// webserver is one instance in the default VPC, open to the world.
func webserver(ctx *pulumi.Context) error {
	newest := true
	image, err := ec2.LookupAmi(ctx, &ec2.LookupAmiArgs{
		MostRecent: &newest,
		Owners:     []string{"amazon"},
		Filters:    []ec2.GetAmiFilter{{Name: "name", Values: []string{"al2023-ami-2023*-x86_64"}}},
	})
	if err != nil {
		return err
	}
	group, err := ec2.NewSecurityGroup(ctx, "web", &ec2.SecurityGroupArgs{
		Description: pulumi.String("HTTP from everywhere"),
		Ingress: ec2.SecurityGroupIngressArray{ec2.SecurityGroupIngressArgs{
			Protocol: pulumi.String("tcp"), FromPort: pulumi.Int(80), ToPort: pulumi.Int(80),
			CidrBlocks: pulumi.ToStringArray([]string{"0.0.0.0/0"}),
		}, ec2.SecurityGroupIngressArgs{
			Protocol: pulumi.String("tcp"), FromPort: pulumi.Int(22), ToPort: pulumi.Int(22),
			CidrBlocks: pulumi.ToStringArray([]string{"0.0.0.0/0"}),
		}},
		Egress: ec2.SecurityGroupEgressArray{ec2.SecurityGroupEgressArgs{
			Protocol: pulumi.String("-1"), FromPort: pulumi.Int(0), ToPort: pulumi.Int(0),
			CidrBlocks: pulumi.ToStringArray([]string{"0.0.0.0/0"}),
		}},
	})
	if err != nil {
		return err
	}
	profile, err := readsBuckets(ctx)
	if err != nil {
		return err
	}
	server, err := ec2.NewInstance(ctx, "web", &ec2.InstanceArgs{
		Ami:                 pulumi.String(image.Id),
		InstanceType:        pulumi.String("t2.micro"),
		VpcSecurityGroupIds: pulumi.StringArray{group.ID()},
		IamInstanceProfile:  profile.Name,
		UserData:            pulumi.String(hello),
	})
	if err != nil {
		return err
	}
	ctx.Export("url", pulumi.Sprintf("http://%s", server.PublicDns))
	return nil
}

// readsBuckets is a profile with the one policy that the program needs.
func readsBuckets(ctx *pulumi.Context) (*iam.InstanceProfile, error) {
	role, err := iam.NewRole(ctx, "web", &iam.RoleArgs{AssumeRolePolicy: trust("ec2.amazonaws.com")})
	if err != nil {
		return nil, err
	}
	_, err = iam.NewRolePolicyAttachment(ctx, "web", &iam.RolePolicyAttachmentArgs{
		Role: role.Name, PolicyArn: iam.ManagedPolicyAmazonS3ReadOnlyAccess,
	})
	if err != nil {
		return nil, err
	}
	return iam.NewInstanceProfile(ctx, "web", &iam.InstanceProfileArgs{Role: role.Name})
}
