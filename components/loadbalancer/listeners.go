package loadbalancer

import (
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lb"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const (
	httpPort  = 80
	httpsPort = 443
	// CloudFront has a listener of its own, on a port that CloudFront connects to (Amazon CloudFront API Reference,
	// "CustomOriginConfig"). A growing stack creates that listener, its rules and the distribution before it deletes the
	// public listeners; closing a public listener in place would first turn everyone away.
	cloudFrontHTTPPort  = 8080
	cloudFrontHTTPSPort = 8443
	// tlsPolicy accepts only TLS 1.3 and 1.2 with forward secrecy and authenticated encryption (Application Load Balancers
	// guide, "Security policies"); AWS Security Hub control ELB.17 recommends it.
	tlsPolicy = "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"
)

func (l *Listener) https() bool { return l.CertificateArn != nil }

func (l *Listener) scheme() string {
	if l.https() {
		return "https"
	}
	return "http"
}

// port returns one of two ports, for plain HTTP or for HTTPS.
func (l *Listener) port(plain, secure int) int {
	if l.https() {
		return secure
	}
	return plain
}

// newPublicListener creates the listener for everybody and, if that one speaks HTTPS, one that redirects HTTP to it.
func (l *LoadBalancer) newPublicListener(
	ctx *pulumi.Context, args *Args, balancer *lb.LoadBalancer, targets *lb.TargetGroup, parent pulumi.ResourceOption,
) error {
	if args.Public == nil {
		return nil
	}
	port := args.Public.port(httpPort, httpsPort)
	listener, err := l.newListener(ctx, l.name+"-"+args.Public.scheme(), args, args.Public, &lb.ListenerArgs{
		LoadBalancerArn: balancer.Arn, Port: pulumi.Int(port), DefaultActions: defaultAction(targets),
	}, parent)
	if err != nil {
		return err
	}
	l.Public = &ListenerOutput{Arn: listener.Arn, Port: port, Serving: []pulumi.Resource{listener}}
	if err := l.newCertificates(ctx, args.Public, parent); err != nil || !args.Public.https() {
		return err
	}
	redirect, err := lb.NewListener(ctx, l.name+"-http", &lb.ListenerArgs{
		LoadBalancerArn: balancer.Arn,
		Protocol:        pulumi.String("HTTP"),
		Port:            pulumi.Int(httpPort),
		DefaultActions:  redirectToHTTPS(),
		Tags:            args.Tags,
		// If a service gets its certificate later, it must not redirect clients to a port that is not open yet.
	}, parent, pulumi.DependsOn([]pulumi.Resource{listener}))
	l.Public.Serving = append(l.Public.Serving, redirect)
	return err
}

// newCloudFrontListener creates the listener for CloudFront, which forwards only what matches a rule.
func (l *LoadBalancer) newCloudFrontListener(
	ctx *pulumi.Context, args *Args, balancer *lb.LoadBalancer, parent pulumi.ResourceOption,
) error {
	if args.CloudFront == nil {
		return nil
	}
	port := args.CloudFront.port(cloudFrontHTTPPort, cloudFrontHTTPSPort)
	listener, err := l.newListener(ctx, l.name+"-cloudfront", args, args.CloudFront, &lb.ListenerArgs{
		LoadBalancerArn: balancer.Arn, Port: pulumi.Int(port), DefaultActions: defaultAction(nil),
	}, parent)
	if err != nil {
		return err
	}
	l.CloudFront = &ListenerOutput{Arn: listener.Arn, Port: port, Serving: []pulumi.Resource{listener}}
	return nil
}

// newListener creates a listener with its protocol and certificate.
func (l *LoadBalancer) newListener(
	ctx *pulumi.Context, name string, args *Args, listener *Listener, properties *lb.ListenerArgs, parent pulumi.ResourceOption,
) (*lb.Listener, error) {
	properties.Protocol, properties.Tags = pulumi.String("HTTP"), args.Tags
	if listener.https() {
		properties.Protocol = pulumi.String("HTTPS")
		properties.CertificateArn = listener.CertificateArn
		properties.SslPolicy = pulumi.String(tlsPolicy)
	}
	return lb.NewListener(ctx, name, properties, parent)
}

// newCertificates adds the certificates of other names; the load balancer chooses one by the name that a client asks
// for (Application Load Balancers guide, "SSL certificates").
func (l *LoadBalancer) newCertificates(ctx *pulumi.Context, listener *Listener, parent pulumi.ResourceOption) error {
	for _, name := range slices.Sorted(maps.Keys(listener.OtherCertificateArns)) {
		certificate, err := lb.NewListenerCertificate(ctx, l.name+"-"+name, &lb.ListenerCertificateArgs{
			ListenerArn:    l.Public.Arn,
			CertificateArn: listener.OtherCertificateArns[name],
		}, parent)
		if err != nil {
			return err
		}
		l.Public.Serving = append(l.Public.Serving, certificate)
	}
	return nil
}

// defaultAction returns the action for requests that match no rule: forwarding to the targets, or 403 without targets.
func defaultAction(targets *lb.TargetGroup) lb.ListenerDefaultActionArray {
	if targets == nil {
		return lb.ListenerDefaultActionArray{lb.ListenerDefaultActionArgs{
			Type: pulumi.String("fixed-response"),
			FixedResponse: lb.ListenerDefaultActionFixedResponseArgs{
				ContentType: pulumi.String("text/plain"),
				MessageBody: pulumi.String("Forbidden"),
				StatusCode:  pulumi.String("403"),
			},
		}}
	}
	return lb.ListenerDefaultActionArray{lb.ListenerDefaultActionArgs{
		Type: pulumi.String("forward"), TargetGroupArn: targets.Arn,
	}}
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
