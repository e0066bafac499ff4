// Package bootstrap_test checks the CloudFormation template against its purpose and, where cfn-lint is installed, against
// AWS's resource schemas.
package bootstrap_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

const path = "stagecraft-bootstrap.yaml"

// template is the parts of a template; in its values, functions are in their long form.
type template struct {
	Parameters map[string]struct {
		Type           string
		Default        *string
		AllowedPattern string
		MaxLength      int
	}
	Conditions map[string]any
	Resources  map[string]struct {
		Type, Condition                     string
		DeletionPolicy, UpdateReplacePolicy string
		Properties                          map[string]any
	}
	Outputs map[string]struct{ Value any }
}

// load reads the template, and writes short forms such as !Ref out, as {Ref: ...} and {Fn::Sub: ...}.
func load(t *testing.T) template {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	var document yaml.Node
	require.NoError(t, yaml.Unmarshal(text, &document))
	encoded, err := json.Marshal(plain(t, document.Content[0]))
	require.NoError(t, err)
	var read template
	require.NoError(t, json.Unmarshal(encoded, &read))
	return read
}

func plain(t *testing.T, node *yaml.Node) any {
	t.Helper()
	function, short := strings.CutPrefix(node.Tag, "!")
	if !short || strings.HasPrefix(node.Tag, "!!") {
		return untagged(t, node)
	}
	untaggedNode := *node
	untaggedNode.Tag = ""
	value := untagged(t, &untaggedNode)
	switch function {
	case "Ref", "Condition":
		return map[string]any{function: value}
	case "GetAtt":
		resource, attribute, _ := strings.Cut(value.(string), ".")
		return map[string]any{"Fn::GetAtt": []any{resource, attribute}}
	case "And", "Equals", "If", "Not", "Sub":
		return map[string]any{"Fn::" + function: value}
	default:
		require.Failf(t, "unknown function", "!%s in line %d", function, node.Line)
		return nil
	}
}

func untagged(t *testing.T, node *yaml.Node) any {
	t.Helper()
	switch node.Kind {
	case yaml.MappingNode:
		object := map[string]any{}
		for i := 0; i < len(node.Content); i += 2 {
			key := node.Content[i].Value
			require.NotContains(t, object, key, "line %d", node.Content[i].Line)
			object[key] = plain(t, node.Content[i+1])
		}
		return object
	case yaml.SequenceNode:
		list := make([]any, 0, len(node.Content))
		for _, element := range node.Content {
			list = append(list, plain(t, element))
		}
		return list
	default:
		var value any
		require.NoError(t, node.Decode(&value))
		return value
	}
}

// walk visits every object below a value.
func walk(value any, visit func(map[string]any)) {
	switch value := value.(type) {
	case map[string]any:
		visit(value)
		for _, element := range value {
			walk(element, visit)
		}
	case []any:
		for _, element := range value {
			walk(element, visit)
		}
	}
}

// values returns the parts of the template that may have references.
func (t template) values() []any {
	var all []any
	for _, resource := range t.Resources {
		all = append(all, resource.Properties)
	}
	for _, output := range t.Outputs {
		all = append(all, output.Value)
	}
	for _, condition := range t.Conditions {
		all = append(all, condition)
	}
	return all
}

var (
	pseudo      = []string{"AWS::AccountId", "AWS::NoValue", "AWS::Partition", "AWS::Region", "AWS::StackName"}
	placeholder = regexp.MustCompile(`\$\{([^}]+)\}`)
	// attributes are the return values of resources besides Ref (CloudFormation Template Reference, "Return values").
	attributes = map[string][]string{
		"AWS::IAM::Role":  {"Arn", "RoleId"},
		"AWS::KMS::Key":   {"Arn", "KeyId"},
		"AWS::S3::Bucket": {"Arn", "DomainName", "DualStackDomainName", "RegionalDomainName", "WebsiteURL"},
	}
)

