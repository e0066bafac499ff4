package aws

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/wafv2"

	"stagecraft/internal/offline/cloud"
)

const (
	webACLToken        = "aws:wafv2/webAcl:WebAcl"
	webACLLoggingToken = "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration"
)

// ruleGroups are AWS's managed rule groups with their capacity units (AWS WAF Developer Guide, "AWS Managed Rules rule
// groups list").
var ruleGroups = map[string]int{
	"AWSManagedRulesAdminProtectionRuleSet": 100,
	"AWSManagedRulesAmazonIpReputationList": 25,
	"AWSManagedRulesAnonymousIpList":        50,
	"AWSManagedRulesCommonRuleSet":          700,
	"AWSManagedRulesKnownBadInputsRuleSet":  200,
	"AWSManagedRulesLinuxRuleSet":           200,
	"AWSManagedRulesPHPRuleSet":             100,
	"AWSManagedRulesSQLiRuleSet":            200,
	"AWSManagedRulesUnixRuleSet":            100,
	"AWSManagedRulesWindowsRuleSet":         200,
	"AWSManagedRulesWordPressRuleSet":       100,
}

const (
	// rateUnits are the capacity units of a rate-based rule by IP address ("Rate-based rule statement").
	rateUnits = 2
	// mostUnits is the maximum number of capacity units of a web ACL ("AWS WAF quotas").
	mostUnits = 5000
)

// firewallTypes returns the types of AWS WAF for CloudFront; regional web ACLs are not simulated.
func firewallTypes() []cloud.Type {
	return []cloud.Type{webACLType(), webACLLoggingType()}
}

func webACLType() cloud.Type {
	metric := cloud.Match(`^[\w#:./-]{1,255}$`, "a metric's name")
	values := map[string]cloud.Value{
		"associationConfig":    cloud.NotSimulated,
		"captchaConfig":        cloud.NotSimulated,
		"challengeConfig":      cloud.NotSimulated,
		"customResponseBodies": cloud.NotSimulated,
		"dataProtectionConfig": cloud.NotSimulated,
		"description":          cloud.Match(`^[\w+=:#@/\-,.][\w+=:#@/\-,.\s]{0,254}[\w+=:#@/\-,.]$`, "a description of AWS WAF's characters"),
		"ruleJson":             cloud.NotSimulated,
		"rules[*].name":        cloud.Match(`^[\w-]{1,128}$`, "a rule's name"),
		"rules[*].priority":    cloud.Range(0, 2147483647),
		"rules[*].statement.managedRuleGroupStatement.name":         cloud.OneOf(slices.Sorted(maps.Keys(ruleGroups))...),
		"rules[*].statement.managedRuleGroupStatement.vendorName":   cloud.OneOf("AWS"),
		"rules[*].statement.rateBasedStatement.aggregateKeyType":    cloud.OneOf("IP"),
		"rules[*].statement.rateBasedStatement.evaluationWindowSec": cloud.NumberIn(60, 120, 300, 600),
		"rules[*].statement.rateBasedStatement.limit":               cloud.Range(10, 2000000000),
		"rules[*].visibilityConfig.metricName":                      metric,
		"scope":                                                     cloud.OneOf("CLOUDFRONT"),
		"tokenDomains":                                              cloud.NotSimulated,
		"visibilityConfig.metricName":                               metric,
	}
	for _, unknown := range []string{
		"andStatement", "asnMatchStatement", "byteMatchStatement", "geoMatchStatement", "ipSetReferenceStatement",
		"labelMatchStatement", "notStatement", "orStatement", "regexMatchStatement", "regexPatternSetReferenceStatement",
		"ruleGroupReferenceStatement", "sizeConstraintStatement", "sqliMatchStatement", "xssMatchStatement",
	} {
		values["rules[*].statement."+unknown] = cloud.NotSimulated
	}
	return cloud.Type{
		Token:     webACLToken,
		Args:      wafv2.WebAclArgs{},
		State:     wafv2.WebAcl{},
		Global:    true,
		Service:   "WAFV2",
		Operation: "CreateWebACL",
		Change:    "UpdateWebACL",
		Source: "CloudFormation resource schema AWS::WAFv2::WebACL; SDK doc; AWS WAFV2 API Reference, CreateWebACL; AWS WAF " +
			"Developer Guide, AWS WAF quotas",
		Name:      &cloud.Name{Property: "name", Max: 128, Pattern: regexp.MustCompile(`^[\w-]+$`)},
		ID:        uuid,
		Conflicts: [][]string{{"name", "namePrefix"}},
		Values:    values,
		Computed: map[string]any{
			"applicationIntegrationUrl": "",
			"arn":                       "arn:aws:wafv2:us-east-1:${account}:global/webacl/${name}/${id}",
			"lockToken":                 uuid,
			"name":                      "${namePrefix}${digits26}",
		},
		Replace: []string{"name", "namePrefix", "scope"},
		Unique:  [][]string{{"name"}},
		Quota: &cloud.Quota{Limit: 100, Error: cloud.Error{
			Code: "WAFLimitsExceededException", Message: "AWS WAF couldn’t perform the operation because you exceeded your resource limit.",
		}},
		Check: validateWebACL,
		AfterWrite: func(_ cloud.Account, acl *cloud.Resource) error {
			acl.Set("capacity", capacityUnits(acl))
			return nil
		},
		NotFound: cloud.Error{
			Code: "WAFNonexistentItemException", Message: "AWS WAF couldn’t perform the operation because your resource doesn’t exist.",
		},
		Exists: cloud.Error{
			Code: "WAFDuplicateItemException", Message: "AWS WAF couldn’t perform the operation because some resource in your request " +
				"is a duplicate of an existing one.",
		},
		InUse: cloud.Error{
			Code: "WAFAssociatedItemException", Message: "AWS WAF couldn’t perform the operation because your resource is being used by " +
				"another resource or it’s associated with another resource.",
		},
	}
}

