package rules

import (
	"fmt"
	"net/url"
	"regexp"
	"strconv"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/policyx"

	"stagecraft/policy/rule"
)

// keys are rules for keys, secrets and credentials.
func keys() []rule.Rule {
	return []rule.Rule{{
		Name:        "kms-key-rotation",
		Description: "KMS rotates symmetric keys",
		Severity:    rule.Medium,
		Theme:       rule.Encryption,
		References:  []string{"CIS 3.0.0 3.6", "WAF SEC08-BP01"},
		Fix:         "Set enableKeyRotation to true. Data that is already encrypted stays readable.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       []string{kmsKey},
		Resource:    rule.When(rotatable, rule.True("enableKeyRotation")),
	}, {
		Name:        "secretsmanager-rotation",
		Description: "Secrets in Secrets Manager are rotated",
		Severity:    rule.Medium,
		Theme:       rule.Encryption,
		References:  []string{"FSBP SecretsManager.1", "WAF SEC02-BP05"},
		Fix:         "Add an aws.secretsmanager.SecretRotation, or use a secret that an AWS service manages and rotates.",
		Level:       policyx.EnforcementLevelAdvisory,
		Stack:       rotatesSecrets,
	}, {
		Name:        "secretsmanager-rotation-interval",
		Description: "Secrets Manager rotates secrets often enough",
		Severity:    rule.Medium,
		Theme:       rule.Encryption,
		References:  []string{"FSBP SecretsManager.4", "WAF SEC02-BP05"},
		Fix:         "Set rotationRules to a shorter interval.",
		Level:       policyx.EnforcementLevelMandatory,
		Parameters: map[string]rule.Parameter{
			"days": {Description: "The maximum number of days between two rotations", Default: 90, Min: 1, Max: 1000},
		},
		Types:    []string{secretsmanagerSecretRotation},
		Resource: rotatesOften,
	}, {
		Name:        "codebuild-no-plain-credentials",
		Description: "Environment variables of CodeBuild contain no plain-text credentials",
		Severity:    rule.Critical,
		Theme:       rule.Encryption,
		References:  []string{"FSBP CodeBuild.2", "WAF SEC02-BP03"},
		Fix:         "Use the project's role, or a variable of type SECRETS_MANAGER or PARAMETER_STORE.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       []string{codebuildProject},
		Resource:    forEach("environment.environmentVariables", hidesCredential),
	}, {
		Name:        "codebuild-source-without-credentials",
		Description: "Source locations of CodeBuild contain no credentials",
		Severity:    rule.Critical,
		Theme:       rule.Encryption,
		References:  []string{"FSBP CodeBuild.1", "WAF SEC02-BP03"},
		Fix:         "Remove user and password from location, and use a connection of CodeConnections.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       []string{codebuildProject},
		Resource:    rule.All(forEach("source", hidesUser), forEach("secondarySources", hidesUser)),
	}}
}

// rotatable excludes keys that KMS cannot rotate: asymmetric and HMAC keys, and keys in other key stores.
func rotatable(r *rule.Resource) bool {
	return isOneOf("keyUsage", "ENCRYPT_DECRYPT", "ENCRYPT_DECRYPT")(r) &&
		isOneOf("customerMasterKeySpec", "SYMMETRIC_DEFAULT", "SYMMETRIC_DEFAULT")(r) && isUnset("customKeyStoreId")(r)
}

func rotatesSecrets(s *rule.Stack) {
	for _, secret := range s.ResourcesOfType(secretsmanagerSecret) {
		if !anyRefers(s, secretsmanagerSecretRotation, "secretId", secret) {
			secret.Report("the secret has no rotation")
		}
	}
}

var rateInDays = regexp.MustCompile(`^rate\((\d+) days?\)$`)

// rotatesOften accepts cron schedules, which have no fixed interval.
func rotatesOften(r *rule.Resource) {
	most := r.Parameter("days")
	often := func(days float64, is bool) bool { return is && days <= most }
	wanted := fmt.Sprintf("%v days or less", most)
	schedule := r.Get("rotationRules.scheduleExpression")
	if schedule.Absent() {
		requireValue(r, r.Get("rotationRules.automaticallyAfterDays"), wanted, func(days rule.Value) bool { return often(days.Number()) })
		return
	}
	requireValue(r, schedule, wanted, func(schedule rule.Value) bool {
		match := rateInDays.FindStringSubmatch(schedule.Text())
		if match == nil {
			return true
		}
		days, err := strconv.ParseFloat(match[1], 64)
		return often(days, err == nil)
	})
}

var credential = regexp.MustCompile(
	`(?i)(^|_)(PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY|ACCESS_KEY_ID|SECRET_ACCESS_KEY)$`)

func hidesCredential(r *rule.Resource, variable rule.Value) {
	if credential.MatchString(variable.Get("name").Text()) {
		requireValue(r, variable.Get("type"), "SECRETS_MANAGER or PARAMETER_STORE for "+variable.Get("name").Text(),
			func(typ rule.Value) bool { return !typ.Absent() && typ.Text() != "PLAINTEXT" })
	}
}

// hidesUser does not print the URL. A user name alone may be a token, except for SSH.
func hidesUser(r *rule.Resource, source rule.Value) {
	location := source.Get("location")
	if address, err := url.Parse(location.Text()); err == nil && address.User != nil && address.Scheme != "ssh" {
		r.Report(location.Path + " contains credentials")
	}
}
