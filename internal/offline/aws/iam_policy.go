package aws

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"

	"stagecraft/internal/offline/cloud"
)

// statement is a statement of a policy (IAM User Guide, "IAM JSON policy elements reference").
type statement struct {
	Effect                  string
	Principal, NotPrincipal principals
	Action, NotAction       list[string]
	Resource, NotResource   list[string]
	Condition               map[string]any
}

func statementsOf(policy string) ([]statement, error) {
	var document struct{ Statement list[statement] }
	err := json.Unmarshal([]byte(policy), &document)
	return document.Statement, err
}

// list is a JSON list that may be written as its single element.
type list[T any] []T

func (l *list[T]) UnmarshalJSON(data []byte) error {
	var single T
	if json.Unmarshal(data, &single) == nil {
		*l = list[T]{single}
		return nil
	}
	return json.Unmarshal(data, (*[]T)(l))
}

// principals is "*", or the principals of all kinds: AWS, Service, Federated.
type principals []string

func (p *principals) UnmarshalJSON(data []byte) error {
	var anyone string
	if json.Unmarshal(data, &anyone) == nil {
		*p = principals{anyone}
		return nil
	}
	var kinds map[string]list[string]
	if err := json.Unmarshal(data, &kinds); err != nil {
		return fmt.Errorf("principal: %w", err)
	}
	for _, named := range kinds {
		*p = append(*p, named...)
	}
	return nil
}

// public reports whether a statement allows everybody.
func (s statement) public() bool {
	return s.Effect == "Allow" && slices.Contains(s.Principal, "*") && len(s.Condition) == 0
}

// allows reports whether a resource policy allows an action on a resource to one of the names of a principal. It
// assumes that the conditions of allowing statements hold, and those of denying ones do not.
func allows(policy, action, resource string, names ...string) bool {
	statements, err := statementsOf(policy)
	if err != nil {
		return false
	}
	allowed := false
	for _, statement := range statements {
		applies := slices.ContainsFunc(append(names, "*"), func(name string) bool {
			return slices.Contains(statement.Principal, name)
		}) && matches(statement.Action, action) && matches(statement.Resource, resource)
		if applies && statement.Effect == "Deny" && len(statement.Condition) == 0 {
			return false
		}
		allowed = allowed || applies && statement.Effect == "Allow"
	}
	return allowed
}

// matches reports whether a text matches one of the patterns, in which * stands for any characters and ? for one.
func matches(patterns []string, text string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		expression := strings.NewReplacer(`\*`, `.*`, `\?`, `.`).Replace(regexp.QuoteMeta(pattern))
		return regexp.MustCompile(`(?i)^` + expression + `$`).MatchString(text)
	})
}

func malformedPolicy(format string, values ...any) error {
	return apiError("MalformedPolicyDocument", format, values...)
}

// policySize returns a policy's size as IAM counts it, without white space.
func policySize(document string) int { return len(strings.Join(strings.Fields(document), "")) }

// parseStatements returns a policy's statements. A policy of an unknown version, without statements, or with a
// statement without an effect is malformed.
func parseStatements(document string) ([]statement, error) {
	statements, err := statementsOf(document)
	if err != nil || len(statements) == 0 {
		return nil, malformedPolicy("Syntax errors in policy.")
	}
	if strings.Contains(document, `"Version"`) && !policyVersion.MatchString(document) {
		return nil, malformedPolicy("The policy must contain a valid version string")
	}
	for _, statement := range statements {
		if statement.Effect != "Allow" && statement.Effect != "Deny" {
			return nil, malformedPolicy("Syntax errors in policy.")
		}
	}
	return statements, nil
}

var policyVersion = regexp.MustCompile(`"Version"\s*:\s*"(2012-10-17|2008-10-17)"`)

var (
	iamAction   = regexp.MustCompile(`^(\*|[a-z0-9-]+:[\w*?]+)$`)
	iamResource = regexp.MustCompile(`^(\*|arn:[^:]+:[^:]*:[^:]*:[^:]*:.+)$`)
	principal   = regexp.MustCompile(`^(\*|\d{12}|arn:aws:(iam|sts)::\d{12}:.+|[a-z0-9.-]+\.amazonaws\.com)$`)
)