func capacityUnits(acl *cloud.Resource) int {
	units := 0
	for _, rule := range acl.Elements("rules") {
		units += ruleGroups[rule.Text("statement.managedRuleGroupStatement.name")]
		if rule.Text("statement.rateBasedStatement.limit") != "" {
			units += rateUnits
		}
	}
	return units
}

func invalidACL(format string, values ...any) error {
	return apiError("WAFInvalidParameterException", "Error reason: "+format, values...)
}

// validateWebACL rejects another scope, duplicate rules, rules without exactly one statement and action, and rules
// above the capacity.
func validateWebACL(_ cloud.Account, acl *cloud.Resource) error {
	if acl.Region != globalRegion {
		return invalidACL("The scope is not valid., field: SCOPE_VALUE, parameter: CLOUDFRONT: it must be in %s", globalRegion)
	}
	if count := len(acl.Texts("defaultAction.*")); count != 1 {
		return invalidACL("You have used none or multiple values for a field that requires exactly one value., field: DEFAULT_ACTION")
	}
	for _, property := range []string{"name", "priority", "visibilityConfig.metricName"} {
		if value, twice := firstDuplicate(acl.Texts("rules[*]." + property)); twice {
			return apiError("WAFDuplicateItemException", "Two rules have the %s %s.", property, value)
		}
	}
	for _, rule := range acl.Elements("rules") {
		managed := len(rule.Texts("statement.managedRuleGroupStatement")) > 0
		acts, overrides := len(rule.Texts("action.*")), len(rule.Texts("overrideAction.*"))
		switch {
		case len(rule.Texts("statement.*")) != 1:
			return invalidACL("You have used none or multiple values for a field that requires exactly one value., field: STATEMENT")
		case managed && (acts != 0 || overrides != 1), !managed && (acts != 1 || overrides != 0):
			return invalidACL("A reference in your rule statement is not valid., field: RULE, parameter: %s: a rule group takes an "+
				"override action, and any other statement an action", rule.Text("name"))
		}
	}
	if units := capacityUnits(acl); units > mostUnits {
		return apiError("WAFLimitsExceededException", "The web ACL needs %d capacity units, and may have %d.", units, mostUnits)
	}
	return nil
}

func webACLLoggingType() cloud.Type {
	return cloud.Type{
		Token:     webACLLoggingToken,
		Args:      wafv2.WebAclLoggingConfigurationArgs{},
		State:     wafv2.WebAclLoggingConfiguration{},
		Global:    true,
		Service:   "WAFV2",
		Operation: "PutLoggingConfiguration",
		Source: "CloudFormation resource schema AWS::WAFv2::LoggingConfiguration; SDK doc; AWS WAFV2 API Reference, " +
			"PutLoggingConfiguration; AWS WAF Developer Guide, Amazon CloudWatch Logs log groups. Of the destinations, " +
			"the offline cloud knows log groups",
		ID:       "${resourceArn}",
		Required: []string{"logDestinationConfigs"},
		Values: map[string]cloud.Value{
			"logDestinationConfigs":                cloud.Count(1, 1),
			"logDestinationConfigs[*]":             cloud.Match(`:log-group:aws-waf-logs-`, "a log group whose name begins with aws-waf-logs-"),
			"loggingFilter.defaultBehavior":        cloud.OneOf("DROP", "KEEP"),
			"loggingFilter.filters[*].behavior":    cloud.OneOf("DROP", "KEEP"),
			"loggingFilter.filters[*].requirement": cloud.OneOf("MEETS_ALL", "MEETS_ANY"),
			"loggingFilter.filters[*].conditions[*].actionCondition.action": cloud.OneOf(
				"ALLOW", "BLOCK", "CAPTCHA", "CHALLENGE", "COUNT", "EXCLUDED_AS_COUNT"),
			"redactedFields": cloud.Count(1, 100),
		},
		Replace: []string{"resourceArn"},
		Refs: []cloud.Ref{
			{Path: "resourceArn", Type: webACLToken, TargetProperty: "arn", OwnedBy: true},
			{
				Path: "logDestinationConfigs[*]", Type: logGroupToken, TargetProperty: "arn", Region: globalRegion,
				Weak: true, NotFound: cloud.Error{
					Code: "WAFLogDestinationPermissionIssueException", Message: "The log destination ${value} was not found.",
				},
			},
		},
		Check: func(_ cloud.Account, logging *cloud.Resource) error {
			for _, name := range logging.Texts("redactedFields[*].singleHeader.name") {
				if name != strings.ToLower(name) {
					return invalidACL("The header %s must be in lower case., field: REDACTED_FIELDS", name)
				}
			}
			return nil
		},
	}
}
