package firewall

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/wafv2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// managedGroups are AWS's rule groups, the cheapest to evaluate first. With the rate rule they need 1127 of the 1500
// web ACL capacity units that are free of charge (AWS WAF Developer Guide, "AWS Managed Rules rule groups list" and
// "AWS WAF web ACL capacity units"). The group against anonymous addresses is left out: it blocks users of a VPN and
// clients in other clouds.
var managedGroups = []struct{ name, group string }{
	{"ip-reputation", "AWSManagedRulesAmazonIpReputationList"},
	{"known-bad-inputs", "AWSManagedRulesKnownBadInputsRuleSet"},
	// The database is relational.
	{"sql-injection", "AWSManagedRulesSQLiRuleSet"},
	// It limits a request's body to 8 KiB, among others, which suits the service.
	{"common", "AWSManagedRulesCommonRuleSet"},
}

const rateRule = "rate"

// rules returns the rules in the order of their priorities; the first that blocks decides.
func (a *Args) rules(metric string) wafv2.WebAclRuleArray {
	rules := wafv2.WebAclRuleArray{}
	add := func(name string, rule wafv2.WebAclRuleArgs) {
		rule.Name, rule.Priority, rule.VisibilityConfig = pulumi.String(name), pulumi.Int(len(rules)), visibility(metric+"-"+name)
		rules = append(rules, rule)
	}
	add(rateRule, a.rate())
	for _, managed := range managedGroups {
		add(managed.name, wafv2.WebAclRuleArgs{
			OverrideAction: wafv2.WebAclRuleOverrideActionArgs{None: wafv2.WebAclRuleOverrideActionNoneArgs{}},
			Statement: wafv2.WebAclRuleStatementArgs{
				ManagedRuleGroupStatement: wafv2.WebAclRuleStatementManagedRuleGroupStatementArgs{
					VendorName: pulumi.String("AWS"), Name: pulumi.String(managed.group),
				},
			},
		})
	}
	return rules
}

// rate returns the rule that blocks an address for as long as it makes too many requests.
func (a *Args) rate() wafv2.WebAclRuleArgs {
	return wafv2.WebAclRuleArgs{
		Action: wafv2.WebAclRuleActionArgs{Block: wafv2.WebAclRuleActionBlockArgs{}},
		Statement: wafv2.WebAclRuleStatementArgs{
			RateBasedStatement: wafv2.WebAclRuleStatementRateBasedStatementArgs{
				AggregateKeyType:    pulumi.String("IP"),
				EvaluationWindowSec: pulumi.Int(300),
				Limit:               pulumi.Int(a.rateLimit()),
			},
		},
	}
}

// visibility returns the configuration that reports a rule in CloudWatch metrics and samples its requests.
func visibility(metric string) wafv2.WebAclRuleVisibilityConfigArgs {
	return wafv2.WebAclRuleVisibilityConfigArgs{
		CloudwatchMetricsEnabled: pulumi.Bool(true),
		MetricName:               pulumi.String(metric),
		SampledRequestsEnabled:   pulumi.Bool(true),
	}
}
