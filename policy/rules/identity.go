package rules

import (
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/policyx"

	"stagecraft/policy/rule"
)

func identity() []rule.Rule {
	return slices.Concat(permissions(), attachments(), trusts(), grants(), bucketGrants(), functionGrants(), logins(), plainSecrets())
}

func permissions() []rule.Rule {
	return []rule.Rule{{
		Name:        "iam-no-full-access",
		Description: "No policy allows every action on every resource",
		Severity:    rule.High,
		Theme:       rule.Identity,
		References:  []string{"FSBP IAM.1", "CIS 3.0.0 1.16", "WAF SEC03-BP02"},
		Fix:         "List the required actions and resources.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       identityTypes,
		Resource: inDocuments(identityDocuments, "allows every action on every resource: it must list them",
			func(s statement) bool { return s.onEverything() && slices.ContainsFunc(s.Action, isAll) }),
	}, {
		Name:        "iam-no-service-wildcards",
		Description: "No policy allows every action of a service",
		Severity:    rule.Low,
		Theme:       rule.Identity,
		References:  []string{"FSBP IAM.21", "WAF SEC03-BP02"},
		Fix:         "List the required actions.",
		Level:       policyx.EnforcementLevelAdvisory,
		Types:       identityTypes,
		Resource: inDocuments(identityDocuments, "allows every action of a service: it must list them",
			func(s statement) bool { return slices.ContainsFunc(s.Action, wholeService.MatchString) }),
	}, {
		Name:        "iam-no-decryption-with-all-keys",
		Description: "No policy allows decryption with every KMS key",
		Severity:    rule.Medium,
		Theme:       rule.Identity,
		References:  []string{"FSBP KMS.1", "FSBP KMS.2", "WAF SEC03-BP02"},
		Fix:         "List the keys, or limit the services that may use them (kms:ViaService).",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       identityTypes,
		Resource: inDocuments(identityDocuments, "allows decryption with every key: it must list them",
			func(s statement) bool {
				return len(s.Condition) == 0 && slices.ContainsFunc(s.Resource, allKeys.MatchString) && !slices.ContainsFunc(s.Action, isAll) &&
					(s.allows("kms:Decrypt") || s.allows("kms:ReEncryptFrom"))
			}),
	}, {
		Name:        "iam-pass-role-scoped",
		Description: "No policy allows passing every role to services",
		Severity:    rule.High,
		Theme:       rule.Identity,
		References:  []string{"WAF SEC03-BP02"},
		Fix:         "List the roles in the resources of iam:PassRole, or limit the services (iam:PassedToService).",
		Level:       policyx.EnforcementLevelAdvisory,
		Types:       identityTypes,
		Resource: inDocuments(identityDocuments, "allows iam:PassRole on every role: it must list them",
			func(s statement) bool {
				return len(s.Condition) == 0 && s.onEverything() && s.allows("iam:PassRole") && !slices.ContainsFunc(s.Action, isAll)
			}),
	}, {
		Name:        "iam-allow-names-actions",
		Description: "No policy allows everything with NotAction, which includes actions that AWS adds later",
		Severity:    rule.Medium,
		Theme:       rule.Identity,
		References:  []string{"WAF SEC03-BP02"},
		Fix:         "List the required actions in Action, and use NotAction in statements that deny only.",
		Level:       policyx.EnforcementLevelAdvisory,
		Types:       identityTypes,
		Resource: inDocuments(identityDocuments, "allows a NotAction: it must list its actions",
			func(s statement) bool { return len(s.NotAction) > 0 }),
	}}
}

var (
	wholeService = regexp.MustCompile(`^[A-Za-z0-9-]+:\*+$`)
	allKeys      = regexp.MustCompile(`^(\*|arn:[^:]*:kms:[^:]*:[^:]*:(key/)?\*)$`)
)

func isAll(action string) bool { return action == "*" || action == "*:*" }