func (t template) refers(name string) bool {
	_, parameter := t.Parameters[name]
	_, resource := t.Resources[name]
	return parameter || resource || slices.Contains(pseudo, name)
}

func (t template) gives(resource, attribute string) bool {
	return slices.Contains(attributes[t.Resources[resource].Type], attribute)
}

// TestReferences follows every Ref, GetAtt, Sub and Condition, and rejects unused parameters and conditions.
func TestReferences(t *testing.T) {
	t.Parallel()
	read := load(t)
	used := map[string]bool{}
	for _, resource := range read.Resources {
		used[resource.Condition] = true
	}
	for _, value := range read.values() {
		walk(value, func(object map[string]any) {
			if name, ok := object["Ref"].(string); ok {
				require.True(t, read.refers(name), "Ref %s", name)
				used[name] = true
			}
			if path, ok := object["Fn::GetAtt"].([]any); ok {
				require.True(t, read.gives(path[0].(string), path[1].(string)), "GetAtt %v", path)
			}
			if text, ok := object["Fn::Sub"].(string); ok {
				for _, match := range placeholder.FindAllStringSubmatch(text, -1) {
					resource, attribute, attributed := strings.Cut(match[1], ".")
					require.True(t, attributed && read.gives(resource, attribute) || !attributed && read.refers(resource), "Sub %s", text)
					used[resource] = true
				}
			}
			for _, name := range conditionsOf(object) {
				require.Contains(t, read.Conditions, name)
				used[name] = true
			}
		})
	}
	for name := range read.Parameters {
		require.True(t, used[name], "nothing uses the parameter %s", name)
	}
	for name := range read.Conditions {
		require.True(t, used[name], "nothing uses the condition %s", name)
	}
}

// conditionsOf returns the names of conditions in an object; the conditions of policies are objects.
func conditionsOf(object map[string]any) []string {
	var names []string
	if name, ok := object["Condition"].(string); ok {
		names = append(names, name)
	}
	if branches, ok := object["Fn::If"].([]any); ok {
		names = append(names, branches[0].(string))
	}
	return names
}

// TestParameters matches every default with its pattern.
func TestParameters(t *testing.T) {
	t.Parallel()
	for name, parameter := range load(t).Parameters {
		require.Equal(t, "String", parameter.Type, name)
		require.NotNil(t, parameter.Default, name)
		require.Regexp(t, parameter.AllowedPattern, *parameter.Default, name)
	}
}

// TestStateIsKept checks that deleting the stack deletes nothing that holds state.
func TestStateIsKept(t *testing.T) {
	t.Parallel()
	read := load(t)
	for _, name := range []string{"StateBucket", "StateBucketPolicy", "StateKey", "StateKeyAlias"} {
		require.Equal(t, "Retain", read.Resources[name].DeletionPolicy, name)
		require.Equal(t, "Retain", read.Resources[name].UpdateReplacePolicy, name)
	}
	require.Equal(t, true, read.Resources["StateKey"].Properties["EnableKeyRotation"])

	bucket := read.Resources["StateBucket"].Properties
	require.Equal(t, map[string]any{"Status": "Enabled"}, bucket["VersioningConfiguration"])
	require.Equal(t, map[string]any{
		"BlockPublicAcls": true, "BlockPublicPolicy": true, "IgnorePublicAcls": true, "RestrictPublicBuckets": true,
	}, bucket["PublicAccessBlockConfiguration"])
	rules := bucket["BucketEncryption"].(map[string]any)["ServerSideEncryptionConfiguration"].([]any)
	require.Equal(t, map[string]any{
		"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": map[string]any{"Fn::GetAtt": []any{"StateKey", "Arn"}},
	}, rules[0].(map[string]any)["ServerSideEncryptionByDefault"])
	for _, rule := range bucket["LifecycleConfiguration"].(map[string]any)["Rules"].([]any) {
		require.NotContains(t, rule, "ExpirationInDays", "the current state must never expire")
		require.NotContains(t, rule, "ExpirationDate")
	}
}

