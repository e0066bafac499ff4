package rules

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/policyx"

	"stagecraft/policy/rule"
)

func edgeInTransit() []rule.Rule {
	distributions := []string{cloudfrontDistribution}
	return []rule.Rule{{
		Name:        "cloudfront-viewer-https",
		Description: "CloudFront serves HTTPS only, or redirects to it",
		Severity:    rule.Medium,
		Theme:       rule.Encryption,
		References:  []string{"FSBP CloudFront.3", "WAF SEC09-BP02"},
		Fix:         "Set viewerProtocolPolicy of every cache behavior to redirect-to-https or https-only.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       distributions,
		Resource:    rule.All(forEach("defaultCacheBehavior", viewersUseHTTPS), forEach("orderedCacheBehaviors", viewersUseHTTPS)),
	}, {
		Name:        "cloudfront-tls-version",
		Description: "CloudFront requires TLS 1.2 or newer for custom domain names",
		Severity:    rule.Medium,
		Theme:       rule.Encryption,
		References:  []string{"FSBP CloudFront.15", "WAF SEC09-BP02"},
		Fix:         "Set viewerCertificate.minimumProtocolVersion to TLSv1.2_2021 or newer.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       distributions,
		Resource: rule.When(ownCertificate, rule.OneOf("viewerCertificate.minimumProtocolVersion", "TLSv1",
			"TLSv1.2_2021", "TLSv1.2_2025", "TLSv1.3_2025")),
	}, {
		Name:        "cloudfront-own-certificate",
		Description: "CloudFront serves a custom domain name with its own certificate: the default certificate allows TLS 1.0",
		Severity:    rule.Low,
		Theme:       rule.Encryption,
		References:  []string{"FSBP CloudFront.7", "WAF SEC09-BP01"},
		Fix:         "Set aliases, and viewerCertificate.acmCertificateArn to a certificate in us-east-1.",
		Level:       policyx.EnforcementLevelAdvisory,
		Types:       distributions,
		Resource:    rule.When(defaultCertificate, rule.Set("viewerCertificate.acmCertificateArn")),
	}, {
		Name:        "cloudfront-sni",
		Description: "CloudFront uses SNI, not dedicated IP addresses, to serve several domain names",
		Severity:    rule.Low,
		Theme:       rule.Encryption,
		References:  []string{"FSBP CloudFront.8"},
		Fix:         "Set viewerCertificate.sslSupportMethod to sni-only.",
		Level:       policyx.EnforcementLevelAdvisory,
		Types:       distributions,
		Resource:    rule.OneOf("viewerCertificate.sslSupportMethod", "sni-only", "sni-only"),
	}, {
		Name:        "cloudfront-origin-https",
		Description: "CloudFront with custom domain names connects to origins by HTTPS",
		Severity:    rule.Medium,
		Theme:       rule.Encryption,
		References:  []string{"FSBP CloudFront.9", "WAF SEC09-BP02"},
		Fix:         "Set originProtocolPolicy to https-only. Replace an S3 website with the bucket and an origin access control.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       distributions,
		Resource:    rule.When(ownCertificate, forEach("origins", originUsesHTTPS)),
	}, {
		// Without a domain there is no certificate for the origin either.
		Name:        "cloudfront-default-certificate-origin-https",
		Description: "CloudFront with its default domain name connects to origins by HTTPS",
		Severity:    rule.Medium,
		Theme:       rule.Encryption,
		References:  []string{"FSBP CloudFront.9", "WAF SEC09-BP02"},
		Fix:         "Give the origin a domain name and a certificate, and set originProtocolPolicy to https-only.",
		Level:       policyx.EnforcementLevelAdvisory,
		Types:       distributions,
		Resource:    rule.When(defaultCertificate, forEach("origins", originUsesHTTPS)),
	}, {
		Name:        "cloudfront-origin-tls-version",
		Description: "CloudFront uses TLS 1.2 for connections to origins",
		Severity:    rule.Medium,
		Theme:       rule.Encryption,
		References:  []string{"FSBP CloudFront.10", "WAF SEC09-BP02"},
		Fix:         "Set originSslProtocols to TLSv1.2 only.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       distributions,
		Resource:    forEach("origins", originUsesNewTLS),
	}}
}

