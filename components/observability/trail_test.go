package observability_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"stagecraft/components/observability"
	"stagecraft/internal/pulumitest"
)

const (
	trailType        = "aws:cloudtrail/trail:Trail"
	bucketType       = "aws:s3/bucketV2:BucketV2"
	bucketPolicyType = "aws:s3/bucketPolicy:BucketPolicy"
)

func validTrail() observability.TrailArgs {
	return observability.TrailArgs{
		AccountID:     "123456789012",
		Region:        "eu-central-1",
		RetentionDays: 400,
		TopicArn:      pulumi.String("arn:topic"),
		Tags:          tags,
	}
}

func makeTrail(args observability.TrailArgs, options ...pulumi.RunOption) (pulumitest.Resources, error) {
	return pulumitest.Run(func(ctx *pulumi.Context) error {
		made, err := observability.NewTrail(ctx, "trail", &args)
		if err == nil && len(made.Alarms) != 1 {
			err = fmt.Errorf("it has %d alarms", len(made.Alarms))
		}
		return err
	}, nil, nil, options...)
}

func TestNewTrail(t *testing.T) {
	t.Parallel()
	resources, err := makeTrail(validTrail())
	require.NoError(t, err)
	resources.RequireParents(t, "stagecraft:observability:Trail")
	resources.RequireTags(t, map[string]string{"tier": "observability"})

	trail := resources.One(t, trailType)
	require.Equal(t, map[string]any{
		"name":                       "stagecraft-test",
		"s3BucketName":               "trail-logs-id",
		"isMultiRegionTrail":         true,
		"includeGlobalServiceEvents": true,
		"enableLogFileValidation":    true,
		"enableLogging":              true,
		"tags":                       map[string]any{"tier": "observability"},
	}, trail.Inputs)
	require.Contains(t, strings.Join(trail.DependsOn, "\n"), bucketPolicyType+"::trail-logs",
		"CloudTrail refuses a bucket that does not let it in")
	require.JSONEq(t, `{"Version": "2012-10-17", "Statement": [{
		"Sid": "CheckAcl",
		"Effect": "Allow",
		"Principal": {"Service": "cloudtrail.amazonaws.com"},
		"Action": "s3:GetBucketAcl",
		"Resource": "arn:trail-logs",
		"Condition": {"StringEquals": {
			"aws:SourceArn": "arn:aws:cloudtrail:eu-central-1:123456789012:trail/stagecraft-test"
		}}
	}, {
		"Sid": "DeliverLogs",
		"Effect": "Allow",
		"Principal": {"Service": "cloudtrail.amazonaws.com"},
		"Action": "s3:PutObject",
		"Resource": "arn:trail-logs/AWSLogs/123456789012/*",
		"Condition": {"StringEquals": {
			"aws:SourceArn": "arn:aws:cloudtrail:eu-central-1:123456789012:trail/stagecraft-test",
			"s3:x-amz-acl": "bucket-owner-full-control"
		}}
	}, {
		"Sid": "DenyWithoutTLS",
		"Effect": "Deny",
		"Principal": "*",
		"Action": "s3:*",
		"Resource": ["arn:trail-logs", "arn:trail-logs/*"],
		"Condition": {"Bool": {"aws:SecureTransport": "false"}}
	}]}`, resources.One(t, bucketPolicyType).Inputs["policy"].(string))

	require.JSONEq(t, `{
		"source": ["aws.cloudtrail"],
		"detail-type": ["AWS API Call via CloudTrail"],
		"detail": {
			"eventSource": ["cloudtrail.amazonaws.com"],
			"eventName": ["DeleteTrail", "PutEventSelectors", "StopLogging", "UpdateTrail"]
		}
	}`, resources.Named(t, eventRuleType, "trail-changed").Inputs["eventPattern"].(string))
}

func TestNewTrailKeepsItsLog(t *testing.T) {
	t.Parallel()
	for _, ephemeral := range []bool{true, false} {
		args := validTrail()
		args.Ephemeral = ephemeral
		resources, err := makeTrail(args)
		require.NoError(t, err)
		bucket := resources.One(t, bucketType)
		require.Equal(t, !ephemeral, bucket.Protect)
		require.Equal(t, ephemeral, bucket.Inputs["forceDestroy"])
	}
}

func TestNewTrailRefuses(t *testing.T) {
	t.Parallel()
	const incomplete = "it must have an AccountID, a Region and a TopicArn"
	for name, test := range map[string]struct {
		change func(*observability.TrailArgs)
		want   string
	}{
		"no account":   {func(a *observability.TrailArgs) { a.AccountID = "" }, incomplete},
		"no region":    {func(a *observability.TrailArgs) { a.Region = "" }, incomplete},
		"no topic":     {func(a *observability.TrailArgs) { a.TopicArn = nil }, incomplete},
		"no retention": {func(a *observability.TrailArgs) { a.RetentionDays = 0 }, "RetentionDays is 0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := validTrail()
			test.change(&args)
			resources, err := makeTrail(args)
			require.ErrorContains(t, err, test.want)
			require.Empty(t, resources.Of(bucketType))
		})
	}
}

func TestNewTrailRefusesLongNames(t *testing.T) {
	t.Parallel()
	inStack := func(name string) pulumi.RunOption {
		return func(info *pulumi.RunInfo) { info.Stack = name }
	}
	longest := strings.Repeat("s", 128-len("stagecraft-"))
	resources, err := makeTrail(validTrail(), inStack(longest))
	require.NoError(t, err)
	require.Len(t, resources.One(t, trailType).Inputs["name"], 128)

	_, err = makeTrail(validTrail(), inStack(longest+"s"))
	require.ErrorContains(t, err, "of 129 characters: CloudTrail takes 128, so give the stack a shorter name")
}
