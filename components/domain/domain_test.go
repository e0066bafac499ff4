package domain_test

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"stagecraft/components/domain"
	"stagecraft/components/observability"
	"stagecraft/internal/pulumitest"
)

const (
	recordType      = "aws:route53/record:Record"
	certificateType = "aws:acm/certificate:Certificate"
	alarmType       = "aws:cloudwatch/metricAlarm:MetricAlarm"
)

var outputs = map[string]map[string]any{
	certificateType: {"domainValidationOptions": []any{map[string]any{
		"domainName":          "api.www.example.com",
		"resourceRecordName":  "_0.www.example.com.",
		"resourceRecordType":  "CNAME",
		"resourceRecordValue": "_3.acm-validations.aws.",
	}, map[string]any{
		"domainName":          "www.example.com",
		"resourceRecordName":  "_1.www.example.com.",
		"resourceRecordType":  "CNAME",
		"resourceRecordValue": "_2.acm-validations.aws.",
	}}},
	recordType: {"fqdn": "_1.www.example.com"},
	"aws:acm/certificateValidation:CertificateValidation": {"certificateArn": "arn:issued"},
}

func valid() domain.Args {
	return domain.Args{
		Name:          "www.example.com",
		ZoneID:        "Z1",
		AlarmTopicArn: pulumi.String("arn:topic"),
		Tags:          pulumi.StringMap{"project": pulumi.String("stagecraft")},
	}
}

func run(
	args domain.Args, use func(*pulumi.Context, *domain.Domain) error,
) (pulumitest.Resources, error) {
	return pulumitest.Run(func(ctx *pulumi.Context) error {
		made, err := domain.New(ctx, "domain", &args)
		if err != nil {
			return err
		}
		return use(ctx, made)
	}, outputs, nil)
}

func unused(*pulumi.Context, *domain.Domain) error { return nil }

func TestWithoutCertificate(t *testing.T) {
	t.Parallel()
	resources, err := run(valid(), func(_ *pulumi.Context, made *domain.Domain) error {
		require.Equal(t, "http://www.example.com", made.URL)
		require.Nil(t, made.CertificateArn)
		require.Empty(t, made.Alarms)
		return nil
	})
	require.NoError(t, err)
	require.Len(t, resources, 1, "nothing but the component")
}

func TestCertificate(t *testing.T) {
	t.Parallel()
	args := valid()
	args.Certificate = true
	known := make(chan string, 1)
	resources, err := run(args, func(_ *pulumi.Context, made *domain.Domain) error {
		require.Equal(t, "https://www.example.com", made.URL)
		require.Len(t, made.Alarms, 1)
		made.CertificateArn.ToStringOutput().ApplyT(func(arn string) error { known <- arn; return nil })
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, "arn:issued", <-known)
	resources.RequireParents(t, "stagecraft:domain:Domain")
	resources.RequireTags(t, map[string]string{"project": "stagecraft"})

	require.Subset(t, resources.One(t, certificateType).Inputs, map[string]any{
		"domainName":       "www.example.com",
		"validationMethod": "DNS",
	})
	require.Equal(t, map[string]any{
		"zoneId":         "Z1",
		"name":           "_1.www.example.com.",
		"type":           "CNAME",
		"records":        []any{"_2.acm-validations.aws."},
		"ttl":            60.0,
		"allowOverwrite": true,
	}, resources.One(t, recordType).Inputs)
	require.Equal(t, map[string]any{
		"certificateArn":        "arn:domain",
		"validationRecordFqdns": []any{"_1.www.example.com"},
	}, resources.One(t, "aws:acm/certificateValidation:CertificateValidation").Inputs)
	require.Subset(t, resources.Named(t, alarmType, "domain-expiry").Inputs, map[string]any{
		"namespace":          "AWS/CertificateManager",
		"metricName":         "DaysToExpiry",
		"dimensions":         map[string]any{"CertificateArn": "arn:domain"},
		"statistic":          "Minimum",
		"comparisonOperator": "LessThanThreshold",
		"threshold":          30.0,
		"period":             86400.0,
		"evaluationPeriods":  1.0,
		"treatMissingData":   "ignore",
		"alarmActions":       []any{"arn:topic"},
	})
}

func TestDistributionCertificate(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		regional     bool
		certificates []string
		of           string
	}{
		"alone":                   {false, []string{"domain-distribution"}, "domain-distribution"},
		"beside the regional one": {true, []string{"domain", "domain-distribution"}, "domain"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := valid()
			args.Certificate = test.regional
			resources, err := pulumitest.Run(func(ctx *pulumi.Context) error {
				provider, err := aws.NewProvider(ctx, "us-east-1", nil)
				if err != nil {
					return err
				}
				args.Distribution = &observability.GlobalRegion{AlarmTopicArn: pulumi.String("arn:global"), Provider: provider}
				made, err := domain.New(ctx, "domain", &args)
				if err != nil {
					return err
				}
				require.Equal(t, "https://www.example.com", made.URL)
				require.NotNil(t, made.DistributionCertificateArn)
				require.Equal(t, test.regional, made.CertificateArn != nil)
				require.Len(t, made.GlobalAlarms, 1)
				require.Equal(t, test.regional, len(made.Alarms) == 1)
				return nil
			}, outputs, nil)
			require.NoError(t, err)
			require.Equal(t, test.certificates, resources.Names(certificateType))
			for _, token := range []string{certificateType, "aws:acm/certificateValidation:CertificateValidation"} {
				require.Contains(t, resources.Named(t, token, "domain-distribution").Provider, "::us-east-1::", token)
			}
			alarm := resources.Named(t, alarmType, "domain-distribution-expiry")
			require.Contains(t, alarm.Provider, "::us-east-1::")
			require.Equal(t, []any{"arn:global"}, alarm.Inputs["alarmActions"])
			record := resources.One(t, recordType)
			require.Equal(t, "domain-validation", record.Name, "one record proves both")
			require.NotContains(t, record.Provider, "::us-east-1::")
			for _, certificate := range test.certificates {
				validation := resources.Named(t, "aws:acm/certificateValidation:CertificateValidation", certificate)
				require.Equal(t, []any{"_1.www.example.com"}, validation.Inputs["validationRecordFqdns"])
				require.Equal(t, "arn:"+certificate, validation.Inputs["certificateArn"])
			}
		})
	}
}

