package rules

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"stagecraft/policy/rule"
)

// statement is one statement of a policy document.
type statement struct {
	Effect                                   string
	Action, NotAction, Resource, NotResource texts
	Principal, NotPrincipal                  principals
	// Condition maps operators to keys to values.
	Condition map[string]map[string]texts
}

// texts is one text or several.
type texts []string

// UnmarshalJSON implements json.Unmarshaler.
func (t *texts) UnmarshalJSON(encoded []byte) error {
	var read any
	if err := json.Unmarshal(encoded, &read); err != nil {
		return err
	}
	list, several := read.([]any)
	if !several {
		list = []any{read}
	}
	for _, element := range list {
		*t = append(*t, fmt.Sprint(element))
	}
	return nil
}

// principals are names by kind. A single star means everyone, of every kind.
type principals map[string]texts

// UnmarshalJSON implements json.Unmarshaler.
func (p *principals) UnmarshalJSON(encoded []byte) error {
	var all string
	if json.Unmarshal(encoded, &all) == nil {
		*p = principals{"AWS": {all}}
		return nil
	}
	kinds := map[string]texts{}
	err := json.Unmarshal(encoded, &kinds)
	*p = kinds
	return err
}

// statements returns the statements of a policy document by their index, or none if it is not known yet or not valid.
func statements(document rule.Value) []statement {
	encoded := []byte(document.Text())
	if document.Keys() != nil {
		encoded, _ = json.Marshal(plain(document))
	}
	var read struct{ Statement json.RawMessage }
	if json.Unmarshal(encoded, &read) != nil {
		return nil
	}
	var several []statement
	if json.Unmarshal(read.Statement, &several) == nil {
		return several
	}
	var one statement
	if json.Unmarshal(read.Statement, &one) != nil {
		return nil
	}
	return []statement{one}
}

// plain returns a document that the program sets as an object. An unknown value is an empty text, which no rule
// rejects.
func plain(value rule.Value) any {
	if keys := value.Keys(); keys != nil {
		object := map[string]any{}
		for _, key := range keys {
			object[key] = plain(value.Get(key))
		}
		return object
	}
	list := value.List()
	if len(list) == 1 && list[0].Path == value.Path {
		return value.Text()
	}
	elements := []any{}
	for _, element := range list {
		elements = append(elements, plain(element))
	}
	return elements
}

// inDocuments reports statements of policy documents that allow what a function rejects.
func inDocuments(documents func(*rule.Resource) []rule.Value, wrong string, rejects func(statement) bool) rule.Check {
	return func(r *rule.Resource) {
		for _, document := range documents(r) {
			for i, granted := range statements(document) {
				if granted.Effect == "Allow" && rejects(granted) {
					r.Report(fmt.Sprintf("statement %d of %s %s", i+1, document.Path, wrong))
				}
			}
		}
	}
}

// identityTypes are the types with identity-based policies.
var identityTypes = []string{
	iamPolicy, iamRolePolicy, iamUserPolicy,
	iamGroupPolicy, iamRole,
}

// identityDocuments returns the policy documents of identityTypes.
func identityDocuments(r *rule.Resource) []rule.Value {
	if r.Type != iamRole {
		return []rule.Value{r.Get("policy")}
	}
	var documents []rule.Value
	for _, inline := range r.Get("inlinePolicies").List() {
		documents = append(documents, inline.Get("policy"))
	}
	return documents
}

// at returns the document at a path.
func at(path string) func(*rule.Resource) []rule.Value {
	return func(r *rule.Resource) []rule.Value { return []rule.Value{r.Get(path)} }
}

// everyone reports whether a statement applies to everyone, in or outside AWS, without a condition that limits them.
func (s statement) everyone() bool {
	all := len(s.NotPrincipal) > 0
	for _, names := range s.Principal {
		all = all || slices.Contains(names, "*")
	}
	return all && !s.limited()
}

// limits are condition keys, in lower case, that limit the principal or the source: those that IAM Access Analyzer
// uses.
var limits = []string{
	"aws:principalaccount", "aws:principalarn", "aws:principalorgid", "aws:principalorgpaths", "aws:principalservicename",
	"aws:sourceaccount", "aws:sourcearn", "aws:sourceip", "aws:sourceorgid", "aws:sourceorgpaths", "aws:sourceowner",
	"aws:sourcevpc", "aws:sourcevpce", "aws:userid", "aws:vpceaccount", "aws:vpceorgid", "aws:vpceorgpaths",
	"kms:calleraccount", "s3:dataaccesspointaccount", "s3:dataaccesspointarn",
}

// limited reports whether a condition limits the statement, and neither negates its values nor ignores missing keys.
func (s statement) limited() bool {
	for operator, keys := range s.Condition {
		if strings.Contains(operator, "Not") || strings.HasSuffix(operator, "IfExists") || operator == "Null" {
			continue
		}
		for key, values := range keys {
			if slices.Contains(limits, strings.ToLower(key)) && !slices.ContainsFunc(values, matchesAll) {
				return true
			}
		}
	}
	return false
}

// matchesAll reports whether a value of a condition matches everything.
func matchesAll(value string) bool {
	prefix, err := netip.ParsePrefix(value)
	return strings.Trim(value, "*") == "" && value != "" || err == nil && prefix.Bits() == 0
}

// allows reports whether a statement contains an action, in full or as a pattern that ends with a star.
func (s statement) allows(action string) bool {
	return slices.ContainsFunc(s.Action, func(pattern string) bool {
		start, open := strings.CutSuffix(strings.ToLower(pattern), "*")
		action := strings.ToLower(action)
		return action == start || open && strings.HasPrefix(action, start)
	})
}

func (s statement) onEverything() bool { return slices.Contains(s.Resource, "*") }
