package rules

import (
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/policyx"

	"stagecraft/policy/rule"
)

func exposedDistributions() []rule.Rule {
	distributions := []string{cloudfrontDistribution}
	return []rule.Rule{{
		Name:        "cloudfront-default-root-object",
		Description: "CloudFront with an S3 origin has a default root object, so that it does not list the bucket",
		Severity:    rule.High,
		Theme:       rule.Exposure,
		References:  []string{"FSBP CloudFront.1"},
		Fix:         "Set defaultRootObject, for example to index.html.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       distributions,
		Resource: rule.When(func(r *rule.Resource) bool { return slices.ContainsFunc(r.Get("origins").List(), isBucket) },
			rule.Want("defaultRootObject", "set", func(root rule.Value) bool { return root.Text() != "" })),
	}, {
		Name:        "cloudfront-origin-access-control",
		Description: "CloudFront signs its requests to S3, so that buckets can stay private",
		Severity:    rule.Medium,
		Theme:       rule.Exposure,
		References:  []string{"FSBP CloudFront.13", "WAF SEC08-BP04"},
		Fix:         "Set originAccessControlId of the origin, and allow only this distribution in the bucket policy.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       distributions,
		Resource:    signsRequests(isBucket),
	}, {
		Name:        "cloudfront-function-access-control",
		Description: "CloudFront signs its requests to function URLs",
		Severity:    rule.Medium,
		Theme:       rule.Exposure,
		References:  []string{"FSBP CloudFront.16", "WAF SEC03-BP07"},
		Fix:         "Set originAccessControlId of the origin, and set authorizationType of the function URL to AWS_IAM.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       distributions,
		Resource: signsRequests(func(origin rule.Value) bool {
			return strings.Contains(origin.Get("domainName").Text(), ".lambda-url.")
		}),
	}, {
		Name:        "cloudfront-waf",
		Description: "CloudFront has a web ACL",
		Severity:    rule.Medium,
		Theme:       rule.Exposure,
		References:  []string{"FSBP CloudFront.6", "WAF SEC05-BP03"},
		FromStage:   5,
		Fix:         "Set webAclId to the ARN of a web ACL with scope CLOUDFRONT.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       distributions,
		Resource:    rule.Want("webAclId", "a web ACL", func(list rule.Value) bool { return list.Text() != "" }),
	}, {
		Name:        "wafv2-has-rules",
		Description: "Web ACLs have rules",
		Severity:    rule.Medium,
		Theme:       rule.Exposure,
		References:  []string{"FSBP WAF.10", "WAF SEC05-BP03"},
		Fix:         "Add a rule, for example one of AWS's managed rule groups.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       []string{wafv2WebACL},
		Resource: rule.When(func(r *rule.Resource) bool { return r.Get("ruleJson").Absent() },
			rule.Want("rules", "one rule or more", func(rules rule.Value) bool { return len(rules.List()) > 0 })),
	}}
}

// isBucket reports whether an origin is an S3 bucket, which is the kind of an origin without other configuration.
func isBucket(origin rule.Value) bool {
	return !origin.Unknown() && origin.Get("customOriginConfig").Absent() && origin.Get("vpcOriginConfig").Absent()
}

func signsRequests(chosen func(rule.Value) bool) rule.Check {
	return forEach("origins", func(r *rule.Resource, origin rule.Value) {
		if control := origin.Get("originAccessControlId"); chosen(origin) && !control.Unknown() && control.Text() == "" {
			r.ReportValue(control, "an origin access control")
		}
	})
}

func exposedEntries() []rule.Rule {
	loadBalancers := []string{lbLoadBalancer}
	return []rule.Rule{{
		Name:        "lb-drop-invalid-headers",
		Description: "Application load balancers drop invalid headers",
		Severity:    rule.Medium,
		Theme:       rule.Exposure,
		References:  []string{"FSBP ELB.4", "WAF SEC05-BP03"},
		Fix:         "Set dropInvalidHeaderFields to true.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       loadBalancers,
		Resource:    rule.When(isApplicationLoadBalancer, rule.True("dropInvalidHeaderFields")),
	}, {
		Name:        "lb-desync-mitigation",
		Description: "Application load balancers protect their targets from HTTP desync attacks",
		Severity:    rule.Medium,
		Theme:       rule.Exposure,
		References:  []string{"FSBP ELB.12", "WAF SEC05-BP03"},
		Fix:         "Set desyncMitigationMode to defensive or strictest.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       loadBalancers,
		Resource: rule.When(isApplicationLoadBalancer,
			rule.OneOf("desyncMitigationMode", "defensive", "defensive", "strictest")),
	}, {
		Name:        "lb-waf",
		Description: "Application load balancers that are open to all addresses have a web ACL",
		Severity:    rule.Medium,
		Theme:       rule.Exposure,
		References:  []string{"WAF SEC05-BP03"},
		FromStage:   5,
		Fix:         "Add an aws.wafv2.WebAclAssociation, or allow only CloudFront in the security group.",
		Level:       policyx.EnforcementLevelMandatory,
		Stack:       openLoadBalancersHaveFirewall,
	}, {
		// Some routes are meant to be public.
		Name:        "apigatewayv2-route-authorization",
		Description: "Routes of HTTP and WebSocket APIs require authorization",
		Severity:    rule.Medium,
		Theme:       rule.Exposure,
		References:  []string{"FSBP APIGateway.8", "WAF SEC03-BP07"},
		Fix:         "Set authorizationType to AWS_IAM, JWT or CUSTOM.",
		Level:       policyx.EnforcementLevelAdvisory,
		Types:       []string{apigatewayv2Route},
		Resource: rule.When(takesAuthorization, rule.Want("authorizationType", "AWS_IAM, JWT or CUSTOM",
			func(kind rule.Value) bool { return kind.Text() != "" && kind.Text() != "NONE" })),
	}}
}

func isApplicationLoadBalancer(r *rule.Resource) bool {
	kind := r.Get("loadBalancerType")
	return kind.Absent() || kind.Text() == "application"
}

// takesAuthorization excludes preflight requests of browsers, which carry no authorization, and messages of a
// WebSocket, whose connection is authorized.
func takesAuthorization(r *rule.Resource) bool {
	key := r.Get("routeKey").Text()
	return !strings.HasPrefix(key, "OPTIONS ") && (strings.Contains(key, " /") || key == "$connect" || key == "$default")
}

func openLoadBalancersHaveFirewall(s *rule.Stack) {
	for _, balancer := range s.ResourcesOfType(lbLoadBalancer) {
		if !isApplicationLoadBalancer(balancer) || balancer.Get("internal").Is(true) || !reachedByAll(s, balancer) {
			continue
		}
		if !anyRefers(s, wafv2WebACLAssociation, "resourceArn", balancer) {
			balancer.Report("the load balancer is open to all addresses and has no web ACL")
		}
	}
}

// reachedByAll reports whether a security group of a load balancer allows all addresses.
func reachedByAll(s *rule.Stack, balancer *rule.Resource) bool {
	open := func(r *rule.Resource) bool {
		return slices.ContainsFunc(ingresses(r), func(in ingress) bool {
			_, all := in.world()
			return all
		})
	}
	separate := s.ResourcesOfType(
		ec2SecurityGroupRule, vpcSecurityGroupIngressRule,
	)
	return slices.ContainsFunc(s.ResourcesOfType(ec2SecurityGroup), func(group *rule.Resource) bool {
		return s.IsReference(balancer, "securityGroups", group) && (open(group) || slices.ContainsFunc(separate, func(r *rule.Resource) bool {
			return s.IsReference(r, "securityGroupId", group) && open(r)
		}))
	})
}
