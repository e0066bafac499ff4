// Package domain gives the service its public name: the DNS records, and the certificates that prove it.
package domain

import (
	"errors"
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/route53"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/observability"
)

// ttl, in seconds, is short, so that clients follow soon when the name points elsewhere.
const ttl = 60

// Args describes the name. Every field is required unless a default is named.
type Args struct {
	// Name is the full name, such as "www.example.com", of at most 64 characters.
	Name string
	// ZoneID is the public Route 53 hosted zone that holds the name.
	ZoneID string
	// Certificate creates an ACM certificate for the name in the region of the stack, where a load balancer takes it from.
	// Default: false.
	Certificate bool
	// Distribution creates one in us-east-1, where CloudFront takes it from (Amazon CloudFront Developer Guide, "Requirements
	// for using SSL/TLS certificates with CloudFront"). A name may have both: while it moves from a load balancer to
	// CloudFront, it needs them. Default: nil, none.
	Distribution *observability.GlobalRegion
	// AlternateNames are further names on the certificate for CloudFront: names that have certificates of their own, whose
	// validation records it shares. Default: none.
	AlternateNames []*Domain
	// AlarmTopicArn is the SNS topic that is notified of alarms. Needed with Certificate only.
	AlarmTopicArn pulumi.StringInput
	// Tags go on every resource.
	Tags pulumi.StringMap
}

// Domain is a name in a hosted zone. It points nowhere until PointToAddress, PointToLoadBalancer or PointToDistribution
// is called, one of them once.
type Domain struct {
	pulumi.ResourceState

	// CertificateArn and DistributionCertificateArn are the ARNs of the certificates, known to others only once they are
	// issued. Nil without Certificate and without Distribution.
	CertificateArn, DistributionCertificateArn pulumi.StringInput
	// URL is where the service answers: https:// with a certificate, else http://.
	URL string
	// Alarms are what the dashboard shows of this region, and GlobalAlarms of us-east-1: none without certificates there.
	Alarms, GlobalAlarms observability.Alarms

	name, recordName, zoneID string
	validation               *route53.Record
}

// New creates the certificates, if there are to be any. It rejects an empty zone, and a name that is empty or too long for
// a certificate.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Domain, error) {
	if err := args.validate(); err != nil {
		return nil, fmt.Errorf("domain %q: %w", name, err)
	}
	component := &Domain{name: name, recordName: args.Name, zoneID: args.ZoneID, URL: "http://" + args.Name}
	if err := ctx.RegisterComponentResource("stagecraft:domain:Domain", name, component, opts...); err != nil {
		return nil, err
	}
	if args.Certificate || args.Distribution != nil {
		component.URL = "https://" + args.Name
	}
	if err := component.newCertificates(ctx, args, pulumi.Parent(component)); err != nil {
		return nil, err
	}
	outputs := pulumi.Map{"url": pulumi.String(component.URL)}
	if args.Certificate {
		outputs["certificateArn"] = component.CertificateArn
	}
	if args.Distribution != nil {
		outputs["distributionCertificateArn"] = component.DistributionCertificateArn
	}
	return component, ctx.RegisterResourceOutputs(component, outputs)
}

// maxNameLength is that of a certificate's first name (ACM API Reference, "RequestCertificate").
const maxNameLength = 64

func (a *Args) validate() error {
	switch {
	case a.Name == "" || a.ZoneID == "":
		return errors.New("the fields Name and ZoneID must be set")
	case len(a.Name) > maxNameLength:
		return fmt.Errorf("the field Name is %q: a certificate's name has %d characters at most", a.Name, maxNameLength)
	}
	return nil
}

// PointToAddress creates the name lead to an IPv4 address.
func (d *Domain) PointToAddress(ctx *pulumi.Context, ip pulumi.StringInput, opts ...pulumi.ResourceOption) error {
	_, err := d.point(ctx, &route53.RecordArgs{Records: pulumi.StringArray{ip}, Ttl: pulumi.Int(ttl)}, opts)
	return err
}

// PointToLoadBalancer creates the name lead to a load balancer, by its DNS name and the id of its own hosted zone. Name
// what creates it serve in pulumi.DependsOn, for clients to come only once it has listeners and targets.
func (d *Domain) PointToLoadBalancer(
	ctx *pulumi.Context, dnsName, zoneID pulumi.StringInput, opts ...pulumi.ResourceOption,
) (pulumi.Resource, error) {
	return d.point(ctx, &route53.RecordArgs{Aliases: route53.RecordAliasArray{route53.RecordAliasArgs{
		Name:                 dnsName,
		ZoneId:               zoneID,
		EvaluateTargetHealth: pulumi.Bool(true),
	}}}, opts)
}

// PointToDistribution creates the name lead to a CloudFront distribution, by its domain name and CloudFront's hosted zone,
// for clients with IPv4 and with IPv6. Name what makes it serve in pulumi.DependsOn.
func (d *Domain) PointToDistribution(
	ctx *pulumi.Context, domainName, hostedZoneID pulumi.StringInput, opts ...pulumi.ResourceOption,
) error {
	// CloudFront's health can't be evaluated (Amazon Route 53 API Reference, "AliasTarget").
	alias := route53.RecordAliasArray{route53.RecordAliasArgs{
		Name: domainName, ZoneId: hostedZoneID, EvaluateTargetHealth: pulumi.Bool(false),
	}}
	if _, err := d.point(ctx, &route53.RecordArgs{Aliases: alias}, opts); err != nil {
		return err
	}
	_, err := route53.NewRecord(ctx, d.name+"-ipv6", &route53.RecordArgs{
		ZoneId:  pulumi.String(d.zoneID),
		Name:    pulumi.String(d.recordName),
		Type:    pulumi.String("AAAA"),
		Aliases: alias,
	}, append(opts, pulumi.Parent(d))...)
	return err
}

// point declares the same record wherever it leads, so that a growing stack changes it in place and the name never goes
// away.
func (d *Domain) point(ctx *pulumi.Context, record *route53.RecordArgs, opts []pulumi.ResourceOption) (pulumi.Resource, error) {
	record.ZoneId = pulumi.String(d.zoneID)
	record.Name = pulumi.String(d.recordName)
	record.Type = pulumi.String("A")
	return route53.NewRecord(ctx, d.name, record, append(opts, pulumi.Parent(d))...)
}
