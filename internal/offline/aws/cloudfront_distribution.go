package aws

import (
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudfront"

	"stagecraft/internal/offline/cloud"
)

// The limits of a distribution (Amazon CloudFront Developer Guide, "Quotas").
const (
	mostAliases         = 100
	mostOrigins         = 100
	mostBehaviors       = 74 // and the default one
	mostOriginHeaders   = 30
	longestOriginAnswer = 120
)

// behaviors are the paths of a distribution's cache behaviours.
var behaviors = []string{"defaultCacheBehavior", "orderedCacheBehaviors[*]"}

func distributionType() cloud.Type {
	values := map[string]cloud.Value{
		"aliases":                              cloud.Count(0, mostAliases),
		"aliases[*]":                           certificateName,
		"comment":                              cloud.Length(0, 128),
		"continuousDeploymentPolicyId":         cloud.NotSimulated,
		"defaultRootObject":                    cloud.Match(`^[^/]`, "a path without a slash at its beginning"),
		"httpVersion":                          cloud.OneOf("http1.1", "http2", "http2and3", "http3"),
		"loggingConfig":                        cloud.NotSimulated,
		"orderedCacheBehaviors":                cloud.Count(0, mostBehaviors),
		"orderedCacheBehaviors[*].pathPattern": edgePath,
		"originGroups":                         cloud.NotSimulated,
		"origins":                              cloud.Count(1, mostOrigins),
		"origins[*].connectionAttempts":        cloud.Range(1, 3),
		"origins[*].connectionTimeout":         cloud.Range(1, 10),
		"origins[*].customHeaders":             cloud.Count(0, mostOriginHeaders),
		"origins[*].domainName":                originDomain,
		"origins[*].originId":                  cloud.Length(1, 128),
		"origins[*].originPath":                cloud.Match(`^/.*[^/]$`, "a path with a slash at its beginning only"),
		"origins[*].vpcOriginConfig":           cloud.NotSimulated,
		"origins[*].customOriginConfig.originKeepaliveTimeout": cloud.Range(1, longestOriginAnswer),
		"origins[*].customOriginConfig.originProtocolPolicy":   cloud.OneOf("http-only", "https-only", "match-viewer"),
		"origins[*].customOriginConfig.originReadTimeout":      cloud.Range(1, longestOriginAnswer),
		"origins[*].customOriginConfig.originSslProtocols[*]":  cloud.OneOf("SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2"),
		"origins[*].originShield.originShieldRegion":           shieldRegion,
		"priceClass": cloud.OneOf("PriceClass_100", "PriceClass_200", "PriceClass_All"),
		"restrictions.geoRestriction.restrictionType": cloud.OneOf("none", "whitelist", "blacklist"),
		"retainOnDelete":                     cloud.NotSimulated,
		"staging":                            cloud.NotSimulated,
		"viewerCertificate.iamCertificateId": cloud.NotSimulated,
		"viewerCertificate.minimumProtocolVersion": cloud.OneOf("SSLv3", "TLSv1", "TLSv1_2016", "TLSv1.1_2016", "TLSv1.2_2018",
			"TLSv1.2_2019", "TLSv1.2_2021", "TLSv1.2_2025", "TLSv1.3_2025"),
		"viewerCertificate.sslSupportMethod": cloud.OneOf("sni-only", "static-ip", "vip"),
	}
	return cloud.Type{
		Token:     distributionToken,
		Args:      cloudfront.DistributionArgs{},
		State:     cloudfront.Distribution{},
		Global:    true,
		Service:   "CloudFront",
		Operation: "CreateDistributionWithTags",
		Change:    "UpdateDistribution",
		Source: "CloudFormation resource schema AWS::CloudFront::Distribution; SDK doc; Amazon CloudFront API Reference, " +
			"CreateDistribution; Amazon CloudFront Developer Guide, Quotas. Before it deletes a distribution, the AWS provider " +
			"disables it",
		ID:       "E${capitals13}",
		Required: []string{"origins"},
		Values:   allowBehaviors(values),
		Computed: map[string]any{
			"arn":                         "arn:aws:cloudfront::${account}:distribution/${id}",
			"callerReference":             "terraform-${digits26}",
			"domainName":                  "d${letters13}.cloudfront.net",
			"etag":                        "E${capitals13}",
			"hostedZoneId":                cloudFrontZone,
			"httpVersion":                 "http2",
			"inProgressValidationBatches": 0,
			"isIpv6Enabled":               false,
			"lastModifiedTime":            "${now}",
			"priceClass":                  "PriceClass_All",
			"retainOnDelete":              false,
			"staging":                     false,
			"status":                      "Deployed",
			"waitForDeployment":           true,
		},
		Replace: []string{"staging"},
		Refs:    distributionRefs(),
		Quota: &cloud.Quota{Limit: 200, Error: cloud.Error{
			Code:    "TooManyDistributions",
			Message: "Processing your request will cause you to exceed the maximum number of distributions allowed.",
		}},
		Check:    validateDistribution,
		NotFound: cloud.Error{Code: "NoSuchDistribution", Message: "The specified distribution does not exist."},
	}
}