func viewersUseHTTPS(r *rule.Resource, behavior rule.Value) {
	requireValue(r, behavior.Get("viewerProtocolPolicy"), "redirect-to-https or https-only", func(policy rule.Value) bool {
		return policy.Text() == "redirect-to-https" || policy.Text() == "https-only"
	})
}

func ownCertificate(r *rule.Resource) bool {
	certificate := r.Get("viewerCertificate")
	return !certificate.Unknown() && (isSet(certificate.Get("acmCertificateArn")) || isSet(certificate.Get("iamCertificateId")))
}

func defaultCertificate(r *rule.Resource) bool {
	return !r.Get("viewerCertificate").Unknown() && !ownCertificate(r)
}

func originUsesHTTPS(r *rule.Resource, origin rule.Value) {
	requireValue(r, origin.Get("customOriginConfig.originProtocolPolicy"), "https-only", func(policy rule.Value) bool {
		return policy.Text() != "http-only"
	})
}

// originUsesNewTLS accepts origins to which CloudFront does not connect by TLS.
func originUsesNewTLS(r *rule.Resource, origin rule.Value) {
	config := origin.Get("customOriginConfig")
	if config.Get("originProtocolPolicy").Text() == "http-only" {
		return
	}
	for _, protocol := range config.Get("originSslProtocols").List() {
		requireValue(r, protocol, "TLSv1.2", func(protocol rule.Value) bool { return protocol.Text() == "TLSv1.2" })
	}
}

func loadBalancersInTransit() []rule.Rule {
	return []rule.Rule{{
		Name:        "lb-listener-tls-version",
		Description: "Load balancers require TLS 1.3, or TLS 1.2 with strong ciphers",
		Severity:    rule.Medium,
		Theme:       rule.Encryption,
		References:  []string{"FSBP ELB.17", "WAF SEC09-BP02"},
		Fix:         "Set sslPolicy to ELBSecurityPolicy-TLS13-1-2-Res-2021-06.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       []string{lbListener},
		Resource: rule.When(isOneOf("protocol", "", "HTTPS", "TLS"),
			rule.Want("sslPolicy", "a policy with TLS 1.3, or with TLS 1.2 and strong ciphers", strongPolicy)),
	}, {
		Name:        "lb-http-redirects-to-https",
		Description: "Load balancers that serve HTTPS redirect HTTP to it",
		Severity:    rule.Medium,
		Theme:       rule.Encryption,
		References:  []string{"FSBP ELB.1", "FSBP ELB.18", "WAF SEC09-BP02"},
		Fix:         "Set the listener's default action to a redirect with protocol HTTPS, port 443 and status code HTTP_301.",
		Level:       policyx.EnforcementLevelMandatory,
		Stack:       func(s *rule.Stack) { listenersRedirect(s, true) },
	}, {
		// Without a domain there is no certificate.
		Name:        "lb-https",
		Description: "Load balancers on the internet serve HTTPS",
		Severity:    rule.Medium,
		Theme:       rule.Encryption,
		References:  []string{"FSBP ELB.1", "FSBP ELB.18", "WAF SEC09-BP02"},
		Fix:         "Add an HTTPS listener with a certificate, and make this listener redirect to it.",
		Level:       policyx.EnforcementLevelAdvisory,
		Stack:       func(s *rule.Stack) { listenersRedirect(s, false) },
	}}
}

// strongPolicy excludes the extended policies with weaker ciphers or older versions, such as AWS's default.
func strongPolicy(policy rule.Value) bool {
	name, ok := strings.CutPrefix(policy.Text(), "ELBSecurityPolicy-TLS13-1-")
	return ok && (name[:min(len(name), 2)] == "2-" || name[:min(len(name), 2)] == "3-") && !strings.Contains(name, "Ext")
}

// listenersRedirect reports HTTP listeners without a redirect, either of application load balancers that also serve
// HTTPS, or of those on the internet that do not.
func listenersRedirect(s *rule.Stack, secure bool) {
	for _, balancer := range s.ResourcesOfType(lbLoadBalancer) {
		if !isOneOf("loadBalancerType", "application", "application")(balancer) || !secure && balancer.Get("internal").Is(true) {
			continue
		}
		var protocols []string
		var plain []*rule.Resource
		for _, listener := range s.ResourcesOfType(lbListener) {
			if s.IsReference(listener, "loadBalancerArn", balancer) {
				protocols = append(protocols, listener.Get("protocol").Text())
				if isOneOf("protocol", "HTTP", "HTTP")(listener) && !redirects(listener) {
					plain = append(plain, listener)
				}
			}
		}
		if slices.Contains(protocols, "HTTPS") != secure {
			continue
		}
		for _, listener := range plain {
			listener.Report("defaultActions does not redirect to HTTPS")
		}
	}
}

