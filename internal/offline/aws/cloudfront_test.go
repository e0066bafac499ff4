package aws

import (
	"maps"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/require"
)

var minimalCloudFront = map[string]func(*testAccount) map[string]any{
	originAccessToken:    originAccessInputs,
	cachePolicyToken:     cachePolicyInputs,
	originRequestToken:   originRequestInputs,
	responseHeadersToken: responseHeadersInputs,
	edgeFunctionToken:    edgeFunctionInputs,
	distributionToken:    distributionInputs,
	monitoringToken: func(a *testAccount) map[string]any {
		return map[string]any{"distributionId": a.distribution().id, "monitoringSubscription": map[string]any{
			"realtimeMetricsSubscriptionConfig": map[string]any{"realtimeMetricsSubscriptionStatus": "Enabled"},
		}}
	},
}

func originAccessInputs(*testAccount) map[string]any {
	return map[string]any{
		"name": "app", "originAccessControlOriginType": "s3", "signingBehavior": "always", "signingProtocol": "sigv4",
	}
}

func cachePolicyInputs(*testAccount) map[string]any {
	return map[string]any{"name": "app", "parametersInCacheKeyAndForwardedToOrigin": map[string]any{
		"cookiesConfig":      map[string]any{"cookieBehavior": "none"},
		"headersConfig":      map[string]any{"headerBehavior": "none"},
		"queryStringsConfig": map[string]any{"queryStringBehavior": "none"},
	}}
}

func originRequestInputs(*testAccount) map[string]any {
	return map[string]any{
		"name":               "app",
		"cookiesConfig":      map[string]any{"cookieBehavior": "all"},
		"headersConfig":      map[string]any{"headerBehavior": "allViewer"},
		"queryStringsConfig": map[string]any{"queryStringBehavior": "all"},
	}
}

func responseHeadersInputs(*testAccount) map[string]any {
	return map[string]any{"name": "app", "securityHeadersConfig": map[string]any{
		"contentTypeOptions": map[string]any{"override": true},
	}}
}

func edgeFunctionInputs(*testAccount) map[string]any {
	return map[string]any{
		"name": "app", "runtime": "cloudfront-js-2.0", "code": "function handler(event) { return event.request; }",
	}
}

func distributionInputs(a *testAccount) map[string]any {
	behavior := with(behaviorInputs(), map[string]any{
		"cachePolicyId":           a.create(cachePolicyToken, cachePolicyInputs(a)).id,
		"originRequestPolicyId":   a.create(originRequestToken, originRequestInputs(a)).id,
		"responseHeadersPolicyId": a.create(responseHeadersToken, responseHeadersInputs(a)).id,
		"functionAssociations": []any{map[string]any{
			"eventType": "viewer-request", "functionArn": a.create(edgeFunctionToken, edgeFunctionInputs(a)).text("arn"),
		}},
	})
	origin := originInputs(a.bucket("app").text("bucketRegionalDomainName"))
	origin["originAccessControlId"] = a.create(originAccessToken, originAccessInputs(a)).id
	return map[string]any{
		"enabled": true, "defaultCacheBehavior": behavior, "origins": []any{origin},
		"orderedCacheBehaviors": []any{with(behavior, map[string]any{"pathPattern": "/assets/*"})},
		"restrictions":          map[string]any{"geoRestriction": map[string]any{"restrictionType": "none"}},
		"viewerCertificate":     map[string]any{"cloudfrontDefaultCertificate": true},
	}
}

func behaviorInputs() map[string]any {
	return map[string]any{
		"targetOriginId": "app", "viewerProtocolPolicy": "redirect-to-https",
		"cachePolicyId":  "658327ea-f89d-4fab-a63d-7e88639e58f6",
		"allowedMethods": []any{"GET", "HEAD"}, "cachedMethods": []any{"GET", "HEAD"},
	}
}

func originInputs(domain string) map[string]any {
	return map[string]any{"originId": "app", "domainName": domain}
}

func (a *testAccount) distribution() created {
	a.t.Helper()
	return a.create(distributionToken, distributionInputs(a))
}

// certificateThere returns the ARN of an issued certificate in us-east-1.
func (a *testAccount) certificateThere(domain string) string {
	a.t.Helper()
	region, err := New(a.db, nil).Region(globalRegion, nil)
	require.NoError(a.t, err)
	global := &testAccount{Region: region, t: a.t, db: a.db, localized: a.localized}
	certificate := global.create(certificateToken, certificateInputs(domain))
	global.create(recordToken, with(proof(certificate), map[string]any{"allowOverwrite": true}))
	global.create(certificateValidationToken, map[string]any{"certificateArn": certificate.id})
	return certificate.id
}

// named returns the inputs of a distribution with an alternate domain name.
func named(a *testAccount, alias, certificate string) map[string]any {
	return with(distributionInputs(a), map[string]any{
		"aliases":           []any{alias},
		"viewerCertificate": map[string]any{"acmCertificateArn": certificate, "sslSupportMethod": "sni-only"},
	})
}

