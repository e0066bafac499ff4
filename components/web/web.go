// Package web makes the web tier: EC2 instances of Amazon Linux 2023 on Graviton that serve with nginx, from one public
// instance to several private ones behind a load balancer.
package web

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/observability"
)

const (
	// Port is where every instance speaks HTTP.
	Port = 80
	// HealthPath answers 200 as long as an instance serves.
	HealthPath = "/health"
)

// Args describes the web tier. Every field is required unless a default is named.
type Args struct {
	// VpcID is the network that the instances stand in.
	VpcID pulumi.StringInput
	// SubnetIDs are the subnets of Placement's tier, one for each of its zones in order; more are left unused. Instances
	// reach the internet through them when they boot.
	SubnetIDs pulumi.StringArrayInput
	// Placement says where the instances stand, and how many there are.
	Placement Placement
	// Public gives the one instance an Elastic IP and opens it to the internet. Default: only AllowFrom opens the tier.
	Public bool
	// InstanceType is a Graviton type, such as "t4g.small".
	InstanceType string
	// VolumeGiB is the size of each encrypted gp3 root volume, 8 or more.
	VolumeGiB int
	// DatabaseSecurityGroupID is where the instances may connect to PostgreSQL; the database must allow it too.
	DatabaseSecurityGroupID pulumi.StringInput
	// DatabaseSecretArn is the one secret that the instances may read.
	DatabaseSecretArn pulumi.StringInput
	// Domain, with Public, is the DNS name for which the instance serves HTTPS. Its certificate comes from Let's Encrypt
	// once the name points to Address; changing it replaces the instance. Default: plain HTTP.
	Domain string
	// Email is whom Let's Encrypt warns about the certificate. Required with Domain.
	Email string
	// PatchGroup is the Systems Manager patch group whose baseline applies to the instances.
	PatchGroup string
	// LogRetentionDays is how long CloudWatch Logs keeps the instances' logs.
	LogRetentionDays int
	// Region is the AWS region, such as "eu-central-1".
	Region string
	// AlarmTopicArn is the SNS topic that hears of alarms.
	AlarmTopicArn pulumi.StringInput
	// Tags go on every resource. Their keys are readable in the instance metadata, which refuses spaces and slashes.
	Tags pulumi.StringMap
}

// Placement says where instances stand.
type Placement struct {
	// Zones is in how many availability zones, and PerZone how many instances are in each; both 1 or more.
	Zones, PerZone int
	// Tier is the tier of the subnets, "public" or "private". It is in the instances' names, so that those of both tiers
	// can stand side by side while a stack grows.
	Tier string
}

// Instance is one server.
type Instance struct {
	// Name is the logical name, component-tier-zone-number, such as "web-public-1-1".
	Name string
	// ID is the EC2 instance id.
	ID pulumi.StringOutput
}

// Web is the web servers with their network access, permissions, logs and alarms.
type Web struct {
	pulumi.ResourceState

	// Instances are the servers, zone by zone.
	Instances []Instance
	// SecurityGroupID is the security group of all instances, and RoleName their IAM role.
	SecurityGroupID, RoleName pulumi.StringOutput
	// Address is the Elastic IP, and URL where the service answers. Set only with Public.
	Address, URL pulumi.StringOutput
	// Alarms are what the dashboard shows.
	Alarms observability.Alarms

	name string
	tags pulumi.StringMap
}

// New makes the web tier. It refuses a placement without instances, several public instances, a type that is not
// Graviton, and HTTPS for instances that are not public.
//
// A newer AMI or a change of the set-up reaches new instances only: neither replaces or stops a running one. To renew
// instances, replace them one by one: pulumi up --replace URN.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Web, error) {
	if err := args.validate(); err != nil {
		return nil, fmt.Errorf("web %q: %w", name, err)
	}
	component := &Web{name: name, tags: args.Tags}
	if err := ctx.RegisterComponentResource("stagecraft:web:Web", name, component, opts...); err != nil {
		return nil, err
	}
	parent := pulumi.Parent(component)

	routes, err := component.newSecurityGroup(ctx, args, parent)
	if err != nil {
		return nil, err
	}
	groups, err := newLogGroups(ctx, name, args, parent)
	if err != nil {
		return nil, err
	}
	agent, err := newAgentParameter(ctx, name, args, groups, parent)
	if err != nil {
		return nil, err
	}
	// What an instance needs while it sets itself up must be there before it boots.
	if err := component.newInstances(ctx, args, append(routes, agent), parent); err != nil {
		return nil, err
	}
	ids := pulumi.StringMap{}
	for _, instance := range component.Instances {
		ids[instance.Name] = instance.ID
	}
	outputs := pulumi.Map{"securityGroupId": component.SecurityGroupID, "instanceIds": ids}
	if args.Public {
		if err := component.newAddress(ctx, args, parent); err != nil {
			return nil, err
		}
		outputs["address"], outputs["url"] = component.Address, component.URL
	}
	if err := component.newAlarms(ctx, args, groups, parent); err != nil {
		return nil, err
	}
	return component, ctx.RegisterResourceOutputs(component, outputs)
}

// newAddress gives the one public instance an address that outlives it.
func (w *Web) newAddress(ctx *pulumi.Context, args *Args, parent pulumi.ResourceOption) error {
	address, err := ec2.NewEip(ctx, w.name, &ec2.EipArgs{Domain: pulumi.String("vpc"), Tags: args.Tags}, parent)
	if err != nil {
		return err
	}
	_, err = ec2.NewEipAssociation(ctx, w.name, &ec2.EipAssociationArgs{
		AllocationId: address.ID(),
		InstanceId:   w.Instances[0].ID,
	}, parent)
	if err != nil {
		return err
	}
	w.Address = address.PublicIp
	w.URL = pulumi.Sprintf("http://%s", address.PublicIp)
	if args.Domain != "" {
		w.URL = pulumi.Sprintf("https://%s", args.Domain)
	}
	return nil
}
