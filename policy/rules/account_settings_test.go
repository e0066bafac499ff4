package rules

// strong returns a strong password policy with one change.
func strong(property string, value any) props {
	policy := props{
		"minimumPasswordLength": 14, "requireLowercaseCharacters": true, "requireUppercaseCharacters": true, "requireNumbers": true,
		"requireSymbols": true,
	}
	policy[property] = value
	return policy
}

var accountExamples = map[string]examples{
	"iam-password-policy": {
		typ:  "aws:iam/accountPasswordPolicy:AccountPasswordPolicy",
		pass: []props{strong("minimumPasswordLength", 20)},
		fail: []props{{}, strong("minimumPasswordLength", 8), strong("requireSymbols", false), strong("requireNumbers", nil)},
	},
	"ssm-automation-logs": {
		typ: "aws:ssm/serviceSetting:ServiceSetting",
		pass: []props{
			{"settingId": "/ssm/automation/customer-script-log-destination", "settingValue": "CloudWatch"},
			{"settingId": "/ssm/documents/console/public-sharing-permission", "settingValue": "Enable"},
		},
		fail: []props{
			{"settingId": "/ssm/automation/customer-script-log-destination", "settingValue": "None"},
			{
				"settingId":    "arn:aws:ssm:eu-west-1:123456789012:servicesetting/ssm/automation/customer-script-log-destination",
				"settingValue": "",
			},
		},
	},
	"ssm-document-sharing-blocked": {
		typ: "aws:ssm/serviceSetting:ServiceSetting",
		pass: []props{
			{"settingId": "/ssm/documents/console/public-sharing-permission", "settingValue": "Disable"},
			{"settingId": "/ssm/parameter-store/high-throughput-enabled", "settingValue": "true"},
		},
		fail: []props{{"settingId": "/ssm/documents/console/public-sharing-permission", "settingValue": "Enable"}},
	},
}