func TestPoint(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		point  func(*pulumi.Context, *domain.Domain) error
		inputs map[string]any
	}{
		"to address": {
			func(ctx *pulumi.Context, made *domain.Domain) error {
				return made.PointToAddress(ctx, pulumi.String("192.0.2.1"), pulumi.Protect(true))
			},
			map[string]any{
				"zoneId": "Z1", "name": "www.example.com", "type": "A", "records": []any{"192.0.2.1"}, "ttl": 60.0,
			},
		},
		"to load balancer": {
			func(ctx *pulumi.Context, made *domain.Domain) error {
				_, err := made.PointToLoadBalancer(ctx, pulumi.String("lb.example.com"), pulumi.String("Z2"), pulumi.Protect(true))
				return err
			},
			map[string]any{"zoneId": "Z1", "name": "www.example.com", "type": "A", "aliases": []any{map[string]any{
				"name": "lb.example.com", "zoneId": "Z2", "evaluateTargetHealth": true,
			}}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resources, err := run(valid(), test.point)
			require.NoError(t, err)
			resources.RequireParents(t, "stagecraft:domain:Domain")
			record := resources.One(t, recordType)
			require.Equal(t, "domain", record.Name, "the same resource wherever it points")
			require.Equal(t, test.inputs, record.Inputs)
			require.True(t, record.Protect, "the caller's options hold")
		})
	}
}

func TestPointToDistribution(t *testing.T) {
	t.Parallel()
	resources, err := run(valid(), func(ctx *pulumi.Context, made *domain.Domain) error {
		return made.PointToDistribution(
			ctx, pulumi.String("d1.cloudfront.net"), pulumi.String("Z2FDTNDATAQYW2"), pulumi.Protect(true))
	})
	require.NoError(t, err)
	resources.RequireParents(t, "stagecraft:domain:Domain")
	require.Equal(t, []string{"domain", "domain-ipv6"}, resources.Names(recordType))
	for name, kind := range map[string]string{"domain": "A", "domain-ipv6": "AAAA"} {
		record := resources.Named(t, recordType, name)
		require.Equal(t, map[string]any{
			"zoneId": "Z1", "name": "www.example.com", "type": kind, "aliases": []any{map[string]any{
				"name": "d1.cloudfront.net", "zoneId": "Z2FDTNDATAQYW2", "evaluateTargetHealth": false,
			}},
		}, record.Inputs)
		require.True(t, record.Protect, "the caller's options hold")
	}
}

func TestRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		args domain.Args
		says string
	}{
		"no name": {domain.Args{ZoneID: "Z1"}, "the fields Name and ZoneID must be set"},
		"no zone": {domain.Args{Name: "www.example.com"}, "the fields Name and ZoneID must be set"},
		"long name": {
			domain.Args{Name: strings.Repeat("a", 53) + ".example.com", ZoneID: "Z1"}, "a certificate's name has 64 characters at most",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resources, err := run(test.args, unused)
			require.ErrorContains(t, err, `domain "domain": `)
			require.ErrorContains(t, err, test.says)
			require.Empty(t, resources)
		})
	}
}

// TestAlternateNames puts further names on the certificate for CloudFront, and waits for their records.
func TestAlternateNames(t *testing.T) {
	t.Parallel()
	resources, err := pulumitest.Run(func(ctx *pulumi.Context) error {
		api := valid()
		api.Name, api.Certificate = "api.www.example.com", true
		other, err := domain.New(ctx, "api", &api)
		if err != nil {
			return err
		}
		args := valid()
		args.Certificate, args.AlternateNames = true, []*domain.Domain{other}
		args.Distribution = &observability.GlobalRegion{AlarmTopicArn: pulumi.String("arn:global")}
		_, err = domain.New(ctx, "domain", &args)
		return err
	}, outputs, nil)
	require.NoError(t, err)
	require.NotContains(t, resources.Named(t, certificateType, "domain").Inputs, "subjectAlternativeNames")
	global := resources.Named(t, certificateType, "domain-distribution")
	require.Equal(t, []any{"api.www.example.com"}, global.Inputs["subjectAlternativeNames"])
	validated := resources.Named(t, "aws:acm/certificateValidation:CertificateValidation", "domain-distribution")
	require.Len(t, validated.Inputs["validationRecordFqdns"], 2)
	waits := strings.Join(validated.DependsOn, "\n")
	require.Contains(t, waits, recordType+"::api-validation")
	require.Contains(t, waits, recordType+"::domain-validation")
}
