package rules

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/policyx"
	"github.com/stretchr/testify/require"

	"stagecraft/policy/rule"
)

// props are the properties of a resource.
type props = map[string]any

// examples are passing and failing resources of one type for a rule. props{} is a resource without any set property, so
// AWS's defaults are examples too.
type examples struct {
	typ        string
	pass, fail []props
}

// resourceExamples are the examples of all rules about resources, by name.
var resourceExamples = merged(
	dayOneExamples, reliabilityExamples, encryptionExamples, exposureExamples, identityExamples, backupExamples,
	loggingExamples, lifecycleExamples, costExamples,
	classicExamples, accountExamples, networkExamples, snapshotExamples,
)

func merged[V any](parts ...map[string]V) map[string]V {
	all := map[string]V{}
	for _, part := range parts {
		maps.Copy(all, part)
	}
	return all
}

// violations returns the violations of a rule that a resource has.
func violations(evaluated *rule.Rule, typ string, properties resource.PropertyMap) []string {
	if !slices.Contains(evaluated.Types, rule.Canonical(typ)) {
		return nil
	}
	var reports []string
	evaluated.Resource(rule.NewResource(policyx.AnalyzerResource{
		Type: typ, Name: "example", URN: "urn:pulumi:test::test::" + typ + "::example",
		Properties: resource.FromResourcePropertyMap(properties),
	}, evaluated, nil, func(message, _ string) { reports = append(reports, message) }))
	return reports
}

// TestRulesAreComplete requires each rule to be complete and to have examples.
func TestRulesAreComplete(t *testing.T) {
	t.Parallel()
	names := map[string]bool{}
	for _, complete := range All() {
		require.False(t, names[complete.Name], "two rules are named %s", complete.Name)
		names[complete.Name] = true
		require.Regexp(t, `^[a-z0-9]+(-[a-z0-9]+)*$`, complete.Name)
		require.NotEmpty(t, complete.Description, complete.Name)
		require.NotRegexp(t, `\.$`, complete.Description, complete.Name)
		require.Regexp(t, `\.$`, complete.Fix, "what to do about %s is a sentence", complete.Name)
		require.Contains(t, rule.Severities, complete.Severity, complete.Name)
		require.Contains(t, rule.Themes, complete.Theme, complete.Name)
		require.Contains(t, []policyx.EnforcementLevel{
			policyx.EnforcementLevelAdvisory, policyx.EnforcementLevelMandatory,
		}, complete.Level, complete.Name)
		for _, reference := range complete.References {
			require.Regexp(t, regexp.MustCompile(`^(FSBP|CIS|WAF) `), reference, complete.Name)
		}
		if complete.Resource != nil {
			require.NotEmpty(t, complete.Types, complete.Name)
			require.True(t, has(resourceExamples, complete.Name), "%s needs examples in resourceExamples", complete.Name)
		} else {
			require.True(t, has(stackExamples, complete.Name), "%s needs examples in stackExamples", complete.Name)
		}
	}
	for name := range resourceExamples {
		require.Contains(t, names, name, "examples of no rule")
	}
	for name := range stackExamples {
		require.Contains(t, names, name, "examples of no rule")
	}
}

var update = flag.Bool("update", false, "write testdata/rules.txt")

// TestGolden compares everything that users see of the rules with testdata/rules.txt: the declaration of each, and the
// violations of its examples. The flag -update writes it.
func TestGolden(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	for _, current := range All() {
		describe(&text, &current)
		for _, violation := range exampleViolations(&current) {
			fmt.Fprintf(&text, "  %s\n", violation)
		}
	}
	text.WriteString(endsOfSupport())
	file := filepath.Join("testdata", "rules.txt")
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(text.String()), 0o644))
	}
	golden, err := os.ReadFile(file)
	require.NoError(t, err)
	lines, wanted := strings.Split(text.String(), "\n"), strings.Split(string(golden), "\n")
	for i := range min(len(lines), len(wanted)) {
		require.Equal(t, wanted[i], lines[i], "line %d of %s: if the change is intended, run go test ./policy ./policy/rules -update", i+1, file)
	}
	require.Len(t, lines, len(wanted))
}