// validateIdentityPolicy rejects documents that are not valid for a role (IAM User Guide, "Grammar of the IAM JSON
// policy language").
func validateIdentityPolicy(document string) error {
	statements, err := parseStatements(document)
	if err != nil {
		return err
	}
	for _, statement := range statements {
		actions := slices.Concat(statement.Action, statement.NotAction)
		resources := slices.Concat(statement.Resource, statement.NotResource)
		switch {
		case len(statement.Principal)+len(statement.NotPrincipal) > 0:
			return malformedPolicy("Policy document should not specify a principal.")
		case len(actions) == 0:
			return malformedPolicy("Policy statement must contain actions.")
		case len(resources) == 0:
			return malformedPolicy("Policy statement must contain resources.")
		}
		for _, action := range actions {
			if !iamAction.MatchString(action) {
				return malformedPolicy("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")
			}
		}
		for _, resource := range resources {
			if !iamResource.MatchString(resource) {
				return malformedPolicy("Resource %s must be in ARN format or \"*\".", resource)
			}
		}
	}
	return nil
}

// longestTrust is the maximum length of a role's trust policy, in characters.
const longestTrust = 2048

// validateTrustPolicy rejects documents that are not valid as a role's trust policy.
func validateTrustPolicy(document string) error {
	statements, err := parseStatements(document)
	if err != nil {
		return err
	}
	if policySize(document) > longestTrust {
		return apiError("LimitExceeded", "Cannot exceed quota for ACLSizePerRole: %d", longestTrust)
	}
	for _, statement := range statements {
		switch {
		case len(statement.Resource)+len(statement.NotResource) > 0:
			return malformedPolicy("Has prohibited field Resource")
		case len(statement.Principal) == 0:
			return malformedPolicy("Missing required field Principal")
		}
		for _, action := range statement.Action {
			if !strings.HasPrefix(action, "sts:") {
				return malformedPolicy("AssumeRole policy may only specify STS AssumeRole actions.")
			}
		}
		for _, named := range statement.Principal {
			if !principal.MatchString(named) {
				return malformedPolicy("Invalid principal in policy: %q", named)
			}
		}
	}
	return nil
}

func validateRolePolicy(account cloud.Account, policy *cloud.Resource) error {
	if err := validateIdentityPolicy(policy.Text("policy")); err != nil {
		return err
	}
	others, err := account.List(rolePolicyToken)
	if err != nil {
		return err
	}
	size := policySize(policy.Text("policy"))
	for _, other := range others {
		if other.Text("role") == policy.Text("role") && other.Text("name") != policy.Text("name") {
			size += policySize(other.Text("policy"))
		}
	}
	if size > longestInline {
		return apiError("LimitExceeded", "Maximum policy size of %d bytes exceeded for role %s", longestInline, policy.Text("role"))
	}
	return nil
}

// longestInline is the maximum total length of all inline policies of a role, in characters.
const longestInline = 10240

// managedPolicies are the AWS managed policies that the offline cloud knows (AWS Managed Policy Reference Guide).
var managedPolicies = policyARNs(
	iam.ManagedPolicyAWSCodeDeployRole,
	iam.ManagedPolicyAWSCodeDeployRoleForECS,
	iam.ManagedPolicyAWSCodeDeployRoleForLambda,
	iam.ManagedPolicyAWSLambdaBasicExecutionRole,
	iam.ManagedPolicyAWSLambdaVPCAccessExecutionRole,
	iam.ManagedPolicyAWSXRayDaemonWriteAccess,
	iam.ManagedPolicyAmazonAPIGatewayPushToCloudWatchLogs,
	iam.ManagedPolicyAmazonEC2ContainerRegistryReadOnly,
	iam.ManagedPolicyAmazonEC2RoleforAWSCodeDeploy,
	iam.ManagedPolicyAmazonECSTaskExecutionRolePolicy,
	iam.ManagedPolicyAmazonRDSEnhancedMonitoringRole,
	iam.ManagedPolicyAmazonSSMAutomationRole,
	iam.ManagedPolicyAmazonSSMMaintenanceWindowRole,
	iam.ManagedPolicyAmazonSSMManagedInstanceCore,
	iam.ManagedPolicyAmazonSSMPatchAssociation,
	iam.ManagedPolicyCloudWatchAgentServerPolicy,
	iam.ManagedPolicyReadOnlyAccess,
	iam.ManagedPolicySecurityAudit,
)

func policyARNs(policies ...iam.ManagedPolicy) *regexp.Regexp {
	quoted := make([]string, len(policies))
	for i, policy := range policies {
		quoted[i] = regexp.QuoteMeta(string(policy))
	}
	return regexp.MustCompile("^(" + strings.Join(quoted, "|") + ")$")
}
