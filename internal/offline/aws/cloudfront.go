package aws

import (
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudfront"

	"stagecraft/internal/offline/cloud"
)

const (
	distributionToken         = "aws:cloudfront/distribution:Distribution"
	originAccessToken         = "aws:cloudfront/originAccessControl:OriginAccessControl"
	cachePolicyToken          = "aws:cloudfront/cachePolicy:CachePolicy"
	originRequestToken        = "aws:cloudfront/originRequestPolicy:OriginRequestPolicy"
	responseHeadersToken      = "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy"
	monitoringToken           = "aws:cloudfront/monitoringSubscription:MonitoringSubscription"
	longestEdgeFunction       = 10240
	longestSecurityPolicy     = 1783
	globalRegion              = "us-east-1"
	invalidArgument           = "InvalidArgument"
	cloudFrontCertificateText = "The specified SSL certificate doesn't exist, isn't in us-east-1 region, isn't valid, or " +
		"doesn't include a valid certificate chain."
)

// The managed policies of CloudFront (Amazon CloudFront Developer Guide, "Use managed cache policies", "Use managed
// origin request policies" and "Use managed response headers policies"): only those for static files and for dynamic
// content.
var (
	managedCachePolicies = regexp.MustCompile(`^(658327ea-f89d-4fab-a63d-7e88639e58f6|4135ea2d-6df8-44a3-9df3-4b5a84be39ad|` +
		`b2884449-e4de-46a7-ac36-70bc7f1ddd6d)$`)
	managedOriginRequests = regexp.MustCompile(`^(b689b0a8-53d0-40ab-baf2-68738e2966ac|216adef6-5c7f-47e4-b989-5492eafa07d3|` +
		`88a5eaf4-2fd4-4709-b370-b4c650ea3fcf)$`)
	managedResponseHeaders = regexp.MustCompile(`^(67f7725c-6f97-4210-82d7-5512b31e9d03|60669652-455b-4ae9-85a4-c4c02393f86c)$`)
)

// cloudFrontTypes returns global types, which share AWS's words for quotas (Amazon CloudFront Developer Guide,
// "Quotas").
func cloudFrontTypes() []cloud.Type {
	return []cloud.Type{
		distributionType(), originAccessType(), cachePolicyType(), originRequestType(), responseHeadersType(),
		edgeFunctionType(), monitoringType(),
	}
}

// edgeName returns the name rules of CloudFront's policies.
func edgeName(longest int) *cloud.Name {
	return &cloud.Name{Property: "name", Max: longest, Pattern: regexp.MustCompile(`^[A-Za-z0-9_-]+$`)}
}

func edgeQuota(limit int, code string) *cloud.Quota {
	return &cloud.Quota{Limit: limit, Error: cloud.Error{
		Code: code, Message: "Processing your request will cause you to exceed the maximum number of these resources allowed.",
	}}
}

func originAccessType() cloud.Type {
	return cloud.Type{
		Token:     originAccessToken,
		Args:      cloudfront.OriginAccessControlArgs{},
		State:     cloudfront.OriginAccessControl{},
		Global:    true,
		Service:   "CloudFront",
		Operation: "CreateOriginAccessControl",
		Change:    "UpdateOriginAccessControl",
		Source: "CloudFormation resource schema AWS::CloudFront::OriginAccessControl; SDK doc; Amazon CloudFront API " +
			"Reference, CreateOriginAccessControl; Amazon CloudFront Developer Guide, Quotas",
		Name: &cloud.Name{Property: "name", Max: 64},
		ID:   "E${capitals13}",
		Values: map[string]cloud.Value{
			"description":                   cloud.Length(0, 256),
			"originAccessControlOriginType": cloud.OneOf("lambda", "mediapackagev2", "mediastore", "s3"),
			"signingBehavior":               cloud.OneOf("always", "never", "no-override"),
			"signingProtocol":               cloud.OneOf("sigv4"),
		},
		Computed: map[string]any{
			"arn":         "arn:aws:cloudfront::${account}:origin-access-control/${id}",
			"description": "Managed by Pulumi",
			"etag":        "E${capitals13}",
		},
		Replace: []string{"name"},
		Unique:  [][]string{{"name"}},
		Quota:   edgeQuota(100, "TooManyOriginAccessControls"),
		NotFound: cloud.Error{
			Code: "NoSuchOriginAccessControl", Message: "The specified origin access control does not exist.",
		},
		Exists: cloud.Error{
			Code:    "OriginAccessControlAlreadyExists",
			Message: "An origin access control with the same name already exists.",
		},
		InUse: cloud.Error{
			Code:    "OriginAccessControlInUse",
			Message: "Cannot delete the origin access control because it's in use by one or more distributions.",
		},
	}
}

