package pack

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/agext/levenshtein"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/policyx"

	"stagecraft/policy/rule"
)

// settingsName is the name under which the whole pack is configured.
const settingsName = "settings"

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
	// Reason says why, and Expires when it ends, as in 2027-01-31.
	Reason, Expires string
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
func (j *judge) settingsPolicy() policyx.ResourceValidationPolicy {
	return policyx.NewResourceValidationPolicy(settingsName, policyx.ResourceValidationPolicyArgs{
		Description:      "The settings of the pack are right, and no exemption has expired",
		EnforcementLevel: policyx.EnforcementLevelMandatory,
		ConfigSchema:     settingsSchema(),
		ValidateResource: func(_ context.Context, args policyx.ResourceValidationArgs) error {
			if j.settings.read.Load() != nil {
				return nil
			}
			read, err := j.readSettings(args.Config)
			if err != nil {
				return err
			}
			if j.settings.read.CompareAndSwap(nil, read) {
				for _, expired := range read.expired(time.Now()) {
					args.Manager.ReportViolation(expired, "")
				}
			}
			return nil
		},
	})
}

func settingsSchema() *policyx.ConfigSchema {
	text := map[string]any{"type": "string", "minLength": 1}
	return &policyx.ConfigSchema{Properties: map[string]map[string]any{
		"stage": {
			"type": "integer", "minimum": 0, "maximum": 5, "default": 0,
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

// readSettings refuses what the schema can't: rules that there are not, and dates that are none.
func (j *judge) readSettings(properties map[string]any) (*settings, error) {
	read := &settings{}
	encoded, err := json.Marshal(properties)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(encoded, read); err != nil {
		return nil, fmt.Errorf("%s: %w", settingsName, err)
	}
	var errs []error
	for i, exempt := range read.Exemptions {
		known := func(of rule.Rule) bool { return of.Name == exempt.Rule }
		if !slices.ContainsFunc(j.rules, known) {
			errs = append(errs, fmt.Errorf("%s: exemptions[%d].rule is %q, which is no rule: did you mean %q?",
				settingsName, i, exempt.Rule, j.nearest(exempt.Rule)))
		}
		if _, err := exempt.end(); err != nil {
			errs = append(errs, fmt.Errorf("%s: exemptions[%d].expires is %q: it must be a date such as 2027-01-31",
				settingsName, i, exempt.Expires))
		}
	}
	return read, errors.Join(errs...)
}

func (e exemption) end() (time.Time, error) { return time.Parse(time.DateOnly, e.Expires) }

// over tells whether the last day of an exemption has passed.
func (e exemption) over(now time.Time) bool {
	end, err := e.end()
	return err != nil || now.After(end.AddDate(0, 0, 1))
}

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
		if exempt.Rule != name || exempt.over(time.Now()) {
			return false
		}
		// A URN has no slash that would stop a star but those in types.
		slashless := strings.NewReplacer("/", "|")
		matched, err := path.Match(slashless.Replace(exempt.URN), slashless.Replace(urn))
		return matched && err == nil
	})
}

func (s *settings) selects(of *rule.Rule) bool {
	grave := s.Severity == "" ||
		slices.Index(rule.Severities, of.Severity) <= slices.Index(rule.Severities, s.Severity)
	themed := len(s.Themes) == 0 || slices.Contains(s.Themes, of.Theme)
	framed := len(s.Frameworks) == 0 || slices.ContainsFunc(of.References, func(reference string) bool {
		return slices.ContainsFunc(s.Frameworks, func(framework string) bool { return strings.HasPrefix(reference, framework) })
	})
	return grave && themed && framed
}

// nearest is the rule whose name is most like one that there is not.
func (j *judge) nearest(unknown string) string {
	return slices.MaxFunc(j.rules, func(a, b rule.Rule) int {
		return cmp.Compare(levenshtein.Similarity(a.Name, unknown, nil), levenshtein.Similarity(b.Name, unknown, nil))
	}).Name
}
