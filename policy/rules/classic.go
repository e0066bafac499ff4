package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/policyx"

	"stagecraft/policy/rule"
)

// classicBalancers are rules for Classic Load Balancers, the previous generation.
func classicBalancers() []rule.Rule {
	return slices.Concat(classicEncryption(), classicConduct())
}

func classicEncryption() []rule.Rule {
	return []rule.Rule{{
		Name:        "elb-https",
		Description: "Classic Load Balancers serve HTTPS or TLS",
		Severity:    rule.Medium,
		Theme:       rule.Encryption,
		References:  []string{"FSBP ELB.3", "WAF SEC09-BP02"},
		Fix: "Set lbProtocol of the listener to https or ssl, or replace the Classic Load Balancer with an " +
			"application load balancer, which can redirect HTTP.",
		Level: policyx.EnforcementLevelAdvisory,
		Types: []string{elbLoadBalancer},
		Resource: forEach("listeners", func(r *rule.Resource, listener rule.Value) {
			requireValue(r, listener.Get("lbProtocol"), "https or ssl", usesTLS)
		}),
	}, {
		Name:        "elb-acm-certificate",
		Description: "Classic Load Balancers use ACM certificates, which are renewed automatically",
		Severity:    rule.Medium,
		Theme:       rule.Encryption,
		References:  []string{"FSBP ELB.2", "WAF SEC09-BP01"},
		Fix:         "Set sslCertificateId of the listener to the ARN of an ACM certificate.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       []string{elbLoadBalancer},
		Resource: forEach("listeners", func(r *rule.Resource, listener rule.Value) {
			if usesTLS(listener.Get("lbProtocol")) {
				requireValue(r, listener.Get("sslCertificateId"), "the ARN of an ACM certificate", func(certificate rule.Value) bool {
					return strings.Contains(certificate.Text(), ":acm:")
				})
			}
		}),
	}, {
		Name:        "elb-tls-policy",
		Description: "Classic Load Balancers use the TLS policy " + classicPolicy,
		Severity:    rule.Medium,
		Theme:       rule.Encryption,
		References:  []string{"FSBP ELB.8", "WAF SEC09-BP02"},
		Fix: fmt.Sprintf("Add an aws.elb.SslNegotiationPolicy with the attribute %s set to %s. The default allows TLS 1.0.",
			classicReference, classicPolicy),
		Level: policyx.EnforcementLevelMandatory,
		Stack: classicNegotiation,
	}}
}

// The attribute that selects a predefined policy for a Classic Load Balancer, and the policy that Security Hub requires
// (control ELB.8).
const (
	classicReference = "Reference-Security-Policy"
	classicPolicy    = "ELBSecurityPolicy-TLS-1-2-2017-01"
)

func usesTLS(protocol rule.Value) bool {
	return slices.Contains([]string{"https", "ssl"}, strings.ToLower(protocol.Text()))
}

// classicNegotiation accepts the predefined policy in either of the two resource types that can set it.
func classicNegotiation(s *rule.Stack) {
	strong := func(token, balancers, attributes string, balancer *rule.Resource) bool {
		return slices.ContainsFunc(s.ResourcesOfType(token), func(policy *rule.Resource) bool {
			return s.MightReference(policy, balancers, balancer) && slices.ContainsFunc(policy.Get(attributes).List(), isClassicPolicy)
		})
	}
	for _, balancer := range s.ResourcesOfType(elbLoadBalancer) {
		listeners := balancer.Get("listeners").List()
		if slices.ContainsFunc(listeners, func(listener rule.Value) bool { return usesTLS(listener.Get("lbProtocol")) }) &&
			!strong(elbSSLNegotiationPolicy, "loadBalancer", "attributes", balancer) &&
			!strong(elbLoadBalancerPolicy, "loadBalancerName", "policyAttributes", balancer) {
			balancer.Report("no listener policy sets " + classicPolicy)
		}
	}
}

// isClassicPolicy reports true for values that are not known yet.
func isClassicPolicy(attribute rule.Value) bool {
	name, value := attribute.Get("name"), attribute.Get("value")
	return (name.Unknown() || name.Text() == classicReference) && (value.Unknown() || value.Text() == classicPolicy)
}

func classicConduct() []rule.Rule {
	return []rule.Rule{{
		Name:        "elb-access-logs",
		Description: "Classic Load Balancers log requests",
		Severity:    rule.Medium,
		Theme:       rule.Logging,
		References:  []string{"FSBP ELB.5", "WAF SEC04-BP01"},
		Fix:         "Set accessLogs.bucket, and remove accessLogs.enabled.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       []string{elbLoadBalancer},
		Resource:    rule.All(rule.Set("accessLogs.bucket"), rule.Bool("accessLogs.enabled", true, true)),
	}, {
		Name:        "elb-draining",
		Description: "Classic Load Balancers let requests finish before they remove an instance",
		Severity:    rule.Medium,
		Theme:       rule.Reliability,
		References:  []string{"FSBP ELB.7", "WAF OPS06-BP03"},
		Fix:         "Set connectionDraining to true.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       []string{elbLoadBalancer},
		Resource:    rule.True("connectionDraining"),
	}, {
		Name:        "elb-cross-zone",
		Description: "Classic Load Balancers distribute requests over the instances of all zones",
		Severity:    rule.Medium,
		Theme:       rule.Reliability,
		References:  []string{"FSBP ELB.9", "WAF REL10-BP01"},
		Fix:         "Remove crossZoneLoadBalancing.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       []string{elbLoadBalancer},
		Resource:    rule.Bool("crossZoneLoadBalancing", true, true),
	}, {
		Name:        "elb-spans-zones",
		Description: "Classic Load Balancers use two or more availability zones",
		Severity:    rule.Medium,
		Theme:       rule.Reliability,
		References:  []string{"FSBP ELB.10", "WAF REL10-BP01"},
		FromStage:   2,
		Fix:         "Set subnets to subnets in two or more availability zones.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       []string{elbLoadBalancer},
		Resource: func(r *rule.Resource) {
			subnets, zones := r.Get("subnets"), r.Get("availabilityZones")
			if !subnets.Unknown() && !zones.Unknown() && len(subnets.List()) < 2 && len(zones.List()) < 2 {
				r.ReportValue(subnets, "a list of two subnets or more")
			}
		},
	}, {
		Name:        "elb-desync-mitigation",
		Description: "Classic Load Balancers protect their targets from HTTP desync attacks",
		Severity:    rule.Medium,
		Theme:       rule.Exposure,
		References:  []string{"FSBP ELB.14", "WAF SEC05-BP03"},
		Fix:         "Set desyncMitigationMode to defensive or strictest.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       []string{elbLoadBalancer},
		Resource:    rule.OneOf("desyncMitigationMode", "defensive", "defensive", "strictest"),
	}}
}
