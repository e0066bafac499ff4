package web

import (
	"fmt"
	"maps"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ssm"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// amiParameter is AWS's public parameter for the newest AMI (Amazon Linux 2023 User Guide, "AL2023 on Amazon EC2").
const amiParameter = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"

// newInstances makes the fixed servers with their alarms.
func (w *Web) newInstances(
	ctx *pulumi.Context, args *Args, start *launch, parent pulumi.ResourceOrInvokeOption,
) error {
	ami, err := ssm.LookupParameter(ctx, &ssm.LookupParameterArgs{Name: amiParameter}, parent)
	if err != nil {
		return fmt.Errorf("the newest AMI of Amazon Linux 2023: %w", err)
	}
	options := []pulumi.ResourceOption{
		parent,
		pulumi.DependsOn(start.before),
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
			properties := args.instance(ctx, name, zone, start)
			properties.Ami = pulumi.String(ami.InsecureValue)
			properties.VpcSecurityGroupIds = pulumi.StringArray{w.SecurityGroupID}
			made, err := ec2.NewInstance(ctx, name, properties, options...)
			if err != nil {
				return err
			}
			instance := Instance{Name: name, ID: made.ID().ToStringOutput()}
			w.Instances = append(w.Instances, instance)
			if err := w.newAlarms(ctx, name, args, instanceAlarms(args, instance), parent); err != nil {
				return err
			}
		}
	}
	return nil
}

func (a *Args) instance(ctx *pulumi.Context, name string, zone int, start *launch) *ec2.InstanceArgs {
	tags := a.serverTags(ctx, name)
	instance := &ec2.InstanceArgs{
		InstanceType: pulumi.String(a.InstanceType),
		SubnetId:     a.subnet(zone),
		// Until its Elastic IP is there, a public instance gets out through an address of its own.
		AssociatePublicIpAddress: pulumi.Bool(a.Public),
		IamInstanceProfile:       start.profile,
		UserData:                 pulumi.String(start.userData),
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

// serverTags are a server's own, and its volume's.
func (a *Args) serverTags(ctx *pulumi.Context, name string) pulumi.StringMap {
	tags := pulumi.StringMap{}
	maps.Copy(tags, a.Tags)
	tags["Name"] = pulumi.Sprintf("%s-%s", ctx.Stack(), name)
	// The key without a space is the one that works with tags in instance metadata (Systems Manager User Guide,
	// "Creating and managing patch groups").
	tags["PatchGroup"] = pulumi.String(a.PatchGroup)
	return tags
}