func TestEdgePolicyRejections(t *testing.T) {
	t.Parallel()
	headers := func(names ...string) map[string]any {
		var items []any
		for _, name := range names {
			items = append(items, map[string]any{"header": name, "value": "a", "override": true})
		}
		return map[string]any{"securityHeadersConfig": nil, "customHeadersConfig": map[string]any{"items": items}}
	}
	runRejections(t, []rejection{
		{
			"kept longer than at most", invalidArgument, cachePolicyToken,
			but(cachePolicyToken, map[string]any{"defaultTtl": 60, "maxTtl": 30}),
		},
		{"compressed and not kept", invalidArgument, cachePolicyToken, func(a *testAccount) map[string]any {
			inputs := cachePolicyInputs(a)
			parameters := inputs["parametersInCacheKeyAndForwardedToOrigin"].(map[string]any)
			return with(inputs, map[string]any{
				"defaultTtl": 0, "maxTtl": 0,
				"parametersInCacheKeyAndForwardedToOrigin": with(parameters, map[string]any{"enableAcceptEncodingGzip": true}),
			})
		}},
		{"no header", invalidArgument, responseHeadersToken, but(responseHeadersToken, map[string]any{"securityHeadersConfig": nil})},
		{
			"a security header among the others", invalidArgument, responseHeadersToken,
			but(responseHeadersToken, headers("X-Frame-Options")),
		},
		{"a header twice", invalidArgument, responseHeadersToken, but(responseHeadersToken, headers("X-A", "x-a"))},
		{
			"code that is too large", "FunctionSizeLimitExceeded", edgeFunctionToken,
			but(edgeFunctionToken, map[string]any{"code": "function handler(e) {} //" + strings.Repeat("a", longestEdgeFunction)}),
		},
		{"code without a handler", invalidArgument, edgeFunctionToken, but(edgeFunctionToken, map[string]any{"code": "1"})},
	})
}

func TestDistributionRejections(t *testing.T) {
	t.Parallel()
	behavior := func(more map[string]any) func(*testAccount) map[string]any {
		return but(distributionToken, map[string]any{"defaultCacheBehavior": with(behaviorInputs(), more)})
	}
	runRejections(t, []rejection{
		{"an unknown origin", "NoSuchOrigin", distributionToken, behavior(map[string]any{"targetOriginId": "other"})},
		{"no cache policy", "IllegalUpdate", distributionToken, behavior(map[string]any{"cachePolicyId": nil})},
		{"methods of no set", invalidArgument, distributionToken, behavior(map[string]any{"allowedMethods": []any{"GET"}})},
		{
			"methods that are kept and not allowed", invalidArgument, distributionToken,
			behavior(map[string]any{"cachedMethods": []any{"GET", "HEAD", "OPTIONS"}}),
		},
		{"two functions for one event", "InvalidFunctionAssociation", distributionToken, func(a *testAccount) map[string]any {
			inputs := distributionInputs(a)
			one := inputs["defaultCacheBehavior"].(map[string]any)
			functions := one["functionAssociations"].([]any)
			return with(inputs, map[string]any{
				"defaultCacheBehavior": with(one, map[string]any{"functionAssociations": []any{functions[0], functions[0]}}),
			})
		}},
		{"a path pattern twice", invalidArgument, distributionToken, func(a *testAccount) map[string]any {
			inputs := distributionInputs(a)
			one := inputs["orderedCacheBehaviors"].([]any)[0]
			return with(inputs, map[string]any{"orderedCacheBehaviors": []any{one, one}})
		}},
		{"an origin twice", "InvalidOrigin", distributionToken, func(a *testAccount) map[string]any {
			inputs := distributionInputs(a)
			one := inputs["origins"].([]any)[0]
			return with(inputs, map[string]any{"origins": []any{one, one}})
		}},
		{
			"a server without its config", "InvalidOrigin", distributionToken,
			but(distributionToken, map[string]any{"origins": []any{originInputs("a.example.com")}}),
		},
		{
			"no such bucket", "NoSuchBucket", distributionToken,
			but(distributionToken, map[string]any{"origins": []any{originInputs("none.s3.eu-west-1.amazonaws.com")}}),
		},
		{
			"a name without a certificate", "InvalidViewerCertificate", distributionToken,
			but(distributionToken, map[string]any{"aliases": []any{"www.example.com"}}),
		},
		{
			"no certificate at all", "InvalidViewerCertificate", distributionToken,
			but(distributionToken, map[string]any{"viewerCertificate": map[string]any{}}),
		},
		{"a certificate of the stack's region", "InvalidViewerCertificate", distributionToken, func(a *testAccount) map[string]any {
			return named(a, "www.example.com", a.create(certificateToken, certificateInputs("www.example.com")).id)
		}},
		{"another name's certificate", "InvalidViewerCertificate", distributionToken, func(a *testAccount) map[string]any {
			return named(a, "api.example.com", a.certificateThere("www.example.com"))
		}},
		{"a certificate without a method", invalidArgument, distributionToken, func(a *testAccount) map[string]any {
			return with(distributionInputs(a), map[string]any{
				"viewerCertificate": map[string]any{"acmCertificateArn": a.certificateThere("www.example.com")},
			})
		}},
		{"another distribution's name", "CNAMEAlreadyExists", distributionToken, func(a *testAccount) map[string]any {
			inputs := named(a, "www.example.com", a.certificateThere("*.example.com"))
			a.create(distributionToken, inputs)
			return inputs
		}},
	})
}