func describe(text *strings.Builder, current *rule.Rule) {
	level := map[policyx.EnforcementLevel]string{
		policyx.EnforcementLevelAdvisory: "advisory", policyx.EnforcementLevelMandatory: "mandatory",
	}[current.Level]
	fmt.Fprintf(text, "\n%s: %s\n  %s, %s, %s, stage %d; %s\n", current.Name, current.Description,
		current.Theme, current.Severity, level, current.FromStage, strings.Join(current.References, ", "))
	for _, name := range slices.Sorted(maps.Keys(current.Parameters)) {
		fmt.Fprintf(text, "  %s: %+v\n", name, current.Parameters[name])
	}
	for _, typ := range current.Types {
		fmt.Fprintf(text, "  %s\n", typ)
	}
}

// endsOfSupport lists the last days of support of all versions that the rules know.
func endsOfSupport() string {
	tables := maps.Clone(engineEnds)
	tables["lambda"], tables["redis"] = runtimeEnds, cacheEnds(view(&rule.Rule{}, elasticacheCluster, props{"engine": "redis"}))
	var text strings.Builder
	text.WriteString("\nLast days of support:\n")
	for _, engine := range slices.Sorted(maps.Keys(tables)) {
		for _, number := range slices.Sorted(maps.Keys(tables[engine])) {
			fmt.Fprintf(&text, "  %s %s: %s\n", engine, number, tables[engine][number])
		}
	}
	return text.String()
}

