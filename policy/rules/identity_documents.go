package rules

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"stagecraft/policy/rule"
)

// statement is one of a policy document.
type statement struct {
	Effect                                   string
	Action, NotAction, Resource, NotResource texts
	Principal, NotPrincipal                  principals
	// Condition is values by keys by operators.
	Condition map[string]map[string]texts
}

// texts is one text, or several.
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

// principals are names by kinds. A star alone is everybody of every kind.
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

// statements are the statements of a policy document, by their places; none where it is not known yet, or is no
// document.
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

// plain is a document that programs give as an object. What is not known yet is an empty text, which no rule refuses.
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

// inDocuments refuses statements of policy documents that allow what a function does not want.
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

// identityTypes have documents that say what an identity may do.
var identityTypes = []string{
	iamPolicy, iamRolePolicy, iamUserPolicy,
	iamGroupPolicy, iamRole,
}

// identityDocuments are the documents of identityTypes.
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

// at gives the one document at a path.
func at(path string) func(*rule.Resource) []rule.Value {
	return func(r *rule.Resource) []rule.Value { return []rule.Value{r.Get(path)} }
}

// everybody tells whether anybody in AWS, or beyond, is meant: no condition says who.
func (s statement) everyone() bool {
	all := len(s.NotPrincipal) > 0
	for _, names := range s.Principal {
		all = all || slices.Contains(names, "*")
	}
	return all && !s.limited()
}

// limits are the keys of conditions, in small letters, that say who or from where: those that IAM Access Analyzer goes
// by.
var limits = []string{
	"aws:principalaccount", "aws:principalarn", "aws:principalorgid", "aws:principalorgpaths", "aws:principalservicename",
	"aws:sourceaccount", "aws:sourcearn", "aws:sourceip", "aws:sourceorgid", "aws:sourceorgpaths", "aws:sourceowner",
	"aws:sourcevpc", "aws:sourcevpce", "aws:userid", "aws:vpceaccount", "aws:vpceorgid", "aws:vpceorgpaths",
	"kms:calleraccount", "s3:dataaccesspointaccount", "s3:dataaccesspointarn",
}

// limited tells whether a condition says who, and means neither all but some nor those too of whom nothing is known.
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

// everything tells whether a value of a condition fits whatever there is.
func matchesAll(value string) bool {
	prefix, err := netip.ParsePrefix(value)
	return strings.Trim(value, "*") == "" && value != "" || err == nil && prefix.Bits() == 0
}

// allows tells whether a statement names an action, whole or by a pattern that ends in a star.
func (s statement) allows(action string) bool {
	return slices.ContainsFunc(s.Action, func(pattern string) bool {
		start, open := strings.CutSuffix(strings.ToLower(pattern), "*")
		action := strings.ToLower(action)
		return action == start || open && strings.HasPrefix(action, start)
	})
}

func (s statement) onEverything() bool { return slices.Contains(s.Resource, "*") }
