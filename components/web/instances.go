package web

import (
	"fmt"
	"maps"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ssm"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// amiParameter is AWS's public parameter that holds the newest AMI (Amazon Linux 2023 User Guide, "AL2023 on Amazon
// EC2").
const amiParameter = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"

// newestImage looks up the newest AMI.
func newestImage(ctx *pulumi.Context, parent pulumi.InvokeOption) (string, error) {
	parameter, err := ssm.LookupParameter(ctx, &ssm.LookupParameterArgs{Name: amiParameter}, parent)
	if err != nil {
		return "", fmt.Errorf("looking up the newest AMI of Amazon Linux 2023: %w", err)
	}
	return parameter.InsecureValue, nil
}

// fixedServer is a server outside of an auto-scaling group.
type fixedServer struct {
	name     string
	subnetID pulumi.StringInput
	public   bool
	userData string
}

// newPublicInstance creates the instance that serves the internet by itself, at an address that outlives it.
func (w *Web) newPublicInstance(ctx *pulumi.Context, args *Args, config *launchConfig, parent pulumi.ResourceOption) error {
	script, err := userData(ctx, w.name, scriptValues{
		Domain: args.Public.Domain, Email: args.Public.Email, Setup: args.Setup,
	})
	if err != nil {
		return err
	}
	instance, err := w.newInstance(ctx, args, config, fixedServer{
		name:     w.name + "-public-1-1",
		subnetID: subnet(args.Public.SubnetIDs, "Public.SubnetIDs", 0, 1),
		public:   true,
		userData: script,
		// User data requests the certificate: a new domain needs a new instance.
	}, parent, pulumi.ReplacementTrigger(pulumi.String(args.Public.Domain)))
	if err != nil {
		return err
	}
	address, err := ec2.NewEip(ctx, w.name, &ec2.EipArgs{Domain: pulumi.String("vpc"), Tags: args.Tags}, parent)
	if err != nil {
		return err
	}
	association, err := ec2.NewEipAssociation(ctx, w.name, &ec2.EipAssociationArgs{
		AllocationId: address.ID(),
		InstanceId:   instance.ID,
	}, parent)
	if err != nil {
		return err
	}
	w.Address, w.Serving = address.PublicIp, append(w.Serving, association)
	w.URL = pulumi.Sprintf("http://%s", address.PublicIp)
	if args.Public.Domain != "" {
		w.URL = pulumi.Sprintf("https://%s", args.Public.Domain)
	}
	return nil
}

// newPrivateInstances creates the fixed servers behind a load balancer.
func (w *Web) newPrivateInstances(ctx *pulumi.Context, args *Args, config *launchConfig, parent pulumi.ResourceOption) error {
	script, err := userData(ctx, w.name, scriptValues{Setup: args.Setup, Balanced: true})
	if err != nil {
		return err
	}
	zones := args.Placement.Zones
	var before []pulumi.Resource
	for zone := range zones {
		for number := range args.Placement.PerZone {
			instance, err := w.newInstance(ctx, args, config, fixedServer{
				name:     fmt.Sprintf("%s-private-%d-%d", w.name, zone+1, number+1),
				subnetID: subnet(args.SubnetIDs, "SubnetIDs", zone, zones),
				userData: script,
			}, parent, pulumi.DependsOn(before))
			if err != nil {
				return err
			}
			if args.Placement.Serving != nil {
				if instance.Serving, err = args.Placement.Serving(instance); err != nil {
					return err
				}
				before = []pulumi.Resource{instance.Serving}
			}
			w.Instances = append(w.Instances, instance)
		}
	}
	return nil
}

// newInstance creates a fixed server with its alarms.
func (w *Web) newInstance(
	ctx *pulumi.Context, args *Args, config *launchConfig, server fixedServer, parent pulumi.ResourceOption,
	opts ...pulumi.ResourceOption,
) (Instance, error) {
	properties := args.instance(ctx, server, config)
	properties.Ami = pulumi.String(config.image)
	properties.VpcSecurityGroupIds = pulumi.StringArray{w.SecurityGroupID}
	resource, err := ec2.NewInstance(ctx, server.name, properties, append(opts, parent, pulumi.DependsOn(config.before),
		// A newer AMI would replace a running instance, and newer user data would stop it.
		pulumi.IgnoreChanges([]string{"ami", "userData"}))...)
	if err != nil {
		return Instance{}, err
	}
	instance := Instance{Name: server.name, ID: resource.ID().ToStringOutput()}
	return instance, w.newAlarms(ctx, server.name, args, instanceAlarms(args, instance), parent)
}

// instance returns the inputs of a fixed server, but for its AMI and security group.
func (a *Args) instance(ctx *pulumi.Context, server fixedServer, config *launchConfig) *ec2.InstanceArgs {
	tags := a.serverTags(ctx, server.name)
	tags[KindTag] = pulumi.String(FixedKind)
	instance := &ec2.InstanceArgs{
		InstanceType: pulumi.String(a.InstanceType),
		SubnetId:     server.subnetID.ToStringOutput(),
		// A public instance reaches the internet from an address of its own until it has its Elastic IP.
		AssociatePublicIpAddress: pulumi.Bool(server.public),
		IamInstanceProfile:       config.profile,
		UserData:                 pulumi.String(server.userData),
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
			KmsKeyId:   a.KmsKeyArn,
			Tags:       tags,
		},
		Tags: tags,
	}
	if a.burstable() {
		instance.CreditSpecification = &ec2.InstanceCreditSpecificationArgs{CpuCredits: pulumi.String("unlimited")}
	}
	return instance
}

// subnet returns the subnet of one of the zones.
func subnet(ids pulumi.StringArrayInput, field string, zone, zones int) pulumi.StringOutput {
	return ids.ToStringArrayOutput().ApplyT(func(ids []string) (string, error) {
		if zone >= len(ids) {
			return "", fmt.Errorf("%s has %d subnets: there must be one for each of %d zones", field, len(ids), zones)
		}
		return ids[zone], nil
	}).(pulumi.StringOutput)
}

func (a *Args) burstable() bool { return strings.HasPrefix(a.InstanceType, "t") }

// serverTags returns the tags of a server and of its volume.
func (a *Args) serverTags(ctx *pulumi.Context, name string) pulumi.StringMap {
	tags := pulumi.StringMap{}
	maps.Copy(tags, a.Tags)
	tags["Name"] = pulumi.Sprintf("%s-%s", ctx.Stack(), name)
	// The key without a space is the one that instance metadata accepts as a tag (Systems Manager User Guide,
	// "Creating and managing patch groups").
	tags["PatchGroup"] = pulumi.String(a.PatchGroup)
	return tags
}
