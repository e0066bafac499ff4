package rules

import (
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/policyx"

	"stagecraft/policy/rule"
)

// accountSettings are rules for settings that exist once in an account.
func accountSettings() []rule.Rule {
	settings := []string{ssmServiceSetting}
	return []rule.Rule{{
		Name:        "iam-password-policy",
		Description: "IAM user passwords are long and contain upper-case and lower-case letters, digits and symbols",
		Severity:    rule.Medium,
		Theme:       rule.Identity,
		References:  []string{"FSBP IAM.7", "CIS 3.0.0 1.8", "WAF SEC02-BP01"},
		Fix: "Set requireUppercaseCharacters, requireLowercaseCharacters, requireNumbers and " +
			"requireSymbols to true, and minimumPasswordLength to the required length.",
		Level: policyx.EnforcementLevelMandatory,
		Parameters: map[string]rule.Parameter{
			"length": {Description: "The minimum length of passwords", Default: 14, Min: 8, Max: 128},
		},
		Types: []string{iamAccountPasswordPolicy},
		Resource: rule.All(
			rule.AtLeast("minimumPasswordLength", "length", 6),
			rule.True("requireLowercaseCharacters"), rule.True("requireUppercaseCharacters"),
			rule.True("requireNumbers"), rule.True("requireSymbols"),
		),
	}, {
		Name:        "ssm-automation-logs",
		Description: "Systems Manager Automation logs the output of its scripts",
		Severity:    rule.Medium,
		Theme:       rule.Logging,
		References:  []string{"FSBP SSM.6", "WAF SEC04-BP01"},
		Fix:         "Set settingValue to CloudWatch.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       settings,
		Resource:    rule.When(isSetting("/ssm/automation/customer-script-log-destination"), rule.OneOf("settingValue", "", "CloudWatch")),
	}, {
		Name:        "ssm-document-sharing-blocked",
		Description: "Systems Manager blocks public sharing of documents",
		Severity:    rule.Critical,
		Theme:       rule.Exposure,
		References:  []string{"FSBP SSM.7", "WAF SEC03-BP07"},
		Fix:         "Set settingValue to Disable.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       settings,
		Resource:    rule.When(isSetting("/ssm/documents/console/public-sharing-permission"), rule.OneOf("settingValue", "", "Disable")),
	}}
}

// isSetting selects a service setting by its ID or ARN.
func isSetting(id string) func(*rule.Resource) bool {
	return func(r *rule.Resource) bool { return strings.HasSuffix(r.Get("settingId").Text(), id) }
}
