// Package loadbalancer makes the entry tier: an application load balancer before the web servers.
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
	// VpcID is the network that the targets stand in.
	VpcID pulumi.StringInput
	// SubnetIDs are public subnets in two availability zones or more.
	SubnetIDs pulumi.StringArrayInput
	// Public is the listener that anyone connects to. CloudFront is one that nobody but CloudFront connects to, on a port of
	// its own; CloudFront is everybody's, so that rules must ask for a secret header too. One of the two is usual, both
	// stand side by side while a stack grows, and one at least must be set.
	Public, CloudFront *Listener
	// Targets is the target group of requests to Public that no rule is about. Default: nil, such requests are answered with
	// 403; whoever has targets brings rules for the listener.
	Targets *Targets
	// AccessLogRetentionDays is how long the bucket keeps access logs.
	AccessLogRetentionDays int
	// Leaving lets a stack do without the load balancer from now on. Default: false, it is protected from deletion.
	Leaving bool
	// Ephemeral opens every protection against loss: for throw-away stacks. Default: false.
	Ephemeral bool
	// AlarmTopicArn is the SNS topic that hears of alarms.
	AlarmTopicArn pulumi.StringInput
	// Tags go on every resource.
	Tags pulumi.StringMap
}

// Listener is where clients connect.
type Listener struct {
	// CertificateArn is an ACM certificate. With it the listener speaks HTTPS; Public redirects HTTP to it. Default: nil,
	// plain HTTP.
	CertificateArn pulumi.StringInput
	// OtherCertificateArns are certificates of other names that it answers to, by what names them. Default: none.
	OtherCertificateArns map[string]pulumi.StringInput
}

// Listening is a listener that was made.
type Listening struct {
	// Arn is what rules belong to, and Port where it listens.
	Arn  pulumi.StringOutput
	Port int
	// Serving is what must exist before it serves: listeners, and what was attached to them.
	Serving []pulumi.Resource
}

// LoadBalancer is an application load balancer with its listeners, access logs and alarms, and a target group if there
// are Targets.
type LoadBalancer struct {
	pulumi.ResourceState

	// DNSName and ZoneID are what an alias record points at; URL is where Public answers under that name.
	DNSName, ZoneID, URL pulumi.StringOutput
	// Public and CloudFront are the listeners; nil for none.
	Public, CloudFront *Listening
	// ArnSuffix names the load balancer to CloudWatch.
	ArnSuffix pulumi.StringOutput
	// SecurityGroupID is whom targets let in.
	SecurityGroupID pulumi.StringOutput
	// TargetGroupArn is what an auto-scaling group registers its instances with, and ResourceLabel names it, with the load
	// balancer, to CloudWatch. There is neither without Targets.
	TargetGroupArn, ResourceLabel pulumi.StringOutput
	// DeregistrationDelay is how many seconds a target has to finish its requests. Without Targets it is 0.
	DeregistrationDelay int
	// Alarms are what the dashboard shows.
	Alarms observability.Alarms

	name string
	tags pulumi.StringMap
}

// New makes the load balancer, without any target yet. It refuses a port, a path or times that a load balancer does not
// take, and targets without a public listener.
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
		component.newPublic(ctx, args, balancer, targets, parent),
		component.newCloudFront(ctx, args, balancer, parent),
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

func (l *LoadBalancer) newLoadBalancer(
	ctx *pulumi.Context, args *Args, parent pulumi.ResourceOption,
) (*lb.LoadBalancer, error) {
	if err := l.newSecurityGroup(ctx, args, parent); err != nil {
		return nil, err
	}
	logs, err := logbucket.New(ctx, l.name+"-logs", &logbucket.Args{
		Delivery:      args.delivery,
		RetentionDays: args.AccessLogRetentionDays,
		Outlives:      true,
		Ephemeral:     args.Ephemeral,
		Tags:          args.Tags,
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
		EnableDeletionProtection: pulumi.Bool(args.kept()),
		IdleTimeout:              pulumi.Int(60),
		Tags:                     args.Tags,
		// Pulumi refuses before an update what AWS would refuse at its end.
	}, parent, pulumi.Protect(args.kept()))
}

func (a *Args) kept() bool { return !a.Leaving && !a.Ephemeral }
