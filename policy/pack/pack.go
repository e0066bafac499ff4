// Package pack makes a Pulumi policy pack of rules. It is the one place that knows policyx and its limits at version
// 3.259.0 of the SDK: stack rules get no configuration, so that a rule of resources hands it on; the engine's word on
// whether it previews stands in the Pulumi context only; an error of one rule would end the analysis, so that none
// leaves here.
package pack

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/blang/semver"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/policyx"

	"stagecraft/policy/rule"
)

const name = "stagecraft"

var version = semver.MustParse("1.0.0")

// Of makes the pack's factory. It refuses rules that are incomplete.
func Of(rules []rule.Rule) func(*pulumi.Context) (policyx.PolicyPack, error) {
	return func(ctx *pulumi.Context) (policyx.PolicyPack, error) {
		judge := &judge{rules: rules, stage: config.New(ctx, "").GetInt("stage")}
		all := &policies{settings: judge.settingsPolicy()}
		for i := range rules {
			made, err := judge.policies(&rules[i])
			if err != nil {
				return nil, fmt.Errorf("rule %q: %w", rules[i].Name, err)
			}
			for _, policy := range made {
				all.rest = append(all.rest, policy)
				all.types = append(all.types, rules[i].Types)
			}
		}
		// It holds names and schemas against what the engine takes.
		_, err := policyx.NewPolicyPack(name, version, policyx.EnforcementLevelAdvisory, all.Policies())
		return all, err
	}
}

// judge has rules judge what the settings let them.
type judge struct {
	rules []rule.Rule
	// stage is the stack's own, 0 where its configuration has none.
	stage    int
	settings shared
}

func (j *judge) policies(of *rule.Rule) ([]policyx.Policy, error) {
	var made []policyx.Policy
	switch {
	case (of.Resource == nil) == (of.Stack == nil):
		return nil, errors.New("it must judge either resources or the stack")
	case of.Stack != nil:
		made = append(made, policyx.NewStackValidationPolicy(of.Name, policyx.StackValidationPolicyArgs{
			Description: of.Description, EnforcementLevel: of.Level, ConfigSchema: schema(of),
			ValidateStack: j.stack(of),
		}))
	default:
		made = append(made, policyx.NewResourceValidationPolicy(of.Name, policyx.ResourceValidationPolicyArgs{
			Description: of.Description, EnforcementLevel: of.Level, ConfigSchema: schema(of),
			ValidateResource: j.resource(of),
		}))
	}
	if of.Remediation != nil {
		made = append(made, remediation(of))
	}
	return made, nil
}

func (j *judge) resource(of *rule.Rule) func(context.Context, policyx.ResourceValidationArgs) error {
	return func(_ context.Context, args policyx.ResourceValidationArgs) error {
		if !slices.Contains(of.Types, rule.Canonical(args.Resource.Type)) || !j.applies(of) {
			return nil
		}
		report := j.reporter(of, args.Manager)
		guard(of, args.Resource.URN, report, func() {
			of.Resource(rule.NewResource(args.Resource, of, args.Config, report))
		})
		return nil
	}
}

func (j *judge) stack(of *rule.Rule) func(context.Context, policyx.StackValidationArgs) error {
	return func(_ context.Context, args policyx.StackValidationArgs) error {
		if !j.applies(of) {
			return nil
		}
		report := j.reporter(of, args.Manager)
		guard(of, "", report, func() { of.Stack(rule.NewStack(j.currentStage(), args.Resources, of, report)) })
		return nil
	}
}

// guard reports a rule that fails as what it is, so that the others still judge.
func guard(of *rule.Rule, urn string, report func(message, urn string), judge func()) {
	defer func() {
		if failure := recover(); failure != nil {
			report(fmt.Sprintf("the rule %s itself failed, and judged nothing here: %v. Please report that.", of.Name, failure), urn)
		}
	}()
	judge()
}

// reporter leaves out what is exempt.
func (j *judge) reporter(of *rule.Rule, manager policyx.PolicyManager) func(message, urn string) {
	return func(message, urn string) {
		if !j.settings.get().exempt(of.Name, urn) {
			manager.ReportViolation(message, urn)
		}
	}
}

func (j *judge) applies(of *rule.Rule) bool {
	return of.FromStage <= j.currentStage() && j.settings.get().selects(of)
}

// currentStage is the stack's own stage, or what the settings say of stacks that have none.
func (j *judge) currentStage() int {
	if j.stage != 0 {
		return j.stage
	}
	return j.settings.get().Stage
}

// fixPrefix begins the names of remediations. They have a name, and so a configuration, of their own, since the engine
// asks for remediations before the settings come.
const fixPrefix = "fix-"

func remediation(of *rule.Rule) policyx.Policy {
	return policyx.NewResourceRemediationPolicy(fixPrefix+of.Name, policyx.ResourceRemediationPolicyArgs{
		Description: "Sets what the rule " + of.Name + " demands",
		ConfigSchema: &policyx.ConfigSchema{Properties: map[string]map[string]any{
			"enabled": {"type": "boolean", "default": false, "description": "Change resources, in the place of their program"},
		}},
		RemediateResource: func(_ context.Context, args policyx.ResourceRemediationArgs) (*property.Map, error) {
			if args.Config["enabled"] != true || !slices.Contains(of.Types, rule.Canonical(args.Resource.Type)) {
				return nil, nil
			}
			seen := rule.NewResource(args.Resource, of, args.Config, func(string, string) {})
			if !of.Remediation(seen) {
				return nil, nil
			}
			fixed := seen.Properties()
			return &fixed, nil
		},
	})
}

// schema is the JSON schema of a rule's numbers.
func schema(of *rule.Rule) *policyx.ConfigSchema {
	if len(of.Numbers) == 0 {
		return nil
	}
	properties := map[string]map[string]any{}
	for name, number := range of.Numbers {
		properties[name] = map[string]any{
			"type": "number", "description": number.Description,
			"default": number.Default, "minimum": number.Least, "maximum": number.Most,
		}
	}
	return &policyx.ConfigSchema{Properties: properties}
}
