package domain

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/acm"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/route53"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/observability"
)

// newCertificates creates the certificates that are asked for. ACM asks for the same record for all certificates that an
// account has of a name, in any region, and renews them by itself as long as the record stays (AWS Certificate Manager
// User Guide, "DNS validation"): there is one record, so that a certificate goes without what the other needs.
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
	var record *route53.Record
	for _, one := range made {
		requested, err := acm.NewCertificate(ctx, one.name, &acm.CertificateArgs{
			DomainName:       pulumi.String(args.Name),
			ValidationMethod: pulumi.String("DNS"),
			Tags:             args.Tags,
		}, one.opts...)
		if err != nil {
			return err
		}
		if record == nil {
			if record, err = d.newValidationRecord(ctx, requested, parent); err != nil {
				return err
			}
		}
		if err := one.issue(ctx, args, requested, record); err != nil {
			return err
		}
	}
	return nil
}

// certificate is one of a name's certificates: where its ARN and alarms are put, which topic is notified of them, and the
// options that tell its region.
type certificate struct {
	name     string
	arn      *pulumi.StringInput
	alarms   *observability.Alarms
	topicArn pulumi.StringInput
	opts     []pulumi.ResourceOption
}

// issue waits until ACM has seen the record.
func (c certificate) issue(
	ctx *pulumi.Context, args *Args, requested *acm.Certificate, record *route53.Record,
) error {
	issued, err := acm.NewCertificateValidation(ctx, c.name, &acm.CertificateValidationArgs{
		CertificateArn:        requested.Arn,
		ValidationRecordFqdns: pulumi.StringArray{record.Fqdn},
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
	challenge := requested.DomainValidationOptions.Index(pulumi.Int(0))
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