func cachePolicyType() cloud.Type {
	const parameters = "parametersInCacheKeyAndForwardedToOrigin."
	return cloud.Type{
		Token:     cachePolicyToken,
		Args:      cloudfront.CachePolicyArgs{},
		State:     cloudfront.CachePolicy{},
		Global:    true,
		Service:   "CloudFront",
		Operation: "CreateCachePolicy",
		Change:    "UpdateCachePolicy",
		Source: "CloudFormation resource schema AWS::CloudFront::CachePolicy; SDK doc; Amazon CloudFront API Reference, " +
			"CreateCachePolicy and CachePolicyConfig; Amazon CloudFront Developer Guide, Quotas",
		Name: edgeName(128),
		ID:   uuid,
		Values: map[string]cloud.Value{
			"comment":    cloud.Length(0, 128),
			"defaultTtl": cloud.Range(0, 31536000000),
			"maxTtl":     cloud.Range(0, 31536000000),
			"minTtl":     cloud.Range(0, 31536000000),
			parameters + "cookiesConfig.cookieBehavior":           cloud.OneOf("none", "whitelist", "allExcept", "all"),
			parameters + "headersConfig.headerBehavior":           cloud.OneOf("none", "whitelist"),
			parameters + "queryStringsConfig.queryStringBehavior": cloud.OneOf("none", "whitelist", "allExcept", "all"),
		},
		Computed: map[string]any{
			"arn":        "arn:aws:cloudfront::${account}:cache-policy/${id}",
			"defaultTtl": 86400,
			"etag":       "E${capitals13}",
			"maxTtl":     31536000,
			"minTtl":     0,
		},
		Replace: []string{"name"},
		Unique:  [][]string{{"name"}},
		Quota:   edgeQuota(20, "TooManyCachePolicies"),
		Check: func(_ cloud.Account, policy *cloud.Resource) error {
			least, usual, most := number(policy, "minTtl"), number(policy, "defaultTtl"), number(policy, "maxTtl")
			if least > usual || usual > most {
				return apiError(invalidArgument, "The parameter DefaultTTL must be at least MinTTL, and at most MaxTTL.")
			}
			compressed := policy.Text(parameters+"enableAcceptEncodingGzip") == "true" ||
				policy.Text(parameters+"enableAcceptEncodingBrotli") == "true"
			if most == 0 && compressed {
				return apiError(invalidArgument, "The parameter EnableAcceptEncoding is invalid for a policy with caching disabled.")
			}
			return nil
		},
		NotFound: cloud.Error{Code: "NoSuchCachePolicy", Message: "The specified cache policy does not exist."},
		Exists: cloud.Error{
			Code: "CachePolicyAlreadyExists", Message: "A cache policy with the same name already exists.",
		},
		InUse: cloud.Error{
			Code: "CachePolicyInUse", Message: "The cache policy is in use by one or more cache behaviors.",
		},
	}
}

func originRequestType() cloud.Type {
	return cloud.Type{
		Token:     originRequestToken,
		Args:      cloudfront.OriginRequestPolicyArgs{},
		State:     cloudfront.OriginRequestPolicy{},
		Global:    true,
		Service:   "CloudFront",
		Operation: "CreateOriginRequestPolicy",
		Change:    "UpdateOriginRequestPolicy",
		Source: "CloudFormation resource schema AWS::CloudFront::OriginRequestPolicy; SDK doc; Amazon CloudFront API " +
			"Reference, CreateOriginRequestPolicy; Amazon CloudFront Developer Guide, Quotas",
		Name: edgeName(128),
		ID:   uuid,
		Values: map[string]cloud.Value{
			"comment":                      cloud.Length(0, 128),
			"cookiesConfig.cookieBehavior": cloud.OneOf("none", "whitelist", "allExcept", "all"),
			"headersConfig.headerBehavior": cloud.OneOf("none", "whitelist", "allViewer", "allViewerAndWhitelistCloudFront",
				"allExcept"),
			"queryStringsConfig.queryStringBehavior": cloud.OneOf("none", "whitelist", "allExcept", "all"),
		},
		Computed: map[string]any{
			"arn": "arn:aws:cloudfront::${account}:origin-request-policy/${id}", "etag": "E${capitals13}",
		},
		Replace:  []string{"name"},
		Unique:   [][]string{{"name"}},
		Quota:    edgeQuota(20, "TooManyOriginRequestPolicies"),
		NotFound: cloud.Error{Code: "NoSuchOriginRequestPolicy", Message: "The specified origin request policy does not exist."},
		Exists: cloud.Error{
			Code: "OriginRequestPolicyAlreadyExists", Message: "An origin request policy with the same name already exists.",
		},
		InUse: cloud.Error{
			Code: "OriginRequestPolicyInUse", Message: "The origin request policy is in use by one or more cache behaviors.",
		},
	}
}