// statements returns the statements of a policy document, including those that a condition may leave out.
func statements(t *testing.T, document any) []map[string]any {
	t.Helper()
	policy, ok := document.(map[string]any)
	require.True(t, ok)
	require.Equal(t, "2012-10-17", policy["Version"])
	var read []map[string]any
	for _, statement := range policy["Statement"].([]any) {
		object := statement.(map[string]any)
		if branches, conditional := object["Fn::If"].([]any); conditional {
			object = branches[1].(map[string]any)
		}
		require.Subset(t, []string{"Sid", "Effect", "Principal", "Action", "Resource", "Condition"}, keys(object))
		require.Contains(t, []any{"Allow", "Deny"}, object["Effect"])
		require.NotEmpty(t, object["Action"])
		read = append(read, object)
	}
	return read
}

func keys(object map[string]any) []string {
	names := make([]string, 0, len(object))
	for name := range object {
		names = append(names, name)
	}
	return names
}

// texts returns a string as a list, or the strings of a list.
func texts(value any) []string {
	if list, ok := value.([]any); ok {
		found := make([]string, 0, len(list))
		for _, element := range list {
			found = append(found, fmt.Sprint(element))
		}
		return found
	}
	return []string{fmt.Sprint(value)}
}

func TestBucketTakesModernTLSOnly(t *testing.T) {
	t.Parallel()
	policy := statements(t, load(t).Resources["StateBucketPolicy"].Properties["PolicyDocument"])
	require.Len(t, policy, 2)
	for i, condition := range []any{
		map[string]any{"Bool": map[string]any{"aws:SecureTransport": "false"}},
		map[string]any{"NumericLessThan": map[string]any{"s3:TlsVersion": "1.2"}},
	} {
		require.Equal(t, "Deny", policy[i]["Effect"])
		require.Equal(t, "*", policy[i]["Principal"])
		require.Equal(t, "s3:*", policy[i]["Action"])
		require.Len(t, policy[i]["Resource"], 2, "the bucket, and what is in it")
		require.Equal(t, condition, policy[i]["Condition"])
	}
}

