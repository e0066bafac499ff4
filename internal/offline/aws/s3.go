package aws

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"stagecraft/internal/offline/cloud"
)

const (
	bucketToken           = "aws:s3/bucketV2:BucketV2"
	bucketPolicyToken     = "aws:s3/bucketPolicy:BucketPolicy"
	bucketEncryptionToken = "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2"
	publicAccessToken     = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
	objectToken           = "aws:s3/bucketObjectv2:BucketObjectv2"
	notificationToken     = "aws:s3/bucketNotification:BucketNotification"
	lifecycleToken        = "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2"
)

// s3Types returns buckets, whose names are unique across regions, and their settings.
func s3Types() []cloud.Type {
	return []cloud.Type{
		bucketType(), objectType(),
		bucketPolicyType(), publicAccessBlockType(), ownershipControlsType(), encryptionType(), versioningType(),
		lifecycleType(), notificationType(),
	}
}

func bucketType() cloud.Type {
	return cloud.Type{
		Token:     bucketToken,
		Args:      s3.BucketV2Args{},
		State:     s3.BucketV2{},
		Global:    true,
		Service:   "S3",
		Operation: "CreateBucket",
		Source: "CloudFormation resource schema AWS::S3::Bucket; S3 User Guide, General purpose bucket naming rules and " +
			"General purpose bucket quotas",
		Name:      &cloud.Name{Property: "bucket", Max: 63, Lower: true},
		ID:        "${bucket}",
		Conflicts: [][]string{{"bucket", "bucketPrefix"}},
		Values:    map[string]cloud.Value{"bucket": bucketName, "bucketPrefix": cloud.Length(1, 37)},
		Computed: map[string]any{
			"arn":                      "arn:aws:s3:::${bucket}",
			"bucket":                   "${bucketPrefix}${digits26}",
			"bucketDomainName":         "${bucket}.s3.amazonaws.com",
			"bucketRegionalDomainName": "${bucket}.s3.${region}.amazonaws.com",
			"forceDestroy":             false,
			"objectLockEnabled":        false,
			"region":                   "${region}",
			"requestPayer":             "BucketOwner",
		},
		Replace: []string{"bucket", "bucketPrefix", "objectLockEnabled"},
		Unique:  [][]string{{"bucket"}},
		Exists: cloud.Error{
			Code:    "BucketAlreadyOwnedByYou",
			Message: "Your previous request to create the named bucket succeeded and you already own it.",
		},
		Quota: &cloud.Quota{Limit: 10000, Error: cloud.Error{
			Code: "TooManyBuckets", Message: "You have attempted to create more buckets than allowed",
		}},
		Check: func(_ cloud.Account, bucket *cloud.Resource) error {
			if acl := bucket.Text("acl"); acl != "" && acl != "private" {
				return apiError("AccessControlListNotSupported", "The bucket does not allow ACLs")
			}
			return nil
		},
		AfterWrite: func(_ cloud.Account, bucket *cloud.Resource) error {
			bucket.Set("hostedZoneId", locations[bucket.Region].s3Zone)
			return nil
		},
		Delete:   deleteObjects,
		NotFound: cloud.Error{Code: "NoSuchBucket", Message: "The specified bucket does not exist"},
	}
}

func objectType() cloud.Type {
	return cloud.Type{
		Token:     objectToken,
		Args:      s3.BucketObjectv2Args{},
		State:     s3.BucketObjectv2{},
		Global:    true,
		Service:   "S3",
		Operation: "PutObject",
		Source:    "SDK doc; S3 API Reference, PutObject; the id has the bucket, which the AWS provider's lacks",
		ID:        "${bucket}/${key}",
		Required:  []string{"bucket"},
		Conflicts: [][]string{{"content", "contentBase64", "source"}},
		Values: map[string]cloud.Value{
			"acl":                  cloud.NotSimulated,
			"key":                  cloud.Length(1, 1024),
			"serverSideEncryption": cloud.OneOf("AES256", "aws:kms"),
			"storageClass":         objectClass,
			"tags":                 cloud.Count(0, 10),
		},
		Computed: map[string]any{
			"arn":                  "arn:aws:s3:::${bucket}/${key}",
			"contentType":          "binary/octet-stream",
			"etag":                 "${hex32}",
			"forceDestroy":         false,
			"serverSideEncryption": "AES256",
			"storageClass":         "STANDARD",
		},
		Replace: []string{"bucket", "key"},
		Refs:    bucketParts,
	}
}