func attachments() []rule.Rule {
	return []rule.Rule{{
		// Roles that deploy whole stacks may need it.
		Name:        "iam-no-administrator-access",
		Description: "The AWS managed policy AdministratorAccess is not attached",
		Severity:    rule.High,
		Theme:       rule.Identity,
		References:  []string{"CIS 3.0.0 1.16", "WAF SEC03-BP02"},
		Fix:         "Attach a policy that lists the required actions.",
		Level:       policyx.EnforcementLevelAdvisory,
		Types:       attachmentTypes,
		Resource:    notAttached("AdministratorAccess"),
	}, {
		Name:        "iam-no-cloudshell-full-access",
		Description: "The AWS managed policy AWSCloudShellFullAccess, which allows file transfers out of the account, is not attached",
		Severity:    rule.Medium,
		Theme:       rule.Identity,
		References:  []string{"CIS 3.0.0 1.22", "WAF SEC03-BP02"},
		Fix:         "Attach a policy without cloudshell:GetFileDownloadUrls and cloudshell:GetFileUploadUrls.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       attachmentTypes,
		Resource:    notAttached("AWSCloudShellFullAccess"),
	}, {
		Name:        "iam-no-user-policies",
		Description: "Policies are attached to groups and roles, not to users",
		Severity:    rule.Low,
		Theme:       rule.Identity,
		References:  []string{"FSBP IAM.2", "CIS 3.0.0 1.15", "WAF SEC03-BP02"},
		Fix:         "Attach the policy to a group or a role.",
		Level:       policyx.EnforcementLevelAdvisory,
		Types: []string{
			iamUserPolicy, iamUserPolicyAttachment,
			iamPolicyAttachment,
		},
		Resource: rule.All(
			rule.Want("user", "unset", rule.Value.Absent),
			rule.Want("users", "unset", func(users rule.Value) bool { return len(users.List()) == 0 }),
		),
	}, {
		Name:        "iam-no-access-keys",
		Description: "No IAM user has long-term access keys",
		Severity:    rule.Medium,
		Theme:       rule.Identity,
		References:  []string{"FSBP IAM.3", "WAF SEC02-BP02"},
		Fix:         "Use a role, or IAM Identity Center for people.",
		Level:       policyx.EnforcementLevelAdvisory,
		Types:       []string{iamAccessKey},
		Resource: rule.Want("status", "Inactive, or the key must be removed", func(status rule.Value) bool {
			return status.Text() == "Inactive"
		}),
	}}
}

var attachmentTypes = []string{
	iamRolePolicyAttachment, iamUserPolicyAttachment,
	iamGroupPolicyAttachment, iamPolicyAttachment,
	iamRolePolicyAttachmentsExclusive, iamRole,
}

// notAttached rejects an AWS managed policy in every partition.
func notAttached(policy string) rule.Check {
	check := func(r *rule.Resource, arn rule.Value) {
		if strings.HasSuffix(arn.Text(), ":iam::aws:policy/"+policy) {
			r.ReportValue(arn, "another policy")
		}
	}
	return rule.All(forEach("policyArn", check), forEach("managedPolicyArns", check), forEach("policyArns", check))
}

func trusts() []rule.Rule {
	roles, document := []string{iamRole}, at("assumeRolePolicy")
	return []rule.Rule{{
		Name:        "iam-trust-not-public",
		Description: "Roles trust specific principals",
		Severity:    rule.Critical,
		Theme:       rule.Identity,
		References:  []string{"WAF SEC03-BP07"},
		Fix:         "List the principals, or limit the organization in a condition (aws:PrincipalOrgID).",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       roles,
		Resource:    inDocuments(document, "allows everyone to assume the role: it must limit the principals", statement.everyone),
	}, {
		Name:        "iam-trust-federation-conditioned",
		Description: "Roles that trust an identity provider limit the subjects, so that not everyone with an account there can use them",
		Severity:    rule.High,
		Theme:       rule.Identity,
		References:  []string{"WAF SEC03-BP07"},
		Fix:         "Add a condition on the subject, such as token.actions.githubusercontent.com:sub.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       roles,
		Resource: inDocuments(document, "trusts all identities of a provider: a condition must limit them",
			statement.federatesAll),
	}}
}

// federatesAll reports whether every identity of an OpenID Connect provider is trusted. For providers where everyone
// can have an account, a condition on the audience is not enough.
func (s statement) federatesAll() bool {
	if !s.allows("sts:AssumeRoleWithWebIdentity") || len(s.Principal["Federated"]) == 0 {
		return false
	}
	public := slices.ContainsFunc(s.Principal["Federated"], func(provider string) bool {
		return strings.HasSuffix(provider, "token.actions.githubusercontent.com") || strings.HasSuffix(provider, "/gitlab.com")
	})
	for _, keys := range s.Condition {
		for key, values := range keys {
			if !slices.ContainsFunc(values, matchesAll) && (!public || !strings.HasSuffix(key, ":aud")) {
				return false
			}
		}
	}
	return true
}

