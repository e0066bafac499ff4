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

// port is where the load balancer serves.
func (a *Args) port() int {
	switch {
	case a.CloudFrontOnly && a.https():
		return cloudFrontHTTPSPort
	case a.CloudFrontOnly:
		return cloudFrontHTTPPort
	case a.https():
		return httpsPort
	default:
		return httpPort
	}
}

// newListeners makes the listener that serves, and one that redirects plain HTTP to it if it is public and secure.
func (l *LoadBalancer) newListeners(
	ctx *pulumi.Context, args *Args, balancer *lb.LoadBalancer, targets *lb.TargetGroup, parent pulumi.ResourceOption,
) error {
	serving := &lb.ListenerArgs{
		LoadBalancerArn: balancer.Arn,
		Protocol:        pulumi.String("HTTP"),
		Port:            pulumi.Int(args.port()),
		DefaultActions:  defaultAction(targets),
		Tags:            args.Tags,
	}
	name := l.name + "-http"
	if args.https() {
		name = l.name + "-https"
		serving.Protocol = pulumi.String("HTTPS")
		serving.CertificateArn = args.CertificateArn.ToStringOutput().ToStringPtrOutput()
		serving.SslPolicy = pulumi.String(tlsPolicy)
	}
	if args.CloudFrontOnly {
		name = l.name + "-cloudfront"
	}
	listener, err := lb.NewListener(ctx, name, serving, parent)
	if err != nil {
		return err
	}
	l.ListenerArn, l.Serving = listener.Arn, append(l.Serving, listener)
	if err := l.addCertificates(ctx, args, parent); err != nil {
		return err
	}
	if !args.https() || args.CloudFrontOnly {
		return nil
	}
	redirect, err := lb.NewListener(ctx, l.name+"-http", &lb.ListenerArgs{
		LoadBalancerArn: balancer.Arn,
		Protocol:        pulumi.String("HTTP"),
		Port:            pulumi.Int(httpPort),
		DefaultActions:  redirectToHTTPS(),
		Tags:            args.Tags,
		// A service that gets a certificate later must not redirect clients to where nobody listens yet.
	}, parent, pulumi.DependsOn([]pulumi.Resource{listener}))
	l.Serving = append(l.Serving, redirect)
	return err
}

// addCertificates adds those of other names, which the load balancer tells apart by what clients ask for (Application
// Load Balancers guide, "SSL certificates").
func (l *LoadBalancer) addCertificates(ctx *pulumi.Context, args *Args, parent pulumi.ResourceOption) error {
	for _, of := range slices.Sorted(maps.Keys(args.OtherCertificateArns)) {
		added, err := lb.NewListenerCertificate(ctx, l.name+"-"+of, &lb.ListenerCertificateArgs{
			ListenerArn:    l.ListenerArn,
			CertificateArn: args.OtherCertificateArns[of],
		}, parent)
		if err != nil {
			return err
		}
		l.Serving = append(l.Serving, added)
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
