package rule

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/policyx"
)

// Stack is all resources of a stack as a rule sees them.
type Stack struct {
	// Stage is the stage of growth, 0 where none is known.
	Stage int
	// Resources are all resources, in the order of the engine.
	Resources []*Resource

	byURN  map[string]*Resource
	byName map[string][]*Resource
	rule   *Rule
	report func(message, urn string)
}

// NewStack makes the view of a stack for a rule; numbers are what was configured, and report takes violations.
func NewStack(
	stage int, resources []policyx.AnalyzerResource, evaluated *Rule, numbers map[string]any,
	report func(message, urn string),
) *Stack {
	stack := &Stack{Stage: stage, byURN: map[string]*Resource{}, rule: evaluated, report: report}
	for _, source := range resources {
		seen := NewResource(source, evaluated, numbers, report)
		stack.Resources = append(stack.Resources, seen)
		stack.byURN[source.URN] = seen
	}
	return stack
}

// Of are the resources of some types.
func (s *Stack) ResourcesOfType(types ...string) []*Resource {
	var resources []*Resource
	for _, resource := range s.Resources {
		if resource.IsType(types...) {
			resources = append(resources, resource)
		}
	}
	return resources
}

// Report reports what the stack as a whole lacks; the fix is added.
func (s *Stack) Report(wrong string) { s.report(fmt.Sprintf("%s. %s", wrong, s.rule.Fix), "") }

// Refers tells whether a property of one resource refers to another: because it comes from an output of it, as the
// engine knows before any value is known, or because it holds one of the names by which AWS knows it.
func (s *Stack) IsReference(from *Resource, property string, to *Resource) bool {
	if slices.Contains(from.source.PropertyDependencies[property], to.URN) {
		return true
	}
	names := to.names()
	return holds(from.Get(property), names)
}

// Referred are the resources of some types that a property refers to, as Refers tells, without asking each of them. It
// is unsure where the property holds what is not known yet, and comes from none of them: then it may turn out to be any.
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

// named are the resources that AWS knows by a name.
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

// texts are the texts in a value and below it, and whether all of it is known.
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

// Unsaid tells that the program says nothing of a property, or nothing but an empty value, also where the provider will:
// what is unknown, and comes from no other resource, is for the provider to say.
func (r *Resource) IsUnset(property string) bool {
	value := r.Get(property)
	return value.empty() || value.Unknown() && len(r.source.PropertyDependencies[property]) == 0
}

// identities are the properties by which others refer to a resource.
var identities = []string{
	"id", "arn", "name", "identifier", "dbInstanceIdentifier", "arnSuffix", "bucket", "url", "qualifiedArn", "clusterId",
	"replicationGroupId", "loadBalancerName", "queueUrl", "dashboardName", "functionName",
}

// names are the known values of a resource's identities.
func (r *Resource) names() []string {
	var names []string
	for _, property := range identities {
		if name := r.Get(property).Text(); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// holds tells whether a value, or anything below it, is one of some names.
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

// Parent is the resource's parent, nil if it has none.
func (s *Stack) Parent(child *Resource) *Resource { return s.byURN[child.source.Parent] }

// MayRefer is Refers, and takes for a reference what may be one while the value, or the other's id, is unknown: the
// output of a component of another language that made the other resource, the output of a resource that itself comes
// from the other, and an unknown value that comes from nothing that is known.
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

// Sources are the resources from whose outputs a property comes.
func (s *Stack) Sources(from *Resource, property string) []*Resource {
	var sources []*Resource
	for _, urn := range from.source.PropertyDependencies[property] {
		if source := s.byURN[urn]; source != nil {
			sources = append(sources, source)
		}
	}
	return sources
}
