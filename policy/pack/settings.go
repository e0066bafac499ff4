package pack

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"

	"stagecraft/policy/rule"
)

// settingsName is the name under which the whole pack is configured.
const settingsName = "settings"

const settingsDescription = "The settings of the pack are valid, and no exemption has expired"

// LastStage is the highest stage of growth.
const LastStage = 5

// formerThemes are the former names of themes, which settings may still use.
var formerThemes = map[rule.Theme]rule.Theme{"currency": rule.Lifecycle}

// settings are the configuration of the whole pack.
type settings struct {
	// Stage is the stage of growth of stacks whose own configuration has none.
	Stage int
	// Severity is the lowest severity that is evaluated; Themes and Frameworks select rules, all of them if empty.
	Severity   rule.Severity
	Themes     []rule.Theme
	Frameworks []string
	Exemptions []exemption
}

// exemption allows matching resources to violate a rule for a while.
type exemption struct {
	// Rule is the rule's name, and URN a pattern in which * matches any characters.
	Rule, URN string
	// Reason explains the exemption, and Expires is its last day in UTC, such as 2027-01-31.
	Reason, Expires string

	urns *regexp.Regexp
	end  time.Time
}

func settingsSchema() *plugin.AnalyzerPolicyConfigSchema {
	text := map[string]any{"type": "string", "minLength": 1}
	themes := slices.Concat(rule.Themes, slices.Sorted(maps.Keys(formerThemes)))
	return &plugin.AnalyzerPolicyConfigSchema{Properties: map[string]plugin.JSONSchema{
		"stage": {
			"type": "integer", "minimum": 0, "maximum": LastStage, "default": 0,
			"description": "The stage of growth of stacks whose configuration has no key `stage`; 0 skips rules that hold from a stage on",
		},
		"severity": {
			"type": "string", "default": string(rule.Low), "enum": texts(rule.Severities),
			"description": "The lowest severity to evaluate",
		},
		"themes": {
			"type": "array", "items": map[string]any{"type": "string", "enum": texts(themes)},
			"description": "The themes to evaluate; all if empty",
		},
		"frameworks": {
			"type": "array", "items": text,
			"description": "Prefixes of the references of the rules to evaluate, such as FSBP or CIS; all rules if empty",
		},
		"exemptions": {
			"type": "array",
			"items": map[string]any{
				"type": "object", "additionalProperties": false,
				"properties": map[string]any{"rule": text, "urn": text, "reason": text, "expires": text},
				"required":   []any{"rule", "urn", "reason", "expires"},
			},
			"description": "Resources, by URN pattern, that may violate a rule until a date",
		},
	}}
}

func texts[T ~string](values []T) []any {
	var texts []any
	for _, value := range values {
		texts = append(texts, string(value))
	}
	return texts
}

// readSettings rejects what the schema cannot: unknown rules and frameworks, and invalid dates.
func (a *analyzer) readSettings(properties map[string]any) (*settings, error) {
	read := &settings{}
	encoded, err := json.Marshal(properties)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(encoded, read); err != nil {
		return nil, fmt.Errorf("%s: %w", settingsName, err)
	}
	for i, theme := range read.Themes {
		if current, former := formerThemes[theme]; former {
			read.Themes[i] = current
		}
	}
	var errs []error
	for i, framework := range read.Frameworks {
		if !slices.ContainsFunc(a.rules, func(r rule.Rule) bool { return refersTo(&r, framework) }) {
			errs = append(errs, fmt.Errorf("%s: no rule refers to frameworks[%d], %q: did you mean %q?",
				settingsName, i, framework, nearest(framework, a.frameworks())))
		}
	}
	for i := range read.Exemptions {
		errs = append(errs, a.readExemption(i, &read.Exemptions[i]))
	}
	return read, errors.Join(errs...)
}

func (a *analyzer) readExemption(index int, exempt *exemption) error {
	var names []string
	for _, r := range a.rules {
		names = append(names, r.Name)
	}
	if !slices.Contains(names, exempt.Rule) {
		return fmt.Errorf("%s: exemptions[%d].rule is %q, which is not a rule: did you mean %q?",
			settingsName, index, exempt.Rule, nearest(exempt.Rule, names))
	}
	last, err := time.Parse(time.DateOnly, exempt.Expires)
	if err != nil {
		return fmt.Errorf("%s: exemptions[%d].expires is %q: it must be a date such as 2027-01-31",
			settingsName, index, exempt.Expires)
	}
	exempt.end = last.AddDate(0, 0, 1)
	exempt.urns, err = regexp.Compile("(?s)^" + strings.ReplaceAll(regexp.QuoteMeta(exempt.URN), `\*`, ".*") + "$")
	return err
}

// frameworks are the first words of all references.
func (a *analyzer) frameworks() []string {
	var names []string
	for _, r := range a.rules {
		for _, reference := range r.References {
			name, _, _ := strings.Cut(reference, " ")
			names = append(names, name)
		}
	}
	return names
}

func refersTo(r *rule.Rule, framework string) bool {
	return slices.ContainsFunc(r.References, func(reference string) bool { return strings.HasPrefix(reference, framework) })
}

// over reports whether the last day of an exemption has passed.
func (e exemption) over(now time.Time) bool { return !now.Before(e.end) }

// expired returns a message for each exemption that has expired.
func (s *settings) expired(now time.Time) []string {
	var messages []string
	for _, exempt := range s.Exemptions {
		if exempt.over(now) {
			messages = append(messages, fmt.Sprintf("The exemption of %s from %s expired on %s (%s). Remove it, or set a later date.",
				exempt.URN, exempt.Rule, exempt.Expires, exempt.Reason))
		}
	}
	return messages
}

func (s *settings) exempt(name, urn string) bool {
	return slices.ContainsFunc(s.Exemptions, func(exempt exemption) bool {
		return exempt.Rule == name && !exempt.over(time.Now()) && exempt.urns.MatchString(urn)
	})
}

// selects reports whether the severity, themes and frameworks select a rule.
func (s *settings) selects(r *rule.Rule) bool {
	severe := s.Severity == "" ||
		slices.Index(rule.Severities, r.Severity) <= slices.Index(rule.Severities, s.Severity)
	themed := len(s.Themes) == 0 || slices.Contains(s.Themes, r.Theme)
	framed := len(s.Frameworks) == 0 ||
		slices.ContainsFunc(s.Frameworks, func(framework string) bool { return refersTo(r, framework) })
	return severe && themed && framed
}