// grants are rules for resource-based policies. They differ in the kind of resource only.
func grants() []rule.Rule {
	references := func(control ...string) []string { return append(control, "WAF SEC03-BP07") }
	grant := func(name, what string, references []string, types ...string) rule.Rule {
		return rule.Rule{
			Name:        name,
			Description: "Policies of " + what + " allow specific principals only",
			Severity:    rule.Critical,
			Theme:       rule.Identity,
			References:  references,
			Fix:         "List the principals, or limit them or the source in a condition (aws:PrincipalOrgID, aws:SourceArn).",
			Level:       policyx.EnforcementLevelMandatory,
			Types:       types,
			Resource: inDocuments(resourceDocuments, "allows everyone: it must limit the principals",
				statement.everyone),
		}
	}
	return []rule.Rule{
		grant("s3-bucket-policy-not-public", "S3 buckets", references("FSBP S3.2", "FSBP S3.3"),
			s3BucketPolicy, s3Bucket),
		grant("sns-topic-not-public", "SNS topics", references("FSBP SNS.4"),
			snsTopicPolicy, snsTopic),
		grant("sqs-queue-not-public", "SQS queues", references("FSBP SQS.3"),
			sqsQueuePolicy, sqsQueue),
		grant("kms-key-not-public", "KMS keys", references("FSBP KMS.5"), kmsKeyPolicy, kmsKey),
		grant("secretsmanager-secret-not-public", "secrets", references(),
			secretsmanagerSecretPolicy, secretsmanagerSecret),
		grant("ecr-repository-not-public", "private image repositories", references(),
			ecrRepositoryPolicy, ecrRegistryPolicy),
		grant("dynamodb-table-not-public", "DynamoDB tables", references(), dynamodbResourcePolicy),
		grant("cloudwatch-policies-not-public", "logs and event buses", references(),
			cloudwatchLogResourcePolicy, cloudwatchEventBusPolicy),
	}
}

// riskyActions are the actions that Security Hub lists (control S3.6).
var riskyActions = []string{
	"s3:DeleteBucketPolicy", "s3:PutBucketAcl", "s3:PutBucketPolicy", "s3:PutEncryptionConfiguration", "s3:PutObjectAcl",
}

// bucketGrants are rules for other accounts in bucket policies. A program does not show which account owns the bucket.
func bucketGrants() []rule.Rule {
	return []rule.Rule{{
		Name:        "s3-bucket-policy-keeps-control",
		Description: "Bucket policies do not allow other accounts to change the bucket's policy or encryption",
		Severity:    rule.High,
		Theme:       rule.Identity,
		References:  []string{"FSBP S3.6", "WAF SEC03-BP07"},
		Fix:         "Remove the action. Principals of the bucket's own account get it from their roles.",
		Level:       policyx.EnforcementLevelAdvisory,
		Types:       []string{s3BucketPolicy, s3Bucket},
		Resource: inDocuments(resourceDocuments, "allows other accounts to change the bucket's policy, access control lists or encryption",
			func(s statement) bool {
				return (len(s.Principal["AWS"]) > 0 || len(s.NotPrincipal) > 0) && slices.ContainsFunc(riskyActions, s.allows)
			}),
	}}
}

func resourceDocuments(r *rule.Resource) []rule.Value {
	return []rule.Value{r.Get("policy"), r.Get("policyDocument")}
}

func functionGrants() []rule.Rule {
	permissions := []string{lambdaPermission}
	return []rule.Rule{{
		Name:        "lambda-not-public",
		Description: "Lambda functions can be called by specific principals and by the account's own buckets only",
		Severity:    rule.Critical,
		Theme:       rule.Identity,
		References:  []string{"FSBP Lambda.1", "WAF SEC03-BP07"},
		Fix: "Set principal to a specific principal, and for S3 set sourceAccount, because another account " +
			"may later own the bucket's name.",
		Level: policyx.EnforcementLevelMandatory,
		Types: permissions,
		Resource: func(r *rule.Resource) {
			account, organization := r.Get("sourceAccount"), r.Get("principalOrgId")
			switch principal := r.Get("principal"); {
			case principal.Text() == "*" && account.Absent() && organization.Absent() && r.Get("sourceArn").Absent():
				r.ReportValue(principal, "a specific principal")
			case principal.Text() == "s3.amazonaws.com" && account.Absent():
				r.ReportValue(account, "the account that owns the bucket")
			}
		},
	}, {
		Name:        "lambda-permission-source",
		Description: "Services can call Lambda functions only for a specific resource or account",
		Severity:    rule.Medium,
		Theme:       rule.Identity,
		References:  []string{"WAF SEC03-BP07"},
		Fix:         "Set sourceArn or sourceAccount.",
		Level:       policyx.EnforcementLevelAdvisory,
		Types:       permissions,
		Resource: rule.When(func(r *rule.Resource) bool {
			return strings.HasSuffix(r.Get("principal").Text(), ".amazonaws.com") &&
				r.Get("sourceAccount").Absent() && r.Get("principalOrgId").Absent()
		}, rule.Want("sourceArn", "set", func(arn rule.Value) bool { return arn.Text() != "" })),
	}, {
		Name:        "cloudfront-trusted-key-groups",
		Description: "CloudFront uses key groups for signed URLs, not the keys of root users",
		Severity:    rule.Medium,
		Theme:       rule.Identity,
		References:  []string{"WAF SEC01-BP02"},
		Fix:         "Replace trustedSigners with trustedKeyGroups.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       []string{cloudfrontDistribution},
		Resource:    rule.All(forEach("defaultCacheBehavior", noSigners), forEach("orderedCacheBehaviors", noSigners)),
	}}
}

