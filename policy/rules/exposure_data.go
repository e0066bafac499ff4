package rules

import (
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/policyx"

	"stagecraft/policy/rule"
)

func exposedDatabases() []rule.Rule {
	return []rule.Rule{{
		Name:        "rds-not-public",
		Description: "RDS databases have no public IP address",
		Severity:    rule.Critical,
		Theme:       rule.Exposure,
		References:  []string{"FSBP RDS.2", "CIS 3.0.0 2.3.3", "WAF SEC05-BP01"},
		Fix:         "Set publiclyAccessible to false.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       []string{rdsInstance, rdsClusterInstance},
		Resource:    rule.False("publiclyAccessible", false),
	}, {
		// Another port stops only attackers who do not scan for it.
		Name:        "rds-own-port",
		Description: "RDS databases listen on a port other than their engine's default",
		Severity:    rule.Low,
		Theme:       rule.Exposure,
		References:  []string{"FSBP RDS.23"},
		Fix:         "Set port to another one. The database's endpoint contains the port, so clients that use it need no change.",
		Level:       policyx.EnforcementLevelAdvisory,
		Types:       []string{rdsInstance, rdsCluster},
		Resource: func(r *rule.Resource) {
			port := r.Get("port")
			if usual := usualPort(r.Get("engine").Text()); usual != "" && (port.Absent() || port.Text() == usual) {
				r.ReportValue(port, "a port other than "+usual)
			}
		},
	}, {
		Name:        "elasticache-own-subnet-group",
		Description: "ElastiCache runs in subnets that the program chooses",
		Severity:    rule.High,
		Theme:       rule.Exposure,
		References:  []string{"FSBP ElastiCache.7", "WAF SEC05-BP01"},
		Fix:         "Set subnetGroupName to a subnet group of private or isolated subnets.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       []string{elasticacheReplicationGroup, elasticacheCluster},
		Resource: rule.When(firstOfItsGroup, rule.Want("subnetGroupName", "a subnet group of your own", func(group rule.Value) bool {
			return group.Text() != "" && group.Text() != "default"
		})),
	}}
}

// usualPort returns an engine's default port, or "" if the engine is unset: replicas and restored databases take the
// port of their source.
func usualPort(engine string) string {
	for start, port := range map[string]string{
		"postgres": "5432", "aurora-postgresql": "5432", "mysql": "3306", "mariadb": "3306", "aurora-mysql": "3306",
		"oracle": "1521", "sqlserver": "1433", "db2": "50000",
	} {
		if strings.HasPrefix(engine, start) {
			return port
		}
	}
	return ""
}

// firstOfItsGroup excludes members of a replication group, which take its settings.
func firstOfItsGroup(r *rule.Resource) bool {
	return r.Type != elasticacheCluster || r.Get("replicationGroupId").Absent()
}

func exposedBuckets() []rule.Rule {
	return []rule.Rule{{
		Name:        "s3-public-access-blocked",
		Description: "Public access blocks of S3 block all public access",
		Severity:    rule.High,
		Theme:       rule.Exposure,
		References:  []string{"FSBP S3.1", "FSBP S3.2", "FSBP S3.3", "FSBP S3.8", "CIS 3.0.0 2.1.4", "WAF SEC08-BP04"},
		Fix:         "Set blockPublicAcls, blockPublicPolicy, ignorePublicAcls and restrictPublicBuckets to true.",
		Level:       policyx.EnforcementLevelMandatory,
		Types: []string{
			s3BucketPublicAccessBlock, s3AccountPublicAccessBlock,
		},
		Resource: rule.All(
			rule.True("blockPublicAcls"), rule.True("blockPublicPolicy"), rule.True("ignorePublicAcls"),
			rule.True("restrictPublicBuckets"),
		),
	}, {
		// New buckets block public access by default; older ones do not.
		Name:        "s3-public-access-said",
		Description: "Each bucket has a public access block in the stack, so that Pulumi restores it if it is removed",
		Severity:    rule.Medium,
		Theme:       rule.Exposure,
		References:  []string{"FSBP S3.8", "CIS 3.0.0 2.1.4", "WAF SEC08-BP04"},
		Fix:         "Add an aws.s3.BucketPublicAccessBlock for the bucket, with all four settings true.",
		Level:       policyx.EnforcementLevelAdvisory,
		Stack:       bucketsHavePublicAccessBlock,
	}, {
		Name:        "s3-no-public-acl",
		Description: "Access control lists of buckets and objects grant no access outside the account",
		Severity:    rule.Critical,
		Theme:       rule.Exposure,
		References:  []string{"FSBP S3.2", "FSBP S3.3", "WAF SEC08-BP04"},
		Fix:         "Remove the access control list, and grant access by a bucket policy or through CloudFront.",
		Level:       policyx.EnforcementLevelMandatory,
		Types: []string{
			s3Bucket, s3BucketACL, s3BucketObject,
			s3ObjectCopy,
		},
		Resource: rule.All(
			rule.Want("acl", "private", func(acl rule.Value) bool { return !slices.Contains(publicLists, acl.Text()) }),
			forEach("grants", func(r *rule.Resource, grant rule.Value) { reportPublic(r, grant.Get("uri")) }),
			forEach("accessControlPolicy.grants", func(r *rule.Resource, grant rule.Value) { reportPublic(r, grant.Get("grantee.uri")) }),
		),
	}, {
		// The legacy access logs of CloudFront need access control lists.
		Name:        "s3-no-acls",
		Description: "Access control lists are disabled for buckets, as they are by default for new ones",
		Severity:    rule.Medium,
		Theme:       rule.Exposure,
		References:  []string{"FSBP S3.12", "WAF SEC08-BP04"},
		Fix:         "Set rule.objectOwnership to BucketOwnerEnforced.",
		Level:       policyx.EnforcementLevelAdvisory,
		Types:       []string{s3BucketOwnershipControls},
		Resource:    rule.OneOf("rule.objectOwnership", "", "BucketOwnerEnforced"),
	}}
}

var publicLists = []string{"public-read", "public-read-write", "authenticated-read"}

func reportPublic(r *rule.Resource, grantee rule.Value) {
	if strings.HasSuffix(grantee.Text(), "/groups/global/AllUsers") ||
		strings.HasSuffix(grantee.Text(), "/groups/global/AuthenticatedUsers") {
		r.ReportValue(grantee, "an account of your own")
	}
}

// bucketsHavePublicAccessBlock accepts all buckets if the stack contains the account's public access block.
func bucketsHavePublicAccessBlock(s *rule.Stack) {
	if len(s.ResourcesOfType(s3AccountPublicAccessBlock)) > 0 {
		return
	}
	for _, bucket := range s.ResourcesOfType(s3Bucket) {
		if !anyRefers(s, s3BucketPublicAccessBlock, "bucket", bucket) {
			bucket.Report("the stack has no BucketPublicAccessBlock for the bucket")
		}
	}
}