// allowBehaviors adds the allowed values of cache behaviours.
func allowBehaviors(values map[string]cloud.Value) map[string]cloud.Value {
	method := cloud.OneOf("GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE")
	for _, behavior := range behaviors {
		values[behavior+".allowedMethods[*]"] = method
		values[behavior+".cachedMethods[*]"] = cloud.OneOf("GET", "HEAD", "OPTIONS")
		values[behavior+".viewerProtocolPolicy"] = cloud.OneOf("allow-all", "https-only", "redirect-to-https")
		values[behavior+".functionAssociations"] = cloud.Count(0, 2)
		values[behavior+".functionAssociations[*].eventType"] = cloud.OneOf("viewer-request", "viewer-response")
		for _, unknown := range []string{
			"fieldLevelEncryptionId", "forwardedValues", "grpcConfig", "lambdaFunctionAssociations", "realtimeLogConfigArn",
			"smoothStreaming", "trustedKeyGroups", "trustedSigners",
		} {
			values[behavior+"."+unknown] = cloud.NotSimulated
		}
	}
	return values
}

func distributionRefs() []cloud.Ref {
	refs := []cloud.Ref{
		{Path: "origins[*].originAccessControlId", Type: originAccessToken, NotFound: cloud.Error{
			Code: "InvalidOriginAccessControl", Message: "The origin access control is not valid.",
		}},
		{
			Path: "viewerCertificate.acmCertificateArn", Type: certificateToken, TargetProperty: "arn", Region: globalRegion,
			NotFound: cloud.Error{Code: "InvalidViewerCertificate", Message: cloudFrontCertificateText},
		},
		{Path: "webAclId", Type: webACLToken, TargetProperty: "arn", NotFound: cloud.Error{
			Code: "InvalidWebACLId", Message: "Web ACL is not accessible by the requester.",
		}},
	}
	for _, behavior := range behaviors {
		refs = append(refs,
			cloud.Ref{Path: behavior + ".cachePolicyId", Type: cachePolicyToken, External: managedCachePolicies},
			cloud.Ref{Path: behavior + ".originRequestPolicyId", Type: originRequestToken, External: managedOriginRequests},
			cloud.Ref{Path: behavior + ".responseHeadersPolicyId", Type: responseHeadersToken, External: managedResponseHeaders},
			cloud.Ref{Path: behavior + ".functionAssociations[*].functionArn", Type: edgeFunctionToken, TargetProperty: "arn"},
		)
	}
	return refs
}

var (
	// s3Domain matches the domain name of a bucket.
	s3Domain     = regexp.MustCompile(`^([a-z0-9][a-z0-9.-]+)\.s3[.-]([a-z0-9-]+\.)?amazonaws\.com$`)
	originDomain = cloud.All(cloud.Length(1, 253),
		cloud.Match(`^([A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?\.)+[A-Za-z]{2,}$`, "a domain name without scheme or path"))
	edgePath     = cloud.All(cloud.Length(1, 255), cloud.Match(`^[A-Za-z0-9_\-.*$/~"'@:+&?]+$`, "a path pattern"))
	shieldRegion = cloud.OneOf("ap-northeast-1", "ap-northeast-2", "ap-south-1", "ap-southeast-1", "ap-southeast-2",
		"eu-central-1", "eu-west-1", "eu-west-2", "me-central-1", "sa-east-1", "us-east-1", "us-east-2", "us-west-2")
	methodSets = [][]string{
		{"GET", "HEAD"}, {"GET", "HEAD", "OPTIONS"}, {"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"},
	}
)

func validateDistribution(account cloud.Account, distribution *cloud.Resource) error {
	ids := distribution.Texts("origins[*].originId")
	if id, twice := firstDuplicate(ids); twice {
		return apiError("InvalidOrigin", "The origin id %s is there twice.", id)
	}
	for _, origin := range distribution.Elements("origins") {
		if err := validateOrigin(account, origin); err != nil {
			return err
		}
	}
	all := distribution.Elements("orderedCacheBehaviors")
	patterns := distribution.Texts("orderedCacheBehaviors[*].pathPattern")
	if pattern, twice := firstDuplicate(patterns); twice {
		return apiError(invalidArgument, "The parameter PathPattern contains %s twice.", pattern)
	}
	for _, behavior := range append(all, distribution.Object("defaultCacheBehavior")) {
		if err := validateBehavior(behavior, ids); err != nil {
			return err
		}
	}
	return validateAliases(account, distribution)
}