func responseHeadersType() cloud.Type {
	const security = "securityHeadersConfig."
	return cloud.Type{
		Token:     responseHeadersToken,
		Args:      cloudfront.ResponseHeadersPolicyArgs{},
		State:     cloudfront.ResponseHeadersPolicy{},
		Global:    true,
		Service:   "CloudFront",
		Operation: "CreateResponseHeadersPolicy",
		Change:    "UpdateResponseHeadersPolicy",
		Source: "CloudFormation resource schema AWS::CloudFront::ResponseHeadersPolicy; SDK doc; Amazon CloudFront API " +
			"Reference, CreateResponseHeadersPolicy; Amazon CloudFront Developer Guide, Quotas",
		Name: edgeName(128),
		ID:   uuid,
		Values: map[string]cloud.Value{
			"comment":                   cloud.Length(0, 128),
			"corsConfig":                cloud.NotSimulated,
			"customHeadersConfig.items": cloud.Count(1, 10),
			"removeHeadersConfig.items": cloud.Count(1, 10),
			security + "contentSecurityPolicy.contentSecurityPolicy": cloud.Length(1, longestSecurityPolicy),
			security + "frameOptions.frameOption":                    cloud.OneOf("DENY", "SAMEORIGIN"),
			security + "referrerPolicy.referrerPolicy": cloud.OneOf("no-referrer", "no-referrer-when-downgrade", "origin",
				"origin-when-cross-origin", "same-origin", "strict-origin", "strict-origin-when-cross-origin", "unsafe-url"),
			security + "strictTransportSecurity.accessControlMaxAgeSec": cloud.Range(0, 2147483647),
			"serverTimingHeadersConfig.samplingRate":                    cloud.Range(0, 100),
		},
		Computed: map[string]any{
			"arn": "arn:aws:cloudfront::${account}:response-headers-policy/${id}", "etag": "E${capitals13}",
		},
		Replace: []string{"name"},
		Unique:  [][]string{{"name"}},
		Quota:   edgeQuota(20, "TooManyResponseHeadersPolicies"),
		Check:   validateResponseHeaders,
		NotFound: cloud.Error{
			Code: "NoSuchResponseHeadersPolicy", Message: "The specified response headers policy does not exist.",
		},
		Exists: cloud.Error{
			Code: "ResponseHeadersPolicyAlreadyExists", Message: "A response headers policy with the same name already exists.",
		},
		InUse: cloud.Error{
			Code: "ResponseHeadersPolicyInUse", Message: "The response headers policy is in use by one or more cache behaviors.",
		},
	}
}

// securityHeaders are the headers with a property of their own in a policy.
var securityHeaders = []string{
	"content-security-policy", "referrer-policy", "strict-transport-security", "x-content-type-options", "x-frame-options",
	"x-xss-protection",
}

func validateResponseHeaders(_ cloud.Account, policy *cloud.Resource) error {
	names := policy.Texts("customHeadersConfig.items[*].header")
	for i, name := range names {
		lower := strings.ToLower(name)
		if slices.Contains(securityHeaders, lower) {
			return apiError(invalidArgument,
				"The parameter CustomHeadersConfig contains %s that is a security header and cannot be set as custom header.", name)
		}
		if slices.ContainsFunc(names[:i], func(other string) bool { return strings.EqualFold(other, name) }) {
			return apiError(invalidArgument, "The parameter CustomHeadersConfig contains the header %s twice.", name)
		}
	}
	parts := []string{"corsConfig", "customHeadersConfig", "removeHeadersConfig", "securityHeadersConfig", "serverTimingHeadersConfig"}
	if !slices.ContainsFunc(parts, func(part string) bool { return len(policy.Texts(part)) > 0 }) {
		return apiError(invalidArgument, "The response headers policy must have at least one header.")
	}
	return nil
}

func monitoringType() cloud.Type {
	const status = "monitoringSubscription.realtimeMetricsSubscriptionConfig.realtimeMetricsSubscriptionStatus"
	return cloud.Type{
		Token:     monitoringToken,
		Args:      cloudfront.MonitoringSubscriptionArgs{},
		State:     cloudfront.MonitoringSubscription{},
		Global:    true,
		Service:   "CloudFront",
		Operation: "CreateMonitoringSubscription",
		Source: "CloudFormation resource schema AWS::CloudFront::MonitoringSubscription; SDK doc; Amazon CloudFront API " +
			"Reference, CreateMonitoringSubscription",
		ID:      "${distributionId}",
		Values:  map[string]cloud.Value{status: cloud.OneOf("Enabled", "Disabled")},
		Replace: []string{"distributionId"},
		Refs:    []cloud.Ref{{Path: "distributionId", Type: distributionToken, OwnedBy: true}},
		Unique:  [][]string{{"distributionId"}},
		Exists: cloud.Error{
			Code:    "MonitoringSubscriptionAlreadyExists",
			Message: "A monitoring subscription already exists for the specified distribution.",
		},
	}
}
