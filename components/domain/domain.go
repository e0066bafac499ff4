// Package domain creates the service's public names: their DNS records and certificates.
package domain

import (
	"errors"
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/route53"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/observability"
)

// ttl is the records' time to live in seconds. It is short, so that clients follow soon when a name moves.
const ttl = 60

// Args describes the name. Every field is required unless a default is named.
type Args struct {
	// Name is the full name, such as "www.example.com", of at most 64 characters.
	Name string
	// ZoneID is the public Route 53 hosted zone that holds the name.
	ZoneID string
	// Certificate creates an ACM certificate for the name in the stack's region, for a load balancer. Default: false.
	Certificate bool
	// Distribution creates an ACM certificate in us-east-1, for CloudFront (Amazon CloudFront Developer Guide,
	// "Requirements for using SSL/TLS certificates with CloudFront"). A name that moves from a load balancer to
	// CloudFront needs both. Default: nil, none.
	Distribution *observability.GlobalRegion
	// AlternateNames are further names on the certificate for CloudFront: names that have certificates of their own, whose
	// validation records it shares. Default: none.
	AlternateNames []*Domain
	// AlarmTopicArn is the SNS topic that is notified of alarms. Required with Certificate.
	AlarmTopicArn pulumi.StringInput
	// Tags are set on every resource.
	Tags pulumi.StringMap
}

// Domain is a name in a hosted zone. It has no address record until PointToAddress, PointToLoadBalancer or
// PointToDistribution is called: one of them, once.
type Domain struct {
	pulumi.ResourceState

	// CertificateArn and DistributionCertificateArn are the ARNs of the certificates, known once they are issued. They
	// are nil without Certificate and without Distribution.
	CertificateArn, DistributionCertificateArn pulumi.StringInput
	// URL is the address of the service: https:// with a certificate, else http://.
	URL string
	// Alarms are the alarms of the stack's region for the dashboard, and GlobalAlarms those of us-east-1. Without a
	// certificate in a region it has none.
	Alarms, GlobalAlarms observability.Alarms

	name, recordName, zoneID string
	validation               *route53.Record
}

// New creates the certificates that are asked for. It rejects an empty zone, and a name that is empty or too long for a
// certificate.
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

// maxNameLength is the limit of a certificate's first name (ACM API Reference, "RequestCertificate").
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

// PointToAddress points the name to an IPv4 address.
func (d *Domain) PointToAddress(ctx *pulumi.Context, ip pulumi.StringInput, opts ...pulumi.ResourceOption) error {
	_, err := d.point(ctx, &route53.RecordArgs{Records: pulumi.StringArray{ip}, Ttl: pulumi.Int(ttl)}, opts)
	return err
}

// PointToLoadBalancer points the name to a load balancer, by its DNS name and the id of its own hosted zone. Depend on
// its listeners and targets with pulumi.DependsOn, so that no client comes before they serve.
func (d *Domain) PointToLoadBalancer(
	ctx *pulumi.Context, dnsName, zoneID pulumi.StringInput, opts ...pulumi.ResourceOption,
) (pulumi.Resource, error) {
	return d.point(ctx, &route53.RecordArgs{Aliases: route53.RecordAliasArray{route53.RecordAliasArgs{
		Name:                 dnsName,
		ZoneId:               zoneID,
		EvaluateTargetHealth: pulumi.Bool(true),
	}}}, opts)
}

// PointToDistribution points the name to a CloudFront distribution, by its domain name and CloudFront's hosted zone,
// for clients with IPv4 and with IPv6. Depend on what makes it serve with pulumi.DependsOn.
func (d *Domain) PointToDistribution(
	ctx *pulumi.Context, domainName, hostedZoneID pulumi.StringInput, opts ...pulumi.ResourceOption,
) error {
	// Route 53 cannot evaluate CloudFront's health (Amazon Route 53 API Reference, "AliasTarget").
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

// point declares the same record whatever it points to, so that a growing stack changes it in place and the name never
// goes away.
func (d *Domain) point(ctx *pulumi.Context, record *route53.RecordArgs, opts []pulumi.ResourceOption) (pulumi.Resource, error) {
	record.ZoneId = pulumi.String(d.zoneID)
	record.Name = pulumi.String(d.recordName)
	record.Type = pulumi.String("A")
	return route53.NewRecord(ctx, d.name, record, append(opts, pulumi.Parent(d))...)
}
