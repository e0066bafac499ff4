package rule

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/policyx"
)

// Stack is a rule's view of all resources of a stack.
type Stack struct {
	// Stage is the stage of growth, 0 if it is not known.
	Stage int
	// Resources are all resources, in the engine's order.
	Resources []*Resource

	byURN  map[string]*Resource
	byName map[string][]*Resource
	rule   *Rule
	report func(message, urn string)
}

// NewStack returns a rule's view of a stack. parameters are the configured ones, and report receives violations.
func NewStack(
	stage int, resources []policyx.AnalyzerResource, evaluated *Rule, parameters map[string]any,
	report func(message, urn string),
) *Stack {
	stack := &Stack{Stage: stage, byURN: map[string]*Resource{}, rule: evaluated, report: report}
	for _, source := range resources {
		seen := NewResource(source, evaluated, parameters, report)
		stack.Resources = append(stack.Resources, seen)
		stack.byURN[source.URN] = seen
	}
	return stack
}

// ResourcesOfType returns the resources of the given types.
func (s *Stack) ResourcesOfType(types ...string) []*Resource {
	var resources []*Resource
	for _, resource := range s.Resources {
		if resource.IsType(types...) {
			resources = append(resources, resource)
		}
	}
	return resources
}

// Report reports a violation of the stack as a whole; the fix is added.
func (s *Stack) Report(wrong string) { s.report(fmt.Sprintf("%s. %s", wrong, s.rule.Fix), "") }

// IsReference reports whether a property of one resource refers to another: it comes from one of its outputs, which the
// engine knows before it knows the value, or it contains one of the names that AWS uses for it.
func (s *Stack) IsReference(from *Resource, property string, to *Resource) bool {
	if slices.Contains(from.source.PropertyDependencies[property], to.URN) {
		return true
	}
	names := to.names()
	return holds(from.Get(property), names)
}

// References returns the resources of the given types to which a property refers, like IsReference for each of them.
// sure is false if the property contains an unknown value that comes from none of them, and so may refer to any.
func (s *Stack) References(from *Resource, property string, types ...string) (resources []*Resource, sure bool) {
	add := func(to *Resource) {
		if to != nil && to.IsType(types...) && !slices.Contains(resources, to) {
			resources = append(resources, to)
		}
	}
	for _, urn := range from.source.PropertyDependencies[property] {
		add(s.byURN[urn])
	}
	names, known := from.Get(property).texts()
	for _, name := range names {
		for _, to := range s.named(name) {
			add(to)
		}
	}
	return resources, known || len(resources) > 0
}

// named returns the resources that have a name in AWS.
func (s *Stack) named(name string) []*Resource {
	if s.byName == nil {
		s.byName = map[string][]*Resource{}
		for _, resource := range s.Resources {
			for _, name := range resource.names() {
				s.byName[name] = append(s.byName[name], resource)
			}
		}
	}
	return s.byName[name]
}

// texts returns the texts in a value and below it, and whether the whole value is known.
func (v Value) texts() (texts []string, known bool) {
	if text := v.Text(); text != "" {
		return []string{text}, true
	}
	var below []Value
	for _, key := range v.Keys() {
		below = append(below, v.step(key))
	}
	if v.value.IsArray() {
		below = v.List()
	}
	known = !v.Unknown()
	for _, value := range below {
		parts, all := value.texts()
		texts, known = append(texts, parts...), known && all
	}
	return texts, known
}

// IsUnset reports whether the program leaves a property unset or empty. An unknown value that comes from no other
// resource is unset too, because the provider will set it.
func (r *Resource) IsUnset(property string) bool {
	value := r.Get(property)
	return value.empty() || value.Unknown() && len(r.source.PropertyDependencies[property]) == 0
}

// identities are the properties that other resources use to refer to a resource.
var identities = []string{
	"id", "arn", "name", "identifier", "dbInstanceIdentifier", "arnSuffix", "bucket", "url", "qualifiedArn", "clusterId",
	"replicationGroupId", "loadBalancerName", "queueUrl", "dashboardName", "functionName",
}

// names returns the known values of a resource's identities.
func (r *Resource) names() []string {
	var names []string
	for _, property := range identities {
		if name := r.Get(property).Text(); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// holds reports whether a value, or anything below it, is one of the names.
func holds(value Value, names []string) bool {
	if slices.Contains(names, value.Text()) && value.Text() != "" {
		return true
	}
	for _, key := range value.Keys() {
		if holds(value.step(key), names) {
			return true
		}
	}
	if !value.value.IsArray() {
		return false
	}
	return slices.ContainsFunc(value.List(), func(element Value) bool { return holds(element, names) })
}

// Parent returns the parent of a resource, or nil if it has none.
func (s *Stack) Parent(child *Resource) *Resource { return s.byURN[child.source.Parent] }

// MightReference is like IsReference, and also reports possible references while the value or the target's ID is
// unknown: an output of a component in another language that created the target, an output of a resource that itself
// depends on the target, and an unknown value without known dependencies.
func (s *Stack) MightReference(from *Resource, property string, to *Resource) bool {
	if s.IsReference(from, property, to) {
		return true
	}
	unknown := from.Get(property).Unknown()
	if !unknown && to.Get("id").Text() != "" {
		return false
	}
	sources := from.source.PropertyDependencies[property]
	for parent := s.Parent(to); parent != nil; parent = s.Parent(parent) {
		if slices.Contains(sources, parent.URN) {
			return true
		}
	}
	return unknown && len(sources) == 0 || slices.ContainsFunc(sources, func(urn string) bool {
		between := s.byURN[urn]
		return between != nil && between.dependsOn(to.URN)
	})
}

func (r *Resource) dependsOn(urn string) bool {
	for _, sources := range r.source.PropertyDependencies {
		if slices.Contains(sources, urn) {
			return true
		}
	}
	return false
}

// Sources returns the resources whose outputs a property comes from.
func (s *Stack) Sources(from *Resource, property string) []*Resource {
	var sources []*Resource
	for _, urn := range from.source.PropertyDependencies[property] {
		if source := s.byURN[urn]; source != nil {
			sources = append(sources, source)
		}
	}
	return sources
}