// bucketParts is the reference to the bucket that owns a resource.
var bucketParts = []cloud.Ref{{Path: "bucket", Type: bucketToken, OwnedBy: true}}

var bucketNameCharacters = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)

// bucketName allows names by S3's rules.
func bucketName(value resource.PropertyValue) string {
	name := ""
	if value.IsString() {
		name = value.StringValue()
	}
	_, err := netip.ParseAddr(name)
	reserved := slices.ContainsFunc([]string{"xn--", "sthree-", "amzn-s3-demo-"}, func(prefix string) bool {
		return strings.HasPrefix(name, prefix)
	}) || slices.ContainsFunc([]string{"-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"}, func(suffix string) bool {
		return strings.HasSuffix(name, suffix)
	})
	if !bucketNameCharacters.MatchString(name) || strings.Contains(name, "..") || err == nil || reserved {
		return "InvalidBucketName: the specified bucket is not valid: a name has 3 to 63 lower-case letters, digits, dots " +
			"and hyphens, begins and ends with a letter or digit, and is no IP address and no reserved form, got " + name
	}
	return ""
}

// deleteObjects rejects the deletion of a bucket with objects, unless forceDestroy is set.
func deleteObjects(account cloud.Account, bucket *cloud.Resource) error {
	object, err := account.Find(objectToken, "bucket", bucket.ID)
	if err == nil && object != nil && bucket.Text("forceDestroy") != "true" {
		err = apiError("BucketNotEmpty", "The bucket you tried to delete is not empty")
	}
	return err
}

func objectArn(bucket, key string) string { return "arn:aws:s3:::" + bucket + "/" + key }

// putObject adds an object that AWS writes to a bucket.
func putObject(account cloud.Account, bucket, key string) error {
	return account.Put(objectToken, awsManaged(bucket+"/"+key, map[string]any{
		"bucket": bucket, "key": key, "arn": objectArn(bucket, key), "storageClass": "STANDARD",
	}))
}

func bucketPolicyType() cloud.Type {
	return bucketSetting(cloud.Type{
		Token:     bucketPolicyToken,
		Args:      s3.BucketPolicyArgs{},
		State:     s3.BucketPolicy{},
		Operation: "PutBucketPolicy",
		Source:    "CloudFormation resource schema AWS::S3::BucketPolicy; S3 User Guide, Blocking public access",
		Required:  []string{"policy"},
		Values:    map[string]cloud.Value{"policy": cloud.Policy},
		Check:     validateBucketPolicy,
	})
}

func publicAccessBlockType() cloud.Type {
	return bucketSetting(cloud.Type{
		Token:     publicAccessToken,
		Args:      s3.BucketPublicAccessBlockArgs{},
		State:     s3.BucketPublicAccessBlock{},
		Operation: "PutPublicAccessBlock",
		Source:    "SDK doc",
		Computed: map[string]any{
			"blockPublicAcls": false, "blockPublicPolicy": false, "ignorePublicAcls": false, "restrictPublicBuckets": false,
		},
	})
}

func ownershipControlsType() cloud.Type {
	return bucketSetting(cloud.Type{
		Token:     "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
		Args:      s3.BucketOwnershipControlsArgs{},
		State:     s3.BucketOwnershipControls{},
		Operation: "PutBucketOwnershipControls",
		Source:    "SDK doc",
		Values: map[string]cloud.Value{
			"rule.objectOwnership": cloud.OneOf("BucketOwnerPreferred", "ObjectWriter", "BucketOwnerEnforced"),
		},
	})
}

