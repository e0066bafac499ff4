package web

import (
	"fmt"
	"maps"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ssm"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/role"
)

// amiParameter is AWS's public parameter for the newest AMI (Amazon Linux 2023 User Guide, "AL2023 on Amazon EC2").
const amiParameter = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"

func (w *Web) newInstances(
	ctx *pulumi.Context, args *Args, before []pulumi.Resource, parent pulumi.ResourceOrInvokeOption,
) error {
	profile, permissions, err := newInstanceProfile(ctx, w.name, args, parent)
	if err != nil {
		return err
	}
	w.RoleName = permissions.Name
	ami, err := ssm.LookupParameter(ctx, &ssm.LookupParameterArgs{Name: amiParameter}, parent)
	if err != nil {
		return fmt.Errorf("the newest AMI of Amazon Linux 2023: %w", err)
	}
	script, err := userData(ctx, w.name, args)
	if err != nil {
		return err
	}
	options := []pulumi.ResourceOption{
		parent,
		pulumi.DependsOn(append(before, permissions.Policies...)),
		// A newer AMI would replace a running instance, and newer user data would stop it.
		pulumi.IgnoreChanges([]string{"ami", "userData"}),
	}
	if args.Public {
		// User data asks for the certificate: a new domain needs a new instance.
		options = append(options, pulumi.ReplacementTrigger(pulumi.String(args.Domain)))
	}
	for zone := range args.Placement.Zones {
		for number := range args.Placement.PerZone {
			name := fmt.Sprintf("%s-%s-%d-%d", w.name, args.Placement.Tier, zone+1, number+1)
			instance, err := ec2.NewInstance(ctx, name, args.instance(ctx, name, zone, instanceInputs{
				ami:             ami.InsecureValue,
				userData:        script,
				profile:         profile.Name,
				securityGroupID: w.SecurityGroupID,
			}), options...)
			if err != nil {
				return err
			}
			w.Instances = append(w.Instances, Instance{Name: name, ID: instance.ID().ToStringOutput()})
		}
	}
	return nil
}

// instanceInputs are what all instances share and Args does not hold.
type instanceInputs struct {
	ami, userData            string
	profile, securityGroupID pulumi.StringOutput
}

func (a *Args) instance(ctx *pulumi.Context, name string, zone int, shared instanceInputs) *ec2.InstanceArgs {
	tags := pulumi.StringMap{}
	maps.Copy(tags, a.Tags)
	tags["Name"] = pulumi.Sprintf("%s-%s", ctx.Stack(), name)
	// The key without a space is the one that works with tags in instance metadata (Systems Manager User Guide,
	// "Creating and managing patch groups").
	tags["PatchGroup"] = pulumi.String(a.PatchGroup)

	instance := &ec2.InstanceArgs{
		Ami:          pulumi.String(shared.ami),
		InstanceType: pulumi.String(a.InstanceType),
		SubnetId:     a.subnet(zone),
		// Until its Elastic IP is there, a public instance gets out through an address of its own.
		AssociatePublicIpAddress: pulumi.Bool(a.Public),
		VpcSecurityGroupIds:      pulumi.StringArray{shared.securityGroupID},
		IamInstanceProfile:       shared.profile,
		UserData:                 pulumi.String(shared.userData),
		Monitoring:               pulumi.Bool(true),
		EbsOptimized:             pulumi.Bool(true),
		MetadataOptions: &ec2.InstanceMetadataOptionsArgs{
			HttpEndpoint:            pulumi.String("enabled"),
			HttpTokens:              pulumi.String("required"),
			HttpPutResponseHopLimit: pulumi.Int(1),
			InstanceMetadataTags:    pulumi.String("enabled"),
		},
		RootBlockDevice: &ec2.InstanceRootBlockDeviceArgs{
			VolumeType: pulumi.String("gp3"),
			VolumeSize: pulumi.Int(a.VolumeGiB),
			Encrypted:  pulumi.Bool(true),
			Tags:       tags,
		},
		Tags: tags,
	}
	if a.burstable() {
		instance.CreditSpecification = &ec2.InstanceCreditSpecificationArgs{CpuCredits: pulumi.String("unlimited")}
	}
	return instance
}

func (a *Args) subnet(zone int) pulumi.StringOutput {
	return a.SubnetIDs.ToStringArrayOutput().ApplyT(func(ids []string) (string, error) {
		if zone >= len(ids) {
			return "", fmt.Errorf("SubnetIDs has %d subnets: Placement needs one for each of its %d zones",
				len(ids), a.Placement.Zones)
		}
		return ids[zone], nil
	}).(pulumi.StringOutput)
}

func (a *Args) burstable() bool { return strings.HasPrefix(a.InstanceType, "t") }

// newInstanceProfile lets Systems Manager manage the instances, the CloudWatch agent report, and the application read
// the database's secret. AmazonSSMManagedInstanceCore also covers reading the agent's configuration.
func newInstanceProfile(
	ctx *pulumi.Context, name string, args *Args, parent pulumi.ResourceOption,
) (*iam.InstanceProfile, *role.Role, error) {
	permissions, err := role.New(ctx, name, &role.Args{
		Service:     "ec2.amazonaws.com",
		Description: "Web servers: managed by Systems Manager, observed by CloudWatch, reading the database's secret",
		ManagedPolicies: []iam.ManagedPolicy{
			iam.ManagedPolicyAmazonSSMManagedInstanceCore,
			iam.ManagedPolicyCloudWatchAgentServerPolicy,
		},
		Statements: []role.Statement{{
			Actions:   []string{"secretsmanager:GetSecretValue"},
			Resources: pulumi.StringArray{args.DatabaseSecretArn},
		}},
		Tags: args.Tags,
	}, parent)
	if err != nil {
		return nil, nil, err
	}
	profile, err := iam.NewInstanceProfile(ctx, name, &iam.InstanceProfileArgs{
		Role: permissions.Name,
		Tags: args.Tags,
	}, parent)
	return profile, permissions, err
}
