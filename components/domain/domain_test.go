package domain_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"stagecraft/components/domain"
	"stagecraft/internal/mock"
)

const (
	recordType      = "aws:route53/record:Record"
	certificateType = "aws:acm/certificate:Certificate"
	alarmType       = "aws:cloudwatch/metricAlarm:MetricAlarm"
)

var outputs = map[string]map[string]any{
	certificateType: {"domainValidationOptions": []any{map[string]any{
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
) (mock.Resources, error) {
	return mock.Run(func(ctx *pulumi.Context) error {
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
				return made.PointToLoadBalancer(ctx, pulumi.String("lb.example.com"), pulumi.String("Z2"), pulumi.Protect(true))
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

func TestRefuses(t *testing.T) {
	t.Parallel()
	for name, args := range map[string]domain.Args{
		"no name": {ZoneID: "Z1"},
		"no zone": {Name: "www.example.com"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resources, err := run(args, unused)
			require.ErrorContains(t, err, `domain "domain": the fields Name and ZoneID must be set`)
			require.Empty(t, resources)
		})
	}
}