func encryptionType() cloud.Type {
	return bucketSetting(cloud.Type{
		Token:     bucketEncryptionToken,
		Args:      s3.BucketServerSideEncryptionConfigurationV2Args{},
		State:     s3.BucketServerSideEncryptionConfigurationV2{},
		Operation: "PutBucketEncryption",
		Source:    "SDK doc",
		Required:  []string{"rules"},
		Values: map[string]cloud.Value{
			"rules[*].applyServerSideEncryptionByDefault.sseAlgorithm": cloud.OneOf("AES256", "aws:kms", "aws:kms:dsse"),
		},
		Replace: []string{"expectedBucketOwner"},
	})
}

func versioningType() cloud.Type {
	return bucketSetting(cloud.Type{
		Token:     "aws:s3/bucketVersioningV2:BucketVersioningV2",
		Args:      s3.BucketVersioningV2Args{},
		State:     s3.BucketVersioningV2{},
		Operation: "PutBucketVersioning",
		Source:    "SDK doc",
		Values: map[string]cloud.Value{
			"versioningConfiguration.mfaDelete": cloud.OneOf("Enabled", "Disabled"),
			"versioningConfiguration.status":    cloud.OneOf("Enabled", "Suspended", "Disabled"),
		},
		Replace: []string{"expectedBucketOwner"},
	})
}

func lifecycleType() cloud.Type {
	return bucketSetting(cloud.Type{
		Token:     lifecycleToken,
		Args:      s3.BucketLifecycleConfigurationV2Args{},
		State:     s3.BucketLifecycleConfigurationV2{},
		Operation: "PutBucketLifecycleConfiguration",
		Source:    "SDK doc; S3 API Reference, PutBucketLifecycleConfiguration; S3 User Guide, Transitioning objects",
		Required:  []string{"rules"},
		Values: map[string]cloud.Value{
			"rules[*].expiration.days": positive,
			"rules[*].id":              cloud.Length(1, 255),
			"rules[*].noncurrentVersionExpiration.noncurrentDays":         positive,
			"rules[*].abortIncompleteMultipartUpload.daysAfterInitiation": positive,
			"rules[*].status":                                       cloud.OneOf("Enabled", "Disabled"),
			"rules[*].transitions[*].storageClass":                  coldClass,
			"rules[*].noncurrentVersionTransitions[*].storageClass": coldClass,
			"transitionDefaultMinimumObjectSize":                    minimumSize,
		},
		Computed: map[string]any{"transitionDefaultMinimumObjectSize": "all_storage_classes_128K"},
		Replace:  []string{"expectedBucketOwner"},
		Check:    validateLifecycle,
	})
}

func notificationType() cloud.Type {
	return bucketSetting(cloud.Type{
		Token:     notificationToken,
		Args:      s3.BucketNotificationArgs{},
		State:     s3.BucketNotification{},
		Operation: "PutBucketNotificationConfiguration",
		Source:    "SDK doc; S3 User Guide, Amazon S3 Event Notifications. It silently takes over what a bucket has",
		Values: map[string]cloud.Value{
			"lambdaFunctions": cloud.NotSimulated, "queues": cloud.NotSimulated, "topics": cloud.NotSimulated,
		},
		Computed: map[string]any{"eventbridge": false},
	})
}

// objectClass allows the storage classes of objects (S3 API Reference, PutObject).
var objectClass = cloud.OneOf("STANDARD", "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER",
	"DEEP_ARCHIVE", "GLACIER_IR")

var (
	positive  = cloud.Range(1, 2147483647)
	coldClass = cloud.OneOf(
		"GLACIER", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "DEEP_ARCHIVE", "GLACIER_IR")
	minimumSize = cloud.OneOf("all_storage_classes_128K", "varies_by_storage_class")
)

