package aws

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// statement is one of a resource policy (IAM User Guide, "IAM JSON policy elements reference").
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

// list is one that may be written as its single element.
type list[T any] []T

func (l *list[T]) UnmarshalJSON(data []byte) error {
	var single T
	if json.Unmarshal(data, &single) == nil {
		*l = list[T]{single}
		return nil
	}
	return json.Unmarshal(data, (*[]T)(l))
}

// principals are "*", or those of all kinds: AWS, Service, Federated.
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

// public tells whether a statement lets everybody in.
func (s statement) public() bool {
	return s.Effect == "Allow" && slices.Contains(s.Principal, "*") && len(s.Condition) == 0
}

// allows tells whether a resource policy lets one of the names of a principal do something with a resource. It takes
// conditions to hold where a policy allows, and not to hold where it denies.
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

// matches tells whether a text fits one of the patterns, in which * stands for any characters and ? for one.
func matches(patterns []string, text string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		expression := strings.NewReplacer(`\*`, `.*`, `\?`, `.`).Replace(regexp.QuoteMeta(pattern))
		return regexp.MustCompile(`(?i)^` + expression + `$`).MatchString(text)
	})
}
