package domain

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/acm"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/route53"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/observability"
)

// newCertificates creates the certificates that are asked for. All certificates of an account for a name share one
// validation record, in any region, and ACM renews them as long as the record exists (AWS Certificate Manager User
// Guide, "DNS validation"). So there is one record, which stays when one of the certificates goes.
func (d *Domain) newCertificates(ctx *pulumi.Context, args *Args, parent pulumi.ResourceOption) (err error) {
	var made []certificate
	if args.Certificate {
		made = append(made, certificate{d.name, &d.CertificateArn, &d.Alarms, args.AlarmTopicArn, []pulumi.ResourceOption{parent}})
	}
	if there := args.Distribution; there != nil {
		made = append(made, certificate{
			d.name + "-distribution", &d.DistributionCertificateArn, &d.GlobalAlarms, there.AlarmTopicArn, there.Options(parent),
		})
	}
	for i, one := range made {
		properties := &acm.CertificateArgs{
			DomainName:       pulumi.String(args.Name),
			ValidationMethod: pulumi.String("DNS"),
			Tags:             args.Tags,
		}
		var alternates []*Domain
		if i == len(made)-1 && args.Distribution != nil {
			alternates = args.AlternateNames
			properties.SubjectAlternativeNames = recordNames(alternates)
		}
		requested, err := acm.NewCertificate(ctx, one.name, properties, one.opts...)
		if err != nil {
			return err
		}
		if d.validation == nil {
			if d.validation, err = d.newValidationRecord(ctx, requested, parent); err != nil {
				return err
			}
		}
		if err := one.issue(ctx, args, requested, append(validationRecords(alternates), d.validation)); err != nil {
			return err
		}
	}
	return nil
}

// recordNames returns the names of domains, nil without any.
func recordNames(domains []*Domain) pulumi.StringArray {
	var names pulumi.StringArray
	for _, domain := range domains {
		names = append(names, pulumi.String(domain.recordName))
	}
	return names
}

// validationRecords returns the records that validate the certificates of domains.
func validationRecords(domains []*Domain) []*route53.Record {
	var records []*route53.Record
	for _, domain := range domains {
		records = append(records, domain.validation)
	}
	return records
}

// certificate is one of a name's certificates: the fields for its ARN and alarms, the topic that is notified of them,
// and the options that select its region.
type certificate struct {
	name     string
	arn      *pulumi.StringInput
	alarms   *observability.Alarms
	topicArn pulumi.StringInput
	opts     []pulumi.ResourceOption
}

// issue waits until ACM has seen the records.
func (c certificate) issue(
	ctx *pulumi.Context, args *Args, requested *acm.Certificate, records []*route53.Record,
) error {
	var fqdns pulumi.StringArray
	for _, record := range records {
		fqdns = append(fqdns, record.Fqdn)
	}
	issued, err := acm.NewCertificateValidation(ctx, c.name, &acm.CertificateValidationArgs{
		CertificateArn:        requested.Arn,
		ValidationRecordFqdns: fqdns,
	}, c.opts...)
	if err != nil {
		return err
	}
	*c.arn = issued.CertificateArn
	*c.alarms, err = observability.NewAlarms(ctx, c.name,
		observability.AlarmsArgs{TopicArn: c.topicArn, Tags: args.Tags}, alarms(requested), c.opts...)
	return err
}

func (d *Domain) newValidationRecord(
	ctx *pulumi.Context, requested *acm.Certificate, parent pulumi.ResourceOption,
) (*route53.Record, error) {
	challenge := requested.DomainValidationOptions.ApplyT(
		func(options []acm.CertificateDomainValidationOption) (acm.CertificateDomainValidationOption, error) {
			for _, option := range options {
				if option.DomainName != nil && *option.DomainName == d.recordName {
					return option, nil
				}
			}
			return acm.CertificateDomainValidationOption{}, fmt.Errorf("domain %q: ACM names no record for %s", d.name, d.recordName)
		}).(acm.CertificateDomainValidationOptionOutput)
	return route53.NewRecord(ctx, d.name+"-validation", &route53.RecordArgs{
		ZoneId:  pulumi.String(d.zoneID),
		Name:    challenge.ResourceRecordName().Elem(),
		Type:    challenge.ResourceRecordType().Elem(),
		Records: pulumi.StringArray{challenge.ResourceRecordValue().Elem()},
		Ttl:     pulumi.Int(ttl),
		// Another stack may have a certificate of the same name.
		AllowOverwrite: pulumi.Bool(true),
	}, parent)
}

// alarms returns the alarm on a certificate that ACM did not renew (AWS Certificate Manager User Guide, "Supported
// CloudWatch metrics"). The metric ends with the certificate, so the alarm keeps its state without data.
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
