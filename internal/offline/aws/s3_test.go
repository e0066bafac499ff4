package aws

import (
	"testing"

	"github.com/stretchr/testify/require"
)

var minimalS3 = map[string]func(*testAccount) map[string]any{
	bucketToken: func(*testAccount) map[string]any { return map[string]any{"bucket": "logs"} },
	objectToken: func(a *testAccount) map[string]any {
		bucket := a.create(bucketToken, map[string]any{"bucket": "logs", "forceDestroy": true})
		return map[string]any{"bucket": bucket.id, "key": "a/b", "content": "c"}
	},
	bucketPolicyToken: func(a *testAccount) map[string]any {
		return map[string]any{"bucket": a.bucket("logs").id, "policy": logsPolicy}
	},
	publicAccessToken: func(a *testAccount) map[string]any {
		return map[string]any{"bucket": a.bucket("logs").id, "blockPublicPolicy": true}
	},
	"aws:s3/bucketOwnershipControls:BucketOwnershipControls": func(a *testAccount) map[string]any {
		return map[string]any{
			"bucket": a.bucket("logs").id, "rule": map[string]any{"objectOwnership": "BucketOwnerEnforced"},
		}
	},
	bucketEncryptionToken: func(a *testAccount) map[string]any {
		return map[string]any{"bucket": a.bucket("logs").id, "rules": encryptionRules("AES256")}
	},
	"aws:s3/bucketVersioningV2:BucketVersioningV2": func(a *testAccount) map[string]any {
		return map[string]any{
			"bucket": a.bucket("logs").id, "versioningConfiguration": map[string]any{"status": "Enabled"},
		}
	},
	lifecycleToken: func(a *testAccount) map[string]any {
		return map[string]any{"bucket": a.bucket("logs").id, "rules": []any{expiry("expire")}}
	},
	notificationToken: func(a *testAccount) map[string]any {
		return map[string]any{"bucket": a.bucket("app").id, "eventbridge": true}
	},
}

func TestBucketRejections(t *testing.T) {
	t.Parallel()
	policy := func(statement string) map[string]any {
		return map[string]any{"policy": `{"Version": "2012-10-17", "Statement": [` + statement + `]}`}
	}
	rules := func(rules ...any) func(*testAccount) map[string]any {
		return but(lifecycleToken, map[string]any{"rules": rules})
	}
	rule := func(more map[string]any) map[string]any { return with(expiry("a"), more) }
	const everyone = `{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::logs/*"}`
	runRejections(t, []rejection{
		{
			"access control list", "AccessControlListNotSupported", bucketToken,
			but(bucketToken, map[string]any{"acl": "public-read"}),
		},
		{"policy for nobody", "MalformedPolicy", bucketPolicyToken, but(bucketPolicyToken, policy(
			`{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::logs/*"}`))},
		{"policy for nothing", "MalformedPolicy", bucketPolicyToken, but(bucketPolicyToken, policy(
			`{"Effect": "Allow", "Action": "s3:GetObject", "Principal": {"AWS": "123456789012"}}`))},
		{"policy for another bucket", "MalformedPolicy", bucketPolicyToken, but(bucketPolicyToken, policy(
			`{"Effect": "Allow", "Action": "s3:GetObject", "Principal": {"AWS": "123456789012"},
				"Resource": "arn:aws:s3:::logs-of-others/*"}`))},
		{"policy for everybody", "AccessDenied", bucketPolicyToken, but(bucketPolicyToken, policy(everyone))},
		{"policy for everybody, blocked", "AccessDenied", bucketPolicyToken, func(a *testAccount) map[string]any {
			inputs := with(minimal[bucketPolicyToken](a), policy(everyone))
			a.create(publicAccessToken, map[string]any{"bucket": "logs", "blockPublicPolicy": true})
			return inputs
		}},
		{"rules with one name", "InvalidArgument", lifecycleToken, rules(expiry("a"), expiry("a"))},
		{"rule without an action", "InvalidRequest", lifecycleToken, rules(rule(map[string]any{"expiration": nil}))},
		{"rule that expires twice", "MalformedXML", lifecycleToken, rules(rule(map[string]any{
			"expiration": map[string]any{"days": 1, "date": "2030-01-01T00:00:00Z"},
		}))},
		{"cold too early", "InvalidArgument", lifecycleToken, rules(rule(map[string]any{
			"transitions": []any{map[string]any{"storageClass": "STANDARD_IA", "days": 29}},
		}))},
		{"cold after its end", "InvalidArgument", lifecycleToken, rules(rule(map[string]any{
			"transitions": []any{map[string]any{"storageClass": "GLACIER", "days": 90}},
		}))},
	})
}

