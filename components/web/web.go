// Package web creates the web tier: EC2 instances of Amazon Linux 2023 on Graviton that serve with nginx, from one
// public instance to several private ones behind a load balancer, or an auto-scaling group that follows the traffic.
package web

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/observability"
	"stagecraft/components/role"
)

const (
	// Port is the port on which every instance serves HTTP.
	Port = 80
	// HealthPath answers 200 as long as an instance serves.
	HealthPath = "/health"
	// drainingFile makes an instance unhealthy as long as it exists: a load balancer then sends no new requests. A reboot
	// deletes it.
	drainingFile = "/run/web-draining"
	// KindTag has the value FixedKind on servers outside of an auto-scaling group, which does not renew them.
	KindTag = "Kind"
	// FixedKind is the value of KindTag on those servers.
	FixedKind = "fixed"
)

// Args describes the web tier. Every field is required unless a default is named.
type Args struct {
	// VpcID is the network of the instances.
	VpcID pulumi.StringInput
	// SubnetIDs are private subnets, one for each of Placement's zones in order; further subnets are unused. A Group
	// spreads over all of them. Instances reach the internet through them when they boot. Required with Placement or
	// Group.
	SubnetIDs pulumi.StringArrayInput
	// Public is one instance that serves the internet by itself. Placement is where fixed instances behind a load balancer
	// are, and how many. Group is an auto-scaling group behind a load balancer. One of the three is usual; a growing stack
	// has several for a time. At least one is required.
	Public    *Public
	Placement *Placement
	Group     *Group
	// Setup are scripts that each server runs as root at its first boot, again until they succeed, such as the installer
	// of an agent; the server serves only then. Each must end with a line break and must not have a line END. Default:
	// none.
	Setup []string
	// InstanceType is a Graviton (arm64) type, such as "t4g.small"; bare metal is rejected.
	InstanceType string
	// VolumeGiB is the size of each encrypted gp3 root volume in GiB, 8 or more.
	VolumeGiB int
	// DatabaseSecurityGroupID is the database's security group, to which the instances may connect on PostgreSQL's port;
	// the database must allow it too. Default: nil, no database.
	DatabaseSecurityGroupID pulumi.StringInput
	// DatabaseSecretArn is the database's secret, which the instances may read. Default: nil, none.
	DatabaseSecretArn pulumi.StringInput
	// CacheSecurityGroupID is the cache's security group, to which the instances may connect; the cache must allow it too.
	// Default: nil, no cache.
	CacheSecurityGroupID pulumi.StringInput
	// Permissions are what else the instances may do in AWS, such as other tiers' access. Default: nothing.
	Permissions []role.Statement
	// PatchGroup is the Systems Manager patch group whose baseline applies to the instances.
	PatchGroup string
	// LogRetentionDays is for how many days CloudWatch Logs keeps the instances' logs.
	LogRetentionDays int
	// Region is the AWS region, such as "eu-central-1".
	Region string
	// KmsKeyArn is the KMS key that encrypts the instances' volumes and logs. Default: nil, AWS's own keys.
	KmsKeyArn pulumi.StringInput
	// AlarmTopicArn is the SNS topic that is notified of alarms.
	AlarmTopicArn pulumi.StringInput
	// Tags are set on every resource. Instance metadata shows them, so that spaces and slashes in their keys are rejected.
	Tags pulumi.StringMap
}

// Public is one instance with an Elastic IP, open to the internet.
type Public struct {
	// SubnetIDs are public subnets; the instance is in the first. Required.
	SubnetIDs pulumi.StringArrayInput
	// Domain is the DNS name, in lower case, for which the instance serves HTTPS. Its certificate comes from Let's Encrypt,
	// to which a record in the hosted zone proves the name, before the name points to Address; another name replaces the
	// instance. Default: "", plain HTTP.
	Domain string
	// HostedZoneID is the Route 53 zone of Domain. Required with Domain, rejected without.
	HostedZoneID string
	// Email is the address of the account at Let's Encrypt. Required with Domain, rejected without.
	Email string
}

