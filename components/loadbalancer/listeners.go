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
	// CloudFront has a listener and a port of its own, among those that it connects to (Amazon CloudFront API Reference,
	// "CustomOriginConfig"). A stack that grows to it makes that listener, the rules behind it and the distribution that
	// asks it before the public listeners go; a public listener that was closed in place would turn everyone away first.
	cloudFrontHTTPPort  = 8080
	cloudFrontHTTPSPort = 8443
	// tlsPolicy takes TLS 1.3 and 1.2 with forward secrecy and authenticated encryption only (Application Load Balancers
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

// port is one of two: for plain HTTP and for HTTPS.
func (l *Listener) port(plain, secure int) int {
	if l.https() {
		return secure
	}
	return plain
}

// newPublic makes the listener for everybody, and one that redirects plain HTTP to it if it is secure.
func (l *LoadBalancer) newPublic(
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
	l.Public = &Listening{Arn: listener.Arn, Port: port, Serving: []pulumi.Resource{listener}}
	if err := l.addCertificates(ctx, args.Public, parent); err != nil || !args.Public.https() {
		return err
	}
	redirect, err := lb.NewListener(ctx, l.name+"-http", &lb.ListenerArgs{
		LoadBalancerArn: balancer.Arn,
		Protocol:        pulumi.String("HTTP"),
		Port:            pulumi.Int(httpPort),
		DefaultActions:  redirectToHTTPS(),
		Tags:            args.Tags,
		// A service that gets a certificate later must not redirect clients to where nobody listens yet.
	}, parent, pulumi.DependsOn([]pulumi.Resource{listener}))
	l.Public.Serving = append(l.Public.Serving, redirect)
	return err
}

// newCloudFront makes the listener for CloudFront, which serves by rules only.
func (l *LoadBalancer) newCloudFront(
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
	l.CloudFront = &Listening{Arn: listener.Arn, Port: port, Serving: []pulumi.Resource{listener}}
	return nil
}

func (l *LoadBalancer) newListener(
	ctx *pulumi.Context, name string, args *Args, of *Listener, properties *lb.ListenerArgs, parent pulumi.ResourceOption,
) (*lb.Listener, error) {
	properties.Protocol, properties.Tags = pulumi.String("HTTP"), args.Tags
	if of.https() {
		properties.Protocol = pulumi.String("HTTPS")
		properties.CertificateArn = of.CertificateArn.ToStringOutput().ToStringPtrOutput()
		properties.SslPolicy = pulumi.String(tlsPolicy)
	}
	return lb.NewListener(ctx, name, properties, parent)
}

// addCertificates adds those of other names, which the load balancer tells apart by what clients ask for (Application
// Load Balancers guide, "SSL certificates").
func (l *LoadBalancer) addCertificates(ctx *pulumi.Context, to *Listener, parent pulumi.ResourceOption) error {
	for _, of := range slices.Sorted(maps.Keys(to.OtherCertificateArns)) {
		added, err := lb.NewListenerCertificate(ctx, l.name+"-"+of, &lb.ListenerCertificateArgs{
			ListenerArn:    l.Public.Arn,
			CertificateArn: to.OtherCertificateArns[of],
		}, parent)
		if err != nil {
			return err
		}
		l.Public.Serving = append(l.Public.Serving, added)
	}
	return nil
}

// defaultAction is for requests that no rule is about.
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