// exampleViolations returns the distinct violations of a rule's failing examples.
func exampleViolations(current *rule.Rule) []string {
	var all []string
	for _, properties := range resourceExamples[current.Name].fail {
		all = append(all, violations(current, resourceExamples[current.Name].typ, resource.NewPropertyMapFromMap(properties))...)
	}
	for _, parts := range stackExamples[current.Name].fail {
		all = append(all, stackViolations(current, stackExamples[current.Name].stage, parts)...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func has[V any](table map[string]V, name string) bool {
	_, has := table[name]
	return has
}

func TestRulesAboutResources(t *testing.T) {
	t.Parallel()
	for _, evaluated := range All() {
		if evaluated.Resource == nil {
			continue
		}
		t.Run(evaluated.Name, func(t *testing.T) {
			t.Parallel()
			given := resourceExamples[evaluated.Name]
			require.NotEmpty(t, given.pass)
			require.NotEmpty(t, given.fail)
			for _, properties := range given.pass {
				known := resource.NewPropertyMapFromMap(properties)
				require.Empty(t, violations(&evaluated, given.typ, known), "%v", properties)
				require.Empty(t, violations(&evaluated, given.typ, leaves(known, secret)), "secret %v", properties)
			}
			for _, properties := range given.fail {
				known := resource.NewPropertyMapFromMap(properties)
				reports := violations(&evaluated, given.typ, known)
				require.NotEmpty(t, reports, "%v", properties)
				for _, report := range reports {
					require.Contains(t, report, `"example"`, "it names the resource")
					require.Contains(t, report, evaluated.Fix, "it says what to do")
				}
				require.NotEmpty(t, violations(&evaluated, given.typ, leaves(known, secret)), "secret %v", properties)
				require.Empty(t, violations(&evaluated, "aws:example/other:Other", known), "of another type")
			}
			for _, properties := range slices.Concat(given.pass, given.fail) {
				known := resource.NewPropertyMapFromMap(properties)
				unknown := known.Copy()
				for key := range unknown {
					unknown[key] = resource.MakeComputed(resource.NewProperty(""))
				}
				if len(unknown) > 0 {
					require.Empty(t, violations(&evaluated, given.typ, unknown), "not known yet: %v", properties)
				}
				for _, odd := range []resource.PropertyValue{
					resource.NewNullProperty(), resource.NewProperty("odd"), resource.NewProperty(-1.0),
					resource.NewProperty([]resource.PropertyValue{resource.NewProperty("odd")}),
				} {
					require.NotPanics(t, func() {
						violations(&evaluated, given.typ, leaves(known, func(resource.PropertyValue) resource.PropertyValue { return odd }))
					}, "%v in the place of values in %v", odd, properties)
				}
			}
		})
	}
}

func secret(value resource.PropertyValue) resource.PropertyValue { return resource.MakeSecret(value) }

// leaves returns properties in which every value except lists and objects is changed.
func leaves(
	properties resource.PropertyMap, change func(resource.PropertyValue) resource.PropertyValue,
) resource.PropertyMap {
	changed := resource.PropertyMap{}
	for key, value := range properties {
		changed[key] = leaf(value, change)
	}
	return changed
}

func leaf(
	value resource.PropertyValue, change func(resource.PropertyValue) resource.PropertyValue,
) resource.PropertyValue {
	switch {
	case value.IsObject():
		return resource.NewProperty(leaves(value.ObjectValue(), change))
	case value.IsArray():
		var elements []resource.PropertyValue
		for _, element := range value.ArrayValue() {
			elements = append(elements, leaf(element, change))
		}
		return resource.NewProperty(elements)
	default:
		return change(value)
	}
}

// part is a resource in an example of a stack.
type part struct {
	typ, name string
	props     props
	// from maps a property to the names of the resources that it comes from. Its value is unknown.
	from map[string][]string
	// parent is the name of its parent.
	parent string
}

// stacks are passing and failing stacks for a rule, at a stage.
type stacks struct {
	stage      int
	pass, fail [][]part
}

// stackExamples are the examples of all rules about the stack, by name.
var stackExamples = merged(
	dayOneStacks, reliabilityStacks, encryptionStacks, loggingStacks, exposureStacks, backupStacks, costStacks,
	classicStacks, networkStacks, snapshotStacks,
)

func stackViolations(evaluated *rule.Rule, stage int, parts []part) []string {
	urns := map[string]string{}
	for _, resource := range parts {
		urns[resource.name] = "urn:pulumi:test::test::" + resource.typ + "::" + resource.name
	}
	var seen []policyx.AnalyzerResource
	for _, example := range parts {
		properties := resource.NewPropertyMapFromMap(example.props)
		dependencies := map[string][]string{}
		for key, names := range example.from {
			properties[resource.PropertyKey(key)] = resource.MakeComputed(resource.NewProperty(""))
			for _, name := range names {
				dependencies[key] = append(dependencies[key], urns[name])
			}
		}
		seen = append(seen, policyx.AnalyzerResource{
			Type: example.typ, Name: example.name, URN: urns[example.name], Parent: urns[example.parent],
			Properties: resource.FromResourcePropertyMap(properties), PropertyDependencies: dependencies,
		})
	}
	var reports []string
	evaluated.Stack(rule.NewStack(stage, seen, evaluated, nil, func(message, _ string) { reports = append(reports, message) }))
	return reports
}

func TestRulesAboutStacks(t *testing.T) {
	t.Parallel()
	for _, evaluated := range All() {
		if evaluated.Stack == nil {
			continue
		}
		t.Run(evaluated.Name, func(t *testing.T) {
			t.Parallel()
			given := stackExamples[evaluated.Name]
			require.NotEmpty(t, given.pass)
			require.NotEmpty(t, given.fail)
			for i, parts := range given.pass {
				require.Empty(t, stackViolations(&evaluated, given.stage, parts), "pass %d", i)
			}
			for i, parts := range given.fail {
				reports := stackViolations(&evaluated, given.stage, parts)
				require.NotEmpty(t, reports, "fail %d", i)
				for _, report := range reports {
					require.Contains(t, report, evaluated.Fix, "it says what to do")
				}
			}
			require.NotPanics(t, func() { stackViolations(&evaluated, given.stage, nil) })
		})
	}
}

// TestRemediations requires a remediation to make failing resources pass, and not to change passing ones.
func TestRemediations(t *testing.T) {
	t.Parallel()
	for _, evaluated := range All() {
		if evaluated.Remediation == nil {
			continue
		}
		given := resourceExamples[evaluated.Name]
		for _, properties := range given.fail {
			seen := view(&evaluated, given.typ, properties)
			require.True(t, evaluated.Remediation(seen), "%s: %v", evaluated.Name, properties)
			fixed := resource.ToResourcePropertyMap(seen.Properties())
			require.Empty(t, violations(&evaluated, given.typ, fixed), "%s: %v", evaluated.Name, properties)
		}
		for _, properties := range given.pass {
			require.False(t, evaluated.Remediation(view(&evaluated, given.typ, properties)), "%s: %v", evaluated.Name, properties)
		}
	}
}

func view(evaluated *rule.Rule, typ string, properties props) *rule.Resource {
	return rule.NewResource(policyx.AnalyzerResource{
		Type: typ, Name: "example", URN: "urn:pulumi:stack::project::" + typ + "::example",
		Properties: resource.FromResourcePropertyMap(resource.NewPropertyMapFromMap(properties)),
	}, evaluated, nil, func(string, string) {})
}