func validateOrigin(account cloud.Account, origin *cloud.Resource) error {
	bucket := s3Domain.FindStringSubmatch(origin.Text("domainName"))
	custom := origin.Object("customOriginConfig") != nil
	switch {
	case bucket == nil && !custom:
		return apiError("InvalidOrigin",
			"The specified origin server does not exist or is not valid: %s is no S3 bucket, and has no custom origin config.",
			origin.Text("domainName"))
	case bucket == nil || custom:
		return nil
	}
	control, err := account.Find(bucketToken, "", bucket[1])
	if err == nil && control == nil {
		// AWS detects it at the first request.
		err = apiError("NoSuchBucket", "The specified bucket does not exist: %s", bucket[1])
	}
	return err
}

func validateBehavior(behavior *cloud.Resource, origins []string) error {
	allowed, cached := methodList(behavior, "allowedMethods"), methodList(behavior, "cachedMethods")
	switch target := behavior.Text("targetOriginId"); {
	case !slices.Contains(origins, target):
		return apiError("NoSuchOrigin", "One or more of your origins or origin groups do not exist: %s", target)
	case behavior.Text("cachePolicyId") == "":
		return apiError("IllegalUpdate", "The parameter ForwardedValues is required: set a cache policy.")
	case !isAllowedMethodSet(allowed) || !isAllowedMethodSet(cached):
		return apiError(invalidArgument, "The parameter AllowedMethods must be one of %v.", methodSets)
	case slices.ContainsFunc(cached, func(method string) bool { return !slices.Contains(allowed, method) }):
		return apiError(invalidArgument, "The parameter CachedMethods must be among AllowedMethods.")
	}
	if event, twice := firstDuplicate(behavior.Texts("functionAssociations[*].eventType")); twice {
		return apiError("InvalidFunctionAssociation", "More than one function is associated with %s.", event)
	}
	return nil
}

func methodList(behavior *cloud.Resource, property string) []string {
	names := behavior.Texts(property + "[*]")
	slices.Sort(names)
	return names
}

func isAllowedMethodSet(methods []string) bool {
	return slices.ContainsFunc(methodSets, func(set []string) bool { return slices.Equal(set, methods) })
}

// validateAliases rejects names that the certificate does not cover, or that another distribution uses.
func validateAliases(account cloud.Account, distribution *cloud.Resource) error {
	aliases, certificate := distribution.Texts("aliases[*]"), distribution.Text("viewerCertificate.acmCertificateArn")
	method := distribution.Text("viewerCertificate.sslSupportMethod")
	switch {
	case certificate == "" && len(aliases) > 0:
		return apiError("InvalidViewerCertificate", "To add an alternate domain name (CNAME) to a CloudFront distribution, you "+
			"must attach a trusted certificate that validates your authorization to use the domain name.")
	case certificate != "" && method == "":
		return apiError(invalidArgument, "The parameter SSLSupportMethod is required.")
	case certificate == "" && distribution.Text("viewerCertificate.cloudfrontDefaultCertificate") != "true":
		return apiError("InvalidViewerCertificate", cloudFrontCertificateText)
	}
	if err := validateViewerCertificate(account, certificate, aliases); err != nil {
		return err
	}
	others, err := account.List(distributionToken)
	if err != nil {
		return err
	}
	for _, other := range others {
		for _, alias := range aliases {
			if other.ID != distribution.ID && slices.Contains(other.Texts("aliases[*]"), alias) {
				return apiError("CNAMEAlreadyExists", "One or more of the CNAMEs you provided are already associated with a different resource.")
			}
		}
	}
	return nil
}

// validateViewerCertificate rejects a certificate that is not issued, or not for all of the names.
func validateViewerCertificate(account cloud.Account, arn string, names []string) error {
	if arn == "" {
		return nil
	}
	certificate, err := account.In(globalRegion).Find(certificateToken, "arn", arn)
	if err != nil {
		return err
	}
	if certificate.Text("status") != certificateIssued {
		return apiError("InvalidViewerCertificate", cloudFrontCertificateText)
	}
	proved := certificate.Texts("subjectAlternativeNames[*]")
	for _, name := range names {
		_, parent, _ := strings.Cut(name, ".")
		if !slices.Contains(proved, name) && !slices.Contains(proved, "*."+parent) {
			return apiError("InvalidViewerCertificate", "The certificate that is attached to your distribution doesn't cover the "+
				"alternate domain name (CNAME) that you're trying to add: %s", name)
		}
	}
	return nil
}