// redirects reports true for values that are not known yet.
func redirects(listener *rule.Resource) bool {
	return slices.ContainsFunc(listener.Get("defaultActions").List(), func(action rule.Value) bool {
		typ, protocol := action.Get("type"), action.Get("redirect.protocol")
		return typ.Unknown() || typ.Text() == "redirect" && (protocol.Unknown() || protocol.Text() == "HTTPS")
	})
}

func bucketsInTransit() []rule.Rule {
	return []rule.Rule{{
		Name:        "s3-bucket-tls-only",
		Description: "S3 buckets reject requests without TLS",
		Severity:    rule.Medium,
		Theme:       rule.Encryption,
		References:  []string{"FSBP S3.5", "CIS 3.0.0 2.1.1", "WAF SEC09-BP02"},
		Fix: `Add a bucket policy that denies s3:* to * for the bucket and its objects under the condition ` +
			`{"Bool": {"aws:SecureTransport": "false"}}.`,
		Level: policyx.EnforcementLevelMandatory,
		Stack: bucketsRefusePlain,
	}}
}

func bucketsRefusePlain(s *rule.Stack) {
	for _, bucket := range s.ResourcesOfType(s3Bucket) {
		var policies []rule.Value
		// AWS fills in the bucket policy that is evaluated below.
		if !bucket.IsUnset("policy") {
			policies = append(policies, bucket.Get("policy"))
		}
		for _, policy := range s.ResourcesOfType(s3BucketPolicy) {
			if s.MightReference(policy, "bucket", bucket) {
				policies = append(policies, policy.Get("policy"))
			}
		}
		switch {
		case len(policies) == 0:
			bucket.Report("the bucket has no bucket policy")
		case !slices.ContainsFunc(policies, deniesWithoutTLS):
			bucket.Report("the bucket policy does not deny requests without TLS")
		}
	}
}

// deniesWithoutTLS reports true for values that are not known yet.
func deniesWithoutTLS(policy rule.Value) bool {
	var document struct{ Statement json.RawMessage }
	if policy.Unknown() {
		return true
	}
	if !policy.JSON(&document) {
		return false
	}
	type statement struct {
		Effect                       string
		Principal, Action, Condition any
	}
	var statements []statement
	if json.Unmarshal(document.Statement, &statements) != nil {
		var one statement
		if json.Unmarshal(document.Statement, &one) != nil {
			return false
		}
		statements = append(statements, one)
	}
	return slices.ContainsFunc(statements, func(candidate statement) bool {
		return candidate.Effect == "Deny" && mentions(candidate.Principal, "*") &&
			(mentions(candidate.Action, "s3:*") || mentions(candidate.Action, "*")) &&
			deniesPlain(candidate.Condition)
	})
}

// mentions reports whether a text, or one in a list or an object, is the wanted one, ignoring case.
func mentions(in any, text string) bool {
	switch in := in.(type) {
	case []any:
		return slices.ContainsFunc(in, func(element any) bool { return mentions(element, text) })
	case map[string]any:
		for _, element := range in {
			if mentions(element, text) {
				return true
			}
		}
		return false
	default:
		return strings.EqualFold(fmt.Sprint(in), text)
	}
}

// deniesPlain accepts a single condition only: a second one would allow some requests without TLS.
func deniesPlain(condition any) bool {
	operators, is := condition.(map[string]any)
	if !is || len(operators) != 1 {
		return false
	}
	for operator, keys := range operators {
		keys, is := keys.(map[string]any)
		if !is || len(keys) != 1 || !strings.HasPrefix(strings.ToLower(operator), "bool") {
			return false
		}
		for key, value := range keys {
			return strings.EqualFold(key, "aws:SecureTransport") && mentions(value, "false")
		}
	}
	return false
}