func TestPublicBucket(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	account.bucket("site")
	account.create(publicAccessToken, map[string]any{"bucket": "site", "blockPublicPolicy": false})
	account.create(bucketPolicyToken, map[string]any{"bucket": "site", "policy": `{"Version": "2012-10-17", "Statement": {
		"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::site/*"}}`})
}

// TestBucketNamesAreGlobal checks that regions share buckets and DNS records, but nothing else.
func TestBucketNamesAreGlobal(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	account.bucket("logs")
	vpc := account.create(vpcToken, map[string]any{"cidrBlock": "10.0.0.0/16"})
	region, err := New(account.db, nil).Region("us-east-1", nil)
	require.NoError(t, err)
	other := &testAccount{Region: region, t: t, db: account.db}
	other.rejects("BucketAlreadyOwnedByYou", bucketToken, map[string]any{"bucket": "logs"})
	require.True(t, other.exists(created{token: bucketToken, id: "logs"}))
	require.False(t, other.exists(created{token: vpcToken, id: vpc.id}))
}

// logsPolicy allows Elastic Load Balancing to write to the bucket "logs".
const logsPolicy = `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:PutObject",
	"Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
	"Resource": "arn:aws:s3:::logs/AWSLogs/` + Account + `/*"}]}`

func encryptionRules(algorithm string) []any {
	return []any{map[string]any{"applyServerSideEncryptionByDefault": map[string]any{"sseAlgorithm": algorithm}}}
}

func expiry(id string) map[string]any {
	return map[string]any{"id": id, "status": "Enabled", "expiration": map[string]any{"days": 90}}
}

func (a *testAccount) bucket(name string) created {
	a.t.Helper()
	return a.create(bucketToken, map[string]any{"bucket": name})
}

func TestS3InputsRejected(t *testing.T) {
	t.Parallel()
	runInputRejections(t, []inputRejection{
		{bucketToken, "bucket", map[string]any{"bucket": "Logs"}},
		{bucketToken, "bucket", map[string]any{"bucket": "lo"}},
		{bucketToken, "bucket", map[string]any{"bucket": "192.168.0.1"}},
		{bucketToken, "bucket", map[string]any{"bucket": "a..b"}},
		{bucketToken, "bucket", map[string]any{"bucket": "xn--logs"}},
		{bucketToken, "bucket", map[string]any{"bucket": "logs-s3alias"}},
		{bucketPolicyToken, "policy", map[string]any{"policy": "no policy"}},
		{"aws:s3/bucketOwnershipControls:BucketOwnershipControls", "rule.objectOwnership", map[string]any{
			"rule": map[string]any{"objectOwnership": "Nobody"},
		}},
		{bucketEncryptionToken, "rules[0].applyServerSideEncryptionByDefault.sseAlgorithm", map[string]any{
			"rules": encryptionRules("DES"),
		}},
		{"aws:s3/bucketVersioningV2:BucketVersioningV2", "versioningConfiguration.status", map[string]any{
			"versioningConfiguration": map[string]any{"status": "On"},
		}},
		{lifecycleToken, "rules[0].expiration.days", map[string]any{"rules": []any{
			map[string]any{"id": "a", "status": "Enabled", "expiration": map[string]any{"days": 0}},
		}}},
		{lifecycleToken, "rules[0].transitions[0].storageClass", map[string]any{"rules": []any{
			map[string]any{"id": "a", "status": "Enabled", "transitions": []any{map[string]any{"storageClass": "COLD"}}},
		}}},
		{notificationToken, "topics", map[string]any{"topics": []any{map[string]any{
			"topicArn": "arn:aws:sns:eu-west-1:123456789012:a", "events": []any{"s3:ObjectCreated:*"},
		}}}},
		{objectToken, "storageClass", map[string]any{"storageClass": "COLD"}},
		{objectToken, "serverSideEncryption", map[string]any{"serverSideEncryption": "ROT13"}},
	})
}

func TestS3Changes(t *testing.T) {
	t.Parallel()
	runChanges(t, []change{
		{bucketToken, "forceDestroy", false, map[string]any{"forceDestroy": true}},
	})
}
