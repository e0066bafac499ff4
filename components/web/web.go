// Package web makes the web tier: EC2 instances of Amazon Linux 2023 on Graviton that serve with nginx, from one public
// instance to several private ones behind a load balancer, or a group of them that scales with the traffic.
package web

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/observability"
	"stagecraft/components/role"
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
	// SubnetIDs are private subnets, one for each of Placement's zones in order; more are left unused. A Group spreads over
	// all of them. Instances reach the internet through them when they boot. Required with Placement or Group.
	SubnetIDs pulumi.StringArrayInput
	// Public is one instance that serves the internet by itself; Placement says where fixed instances stand behind a load
	// balancer, and how many there are; Group has instances come and go with the traffic. One of the three is usual, several
	// stand side by side while a stack grows, and one at least must be set.
	Public    *Public
	Placement *Placement
	Group     *Group
	// Setup are scripts that each server runs as root at its first boot, again until they succeed, such as the installer of
	// an agent. It serves only then. Default: none.
	Setup []string
	// InstanceType is a Graviton type, such as "t4g.small".
	InstanceType string
	// VolumeGiB is the size of each encrypted gp3 root volume, 8 or more.
	VolumeGiB int
	// DatabaseSecurityGroupID is where the instances may connect to PostgreSQL; the database must allow it too.
	DatabaseSecurityGroupID pulumi.StringInput
	// DatabaseSecretArn is the database's secret, which the instances may read.
	DatabaseSecretArn pulumi.StringInput
	// CacheSecurityGroupID is where the instances may connect to the cache; it must allow it too. Default: nil, no cache.
	CacheSecurityGroupID pulumi.StringInput
	// Permissions are what else the instances may do, such as other tiers' access. Default: nothing.
	Permissions []role.Statement
	// PatchGroup is the Systems Manager patch group whose baseline applies to the instances.
	PatchGroup string
	// LogRetentionDays is how long CloudWatch Logs keeps the instances' logs.
	LogRetentionDays int
	// Region is the AWS region, such as "eu-central-1".
	Region string
	// KmsKeyArn is the KMS key that encrypts the instances' volumes and logs. Default: nil, AWS's own keys.
	KmsKeyArn pulumi.StringInput
	// AlarmTopicArn is the SNS topic that is notified of alarms.
	AlarmTopicArn pulumi.StringInput
	// Tags go on every resource. Their keys are readable in the instance metadata, which refuses spaces and slashes.
	Tags pulumi.StringMap
}

// Public is one instance with an Elastic IP, open to the internet.
type Public struct {
	// SubnetIDs are public subnets. The instance stands in the first.
	SubnetIDs pulumi.StringArrayInput
	// Domain is the DNS name for which the instance serves HTTPS. Its certificate comes from Let's Encrypt once the name
	// points to Address; changing it replaces the instance. Default: plain HTTP.
	Domain string
	// Email is whom Let's Encrypt warns about the certificate. Required with Domain.
	Email string
}

// Placement says where instances stand.
type Placement struct {
	// Zones is in how many availability zones, and PerZone how many instances are in each; both 1 or more.
	Zones, PerZone int
}

// Instance is one server.
type Instance struct {
	// Name is the logical name, component-private-zone-number, such as "web-private-1-1".
	Name string
	// ID is the EC2 instance id.
	ID pulumi.StringOutput
}

// Web is the web servers with their network access, permissions, logs and alarms.
type Web struct {
	pulumi.ResourceState

	// Instances are the fixed servers behind a load balancer, zone by zone; none without Placement.
	Instances []Instance
	// GroupName is the auto-scaling group. Set only with Group.
	GroupName pulumi.StringOutput
	// SecurityGroupID is the security group of all instances, and RoleName their IAM role.
	SecurityGroupID, RoleName pulumi.StringOutput
	// Address is the Elastic IP, and URL where the service answers. Set only with Public.
	Address, URL pulumi.StringOutput
	// Serving is what must exist before the tier answers: the public instance at its address, and the group, which waits for
	// its instances to be healthy. Fixed instances behind a load balancer serve once they are attached.
	Serving []pulumi.Resource
	// Alarms are what the dashboard shows.
	Alarms observability.Alarms

	name, region string
	tags         pulumi.StringMap
}

// New makes the web tier. It refuses a tier or a placement without instances, a group that could not scale, and a type that
// is not Graviton.
//
// A newer AMI never replaces or stops a running instance: new ones start from the newest. A change of the set-up renews
// a group's instances, as Group tells; fixed ones are left as they are, to be renewed one by one: pulumi up --replace URN.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Web, error) {
	if err := args.validate(); err != nil {
		return nil, fmt.Errorf("web %q: %w", name, err)
	}
	component := &Web{name: name, region: args.Region, tags: args.Tags}
	if err := ctx.RegisterComponentResource("stagecraft:web:Web", name, component, opts...); err != nil {
		return nil, err
	}
	parent := pulumi.Parent(component)

	start, err := component.prepare(ctx, args, parent)
	if err != nil {
		return nil, err
	}
	outputs := pulumi.Map{"securityGroupId": component.SecurityGroupID}
	if args.Public != nil {
		if err := component.newPublic(ctx, args, start, parent); err != nil {
			return nil, err
		}
		outputs["address"], outputs["url"] = component.Address, component.URL
	}
	if args.Placement != nil {
		if err := component.newPlaced(ctx, args, start, parent); err != nil {
			return nil, err
		}
		ids := pulumi.StringMap{}
		for _, instance := range component.Instances {
			ids[instance.Name] = instance.ID
		}
		outputs["instanceIds"] = ids
	}
	if args.Group != nil {
		if err := component.newGroup(ctx, args, start, parent); err != nil {
			return nil, err
		}
		outputs["groupName"] = component.GroupName
	}
	return component, ctx.RegisterResourceOutputs(component, outputs)
}

// launch is what every server starts from, and Args does not hold.
type launch struct {
	profile pulumi.StringOutput
	// image is what fixed servers boot from; a group looks it up by itself.
	image string
	// before is what a server needs while it sets itself up: it must be there before one boots.
	before []pulumi.Resource
}

// prepare makes what servers of both kinds share, with the alarms on the logs of all.
func (w *Web) prepare(ctx *pulumi.Context, args *Args, parent pulumi.ResourceOrInvokeOption) (*launch, error) {
	routes, err := w.newSecurityGroup(ctx, args, parent)
	if err != nil {
		return nil, err
	}
	groups, err := newLogGroups(ctx, w.name, args, parent)
	if err != nil {
		return nil, err
	}
	agent, err := newAgentParameter(ctx, w.name, args, groups, parent)
	if err != nil {
		return nil, err
	}
	profile, permissions, err := newInstanceProfile(ctx, w.name, args, parent)
	if err != nil {
		return nil, err
	}
	w.RoleName = permissions.Name
	start := &launch{
		profile: profile.Name, before: slices.Concat(routes, []pulumi.Resource{agent}, permissions.Policies),
	}
	if args.Public != nil || args.Placement != nil {
		if start.image, err = newestImage(ctx, parent); err != nil {
			return nil, err
		}
	}
	return start, w.newLogAlarms(ctx, args, groups, parent)
}
