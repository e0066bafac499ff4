package aws

import (
	"testing"

	"github.com/stretchr/testify/require"
)

var minimalCloudTrail = map[string]func(*testAccount) map[string]any{
	trailToken: func(a *testAccount) map[string]any {
		a.create(bucketToken, map[string]any{"bucket": "logs", "forceDestroy": true})
		a.create(bucketPolicyToken, map[string]any{"bucket": "logs", "policy": trailPolicy})
		return map[string]any{"name": "audit", "s3BucketName": "logs"}
	},
}

// trailPolicy allows CloudTrail to write to the bucket "logs".
const trailPolicy = `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetBucketAcl",
	"Principal": {"Service": "cloudtrail.amazonaws.com"}, "Resource": "arn:aws:s3:::logs"}, {"Effect": "Allow",
	"Action": "s3:PutObject", "Principal": {"Service": "cloudtrail.amazonaws.com"},
	"Resource": "arn:aws:s3:::logs/AWSLogs/` + Account + `/*"}]}`

// TestTrailLog checks that the trail's log prevents the deletion of its bucket.
func TestTrailLog(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	bucket := account.bucket("logs")
	account.create(bucketPolicyToken, map[string]any{"bucket": "logs", "policy": trailPolicy})
	trail := account.create(trailToken, map[string]any{"name": "audit", "s3BucketName": "logs"})
	require.Equal(t, testRegion, trail.text("homeRegion"))
	require.NoError(t, account.Delete(trailToken, trail.id))
	requireCode(t, "BucketNotEmpty", account.Delete(bucketToken, bucket.id))
}

func TestCloudTrailInputsRejected(t *testing.T) {
	t.Parallel()
	runInputRejections(t, []inputRejection{
		{trailToken, "name", map[string]any{"name": "ab"}},
		{trailToken, "name", map[string]any{"name": "audit--log"}},
		{trailToken, "isOrganizationTrail", map[string]any{"isOrganizationTrail": true}},
	})
}

func TestCloudTrailRejections(t *testing.T) {
	t.Parallel()
	runRejections(t, []rejection{
		{"half of all regions", "InvalidParameterCombinationException", trailToken, but(trailToken, map[string]any{
			"isMultiRegionTrail": true, "includeGlobalServiceEvents": false,
		})},
		{"bucket without a policy", "InsufficientS3BucketPolicyException", trailToken, func(a *testAccount) map[string]any {
			a.bucket("logs")
			return map[string]any{"name": "audit", "s3BucketName": "logs"}
		}},
		{
			"bucket for others", "InsufficientS3BucketPolicyException", trailToken,
			but(trailToken, map[string]any{"s3KeyPrefix": "trail"}),
		},
	})
}

func TestCloudTrailChanges(t *testing.T) {
	t.Parallel()
	runChanges(t, []change{
		{trailToken, "name", true, map[string]any{"name": "others"}},
		{trailToken, "regions", false, map[string]any{"isMultiRegionTrail": true}},
	})
}
