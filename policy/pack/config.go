package pack

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/agext/levenshtein"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"

	"stagecraft/policy/rule"
)

const (
	// allName is the name under which the engine configures the level of all policies.
	allName = "all"
	// levelKey is the key of a policy's level.
	levelKey = "enforcementLevel"
)

// Configure implements plugin.Analyzer. It rejects what the schemas cannot: unknown names and keys, which the engine
// passes on, and settings that contradict the rules.
func (a *analyzer) Configure(_ context.Context, policies map[string]plugin.AnalyzerPolicyConfig) error {
	schemas := a.schemas()
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(policies)) {
		schema, known := schemas[name]
		if !known {
			errs = append(errs, fmt.Errorf("there is no rule %q: did you mean %q?",
				name, nearest(name, slices.Collect(maps.Keys(schemas)))))
			continue
		}
		errs = append(errs, checkKeys(name, policies[name].Properties, schema))
	}
	settings, err := a.readSettings(policies[settingsName].Properties)
	if err := errors.Join(append(errs, err)...); err != nil {
		return err
	}
	a.policies, a.settings = policies, settings
	return nil
}

// schemas are the schemas of everything that can be configured, by name.
func (a *analyzer) schemas() map[string]*plugin.AnalyzerPolicyConfigSchema {
	schemas := map[string]*plugin.AnalyzerPolicyConfigSchema{allName: {}, settingsName: settingsSchema()}
	for i := range a.rules {
		r := &a.rules[i]
		schemas[r.Name] = parametersSchema(r)
		if r.Remediation != nil {
			schemas[fixPrefix+r.Name] = fixSchema()
		}
	}
	return schemas
}

// checkKeys rejects keys that a policy does not have.
func checkKeys(policy string, properties map[string]any, schema *plugin.AnalyzerPolicyConfigSchema) error {
	known := slices.AppendSeq([]string{levelKey}, maps.Keys(schema.Properties))
	var errs []error
	for _, key := range slices.Sorted(maps.Keys(properties)) {
		if !slices.Contains(known, key) {
			errs = append(errs, fmt.Errorf("%s: there is no key %q: did you mean %q?", policy, key, nearest(key, known)))
		}
	}
	return errors.Join(errs...)
}

// nearest returns the known name that is most similar to an unknown one.
func nearest(unknown string, known []string) string {
	return slices.MaxFunc(slices.Sorted(slices.Values(known)), func(a, b string) int {
		return cmp.Compare(levenshtein.Similarity(a, unknown, nil), levenshtein.Similarity(b, unknown, nil))
	})
}

// numbersSchema is the JSON schema of a rule's numbers.
func parametersSchema(r *rule.Rule) *plugin.AnalyzerPolicyConfigSchema {
	properties := map[string]plugin.JSONSchema{}
	for name, number := range r.Parameters {
		properties[name] = plugin.JSONSchema{
			"type": "number", "description": number.Description,
			"default": number.Default, "minimum": number.Min, "maximum": number.Max,
		}
	}
	return &plugin.AnalyzerPolicyConfigSchema{Properties: properties}
}

// fixSchema is the JSON schema of a remediation.
func fixSchema() *plugin.AnalyzerPolicyConfigSchema {
	return &plugin.AnalyzerPolicyConfigSchema{Properties: map[string]plugin.JSONSchema{
		"enabled": {
			"type": "boolean", "default": false,
			"description": "Whether to change resources that break the rule before they are deployed",
		},
	}}
}
