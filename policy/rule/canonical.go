package rule

import "strings"

// prefixes are modules that are the same, by the one that rules name.
var prefixes = map[string]string{
	"aws:alb/":                           "aws:lb/",
	"aws:applicationloadbalancing/":      "aws:lb/",
	"aws:elasticloadbalancingv2/":        "aws:lb/",
	"aws:elasticloadbalancing/":          "aws:elb/",
	"aws:cloudwatch/eventRule:EventRule": "aws:cloudwatch/eventRule:EventRule",
}

// renamed are types that are the same, by the one that rules name: those of version 7 of the AWS provider, and their
// names in version 6.
var renamed = map[string]string{
	"aws:s3/bucketV2:BucketV2":                                                                   "aws:s3/bucket:Bucket",
	"aws:s3/bucketAclV2:BucketAclV2":                                                             "aws:s3/bucketAcl:BucketAcl",
	"aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2":                       "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
	"aws:s3/bucketLoggingV2:BucketLoggingV2":                                                     "aws:s3/bucketLogging:BucketLogging",
	"aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2": "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
	"aws:s3/bucketVersioningV2:BucketVersioningV2":                                               "aws:s3/bucketVersioning:BucketVersioning",
	"aws:s3/bucketWebsiteConfigurationV2:BucketWebsiteConfigurationV2":                           "aws:s3/bucketWebsiteConfiguration:BucketWebsiteConfiguration",
	"aws:s3/bucketObjectv2:BucketObjectv2":                                                       "aws:s3/bucketObject:BucketObject",
}

// Canonical is the one token of a type that has several.
func Canonical(token string) string {
	if name, ok := renamed[token]; ok {
		return name
	}
	for prefix, canonical := range prefixes {
		if rest, found := strings.CutPrefix(token, prefix); found {
			return canonical + rest
		}
	}
	return token
}
