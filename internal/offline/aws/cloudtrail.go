package aws

import (
	"regexp"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudtrail"

	"stagecraft/internal/offline/cloud"
)

const trailToken = "aws:cloudtrail/trail:Trail"

func cloudTrailTypes() []cloud.Type {
	return []cloud.Type{{
		Token:     trailToken,
		Args:      cloudtrail.TrailArgs{},
		State:     cloudtrail.Trail{},
		Service:   "CloudTrail",
		Operation: "CreateTrail",
		Source: "CloudFormation resource schema AWS::CloudTrail::Trail; SDK doc; CloudTrail API Reference, CreateTrail; AWS " +
			"CloudTrail User Guide, Quotas in AWS CloudTrail. A trail of all regions counts in its own region only",
		Name: &cloud.Name{
			Property: "name", Max: 128, Pattern: regexp.MustCompile(`^[A-Za-z0-9]([._-]?[A-Za-z0-9])*$`),
		},
		ID:        "arn:aws:cloudtrail:${region}:${account}:trail/${name}",
		Conflicts: [][]string{{"advancedEventSelectors", "eventSelectors"}},
		Values: map[string]cloud.Value{
			"name":                   cloud.Length(3, 128),
			"cloudWatchLogsGroupArn": cloud.NotSimulated,
			"cloudWatchLogsRoleArn":  cloud.NotSimulated,
			"isOrganizationTrail":    cloud.NotSimulated,
			"s3KeyPrefix":            cloud.Length(1, 200),
			"snsTopicName":           cloud.NotSimulated,
		},
		Computed: map[string]any{
			"arn":                        "${id}",
			"enableLogFileValidation":    false,
			"enableLogging":              true,
			"homeRegion":                 "${region}",
			"includeGlobalServiceEvents": true,
			"isMultiRegionTrail":         false,
			"isOrganizationTrail":        false,
		},
		Replace: []string{"name"},
		Refs: []cloud.Ref{{
			Path: "s3BucketName", Type: bucketToken, TargetProperty: "bucket", Weak: true, NotFound: cloud.Error{
				Code: "S3BucketDoesNotExistException", Message: "S3 bucket ${value} does not exist!",
			},
		}},
		Unique: [][]string{{"name"}},
		Quota: &cloud.Quota{Limit: 5, Error: cloud.Error{
			Code: "MaximumNumberOfTrailsExceededException", Message: "User: ${account} already has 5 trails in ${region}.",
		}},
		Check:      validateTrail,
		AfterWrite: deliverTrailLog,
		NotFound:   cloud.Error{Code: "TrailNotFoundException", Message: "Unknown trail: ${value}"},
		Exists: cloud.Error{
			Code: "TrailAlreadyExistsException", Message: "Trail ${name} already exists for customer: ${account}",
		},
	}}
}

// validateTrail rejects a multi-region trail without global events, and a bucket whose policy denies CloudTrail access.
func validateTrail(account cloud.Account, trail *cloud.Resource) error {
	if trail.Text("isMultiRegionTrail") == "true" && trail.Text("includeGlobalServiceEvents") == "false" {
		return apiError("InvalidParameterCombinationException", "Multi-Region trail must include global service events.")
	}
	bucket := trail.Text("s3BucketName")
	policy, err := account.Find(bucketPolicyToken, "bucket", bucket)
	if err != nil {
		return err
	}
	const cloudTrail = "cloudtrail.amazonaws.com"
	if policy == nil || !allows(policy.Text("policy"), "s3:GetBucketAcl", "arn:aws:s3:::"+bucket, cloudTrail) ||
		!allows(policy.Text("policy"), "s3:PutObject", objectArn(bucket, trailLog(trail)), cloudTrail) {
		return apiError("InsufficientS3BucketPolicyException", "Incorrect S3 bucket policy is detected for bucket: %s", bucket)
	}
	return nil
}

// deliverTrailLog writes a log file, which AWS does within minutes. A bucket with log files can only be deleted with
// forceDestroy.
func deliverTrailLog(account cloud.Account, trail *cloud.Resource) error {
	return putObject(account, trail.Text("s3BucketName"), trailLog(trail))
}

// trailLog returns the key of a log file (AWS CloudTrail User Guide, "Finding your CloudTrail log files").
func trailLog(trail *cloud.Resource) string {
	prefix := trail.Text("s3KeyPrefix")
	if prefix != "" {
		prefix += "/"
	}
	return prefix + "AWSLogs/" + Account + "/CloudTrail/" + trail.Region + "/" + trail.Text("name") + ".json.gz"
}
