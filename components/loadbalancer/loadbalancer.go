// Package loadbalancer creates the entry tier: an application load balancer in front of the web servers and services.
package loadbalancer

import (
	"errors"
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lb"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/logbucket"
	"stagecraft/components/observability"
)

// Args describes the load balancer. Every field is required unless a default is named.
type Args struct {
	// AccountID is the AWS account whose load balancers may deliver access logs to the bucket.
	AccountID string
	// VpcID is the network of the targets.
	VpcID pulumi.StringInput
	// SubnetIDs are public subnets in two availability zones or more.
	SubnetIDs pulumi.StringArrayInput
	// Public is the listener that accepts connections from anywhere. CloudFront is the listener that accepts connections
	// from CloudFront only, on a port of its own; every AWS customer can use CloudFront, so its rules must demand a secret
	// header too. One of the two is usual; a growing stack has both for a time. At least one is required.
	Public, CloudFront *Listener
	// Targets is the target group for requests to Public that match no rule; without Public it is rejected. Default: nil,
	// the load balancer answers such requests with 403.
	Targets *Targets
	// AccessLogRetentionDays is for how many days the bucket keeps access logs, 1 or more.
	AccessLogRetentionDays int
	// Unprotected removes the protection from deletion, so that a later update may delete the load balancer. Default:
	// false, Pulumi and AWS reject its deletion.
	Unprotected bool
	// Ephemeral removes every protection against loss, for throw-away stacks. Default: false.
	Ephemeral bool
	// AlarmTopicArn is the SNS topic that is notified of alarms.
	AlarmTopicArn pulumi.StringInput
	// Tags are set on every resource.
	Tags pulumi.StringMap
}

// Listener is where clients connect.
type Listener struct {
	// CertificateArn is an ACM certificate. With it the listener speaks HTTPS, and Public redirects HTTP to it. Default:
	// nil, plain HTTP.
	CertificateArn pulumi.StringInput
	// OtherCertificateArns are certificates for further names; the keys become part of their logical names. They are
	// rejected without CertificateArn, and for CloudFront. Default: none.
	OtherCertificateArns map[string]pulumi.StringInput
}

// ListenerOutput is what a listener offers to others.
type ListenerOutput struct {
	// Arn is the listener that rules belong to, and Port the port that it listens on.
	Arn  pulumi.StringOutput
	Port int
	// Serving is what must exist before it answers: the listeners with their certificates.
	Serving []pulumi.Resource
}

// LoadBalancer is an application load balancer with its listeners, access logs and alarms, and a target group if there
// are Targets.
type LoadBalancer struct {
	pulumi.ResourceState

	// DNSName and ZoneID are the target of an alias record; URL is the address of Public under that name.
	DNSName, ZoneID, URL pulumi.StringOutput
	// Public and CloudFront are the listeners, nil without one.
	Public, CloudFront *ListenerOutput
	// ArnSuffix identifies the load balancer in CloudWatch.
	ArnSuffix pulumi.StringOutput
	// SecurityGroupID is the security group that targets must allow.
	SecurityGroupID pulumi.StringOutput
	// TargetGroupArn is the target group that an auto-scaling group registers its instances with, and ResourceLabel
	// identifies it, with the load balancer, in CloudWatch. Set only with Targets.
	TargetGroupArn, ResourceLabel pulumi.StringOutput
	// DeregistrationDelay is how many seconds a target has to finish its requests, 0 without Targets.
	DeregistrationDelay int
	// Alarms are the alarms for the dashboard.
	Alarms observability.Alarms

	name string
	tags pulumi.StringMap
}

// New creates the load balancer, without any target yet. It rejects a port, a path or times that a load balancer does
// not accept, and targets without a public listener.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*LoadBalancer, error) {
	if err := args.validate(); err != nil {
		return nil, fmt.Errorf("load balancer %q: %w", name, err)
	}
	component := &LoadBalancer{name: name, tags: args.Tags}
	err := ctx.RegisterComponentResource("stagecraft:loadbalancer:LoadBalancer", name, component, opts...)
	if err != nil {
		return nil, err
	}
	parent := pulumi.Parent(component)

	balancer, err := component.newLoadBalancer(ctx, args, parent)
	if err != nil {
		return nil, err
	}
	component.DNSName, component.ZoneID, component.ArnSuffix = balancer.DnsName, balancer.ZoneId, balancer.ArnSuffix
	if args.Public != nil {
		component.URL = pulumi.Sprintf("%s://%s", args.Public.scheme(), balancer.DnsName)
	}

	var targets *lb.TargetGroup
	if args.Targets != nil {
		if targets, err = component.newTargetGroup(ctx, args, balancer, parent); err != nil {
			return nil, err
		}
	}
	err = errors.Join(
		component.newPublicListener(ctx, args, balancer, targets, parent),
		component.newCloudFrontListener(ctx, args, balancer, parent),
	)
	if err != nil {
		return nil, err
	}
	component.Alarms, err = observability.NewAlarms(ctx, name,
		observability.AlarmsArgs{TopicArn: args.AlarmTopicArn, Tags: args.Tags}, alarms(args, balancer, targets), parent)
	if err != nil {
		return nil, err
	}
	outputs := pulumi.Map{
		"dnsName":         component.DNSName,
		"zoneId":          component.ZoneID,
		"securityGroupId": component.SecurityGroupID,
	}
	if args.Public != nil {
		outputs["url"] = component.URL
	}
	if targets != nil {
		outputs["targetGroupArn"] = component.TargetGroupArn
	}
	return component, ctx.RegisterResourceOutputs(component, outputs)
}

// newLoadBalancer creates the load balancer itself, with its security group and the bucket of its access logs.
func (l *LoadBalancer) newLoadBalancer(
	ctx *pulumi.Context, args *Args, parent pulumi.ResourceOption,
) (*lb.LoadBalancer, error) {
	if err := l.newSecurityGroup(ctx, args, parent); err != nil {
		return nil, err
	}
	logs, err := logbucket.New(ctx, l.name+"-logs", &logbucket.Args{
		Delivery:       args.logDelivery,
		RetentionDays:  args.AccessLogRetentionDays,
		RetainOnDelete: true,
		Ephemeral:      args.Ephemeral,
		Tags:           args.Tags,
	}, parent)
	if err != nil {
		return nil, err
	}
	return lb.NewLoadBalancer(ctx, l.name, &lb.LoadBalancerArgs{
		LoadBalancerType:         pulumi.String("application"),
		SecurityGroups:           pulumi.StringArray{l.SecurityGroupID},
		Subnets:                  args.SubnetIDs,
		AccessLogs:               lb.LoadBalancerAccessLogsArgs{Bucket: logs, Enabled: pulumi.Bool(true)},
		DesyncMitigationMode:     pulumi.String("defensive"),
		DropInvalidHeaderFields:  pulumi.Bool(true),
		EnableDeletionProtection: pulumi.Bool(args.protected()),
		IdleTimeout:              pulumi.Int(60),
		Tags:                     args.Tags,
		// Pulumi rejects before an update what AWS would reject at its end.
	}, parent, pulumi.Protect(args.protected()))
}

// protected reports whether Pulumi and AWS reject the deletion of the load balancer.
func (a *Args) protected() bool { return !a.Unprotected && !a.Ephemeral }