func TestDistribution(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	distribution := account.create(distributionToken, named(account, "www.example.com", account.certificateThere("*.example.com")))
	require.Regexp(t, `^d[a-z0-9]{13}\.cloudfront\.net$`, distribution.text("domainName"))
	require.Equal(t, "arn:aws:cloudfront::123456789012:distribution/"+distribution.id, distribution.text("arn"))
	account.create(recordToken, map[string]any{
		"zoneId": ownZoneID, "name": "www.example.com", "type": "A", "aliases": []any{map[string]any{
			"name": distribution.text("domainName"), "zoneId": distribution.text("hostedZoneId"), "evaluateTargetHealth": false,
		}},
	})
	_, err := account.update(distribution, resourceInputs(distribution, "priceClass", "PriceClass_All"))
	require.NoError(t, err)
}

// resourceInputs returns the inputs of a resource, with one changed.
func resourceInputs(res created, property string, value any) map[string]any {
	inputs := maps.Clone(res.inputs)
	inputs[resource.PropertyKey(property)] = resource.NewPropertyValue(value)
	return inputs.Mappable()
}

func TestDistributionKeepsItsFirewall(t *testing.T) {
	t.Parallel()
	account := newTestAccountIn(t, globalRegion)
	acl := account.create(webACLToken, webACLInputs(account))
	account.create(distributionToken, with(distributionInputs(account), map[string]any{"webAclId": acl.text("arn")}))
	requireCode(t, "WAFAssociatedItemException", account.Delete(acl.token, acl.id))
}

func TestCloudFrontInputsRejected(t *testing.T) {
	t.Parallel()
	behavior := func(more map[string]any) map[string]any {
		return map[string]any{"defaultCacheBehavior": with(behaviorInputs(), more)}
	}
	origin := func(more map[string]any) map[string]any {
		return map[string]any{"origins": []any{with(originInputs("a.example.com"), more)}}
	}
	runInputRejections(t, []inputRejection{
		{originAccessToken, "signingBehavior", map[string]any{"signingBehavior": "sometimes"}},
		{originAccessToken, "originAccessControlOriginType", map[string]any{"originAccessControlOriginType": "ec2"}},
		{cachePolicyToken, "name", map[string]any{"name": "my policy"}},
		{cachePolicyToken, "minTtl", map[string]any{"minTtl": -1}},
		{originRequestToken, "headersConfig.headerBehavior", map[string]any{
			"headersConfig": map[string]any{"headerBehavior": "some"},
		}},
		{responseHeadersToken, "securityHeadersConfig.frameOptions.frameOption", map[string]any{
			"securityHeadersConfig": map[string]any{"frameOptions": map[string]any{"frameOption": "ALLOW", "override": true}},
		}},
		{edgeFunctionToken, "runtime", map[string]any{"runtime": "nodejs"}},
		{distributionToken, "priceClass", map[string]any{"priceClass": "PriceClass_50"}},
		{distributionToken, "httpVersion", map[string]any{"httpVersion": "http4"}},
		{distributionToken, "aliases[0]", map[string]any{"aliases": []any{"https://example.com"}}},
		{distributionToken, "defaultRootObject", map[string]any{"defaultRootObject": "/index.html"}},
		{distributionToken, "defaultCacheBehavior.viewerProtocolPolicy", behavior(map[string]any{"viewerProtocolPolicy": "http"})},
		{distributionToken, "defaultCacheBehavior.allowedMethods[0]", behavior(map[string]any{"allowedMethods": []any{"BREW"}})},
		{distributionToken, "defaultCacheBehavior.forwardedValues", behavior(map[string]any{"forwardedValues": map[string]any{
			"queryString": true, "cookies": map[string]any{"forward": "none"},
		}})},
		{distributionToken, "origins[0].domainName", origin(map[string]any{"domainName": "http://a.example.com"})},
		{distributionToken, "origins[0].connectionAttempts", origin(map[string]any{"connectionAttempts": 4})},
		{distributionToken, "origins[0].originShield.originShieldRegion", origin(map[string]any{
			"originShield": map[string]any{"enabled": true, "originShieldRegion": "eu-north-1"},
		})},
	})
}
