// Package pack serves rules to the Pulumi engine as a policy pack. It implements the SDK's plugin.Analyzer and not
// policyx, because policyx v3.274.1 passes no configuration to stack policies, ignores unknown names in the
// configuration, and panics in `pulumi policy analyze`, which asks for the pack's version before it configures a stack.
// TestPolicyxLimits fails when one of these changes. policyx also decodes a resource again for each of its policies,
// which takes longer than the preview itself with this many rules.
package pack

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/blang/semver"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/policyx"

	"stagecraft/policy/rule"
)

const name = "stagecraft"

var version = semver.MustParse("1.0.0")

// fixPrefix starts the names of remediations, which the engine configures separately from their rules.
const fixPrefix = "fix-"

// analyzer evaluates the rules for the engine.
type analyzer struct {
	rules []rule.Rule
	// stackStage is the stage of growth in the stack's own configuration, 0 if it has none.
	stackStage int
	settings   *settings
	// policies are the configured levels and values of each policy. They are empty until the engine calls Configure.
	policies map[string]plugin.AnalyzerPolicyConfig
	// expiryReported is set once expired exemptions have been reported.
	expiryReported atomic.Bool
}

// newAnalyzer returns an analyzer of complete rules, and rejects others.
func newAnalyzer(rules []rule.Rule) (*analyzer, error) {
	reserved := map[string]bool{allName: true, settingsName: true}
	for i := range rules {
		if err := validateRule(&rules[i], reserved); err != nil {
			return nil, fmt.Errorf("rule %q: %w", rules[i].Name, err)
		}
		for _, name := range policyNames(&rules[i]) {
			reserved[name] = true
		}
	}
	return &analyzer{rules: rules, settings: &settings{}}, nil
}

func validateRule(r *rule.Rule, reserved map[string]bool) error {
	if (r.Resource == nil) == (r.Stack == nil) {
		return errors.New("it must evaluate either resources or the stack")
	}
	if slices.ContainsFunc(policyNames(r), func(name string) bool { return reserved[name] }) {
		return errors.New("its name is taken")
	}
	for name, number := range r.Parameters {
		if name == levelKey {
			return fmt.Errorf("%s is reserved for the engine", levelKey)
		}
		if number.Default < number.Min || number.Default > number.Max {
			return fmt.Errorf("the default of %s, %v, is not from %v to %v", name, number.Default, number.Min, number.Max)
		}
	}
	return nil
}

// policyNames returns the names under which the engine configures a rule.
func policyNames(r *rule.Rule) []string {
	if r.Remediation == nil {
		return []string{r.Name}
	}
	return []string{r.Name, fixPrefix + r.Name}
}

// Name implements plugin.Analyzer.
func (a *analyzer) Name() tokens.QName { return name }

// Close implements plugin.Analyzer.
func (a *analyzer) Close() error { return nil }

// Cancel implements plugin.Analyzer. No evaluation takes long enough to be aborted.
func (a *analyzer) Cancel(context.Context) error { return nil }

// GetPluginInfo implements plugin.Analyzer.
func (a *analyzer) GetPluginInfo(context.Context) (plugin.PluginInfo, error) {
	return plugin.PluginInfo{Version: &version}, nil
}

// GetAnalyzerInfo implements plugin.Analyzer. The policies have no severity, because the CLI v3.274.1 prints one
// without a space before the policy's name.
func (a *analyzer) GetAnalyzerInfo(context.Context) (plugin.AnalyzerInfo, error) {
	policies := []plugin.AnalyzerPolicyInfo{{
		Name: settingsName, Description: settingsDescription, EnforcementLevel: apitype.Mandatory,
		ConfigSchema: settingsSchema(), Type: plugin.AnalyzerPolicyTypeResource,
	}}
	for i := range a.rules {
		r := &a.rules[i]
		kind := plugin.AnalyzerPolicyTypeResource
		if r.Stack != nil {
			kind = plugin.AnalyzerPolicyTypeStack
		}
		policies = append(policies, plugin.AnalyzerPolicyInfo{
			Name: r.Name, Description: r.Description, EnforcementLevel: defaultLevel(r), ConfigSchema: parametersSchema(r),
			Type: kind, RemediationSteps: r.Fix,
		})
		if r.Remediation != nil {
			policies = append(policies, plugin.AnalyzerPolicyInfo{
				Name: fixPrefix + r.Name, Description: fixDescription(r), EnforcementLevel: apitype.Remediate,
				ConfigSchema: fixSchema(), Type: plugin.AnalyzerPolicyTypeResource,
			})
		}
	}
	return plugin.AnalyzerInfo{Name: name, Version: version.String(), SupportsConfig: true, Policies: policies}, nil
}

