// Package domain gives the service its public name: the DNS record, and the certificate that proves it.
package domain

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/acm"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/route53"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/observability"
)

// ttl, in seconds, is short, so that clients follow soon when the name points elsewhere.
const ttl = 60

// Args describes the name. Every field is required unless a default is named.
type Args struct {
	// Name is the service's full name, such as "www.example.com".
	Name string
	// ZoneID is the public Route 53 hosted zone that holds the name.
	ZoneID string
	// Certificate makes an ACM certificate for the name, in the region of the stack. Default: false.
	Certificate bool
	// AlarmTopicArn is the SNS topic that hears of alarms. Needed with Certificate only.
	AlarmTopicArn pulumi.StringInput
	// Tags go on every resource.
	Tags pulumi.StringMap
}

// Domain is a name in a hosted zone. It points nowhere until PointToAddress or PointToLoadBalancer is called, one of
// them once.
type Domain struct {
	pulumi.ResourceState

	// CertificateArn is the certificate's ARN, known to others only once the certificate is issued. Nil without
	// Certificate.
	CertificateArn pulumi.StringInput
	// URL is where the service answers: https:// with Certificate, else http://.
	URL string
	// Alarms are what the dashboard shows: none without Certificate.
	Alarms observability.Alarms

	name, recordName, zoneID string
}

// New makes the certificate, if there is to be one. It refuses an empty name or zone.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Domain, error) {
	if args.Name == "" || args.ZoneID == "" {
		return nil, fmt.Errorf("domain %q: the fields Name and ZoneID must be set", name)
	}
	component := &Domain{name: name, recordName: args.Name, zoneID: args.ZoneID, URL: "http://" + args.Name}
	if err := ctx.RegisterComponentResource("stagecraft:domain:Domain", name, component, opts...); err != nil {
		return nil, err
	}
	parent := pulumi.Parent(component)

	outputs := pulumi.Map{}
	if args.Certificate {
		if err := component.newCertificate(ctx, args, parent); err != nil {
			return nil, err
		}
		outputs["certificateArn"] = component.CertificateArn
	}
	outputs["url"] = pulumi.String(component.URL)
	return component, ctx.RegisterResourceOutputs(component, outputs)
}

// PointToAddress makes the name lead to an IPv4 address.
func (d *Domain) PointToAddress(ctx *pulumi.Context, ip pulumi.StringInput, opts ...pulumi.ResourceOption) error {
	return d.point(ctx, &route53.RecordArgs{Records: pulumi.StringArray{ip}, Ttl: pulumi.Int(ttl)}, opts)
}

// PointToLoadBalancer makes the name lead to a load balancer, by its DNS name and the id of its own hosted zone. Name
// what makes it serve in pulumi.DependsOn, for clients to come only once it has listeners and targets.
func (d *Domain) PointToLoadBalancer(
	ctx *pulumi.Context, dnsName, zoneID pulumi.StringInput, opts ...pulumi.ResourceOption,
) error {
	return d.point(ctx, &route53.RecordArgs{Aliases: route53.RecordAliasArray{route53.RecordAliasArgs{
		Name:                 dnsName,
		ZoneId:               zoneID,
		EvaluateTargetHealth: pulumi.Bool(true),
	}}}, opts)
}

// point declares the same record wherever it leads, so that a growing stack changes it in place and the name never goes
// away.
func (d *Domain) point(ctx *pulumi.Context, record *route53.RecordArgs, opts []pulumi.ResourceOption) error {
	record.ZoneId = pulumi.String(d.zoneID)
	record.Name = pulumi.String(d.recordName)
	record.Type = pulumi.String("A")
	_, err := route53.NewRecord(ctx, d.name, record, append(opts, pulumi.Parent(d))...)
	return err
}

// newCertificate makes a certificate that ACM renews by itself as long as its DNS record stays (AWS Certificate Manager
// User Guide, "AWS Certificate Manager DNS validation").
func (d *Domain) newCertificate(ctx *pulumi.Context, args *Args, parent pulumi.ResourceOption) error {
	certificate, err := acm.NewCertificate(ctx, d.name, &acm.CertificateArgs{
		DomainName:       pulumi.String(args.Name),
		ValidationMethod: pulumi.String("DNS"),
		Tags:             args.Tags,
	}, parent)
	if err != nil {
		return err
	}
	challenge := certificate.DomainValidationOptions.Index(pulumi.Int(0))
	record, err := route53.NewRecord(ctx, d.name+"-validation", &route53.RecordArgs{
		ZoneId:  pulumi.String(d.zoneID),
		Name:    challenge.ResourceRecordName().Elem(),
		Type:    challenge.ResourceRecordType().Elem(),
		Records: pulumi.StringArray{challenge.ResourceRecordValue().Elem()},
		Ttl:     pulumi.Int(ttl),
		// ACM asks for the same record again for each certificate of a name in an account.
		AllowOverwrite: pulumi.Bool(true),
	}, parent)
	if err != nil {
		return err
	}
	issued, err := acm.NewCertificateValidation(ctx, d.name, &acm.CertificateValidationArgs{
		CertificateArn:        certificate.Arn,
		ValidationRecordFqdns: pulumi.StringArray{record.Fqdn},
	}, parent)
	if err != nil {
		return err
	}
	d.CertificateArn = issued.CertificateArn
	d.URL = "https://" + args.Name

	d.Alarms, err = observability.NewAlarms(ctx, d.name,
		observability.AlarmsArgs{TopicArn: args.AlarmTopicArn, Tags: args.Tags}, alarms(certificate), parent)
	return err
}

// alarms watch what ACM should prevent (AWS Certificate Manager User Guide, "Supported CloudWatch metrics"). The metric
// ends with the certificate, hence an alarm must stay as it is when there is no data.
func alarms(certificate *acm.Certificate) []observability.Alarm {
	return []observability.Alarm{{
		Name:        "expiry",
		Description: "The certificate ends in less than 30 days and was not renewed: look for its DNS validation record.",
		Namespace:   "AWS/CertificateManager",
		Metric:      "DaysToExpiry",
		Dimensions:  pulumi.StringMap{"CertificateArn": certificate.Arn},
		Statistic:   "Minimum",
		Comparison:  "LessThanThreshold",
		Threshold:   30,
		Period:      86400,
		Periods:     1,
		MissingData: "ignore",
	}}
}
