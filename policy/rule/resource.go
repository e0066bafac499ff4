package rule

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/policyx"
)

// Resource is a rule's view of a resource.
type Resource struct {
	// Type is the canonical token, as Canonical returns it.
	Type, Name, URN string

	properties Value
	source     policyx.AnalyzerResource
	parameters map[string]any
	rule       *Rule
	report     func(message, urn string)
}

// NewResource returns a rule's view of a resource. parameters are the configured ones, and report receives violations.
func NewResource(
	source policyx.AnalyzerResource, evaluated *Rule, parameters map[string]any, report func(message, urn string),
) *Resource {
	return &Resource{
		Type: Canonical(source.Type), Name: source.Name, URN: source.URN, properties: Value{value: property.New(source.Properties)},
		source: source, rule: evaluated, parameters: parameters, report: report,
	}
}

// Get returns the property at a path such as "metadataOptions.httpTokens".
func (r *Resource) Get(path string) Value { return r.properties.Get(path) }

// IsType reports whether the resource is of one of the types.
func (r *Resource) IsType(types ...string) bool { return slices.Contains(types, r.Type) }

// Parameter returns a configured parameter of the rule, or its default.
func (r *Resource) Parameter(name string) float64 {
	if number, ok := r.parameters[name].(float64); ok {
		return number
	}
	return r.rule.Parameters[name].Default
}

// ReportValue reports that a value is not what it must be.
func (r *Resource) ReportValue(value Value, wanted string) {
	r.Report(fmt.Sprintf("%s is %s: it must be %s", value.Path, value, wanted))
}

// Report reports a violation. wrong names the property; the resource and the fix are added.
func (r *Resource) Report(wrong string) {
	r.report(fmt.Sprintf("%s %q: %s. %s", r.Type, r.Name, wrong, r.rule.Fix), r.URN)
}