// TestTrust allows only one branch of one repository, and the builds of the pipelines, to assume the deploy role.
func TestTrust(t *testing.T) {
	t.Parallel()
	trust := statements(t, load(t).Resources["DeployRole"].Properties["AssumeRolePolicyDocument"])
	require.Len(t, trust, 2)
	sub := func(text string) map[string]any { return map[string]any{"Fn::Sub": text} }

	require.Equal(t, "sts:AssumeRole", trust[0]["Action"])
	require.Equal(t, map[string]any{"AWS": sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:root")}, trust[0]["Principal"])
	require.Equal(t, map[string]any{"ArnLike": map[string]any{
		"aws:PrincipalArn": sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:role/${PipelineRoles}"),
	}}, trust[0]["Condition"])

	require.Equal(t, "sts:AssumeRoleWithWebIdentity", trust[1]["Action"])
	require.Equal(t, map[string]any{"StringEquals": map[string]any{
		"token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
		"token.actions.githubusercontent.com:sub": sub("repo:${Repository}:ref:refs/heads/${Branch}"),
	}}, trust[1]["Condition"], "equal, not like: no other branch, tag or pull request")
}

// TestParametersTakeNoWildcards rejects parameters that would widen the trust policy.
func TestParametersTakeNoWildcards(t *testing.T) {
	t.Parallel()
	parameters := load(t).Parameters
	for name, wildcards := range map[string][]string{
		"Repository":    {"*", "example/*", "example/a?", "example/a:ref"},
		"Branch":        {"*", "main*", "release/*", "ma?n"},
		"PipelineRoles": {"*", "a*", "*-apply", "delivery-*-apply"},
	} {
		for _, wildcard := range wildcards {
			require.NotRegexp(t, parameters[name].AllowedPattern, wildcard, name)
		}
	}
	for _, sound := range [][2]string{{"Repository", "example/stagecraft"}, {"Branch", "release/1.x"}, {"PipelineRoles", "delivery-apply-*"}} {
		require.Regexp(t, parameters[sound[0]].AllowedPattern, sound[1])
	}
}

// longestPolicy is the maximum length of a managed policy without white space (IAM User Guide, "IAM and AWS STS
// quotas").
const longestPolicy = 6144

func TestPermissions(t *testing.T) {
	t.Parallel()
	action := regexp.MustCompile(`^[a-z0-9-]+:([A-Z][A-Za-z]+\*?|\*)$`)
	allowed, denied := map[string][]string{}, map[string]bool{}
	for name, resource := range load(t).Resources {
		if resource.Type != "AWS::IAM::ManagedPolicy" {
			continue
		}
		encoded, err := json.Marshal(resource.Properties["PolicyDocument"])
		require.NoError(t, err)
		require.Less(t, len(encoded), longestPolicy, name)
		for _, statement := range statements(t, resource.Properties["PolicyDocument"]) {
			require.NotContains(t, statement, "Principal", name)
			actions := texts(statement["Action"])
			require.True(t, slices.IsSorted(actions), "%s: %v", name, actions)
			for _, given := range actions {
				require.Regexp(t, action, given)
				if statement["Effect"] == "Deny" {
					denied[given] = true
				} else {
					allowed[given] = texts(statement["Resource"])
				}
			}
		}
	}
	for given, resources := range allowed {
		if strings.HasPrefix(given, "iam:") {
			require.NotContains(t, given, "*")
			require.NotContains(t, resources, "*", given)
		}
	}
	for _, never := range []string{"iam:CreateUser", "iam:CreateAccessKey", "iam:CreateOpenIDConnectProvider", "organizations:*", "sts:*"} {
		require.NotContains(t, allowed, never)
	}
	for _, guarded := range []string{
		"s3:DeleteBucket", "s3:DeleteObjectVersion", "s3:PutBucketVersioning", "kms:ScheduleKeyDeletion", "kms:PutKeyPolicy",
		"iam:UpdateAssumeRolePolicy", "iam:CreatePolicyVersion",
	} {
		require.True(t, denied[guarded], "%s is not denied", guarded)
	}
}

// TestOutputs checks the outputs that the commands of docs/bootstrap.md use.
func TestOutputs(t *testing.T) {
	t.Parallel()
	outputs := load(t).Outputs
	require.Equal(t, map[string]any{"Fn::Sub": "s3://${StateBucket}?region=${AWS::Region}"}, outputs["StateUrl"].Value)
	require.Equal(t, map[string]any{"Fn::Sub": "awskms://alias/${Project}-state?region=${AWS::Region}"},
		outputs["SecretsProvider"].Value)
	require.Contains(t, outputs, "DeployRoleArn")
}

// TestLint runs cfn-lint: it reports nothing about the template, and something about a wrong one.
func TestLint(t *testing.T) {
	t.Parallel()
	if err := exec.Command("cfn-lint", "--version").Run(); err != nil {
		t.Skip("cfn-lint is not installed")
	}
	output, err := lint(path)
	require.NoError(t, err, output)

	text, err := os.ReadFile(path)
	require.NoError(t, err)
	wrong := filepath.Join(t.TempDir(), "wrong.yaml")
	broken := strings.Replace(string(text), "EnableKeyRotation: true", "EnableKeyRotations: true", 1)
	require.NotEqual(t, string(text), broken)
	require.NoError(t, os.WriteFile(wrong, []byte(broken), 0o600))
	output, err = lint(wrong)
	require.Error(t, err)
	require.Contains(t, output, "EnableKeyRotations")
}

func lint(template string) (string, error) {
	output, err := exec.Command("cfn-lint", "--include-checks", "I", "--", template).CombinedOutput()
	return string(output), err
}