func noSigners(r *rule.Resource, behavior rule.Value) {
	if signers := behavior.Get("trustedSigners"); !signers.Unknown() && len(signers.List()) > 0 {
		r.ReportValue(signers, "unset")
	}
}

func logins() []rule.Rule {
	databases := []string{rdsInstance, rdsCluster}
	return []rule.Rule{{
		Name:        "rds-iam-authentication",
		Description: "RDS databases allow IAM authentication",
		Severity:    rule.Medium,
		Theme:       rule.Identity,
		References:  []string{"FSBP RDS.10", "FSBP RDS.12", "WAF SEC02-BP02"},
		Fix:         "Set iamDatabaseAuthenticationEnabled to true.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       databases,
		Resource: rule.When(func(r *rule.Resource) bool {
			return slices.Contains([]string{"postgres", "mysql", "mariadb", "aurora-postgresql", "aurora-mysql"}, r.Get("engine").Text())
		}, rule.True("iamDatabaseAuthenticationEnabled")),
	}, {
		// A changed name replaces the database.
		Name:        "rds-own-administrator-name",
		Description: "RDS databases do not use the default administrator name",
		Severity:    rule.Medium,
		Theme:       rule.Identity,
		References:  []string{"FSBP RDS.24", "FSBP RDS.25"},
		Fix:         "Choose another name for new databases. The name of an existing database cannot be changed.",
		Level:       policyx.EnforcementLevelAdvisory,
		Types:       databases,
		Resource:    rule.All(notGuessed("username"), notGuessed("masterUsername")),
	}, {
		// Without authentication, every client that can connect may use the cache.
		Name:        "elasticache-authentication",
		Description: "ElastiCache authenticates its clients",
		Severity:    rule.Medium,
		Theme:       rule.Identity,
		References:  []string{"FSBP ElastiCache.6", "WAF SEC03-BP02"},
		Fix:         "Set userGroupIds, or authToken for versions before 6.",
		Level:       policyx.EnforcementLevelAdvisory,
		Types:       []string{elasticacheReplicationGroup},
		Resource: rule.When(func(r *rule.Resource) bool { return r.Get("authToken").Absent() },
			rule.Want("userGroupIds", "a user group, or authToken must be set", func(groups rule.Value) bool { return len(groups.List()) > 0 })),
	}, {
		Name:        "elasticache-user-authenticates",
		Description: "ElastiCache users have a password or IAM authentication, or are off",
		Severity:    rule.Medium,
		Theme:       rule.Identity,
		References:  []string{"WAF SEC03-BP02"},
		Fix:         "Set authenticationMode to iam or password, or start accessString with off.",
		Level:       policyx.EnforcementLevelAdvisory,
		Types:       []string{elasticacheUser},
		Resource: func(r *rule.Resource) {
			if strings.HasPrefix(r.Get("accessString").Text(), "off") || r.Get("accessString").Unknown() {
				return
			}
			if none := r.Get("noPasswordRequired"); none.Is(true) {
				r.ReportValue(none, "false")
			}
			if kind := r.Get("authenticationMode.type"); kind.Text() == "no-password-required" {
				r.ReportValue(kind, "iam or password")
			}
		},
	}}
}

func notGuessed(path string) rule.Check {
	return rule.Want(path, "another name", func(name rule.Value) bool {
		wellKnown := []string{"admin", "postgres", "root", "administrator", "rdsadmin", "master", "sa"}
		return !slices.Contains(wellKnown, strings.ToLower(name.Text()))
	})
}
