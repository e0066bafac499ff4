// Package pack makes a Pulumi policy pack of rules. It is the one place that knows policyx and its limits at version
// 3.259.0 of the SDK: policies of a stack get no configuration; each policy of a resource reads the whole resource again;
// an error or a panic of one policy would end the analysis, so that none of a rule leaves here.
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
		judge := &judge{rules: rules, stage: stageOf(ctx)}
		all := &policies{settings: judge.settingsPolicy()}
		for i := range rules {
			if err := judge.refuse(i); err != nil {
				return nil, fmt.Errorf("rule %q: %w", rules[i].Name, err)
			}
			all.rest = append(all.rest, judge.policies(&rules[i])...)
		}
		// It holds names and schemas against what the engine takes.
		_, err := policyx.NewPolicyPack(name, version, policyx.EnforcementLevelAdvisory, all.Policies())
		return all, err
	}
}

// stageOf is the stage of growth in the stack's configuration, 0 where it has none: others may use the key for texts.
func stageOf(ctx *pulumi.Context) int {
	if stage := config.New(ctx, "").GetInt("stage"); stage >= 0 && stage <= lastStage {
		return stage
	}
	return 0
}

// judge has rules judge what the settings let them.
type judge struct {
	rules []rule.Rule
	// stage is the stack's own, 0 where its configuration has none.
	stage    int
	settings shared
}

// refuse tells why a rule can be none of the pack's.
func (j *judge) refuse(index int) error {
	of := j.rules[index]
	if (of.Resource == nil) == (of.Stack == nil) {
		return errors.New("it must judge either resources or the stack")
	}
	if of.Name == settingsName || slices.ContainsFunc(j.rules[:index], func(other rule.Rule) bool { return other.Name == of.Name }) {
		return errors.New("its name is taken")
	}
	for name, number := range of.Numbers {
		if number.Default < number.Least || number.Default > number.Most {
			return fmt.Errorf("the default of %s, %v, is not from %v to %v", name, number.Default, number.Least, number.Most)
		}
	}
	return nil
}

func (j *judge) policies(of *rule.Rule) []listed {
	schema := schema(of)
	taken := &configuration{check: func(properties map[string]any) error { return checkKeys(of.Name, properties, schema) }}
	judging := listed{types: of.Types, taken: taken}
	if of.Stack != nil {
		judging.Policy = &stackPolicy{policyx.NewStackValidationPolicy(of.Name, policyx.StackValidationPolicyArgs{
			Description: of.Description, EnforcementLevel: of.Level, ConfigSchema: schema,
			ValidateStack: j.stack(of, taken),
		}), taken}
	} else {
		judging.Policy = &resourcePolicy{policyx.NewResourceValidationPolicy(of.Name, policyx.ResourceValidationPolicyArgs{
			Description: of.Description, EnforcementLevel: of.Level, ConfigSchema: schema,
			ValidateResource: j.resource(of),
		}), taken}
	}
	if of.Remediation == nil {
		return []listed{judging}
	}
	return []listed{judging, {Policy: j.remediation(of), types: of.Types}}
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

func (j *judge) stack(of *rule.Rule, taken *configuration) func(context.Context, policyx.StackValidationArgs) error {
	return func(_ context.Context, args policyx.StackValidationArgs) error {
		if !j.applies(of) {
			return nil
		}
		report := j.reporter(of, args.Manager)
		guard(of, "", report, func() {
			of.Stack(rule.NewStack(j.currentStage(), args.Resources, of, taken.get(), report))
		})
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

// fixPrefix begins the names of remediations, which the engine configures apart from the rules behind them.
const fixPrefix = "fix-"

// remediation changes resources where it is enabled, and where the rule would judge them.
func (j *judge) remediation(of *rule.Rule) policyx.Policy {
	fix := fixPrefix + of.Name
	schema := &policyx.ConfigSchema{Properties: map[string]map[string]any{
		"enabled": {"type": "boolean", "default": false, "description": "Change resources, in the place of their program"},
	}}
	return policyx.NewResourceRemediationPolicy(fix, policyx.ResourceRemediationPolicyArgs{
		Description:  "Sets what the rule " + of.Name + " demands",
		ConfigSchema: schema,
		RemediateResource: func(_ context.Context, args policyx.ResourceRemediationArgs) (*property.Map, error) {
			if err := checkKeys(fix, args.Config, schema); err != nil {
				return nil, err
			}
			if args.Config["enabled"] != true || !slices.Contains(of.Types, rule.Canonical(args.Resource.Type)) ||
				!j.applies(of) || j.settings.get().exempt(of.Name, args.Resource.URN) {
				return nil, nil
			}
			return fixed(of, args), nil
		},
	})
}

// fixed is what a remediation makes of a resource, nil where it fails or has nothing to do: the rule behind it judges.
func fixed(of *rule.Rule, args policyx.ResourceRemediationArgs) (properties *property.Map) {
	defer func() {
		if recover() != nil {
			properties = nil
		}
	}()
	seen := rule.NewResource(args.Resource, of, nil, func(string, string) {})
	if !of.Remediation(seen) {
		return nil
	}
	changed := seen.Properties()
	return &changed
}
