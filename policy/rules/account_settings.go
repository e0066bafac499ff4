package rules

import (
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/policyx"

	"stagecraft/policy/rule"
)

// accountSettings is about what an account has once, where a stack says it.
func accountSettings() []rule.Rule {
	settings := []string{ssmServiceSetting}
	return []rule.Rule{{
		Name:        "iam-password-policy",
		Description: "Passwords of users are long, and made of letters of both kinds, digits and symbols",
		Severity:    rule.Medium,
		Theme:       rule.Identity,
		References:  []string{"FSBP IAM.7", "CIS 3.0.0 1.8", "WAF SEC02-BP01"},
		Fix:         "Set each require... to true, and minimumPasswordLength.",
		Level:       policyx.EnforcementLevelMandatory,
		Parameters: map[string]rule.Parameter{
			"length": {Description: "The least number of characters", Default: 14, Min: 8, Max: 128},
		},
		Types: []string{iamAccountPasswordPolicy},
		Resource: rule.All(
			rule.AtLeast("minimumPasswordLength", "length", 6),
			rule.True("requireLowercaseCharacters"), rule.True("requireUppercaseCharacters"),
			rule.True("requireNumbers"), rule.True("requireSymbols"),
		),
	}, {
		Name:        "ssm-automation-logs",
		Description: "Automation of Systems Manager logs what its scripts print",
		Severity:    rule.Medium,
		Theme:       rule.Logging,
		References:  []string{"FSBP SSM.6", "WAF SEC04-BP01"},
		Fix:         "Set settingValue to CloudWatch.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       settings,
		Resource:    rule.When(isSetting("/ssm/automation/customer-script-log-destination"), rule.OneOf("settingValue", "", "CloudWatch")),
	}, {
		Name:        "ssm-document-sharing-blocked",
		Description: "Nobody can share documents of Systems Manager with every account",
		Severity:    rule.Critical,
		Theme:       rule.Exposure,
		References:  []string{"FSBP SSM.7", "WAF SEC03-BP07"},
		Fix:         "Set settingValue to Disable.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       settings,
		Resource:    rule.When(isSetting("/ssm/documents/console/public-sharing-permission"), rule.OneOf("settingValue", "", "Disable")),
	}}
}

// isSetting takes ids and ARNs of service settings.
func isSetting(id string) func(*rule.Resource) bool {
	return func(r *rule.Resource) bool { return strings.HasSuffix(r.Get("settingId").Text(), id) }
}