func fixDescription(r *rule.Rule) string { return "Changes resources to follow the rule " + r.Name }

// defaultLevel is the level of a rule that is not configured.
func defaultLevel(r *rule.Rule) apitype.EnforcementLevel {
	if r.Level == policyx.EnforcementLevelMandatory {
		return apitype.Mandatory
	}
	return apitype.Advisory
}

// Analyze implements plugin.Analyzer.
func (a *analyzer) Analyze(_ context.Context, analyzed plugin.AnalyzerResource) (plugin.AnalyzeResponse, error) {
	diagnostics := a.expiredExemptions(analyzed.URN)
	evaluated := converted(plugin.AnalyzerStackResource{AnalyzerResource: analyzed})
	for i := range a.rules {
		r := &a.rules[i]
		if r.Resource == nil || !a.selects(r) || !slices.Contains(r.Types, rule.Canonical(evaluated.Type)) {
			continue
		}
		report := a.reporter(r, &diagnostics)
		recovering(r, evaluated.URN, report, func() {
			r.Resource(rule.NewResource(evaluated, r, a.policies[r.Name].Properties, report))
		})
	}
	return plugin.AnalyzeResponse{Diagnostics: diagnostics}, nil
}

// AnalyzeStack implements plugin.Analyzer.
func (a *analyzer) AnalyzeStack(
	_ context.Context, analyzed []plugin.AnalyzerStackResource,
) (plugin.AnalyzeResponse, error) {
	evaluated := make([]policyx.AnalyzerResource, 0, len(analyzed))
	for _, resource := range analyzed {
		evaluated = append(evaluated, converted(resource))
	}
	var diagnostics []plugin.AnalyzeDiagnostic
	for i := range a.rules {
		r := &a.rules[i]
		if r.Stack == nil || !a.selects(r) {
			continue
		}
		report := a.reporter(r, &diagnostics)
		recovering(r, "", report, func() {
			r.Stack(rule.NewStack(a.stage(), evaluated, r, a.policies[r.Name].Properties, report))
		})
	}
	return plugin.AnalyzeResponse{Diagnostics: diagnostics}, nil
}

// converted returns the part of a resource that rules see.
func converted(analyzed plugin.AnalyzerStackResource) policyx.AnalyzerResource {
	dependencies := map[string][]string{}
	for key, urns := range analyzed.PropertyDependencies {
		for _, urn := range urns {
			dependencies[string(key)] = append(dependencies[string(key)], string(urn))
		}
	}
	return policyx.AnalyzerResource{
		Type: string(analyzed.Type), Name: analyzed.Name, URN: string(analyzed.URN), Parent: string(analyzed.Parent),
		Properties:           resource.FromResourcePropertyMap(analyzed.Properties),
		PropertyDependencies: dependencies,
	}
}

// recovering reports a rule that panics, so that the other rules are still evaluated.
func recovering(r *rule.Rule, urn string, report func(message, urn string), evaluate func()) {
	defer func() {
		if failure := recover(); failure != nil {
			report(fmt.Sprintf("The rule %s itself failed and was not evaluated: %v. This is a defect of the rule; please report it.",
				r.Name, failure), urn)
		}
	}()
	evaluate()
}

