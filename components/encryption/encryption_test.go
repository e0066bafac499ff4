package encryption_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"stagecraft/components/encryption"
	"stagecraft/internal/pulumitest"
)

const keyType = "aws:kms/key:Key"

func valid() encryption.Args {
	return encryption.Args{
		AccountID: "123456789012", Region: "eu-west-1", Tags: pulumi.StringMap{"tier": pulumi.String("encryption")},
	}
}

// run creates a key and watches it.
func run(args encryption.Args) (pulumitest.Resources, error) {
	return pulumitest.Run(func(ctx *pulumi.Context) error {
		key, err := encryption.New(ctx, "key", &args)
		if err != nil {
			return err
		}
		_, err = key.Watch(ctx, pulumi.String("arn:topic"))
		return err
	}, map[string]map[string]any{keyType: {"keyId": "1234"}}, nil)
}

func TestNew(t *testing.T) {
	t.Parallel()
	resources, err := run(valid())
	require.NoError(t, err)
	resources.RequireTags(t, map[string]string{"tier": "encryption"})
	resources.RequireParents(t, "stagecraft:encryption:Key")

	key := resources.One(t, keyType)
	require.True(t, key.Protect)
	require.Subset(t, key.Inputs, map[string]any{
		"description": "stagecraft test: all that the stack keeps", "enableKeyRotation": true, "deletionWindowInDays": 30.0,
	})
	require.Equal(t, map[string]any{"name": "alias/stagecraft-test", "targetKeyId": "1234"},
		resources.One(t, "aws:kms/alias:Alias").Inputs)
}

func TestNewEphemeral(t *testing.T) {
	t.Parallel()
	args := valid()
	args.Ephemeral = true
	resources, err := run(args)
	require.NoError(t, err)
	key := resources.One(t, keyType)
	require.False(t, key.Protect)
	require.Equal(t, 7.0, key.Inputs["deletionWindowInDays"])
}

func TestNewPolicy(t *testing.T) {
	t.Parallel()
	resources, err := run(valid())
	require.NoError(t, err)
	require.JSONEq(t, `{"Version": "2012-10-17", "Statement": [{
		"Sid": "Account", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
		"Action": ["kms:*"], "Resource": "*"
	}, {
		"Sid": "PrincipalsOfThisAccountThroughServices", "Effect": "Allow", "Principal": {"AWS": "*"},
		"Action": ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*", "kms:CreateGrant"],
		"Resource": "*",
		"Condition": {"StringEquals": {"kms:CallerAccount": "123456789012", "kms:ViaService": [
			"dynamodb.eu-west-1.amazonaws.com", "ec2.eu-west-1.amazonaws.com", "ecr.eu-west-1.amazonaws.com",
			"elasticache.eu-west-1.amazonaws.com", "lambda.eu-west-1.amazonaws.com", "rds.eu-west-1.amazonaws.com",
			"s3.eu-west-1.amazonaws.com", "secretsmanager.eu-west-1.amazonaws.com", "sns.eu-west-1.amazonaws.com",
			"sqs.eu-west-1.amazonaws.com", "ssm.eu-west-1.amazonaws.com"
		]}}
	}, {
		"Sid": "Logs", "Effect": "Allow", "Principal": {"Service": ["logs.eu-west-1.amazonaws.com"]},
		"Action": ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"], "Resource": "*",
		"Condition": {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:eu-west-1:123456789012:*"}}
	}, {
		"Sid": "NotifyingServicesOfThisAccount", "Effect": "Allow", "Principal": {"Service": [
			"cloudwatch.amazonaws.com", "budgets.amazonaws.com", "events.rds.amazonaws.com", "costalerts.amazonaws.com"
		]},
		"Action": ["kms:Decrypt", "kms:GenerateDataKey*"], "Resource": "*",
		"Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}}
	}, {
		"Sid": "EventBridge", "Effect": "Allow", "Principal": {"Service": ["events.amazonaws.com"]},
		"Action": ["kms:Decrypt", "kms:GenerateDataKey*"], "Resource": "*"
	}, {
		"Sid": "Trails", "Effect": "Allow", "Principal": {"Service": ["cloudtrail.amazonaws.com"]},
		"Action": ["kms:DescribeKey", "kms:GenerateDataKey*"], "Resource": "*",
		"Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:cloudtrail:eu-west-1:123456789012:trail/*"}}
	}]}`, resources.One(t, keyType).Inputs["policy"].(string))
}

func TestWatch(t *testing.T) {
	t.Parallel()
	resources, err := run(valid())
	require.NoError(t, err)
	require.JSONEq(t, `{"source": ["aws.kms"], "detail-type": ["AWS API Call via CloudTrail"], "detail": {
		"eventName": ["DisableKey", "ScheduleKeyDeletion"], "resources": {"ARN": ["arn:key"]}
	}}`, resources.One(t, "aws:cloudwatch/eventRule:EventRule").Inputs["eventPattern"].(string))
	require.Equal(t, "arn:topic", resources.One(t, "aws:cloudwatch/eventTarget:EventTarget").Inputs["arn"])
	require.Equal(t, []string{"key-ending-untold"}, resources.Names("aws:cloudwatch/metricAlarm:MetricAlarm"))
}

func TestNewRejects(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*encryption.Args){
		"no account": func(a *encryption.Args) { a.AccountID = "" },
		"no region":  func(a *encryption.Args) { a.Region = "" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := valid()
			change(&args)
			resources, err := run(args)
			require.ErrorContains(t, err, `encryption key "key": AccountID and Region must be set`)
			require.Empty(t, resources.Of(keyType))
		})
	}
}
