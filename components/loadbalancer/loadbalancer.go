// Package loadbalancer makes the entry tier: an application load balancer before the web servers.
package loadbalancer

import (
	"cmp"
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lb"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/logbucket"
	"stagecraft/components/observability"
)

const (
	httpPort  = 80
	httpsPort = 443
	// tlsPolicy takes TLS 1.3 and 1.2 with forward secrecy and authenticated encryption only (Application Load Balancers
	// guide, "Security policies"); AWS Security Hub control ELB.17 recommends it.
	tlsPolicy = "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"
	// defaultDeregistrationDelay is in seconds. AWS's own 300 makes each deployment wait for five minutes.
	defaultDeregistrationDelay = 60
)

// Args describes the load balancer. Every field is required unless a default is named.
type Args struct {
	// AccountID is the AWS account whose load balancers may deliver access logs to the bucket.
	AccountID string
	// VpcID is the network that the targets stand in.
	VpcID pulumi.StringInput
	// SubnetIDs are public subnets in two availability zones or more.
	SubnetIDs pulumi.StringArrayInput
	// CertificateArn is an ACM certificate. With it the load balancer speaks HTTPS, and redirects HTTP there. Default:
	// nil, plain HTTP.
	CertificateArn pulumi.StringInput
	// TargetPort is the port on which the targets speak HTTP.
	TargetPort int
	// HealthCheckPath is where a healthy target answers with status 200, such as "/healthz".
	HealthCheckPath string
	// DeregistrationDelay is how many seconds a target may take to finish its requests before it goes, 1 to 3600.
	// Default: 60.
	DeregistrationDelay int
	// AccessLogRetentionDays is how long the bucket keeps access logs.
	AccessLogRetentionDays int
	// Ephemeral opens every protection against loss: for throw-away stacks. Default: false.
	Ephemeral bool
	// AlarmTopicArn is the SNS topic that hears of alarms.
	AlarmTopicArn pulumi.StringInput
	// Tags go on every resource.
	Tags pulumi.StringMap
}

// LoadBalancer is an application load balancer with its listeners, one target group, access logs and alarms.
type LoadBalancer struct {
	pulumi.ResourceState

	// DNSName and ZoneID are what an alias record points at; URL is where the service answers under that name.
	DNSName, ZoneID, URL pulumi.StringOutput
	// SecurityGroupID is whom targets let in.
	SecurityGroupID pulumi.StringOutput
	// TargetGroupArn is what an auto-scaling group registers its instances with.
	TargetGroupArn pulumi.StringOutput
	// Serving is what must exist before the load balancer serves: its listeners, and what was attached to it.
	Serving []pulumi.Resource
	// Alarms are what the dashboard shows.
	Alarms observability.Alarms

	name       string
	targetPort int
	tags       pulumi.StringMap
}

// New makes the load balancer, without any target yet. It refuses a port, a path or times that a load balancer does not
// take.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*LoadBalancer, error) {
	if err := args.validate(); err != nil {
		return nil, fmt.Errorf("load balancer %q: %w", name, err)
	}
	component := &LoadBalancer{name: name, targetPort: args.TargetPort, tags: args.Tags}
	err := ctx.RegisterComponentResource("stagecraft:loadbalancer:LoadBalancer", name, component, opts...)
	if err != nil {
		return nil, err
	}
	parent := pulumi.Parent(component)

	balancer, err := component.newLoadBalancer(ctx, args, parent)
	if err != nil {
		return nil, err
	}
	targets, err := newTargetGroup(ctx, name, args, parent)
	if err != nil {
		return nil, err
	}
	if err := component.newListeners(ctx, args, balancer, targets, parent); err != nil {
		return nil, err
	}
	component.DNSName, component.ZoneID = balancer.DnsName, balancer.ZoneId
	component.URL = pulumi.Sprintf("%s://%s", args.scheme(), balancer.DnsName)
	component.TargetGroupArn = targets.Arn

	component.Alarms, err = observability.NewAlarms(ctx, name,
		observability.AlarmsArgs{TopicArn: args.AlarmTopicArn, Tags: args.Tags}, alarms(balancer, targets), parent)
	if err != nil {
		return nil, err
	}
	return component, ctx.RegisterResourceOutputs(component, pulumi.Map{
		"dnsName":         component.DNSName,
		"zoneId":          component.ZoneID,
		"url":             component.URL,
		"securityGroupId": component.SecurityGroupID,
		"targetGroupArn":  component.TargetGroupArn,
	})
}

// Attach sends requests to an instance; target names it.
func (l *LoadBalancer) Attach(ctx *pulumi.Context, target string, instanceID pulumi.StringInput) error {
	attachment, err := lb.NewTargetGroupAttachment(ctx, l.name+"-"+target, &lb.TargetGroupAttachmentArgs{
		TargetGroupArn: l.TargetGroupArn,
		TargetId:       instanceID,
	}, pulumi.Parent(l))
	l.Serving = append(l.Serving, attachment)
	return err
}

