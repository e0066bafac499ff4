package aws

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/require"
)

// minimalEdge are for what is between users and the stack, and for what tells CloudFront of new pages.
var minimalEdge = map[string]func(*testAccount) map[string]any{
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
	notificationToken: func(a *testAccount) map[string]any {
		return map[string]any{"bucket": a.bucket("app").id, "eventbridge": true}
	},
	logSourceToken:      logSourceInputs,
	logDestinationToken: logDestinationInputs,
	logDeliveryToken: func(a *testAccount) map[string]any {
		return map[string]any{
			"deliverySourceName":     a.create(logSourceToken, logSourceInputs(a)).id,
			"deliveryDestinationArn": a.create(logDestinationToken, logDestinationInputs(a)).text("arn"),
		}
	},
	stateMachineToken: stateMachineInputs,
	webACLToken:       webACLInputs,
	webACLLoggingToken: func(a *testAccount) map[string]any {
		return map[string]any{
			"resourceArn": a.create(webACLToken, webACLInputs(a)).text("arn"),
			"logDestinationConfigs": []any{
				a.create(logGroupToken, map[string]any{"name": "aws-waf-logs-app"}).text("arn"),
			},
		}
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

func logSourceInputs(a *testAccount) map[string]any {
	return map[string]any{"name": "app", "logType": "ACCESS_LOGS", "resourceArn": a.distribution().text("arn")}
}

func logDestinationInputs(a *testAccount) map[string]any {
	return map[string]any{"name": "app", "outputFormat": "json", "deliveryDestinationConfiguration": map[string]any{
		"destinationResourceArn": a.create(logGroupToken, map[string]any{"name": "access"}).text("arn"),
	}}
}

func stateMachineInputs(a *testAccount) map[string]any {
	return map[string]any{
		"name": "invalidation", "roleArn": a.serviceRole("states").text("arn"),
		"definition": `{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn:aws:states:::a", "End": true}}}`,
	}
}

func webACLInputs(*testAccount) map[string]any {
	return map[string]any{
		"name": "app", "scope": "CLOUDFRONT", "defaultAction": map[string]any{"allow": map[string]any{}},
		"visibilityConfig": visibilityInputs("app"),
		"rules":            []any{rateRuleInputs("rate", 0), managedRuleInputs("common", 1, "AWSManagedRulesCommonRuleSet")},
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

func visibilityInputs(metric string) map[string]any {
	return map[string]any{"metricName": metric, "cloudwatchMetricsEnabled": true, "sampledRequestsEnabled": true}
}

func rateRuleInputs(name string, priority int) map[string]any {
	return map[string]any{
		"name": name, "priority": priority, "visibilityConfig": visibilityInputs(name),
		"action":    map[string]any{"block": map[string]any{}},
		"statement": map[string]any{"rateBasedStatement": map[string]any{"limit": 100}},
	}
}

func managedRuleInputs(name string, priority int, group string) map[string]any {
	return map[string]any{
		"name": name, "priority": priority, "visibilityConfig": visibilityInputs(name),
		"overrideAction": map[string]any{"none": map[string]any{}},
		"statement": map[string]any{
			"managedRuleGroupStatement": map[string]any{"vendorName": "AWS", "name": group},
		},
	}
}

func (a *testAccount) distribution() made {
	a.t.Helper()
	return a.create(distributionToken, distributionInputs(a))
}

// certificateThere is an issued certificate in us-east-1.
func (a *testAccount) certificateThere(domain string) string {
	a.t.Helper()
	region, err := New(a.kept, nil).Region(globalRegion, nil)
	require.NoError(a.t, err)
	there := &testAccount{region, a.t, a.kept}
	certificate := there.create(certificateToken, certificateInputs(domain))
	there.create(recordToken, with(proof(certificate), map[string]any{"allowOverwrite": true}))
	there.create(certificateValidationToken, map[string]any{"certificateArn": certificate.id})
	return certificate.id
}

// named is a distribution with a name of its own.
func named(a *testAccount, alias, certificate string) map[string]any {
	return with(distributionInputs(a), map[string]any{
		"aliases":           []any{alias},
		"viewerCertificate": map[string]any{"acmCertificateArn": certificate, "sslSupportMethod": "sni-only"},
	})
}

func TestEdgeInputsRefused(t *testing.T) {
	t.Parallel()
	behavior := func(more map[string]any) map[string]any {
		return map[string]any{"defaultCacheBehavior": with(behaviorInputs(), more)}
	}
	origin := func(more map[string]any) map[string]any {
		return map[string]any{"origins": []any{with(originInputs("a.example.com"), more)}}
	}
	rule := func(more map[string]any) map[string]any {
		return map[string]any{"rules": []any{with(rateRuleInputs("rate", 0), more)}}
	}
	runInputRefusals(t, []inputRefusal{
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
		{notificationToken, "topics", map[string]any{"topics": []any{map[string]any{
			"topicArn": "arn:aws:sns:eu-west-1:123456789012:a", "events": []any{"s3:ObjectCreated:*"},
		}}}},
		{objectToken, "storageClass", map[string]any{"storageClass": "COLD"}},
		{objectToken, "serverSideEncryption", map[string]any{"serverSideEncryption": "ROT13"}},
		{logSourceToken, "logType", map[string]any{"logType": "ERROR_LOGS"}},
		{logSourceToken, "name", map[string]any{"name": strings.Repeat("a", 61)}},
		{logDestinationToken, "outputFormat", map[string]any{"outputFormat": "xml"}},
		{stateMachineToken, "definition", map[string]any{"definition": "start"}},
		{stateMachineToken, "type", map[string]any{"type": "SLOW"}},
		{webACLToken, "scope", map[string]any{"scope": "REGIONAL"}},
		{webACLToken, "rules[0].priority", rule(map[string]any{"priority": -1})},
		{webACLToken, "rules[0].statement.rateBasedStatement.limit", rule(map[string]any{
			"statement": map[string]any{"rateBasedStatement": map[string]any{"limit": 9}},
		})},
		{webACLToken, "rules[0].statement.managedRuleGroupStatement.name", map[string]any{
			"rules": []any{managedRuleInputs("a", 0, "AWSManagedRulesNothing")},
		}},
		{webACLLoggingToken, "logDestinationConfigs[0]", map[string]any{
			"logDestinationConfigs": []any{"arn:aws:logs:us-east-1:123456789012:log-group:waf"},
		}},
	})
}

func TestEdgePolicyRefusals(t *testing.T) {
	t.Parallel()
	headers := func(names ...string) map[string]any {
		var items []any
		for _, name := range names {
			items = append(items, map[string]any{"header": name, "value": "a", "override": true})
		}
		return map[string]any{"securityHeadersConfig": nil, "customHeadersConfig": map[string]any{"items": items}}
	}
	runRefusals(t, []refusal{
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

func TestDistributionRefusals(t *testing.T) {
	t.Parallel()
	behavior := func(more map[string]any) func(*testAccount) map[string]any {
		return but(distributionToken, map[string]any{"defaultCacheBehavior": with(behaviorInputs(), more)})
	}
	runRefusals(t, []refusal{
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

// resourceInputs are those of a resource, with one changed.
func resourceInputs(of made, property string, value any) map[string]any {
	inputs := maps.Clone(of.inputs)
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

func TestLogDeliveryRefusals(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	account.refuses("ValidationException", logSourceToken, logSourceInputs(account))
	runRefusals(t, []refusal{{
		"columns in a log group", "ValidationException", logDestinationToken,
		but(logDestinationToken, map[string]any{"outputFormat": "parquet"}),
	}})
}

func TestStateMachineRefusals(t *testing.T) {
	t.Parallel()
	definition := func(text string) func(*testAccount) map[string]any {
		return but(stateMachineToken, map[string]any{"definition": text})
	}
	logging := func(destination string) func(*testAccount) map[string]any {
		return func(a *testAccount) map[string]any {
			a.create(logGroupToken, map[string]any{"name": "states"})
			return with(stateMachineInputs(a), map[string]any{"loggingConfiguration": map[string]any{
				"level": "ERROR", "logDestination": "arn:aws:logs:eu-west-1:123456789012:log-group:" + destination,
			}})
		}
	}
	const invalid = "InvalidDefinition"
	runRefusals(t, []refusal{
		{"another service's role", "AccessDeniedException", stateMachineToken, func(a *testAccount) map[string]any {
			return with(stateMachineInputs(a), map[string]any{"roleArn": a.serviceRole("events").text("arn")})
		}},
		{"a start that is not there", invalid, stateMachineToken, definition(`{"StartAt": "B", "States": {}}`)},
		{"a state of no type", invalid, stateMachineToken, definition(`{"StartAt": "A", "States": {"A": {}}}`)},
		{"a task that does nothing", invalid, stateMachineToken, definition(`{"StartAt": "A", "States": {"A": {"Type": "Task", "End": true}}}`)},
		{
			"a state that leads nowhere", invalid, stateMachineToken,
			definition(`{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn", "Next": "B"}}}`),
		},
		{"a task without an end", invalid, stateMachineToken, definition(`{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn"}}}`)},
		{"states that are a list", invalid, stateMachineToken, definition(`{"StartAt": "A", "States": []}`)},
		{"a log that is not there", "InvalidLoggingConfiguration", stateMachineToken, logging("other:*")},
		{"a log without its streams", "InvalidLoggingConfiguration", stateMachineToken, logging("states")},
		{"a log that the role may not write", "AccessDeniedException", stateMachineToken, logging("states:*")},
	})
}

func TestEventTargetStateMachine(t *testing.T) {
	t.Parallel()
	target := func(role string) func(*testAccount) map[string]any {
		return func(a *testAccount) map[string]any {
			inputs := with(minimal[eventTargetToken](a), map[string]any{
				"arn": a.create(stateMachineToken, stateMachineInputs(a)).text("arn"),
			})
			if role != "" {
				inputs["roleArn"] = a.serviceRole(role).text("arn")
			}
			return inputs
		}
	}
	runRefusals(t, []refusal{
		{"no role", "ValidationException", eventTargetToken, target("")},
		{"another service's role", "ValidationException", eventTargetToken, target("ec2")},
	})
	account := newTestAccount(t)
	account.create(eventTargetToken, target("events")(account))
}

func TestWebACLRefusals(t *testing.T) {
	t.Parallel()
	const invalid, duplicate = "WAFInvalidParameterException", "WAFDuplicateItemException"
	rules := func(rules ...any) func(*testAccount) map[string]any {
		return but(webACLToken, map[string]any{"rules": rules})
	}
	var many []any
	for i := range 8 {
		many = append(many, managedRuleInputs(fmt.Sprint("common-", i), i, "AWSManagedRulesCommonRuleSet"))
	}
	runRefusals(t, []refusal{
		{"no default", invalid, webACLToken, but(webACLToken, map[string]any{"defaultAction": map[string]any{}})},
		{"a priority twice", duplicate, webACLToken, rules(rateRuleInputs("a", 0), rateRuleInputs("b", 0))},
		{"a name twice", duplicate, webACLToken, rules(rateRuleInputs("a", 0), rateRuleInputs("a", 1))},
		{"no statement", invalid, webACLToken, rules(with(rateRuleInputs("a", 0), map[string]any{"statement": map[string]any{}}))},
		{"a rule without an action", invalid, webACLToken, rules(with(rateRuleInputs("a", 0), map[string]any{"action": nil}))},
		{"a group with an action", invalid, webACLToken, rules(with(managedRuleInputs("a", 0, "AWSManagedRulesCommonRuleSet"),
			map[string]any{"action": map[string]any{"block": map[string]any{}}}))},
		{"too much to evaluate", "WAFLimitsExceededException", webACLToken, rules(many...)},
		{"a header in capitals", invalid, webACLLoggingToken, but(webACLLoggingToken, map[string]any{
			"redactedFields": []any{map[string]any{"singleHeader": map[string]any{"name": "Cookie"}}},
		})},
	})
	account := newTestAccount(t)
	account.refuses(invalid, webACLToken, webACLInputs(account))
}

func TestWebACLCapacity(t *testing.T) {
	t.Parallel()
	account := newTestAccountIn(t, globalRegion)
	acl := account.create(webACLToken, webACLInputs(account))
	require.InDelta(t, 702, acl.outputs["capacity"].NumberValue(), 0)
}