// reporter returns what adds the violations of a rule to diagnostics, except those that are exempt.
func (a *analyzer) reporter(r *rule.Rule, diagnostics *[]plugin.AnalyzeDiagnostic) func(message, urn string) {
	return func(message, urn string) {
		if !a.settings.exempt(r.Name, urn) {
			*diagnostics = append(*diagnostics, diagnostic(r.Name, r.Description, message, a.level(r), urn))
		}
	}
}

func diagnostic(policy, description, message string, level apitype.EnforcementLevel, urn string) plugin.AnalyzeDiagnostic {
	return plugin.AnalyzeDiagnostic{
		PolicyName: policy, PolicyPackName: name, PolicyPackVersion: version.String(),
		Description: description, Message: description + "\n" + message, EnforcementLevel: level, URN: resource.URN(urn),
	}
}

// expiredExemptions returns a violation for each expired exemption, on the first resource only.
func (a *analyzer) expiredExemptions(urn resource.URN) []plugin.AnalyzeDiagnostic {
	if a.expiryReported.Swap(true) {
		return nil
	}
	level := a.policies[settingsName].EnforcementLevel
	if level == apitype.Disabled {
		// "all": "disabled" reaches the settings too, although they only select and exempt.
		level = apitype.Advisory
	}
	var diagnostics []plugin.AnalyzeDiagnostic
	for _, message := range a.settings.expired(time.Now()) {
		diagnostics = append(diagnostics, diagnostic(settingsName, settingsDescription, message, level, string(urn)))
	}
	return diagnostics
}

// level is a rule's configured level, or its default.
func (a *analyzer) level(r *rule.Rule) apitype.EnforcementLevel {
	if configured, ok := a.policies[r.Name]; ok {
		return configured.EnforcementLevel
	}
	return defaultLevel(r)
}

// selects reports whether a rule is evaluated.
func (a *analyzer) selects(r *rule.Rule) bool { return a.level(r) != apitype.Disabled && a.applies(r) }

// applies reports whether the stage and the settings select a rule.
func (a *analyzer) applies(r *rule.Rule) bool {
	return r.FromStage <= a.stage() && a.settings.selects(r)
}

// stage is the stack's own stage, or the one in the settings for stacks that have none.
func (a *analyzer) stage() int {
	if a.stackStage != 0 {
		return a.stackStage
	}
	return a.settings.Stage
}

// Remediate implements plugin.Analyzer. A remediation runs at every level except disabled: its key "enabled" turns it
// on, and "all" sets its level together with all others.
func (a *analyzer) Remediate(_ context.Context, analyzed plugin.AnalyzerResource) (plugin.RemediateResponse, error) {
	var remediations []plugin.Remediation
	changed := converted(plugin.AnalyzerStackResource{AnalyzerResource: analyzed})
	for i := range a.rules {
		r := &a.rules[i]
		if r.Remediation == nil || !a.fixes(r, changed) {
			continue
		}
		properties, ok := remediated(r, changed)
		if !ok {
			continue
		}
		changed.Properties = properties
		remediations = append(remediations, plugin.Remediation{
			PolicyName: fixPrefix + r.Name, Description: fixDescription(r),
			PolicyPackName: name, PolicyPackVersion: version.String(),
			Properties: resource.ToResourcePropertyMap(properties),
		})
	}
	return plugin.RemediateResponse{Remediations: remediations}, nil
}

// fixes reports whether the remediation of a rule is enabled for a resource.
func (a *analyzer) fixes(r *rule.Rule, analyzed policyx.AnalyzerResource) bool {
	configured := a.policies[fixPrefix+r.Name]
	return configured.EnforcementLevel != apitype.Disabled && configured.Properties["enabled"] == true &&
		slices.Contains(r.Types, rule.Canonical(analyzed.Type)) && a.applies(r) && !a.settings.exempt(r.Name, analyzed.URN)
}

// remediated returns the properties that the remediation of a rule sets, and false if it panics or changes nothing: the
// rule itself is evaluated afterwards.
func remediated(r *rule.Rule, analyzed policyx.AnalyzerResource) (properties property.Map, ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	changing := rule.NewResource(analyzed, r, nil, func(string, string) {})
	ok = r.Remediation(changing)
	return changing.Properties(), ok
}
