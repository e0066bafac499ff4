package rules

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/policyx"

	"stagecraft/policy/rule"
)

// plainSecrets are rules for secrets. They recognize names and the formats of well-known keys, and never print a value.
func plainSecrets() []rule.Rule {
	return []rule.Rule{{
		Name:        "lambda-no-plain-secrets",
		Description: "Environment variables of Lambda functions contain no secrets",
		Severity:    rule.High,
		Theme:       rule.Identity,
		References:  []string{"WAF SEC02-BP03"},
		Fix:         "Store the secret in Secrets Manager or as a SecureString, and pass its name to the function.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       []string{lambdaFunction},
		Resource: func(r *rule.Resource) {
			variables := r.Get("environment.variables")
			for _, name := range variables.Keys() {
				reportSecret(r, variables.Path+"."+name, name, variables.Get(name).Text())
			}
		},
	}, {
		Name:        "ecs-no-plain-secrets",
		Description: "Environment variables of ECS containers contain no secrets",
		Severity:    rule.High,
		Theme:       rule.Identity,
		References:  []string{"FSBP ECS.8", "WAF SEC02-BP03"},
		Fix:         "Store the secret in Secrets Manager or as a SecureString, and refer to it in the container's secrets.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       []string{ecsTaskDefinition},
		Resource: func(r *rule.Resource) {
			for _, container := range containersOf(r) {
				for _, variable := range container.Environment {
					reportSecret(r, fmt.Sprintf("containerDefinitions: %s of the container %q", variable.Name, container.Name),
						variable.Name, variable.Value)
				}
			}
		},
	}, {
		Name:        "ssm-parameter-no-plain-secrets",
		Description: "Parameters of types String and StringList contain no secrets",
		Severity:    rule.High,
		Theme:       rule.Identity,
		References:  []string{"WAF SEC02-BP03"},
		Fix:         "Set type to SecureString.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       []string{ssmParameter},
		Resource: rule.When(func(r *rule.Resource) bool { return strings.HasPrefix(r.Get("type").Text(), "String") },
			func(r *rule.Resource) {
				name := r.Get("name").Text()
				for _, path := range []string{"value", "insecureValue"} {
					reportSecret(r, path, name[strings.LastIndex(name, "/")+1:], r.Get(path).Text())
				}
			}),
	}, {
		Name:        "ec2-user-data-no-secrets",
		Description: "User data, which every process on an instance can read, contains no secrets",
		Severity:    rule.High,
		Theme:       rule.Identity,
		References:  []string{"WAF SEC02-BP03"},
		Fix:         "Store the secret in Secrets Manager or as a SecureString. The instance can read it with its role.",
		Level:       policyx.EnforcementLevelMandatory,
		Types: []string{
			ec2Instance, ec2SpotInstanceRequest,
			ec2LaunchTemplate, ec2LaunchConfiguration,
		},
		Resource: func(r *rule.Resource) {
			for _, path := range []string{"userData", "userDataBase64"} {
				if line := secretLine(decoded(r.Get(path).Text())); line > 0 {
					r.Report(fmt.Sprintf("line %d of %s contains a secret in plain text", line, path))
				}
			}
		},
	}}
}

func reportSecret(r *rule.Resource, where, name, value string) {
	if isKey(value) || secretName.MatchString(name) && !isReference(value) {
		r.Report(where + " contains a secret in plain text")
	}
}

var (
	secretName = regexp.MustCompile(`(?i)(password|passwd|passphrase|secret|token|credentials?|` +
		`(api|secret|private|access|encryption|signing)[_.-]?key([_.-]?id)?|[_.-]pwd|^ecs_engine_auth_data)$`)
	// keyShapes matches AWS keys, private keys, tokens of GitHub, GitLab, Slack and Stripe, and URLs with a password.
	keyShapes = regexp.MustCompile(`\b(AKIA|ASIA)[A-Z0-9]{16}\b|-----BEGIN [A-Z ]*PRIVATE KEY-----|\bgh[pousr]_[A-Za-z0-9]{36}|` +
		`\bgithub_pat_[A-Za-z0-9_]{40}|\bglpat-[A-Za-z0-9_-]{20}|\bxox[abprs]-[A-Za-z0-9-]{10}|\b[rs]k_live_[A-Za-z0-9]{16}|` +
		`\b[a-z][a-z0-9+.-]*://[^\s:/@$<{]*:[^\s/@$<{]+@`)
	// references matches names and addresses of secrets, and values that mean yes, no or nothing.
	references = regexp.MustCompile(`^(arn:.*|/.*|\{\{resolve:.*|(ssm|secretsmanager|vault):.*|https?://.*|\$.*` +
		`|[a-z0-9_.-]+(/[a-z0-9_.-]+)+|(?i:true|false|yes|no|on|off|none|null)|[01]?)$`)
	// assignments matches assignments of a value to a name in scripts and configuration files, at the start of a line or
	// within it. Values that a script computes follow a space, without quotes.
	assignments = []*regexp.Regexp{
		regexp.MustCompile(`^[\s{,]*(?:export\s+|-\s+)?["']?([A-Za-z0-9_.-]+)["']?(?:=["']?|\s*=\s*["']|\s*:\s*["']?)([^\s"';&|)]*)`),
		regexp.MustCompile(`[\s;&"'-]([A-Za-z0-9_.-]+)=["']?([^\s"';&|)]*)`),
	}
	// plainValue excludes values that a script computes: variables, commands and templates.
	plainValue = regexp.MustCompile("^[^$`<{(%]{4,}$")
)

func isKey(value string) bool { return keyShapes.MatchString(value) }

func isReference(value string) bool { return references.MatchString(value) }

// secretLine returns the number of the first line of a script that contains a secret, or 0 if none does.
func secretLine(script string) int {
	for i, line := range strings.Split(script, "\n") {
		if isKey(line) {
			return i + 1
		}
		for _, assignment := range assignments {
			for _, match := range assignment.FindAllStringSubmatch(line, -1) {
				name, value := match[1], match[2]
				if secretName.MatchString(name) && plainValue.MatchString(value) && !isReference(value) {
					return i + 1
				}
			}
		}
	}
	return 0
}

// decoded returns the script in user data.
func decoded(data string) string {
	if script, err := base64.StdEncoding.DecodeString(data); err == nil && len(data) > 0 {
		return string(script)
	}
	return data
}
