package pack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/policyx"

	"stagecraft/policy/rule"
)

// settingsName is the name under which the whole pack is configured.
const settingsName = "settings"

// lastStage is the highest stage of growth.
const lastStage = 5

// settings are the configuration of the whole pack.
type settings struct {
	// Stage is the stage of growth of stacks whose own configuration has none.
	Stage int
	// Severity is the least severity that is judged; Themes and Frameworks are what is judged, all if empty.
	Severity   rule.Severity
	Themes     []rule.Theme
	Frameworks []string
	Exemptions []exemption
}

// exemption lets resources be as a rule says they must not be, for a while.
type exemption struct {
	// Rule is the rule's name, and URN a pattern in which * stands for any characters.
	Rule, URN string
	// Reason says why, and Expires when it ends, as in 2027-01-31: after that day, by UTC.
	Reason, Expires string

	urns *regexp.Regexp
	end  time.Time
}

// shared is the settings, which come with the first resource.
type shared struct{ read atomic.Pointer[settings] }

func (s *shared) get() *settings {
	if read := s.read.Load(); read != nil {
		return read
	}
	return &settings{}
}

// settingsPolicy takes the settings over. Its violations are about them: an exemption that has expired.
func (j *judge) settingsPolicy() *resourcePolicy {
	taken := &configuration{check: func(properties map[string]any) error {
		read, err := j.readSettings(properties)
		if err == nil {
			j.settings.read.CompareAndSwap(nil, read)
		}
		return err
	}}
	var reported atomic.Bool
	return &resourcePolicy{policyx.NewResourceValidationPolicy(settingsName, policyx.ResourceValidationPolicyArgs{
		Description:      "The settings of the pack are right, and no exemption has expired",
		EnforcementLevel: policyx.EnforcementLevelMandatory,
		ConfigSchema:     settingsSchema(),
		ValidateResource: func(_ context.Context, args policyx.ResourceValidationArgs) error {
			if err := taken.take(args.Config); err != nil {
				return err
			}
			if reported.CompareAndSwap(false, true) {
				for _, expired := range j.settings.get().expired(time.Now()) {
					args.Manager.ReportViolation(expired, "")
				}
			}
			return nil
		},
	}), taken}
}

func settingsSchema() *policyx.ConfigSchema {
	text := map[string]any{"type": "string", "minLength": 1}
	return &policyx.ConfigSchema{Properties: map[string]map[string]any{
		"stage": {
			"type": "integer", "minimum": 0, "maximum": lastStage, "default": 0,
			"description": "The stage of growth of stacks whose own configuration has no key `stage`; 0 leaves out what holds from a stage on",
		},
		"severity": {
			"type": "string", "default": string(rule.Low), "enum": texts(rule.Severities),
			"description": "The least severity that is judged",
		},
		"themes": {
			"type": "array", "items": map[string]any{"type": "string", "enum": texts(rule.Themes)},
			"description": "The themes that are judged; all if empty",
		},
		"frameworks": {
			"type": "array", "items": text,
			"description": "What the references of judged rules begin with, such as FSBP or CIS; all rules if empty",
		},
		"exemptions": {
			"type": "array",
			"items": map[string]any{
				"type": "object", "additionalProperties": false,
				"properties": map[string]any{"rule": text, "urn": text, "reason": text, "expires": text},
				"required":   []any{"rule", "urn", "reason", "expires"},
			},
			"description": "Resources, by patterns of URNs, that may be as a rule says they must not be, until a date",
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

// readSettings refuses what the schema can't: keys, rules and frameworks that there are not, and dates that are none.
func (j *judge) readSettings(properties map[string]any) (*settings, error) {
	if err := checkKeys(settingsName, properties, settingsSchema()); err != nil {
		return nil, err
	}
	read := &settings{}
	encoded, err := json.Marshal(properties)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(encoded, read); err != nil {
		return nil, fmt.Errorf("%s: %w", settingsName, err)
	}
	var errs []error
	for i, framework := range read.Frameworks {
		if known := j.frameworks(); !slices.ContainsFunc(j.rules, func(of rule.Rule) bool { return refersTo(&of, framework) }) {
			errs = append(errs, fmt.Errorf("%s: frameworks[%d] is %q, to which no rule refers: did you mean %q?",
				settingsName, i, framework, nearest(framework, known)))
		}
	}
	for i := range read.Exemptions {
		errs = append(errs, j.readExemption(i, &read.Exemptions[i]))
	}
	return read, errors.Join(errs...)
}

func (j *judge) readExemption(index int, exempt *exemption) error {
	var names []string
	for _, of := range j.rules {
		names = append(names, of.Name)
	}
	if !slices.Contains(names, exempt.Rule) {
		return fmt.Errorf("%s: exemptions[%d].rule is %q, which is no rule: did you mean %q?",
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
func (j *judge) frameworks() []string {
	var names []string
	for _, of := range j.rules {
		for _, reference := range of.References {
			name, _, _ := strings.Cut(reference, " ")
			names = append(names, name)
		}
	}
	return names
}

func refersTo(of *rule.Rule, framework string) bool {
	return slices.ContainsFunc(of.References, func(reference string) bool { return strings.HasPrefix(reference, framework) })
}

// over tells whether the last day of an exemption has passed.
func (e exemption) over(now time.Time) bool { return !now.Before(e.end) }

func (s *settings) expired(now time.Time) []string {
	var messages []string
	for _, exempt := range s.Exemptions {
		if exempt.over(now) {
			messages = append(messages, fmt.Sprintf("the exemption of %s from %s has expired on %s (%s): remove it, or set another date",
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

func (s *settings) selects(of *rule.Rule) bool {
	grave := s.Severity == "" ||
		slices.Index(rule.Severities, of.Severity) <= slices.Index(rule.Severities, s.Severity)
	themed := len(s.Themes) == 0 || slices.Contains(s.Themes, of.Theme)
	framed := len(s.Frameworks) == 0 ||
		slices.ContainsFunc(s.Frameworks, func(framework string) bool { return refersTo(of, framework) })
	return grave && themed && framed
}