// Placement is the number of fixed instances and of their zones.
type Placement struct {
	// Zones is the number of availability zones, and PerZone the number of instances in each; both 1 or more. Required.
	Zones, PerZone int
	// Serving attaches an instance to its load balancer and returns what exists once it serves, for which the next
	// instance waits: a change reaches one instance after the other. Default: nil, all change at once.
	Serving func(Instance) (pulumi.Resource, error)
}

// Instance is one server.
type Instance struct {
	// Name is the logical name, component-private-zone-number, such as "web-private-1-1".
	Name string
	// ID is the EC2 instance id.
	ID pulumi.StringOutput
	// Serving is what exists once the instance serves, nil without Placement.Serving.
	Serving pulumi.Resource
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
	// Address is the Elastic IP, and URL the address of the service. Set only with Public.
	Address, URL pulumi.StringOutput
	// Serving is what must exist before the tier can answer: the public instance's address, and the group. Whether it
	// answers is for the gate to ask. Fixed instances behind a load balancer serve once they are attached.
	Serving []pulumi.Resource
	// Alarms are the alarms for the dashboard.
	Alarms observability.Alarms

	name string
	tags pulumi.StringMap
	// sharedAlarms are the alarms on the logs of all servers, of any kind.
	sharedAlarms observability.Alarms
}

// New creates the web tier. It rejects a tier or a placement without instances, a group that could not scale, and a
// type that is not Graviton.
//
// A newer AMI never replaces or stops a running instance: new instances start from the newest. A change of the launch
// template replaces a group's instances, see Group. Fixed instances stay as they are; replace them one by one with
// pulumi up --replace URN.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Web, error) {
	if err := args.validate(); err != nil {
		return nil, fmt.Errorf("web %q: %w", name, err)
	}
	component := &Web{name: name, tags: args.Tags}
	if err := ctx.RegisterComponentResource("stagecraft:web:Web", name, component, opts...); err != nil {
		return nil, err
	}
	parent := pulumi.Parent(component)

	config, err := component.newLaunchConfig(ctx, args, parent)
	if err != nil {
		return nil, err
	}
	outputs := pulumi.Map{"securityGroupId": component.SecurityGroupID}
	if args.Public != nil {
		if err := component.newPublicInstance(ctx, args, config, parent); err != nil {
			return nil, err
		}
		outputs["address"], outputs["url"] = component.Address, component.URL
	}
	if args.Placement != nil {
		if err := component.newPrivateInstances(ctx, args, config, parent); err != nil {
			return nil, err
		}
		ids := pulumi.StringMap{}
		for _, instance := range component.Instances {
			ids[instance.Name] = instance.ID
		}
		outputs["instanceIds"] = ids
	}
	if args.Group != nil {
		if err := component.newGroup(ctx, args, config, parent); err != nil {
			return nil, err
		}
		outputs["groupName"] = component.GroupName
	}
	return component, ctx.RegisterResourceOutputs(component, outputs)
}

// launchConfig is what every server starts from, beside Args.
type launchConfig struct {
	profile pulumi.StringOutput
	// image is the AMI of fixed servers; a group looks it up by itself.
	image string
	// before is what must exist before a server boots, since it needs it to set itself up.
	before []pulumi.Resource
}

// newLaunchConfig creates what all kinds of servers share, with the alarms on the logs of all.
func (w *Web) newLaunchConfig(ctx *pulumi.Context, args *Args, parent pulumi.ResourceOrInvokeOption) (*launchConfig, error) {
	rules, err := w.newSecurityGroup(ctx, args, parent)
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
	config := &launchConfig{
		profile: profile.Name, before: slices.Concat(rules, []pulumi.Resource{agent}, permissions.Policies),
	}
	if args.Public != nil || args.Placement != nil {
		if config.image, err = newestImage(ctx, parent); err != nil {
			return nil, err
		}
	}
	return config, w.newLogAlarms(ctx, args, groups, parent)
}