// AllowTargets lets the load balancer connect to the holders of the targets' security group, which must let it in.
func (l *LoadBalancer) AllowTargets(ctx *pulumi.Context, securityGroupID pulumi.StringInput) error {
	_, err := vpc.NewSecurityGroupEgressRule(ctx, l.name+"-to-targets", &vpc.SecurityGroupEgressRuleArgs{
		SecurityGroupId:           l.SecurityGroupID,
		ReferencedSecurityGroupId: securityGroupID,
		IpProtocol:                pulumi.String("tcp"),
		FromPort:                  pulumi.Int(l.targetPort),
		ToPort:                    pulumi.Int(l.targetPort),
		Description:               pulumi.String("Requests and health checks to the targets"),
		Tags:                      l.tags,
	}, pulumi.Parent(l))
	return err
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
		EnableDeletionProtection: pulumi.Bool(!args.Ephemeral),
		IdleTimeout:              pulumi.Int(60),
		Tags:                     args.Tags,
	}, parent)
}

func (l *LoadBalancer) newSecurityGroup(ctx *pulumi.Context, args *Args, parent pulumi.ResourceOption) error {
	group, err := ec2.NewSecurityGroup(ctx, l.name, &ec2.SecurityGroupArgs{
		VpcId:       args.VpcID,
		Description: pulumi.String("Load balancer: anyone reaches it, and it reaches its targets only"),
		Tags:        args.Tags,
	}, parent)
	if err != nil {
		return err
	}
	l.SecurityGroupID = group.ID().ToStringOutput()

	ports := []int{httpPort}
	if args.https() {
		ports = append(ports, httpsPort)
	}
	for _, port := range ports {
		_, err := vpc.NewSecurityGroupIngressRule(ctx, fmt.Sprintf("%s-%d", l.name, port), &vpc.SecurityGroupIngressRuleArgs{
			SecurityGroupId: l.SecurityGroupID,
			CidrIpv4:        pulumi.String("0.0.0.0/0"),
			IpProtocol:      pulumi.String("tcp"),
			FromPort:        pulumi.Int(port),
			ToPort:          pulumi.Int(port),
			Description:     pulumi.Sprintf("Port %d from anywhere", port),
			Tags:            args.Tags,
		}, parent)
		if err != nil {
			return err
		}
	}
	return nil
}

// newTargetGroup takes a target out after three failures, 45 seconds, and back in after two successes.
func newTargetGroup(
	ctx *pulumi.Context, name string, args *Args, parent pulumi.ResourceOption,
) (*lb.TargetGroup, error) {
	return lb.NewTargetGroup(ctx, name, &lb.TargetGroupArgs{
		VpcId:               args.VpcID,
		TargetType:          pulumi.String("instance"),
		Protocol:            pulumi.String("HTTP"),
		Port:                pulumi.Int(args.TargetPort),
		DeregistrationDelay: pulumi.Int(cmp.Or(args.DeregistrationDelay, defaultDeregistrationDelay)),
		HealthCheck: lb.TargetGroupHealthCheckArgs{
			Enabled:            pulumi.Bool(true),
			Protocol:           pulumi.String("HTTP"),
			Path:               pulumi.String(args.HealthCheckPath),
			Matcher:            pulumi.String("200"),
			Interval:           pulumi.Int(15),
			Timeout:            pulumi.Int(5),
			HealthyThreshold:   pulumi.Int(2),
			UnhealthyThreshold: pulumi.Int(3),
		},
		Stickiness: lb.TargetGroupStickinessArgs{Type: pulumi.String("lb_cookie"), Enabled: pulumi.Bool(false)},
		Tags:       args.Tags,
	}, parent)
}

func (l *LoadBalancer) newListeners(
	ctx *pulumi.Context, args *Args, balancer *lb.LoadBalancer, targets *lb.TargetGroup, parent pulumi.ResourceOption,
) error {
	forward := lb.ListenerDefaultActionArray{lb.ListenerDefaultActionArgs{
		Type: pulumi.String("forward"), TargetGroupArn: targets.Arn,
	}}
	http := &lb.ListenerArgs{
		LoadBalancerArn: balancer.Arn,
		Protocol:        pulumi.String("HTTP"),
		Port:            pulumi.Int(httpPort),
		DefaultActions:  forward,
		Tags:            args.Tags,
	}
	opts := []pulumi.ResourceOption{parent}
	if args.https() {
		https, err := lb.NewListener(ctx, l.name+"-https", &lb.ListenerArgs{
			LoadBalancerArn: balancer.Arn,
			Protocol:        pulumi.String("HTTPS"),
			Port:            pulumi.Int(httpsPort),
			CertificateArn:  args.CertificateArn.ToStringOutput().ToStringPtrOutput(),
			SslPolicy:       pulumi.String(tlsPolicy),
			DefaultActions:  forward,
			Tags:            args.Tags,
		}, parent)
		if err != nil {
			return err
		}
		// A service that gets a certificate later must not redirect clients to where nobody listens yet.
		http.DefaultActions = redirectToHTTPS()
		opts = append(opts, pulumi.DependsOn([]pulumi.Resource{https}))
	}
	listener, err := lb.NewListener(ctx, l.name+"-http", http, opts...)
	l.Serving = append(l.Serving, listener)
	return err
}

func redirectToHTTPS() lb.ListenerDefaultActionArray {
	return lb.ListenerDefaultActionArray{lb.ListenerDefaultActionArgs{
		Type: pulumi.String("redirect"),
		Redirect: lb.ListenerDefaultActionRedirectArgs{
			Protocol:   pulumi.String("HTTPS"),
			Port:       pulumi.String(fmt.Sprint(httpsPort)),
			StatusCode: pulumi.String("HTTP_301"),
		},
	}}
}