// bucketSetting adds what the settings of a bucket have in common: each exists once, under the bucket's name.
func bucketSetting(setting cloud.Type) cloud.Type {
	setting.Service = "S3"
	setting.Global = true
	setting.ID = "${bucket}"
	setting.Replace = append(setting.Replace, "bucket")
	setting.Refs = bucketParts
	return setting
}

// validateBucketPolicy rejects a policy about other resources than the bucket, and a public policy while public access
// is blocked, which is the default for new buckets.
func validateBucketPolicy(account cloud.Account, policy *cloud.Resource) error {
	statements, err := statementsOf(policy.Text("policy"))
	if err != nil {
		return apiError("MalformedPolicy", "This policy contains invalid Json")
	}
	arn := "arn:aws:s3:::" + policy.Text("bucket")
	for _, statement := range statements {
		foreign := func(resource string) bool { return resource != arn && !strings.HasPrefix(resource, arn+"/") }
		switch {
		case len(statement.Principal)+len(statement.NotPrincipal) == 0:
			return apiError("MalformedPolicy", "Missing required field Principal")
		case len(statement.Resource)+len(statement.NotResource) == 0:
			return apiError("MalformedPolicy", "Missing required field Resource")
		case slices.ContainsFunc(slices.Concat(statement.Resource, statement.NotResource), foreign):
			return apiError("MalformedPolicy", "Policy has invalid resource")
		}
	}
	block, err := account.Find(publicAccessToken, "bucket", policy.Text("bucket"))
	if err != nil {
		return err
	}
	blocked := block == nil || block.Text("blockPublicPolicy") == "true"
	if blocked && slices.ContainsFunc(statements, statement.public) {
		return apiError("AccessDenied", "User: arn:aws:iam::%s:user/offline is not authorized to perform: s3:PutBucketPolicy "+
			"on resource: \"%s\" because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public "+
			"Access.", Account, arn)
	}
	return nil
}

// minColdDays is the minimum number of days before a transition to a class for infrequent access.
const minColdDays = 30

func validateLifecycle(_ cloud.Account, configuration *cloud.Resource) error {
	seen := map[string]bool{}
	for _, rule := range configuration.Elements("rules") {
		if seen[rule.Text("id")] {
			return apiError("InvalidArgument", "Rule ID must be unique. Found same ID for more than one rule")
		}
		seen[rule.Text("id")] = true
		if err := validateLifecycleRule(rule); err != nil {
			return err
		}
	}
	return nil
}

func validateLifecycleRule(rule *cloud.Resource) error {
	has := func(path string) bool { return len(rule.Texts(path)) > 0 }
	actions := []string{
		"abortIncompleteMultipartUpload", "expiration", "noncurrentVersionExpiration", "noncurrentVersionTransitions[*]",
		"transitions[*]",
	}
	if !slices.ContainsFunc(actions, has) {
		return apiError("InvalidRequest", "At least one action needs to be specified in a rule")
	}
	expiry := 0
	for _, kind := range []string{"expiration.date", "expiration.days", "expiration.expiredObjectDeleteMarker"} {
		if has(kind) {
			expiry++
		}
	}
	if has("expiration") && expiry != 1 {
		return apiError("MalformedXML",
			"The XML you provided was not well-formed or did not validate against our published schema")
	}
	for _, transition := range rule.Elements("transitions") {
		class, days := transition.Text("storageClass"), number(transition, "days")
		switch {
		case strings.HasSuffix(class, "_IA") && transition.Text("days") != "" && days < minColdDays:
			return apiError("InvalidArgument",
				"'Days' in Transition action must be greater than or equal to %d for storageClass '%s'", minColdDays, class)
		case has("expiration.days") && number(rule, "expiration.days") <= days:
			return apiError("InvalidArgument",
				"'Days' in the Expiration action must be greater than 'Days' in the Transition action")
		}
	}
	return nil
}
