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
	rule   *Rule
	report func(message, urn string)
}

// NewStack makes the view of a stack for a rule; numbers are what was configured, and report takes violations.
func NewStack(
	stage int, resources []policyx.AnalyzerResource, judging *Rule, numbers map[string]any,
	report func(message, urn string),
) *Stack {
	stack := &Stack{Stage: stage, byURN: map[string]*Resource{}, rule: judging, report: report}
	for _, of := range resources {
		seen := NewResource(of, judging, numbers, report)
		stack.Resources = append(stack.Resources, seen)
		stack.byURN[of.URN] = seen
	}
	return stack
}

// Of are the resources of some types.
func (s *Stack) Of(types ...string) []*Resource {
	var found []*Resource
	for _, resource := range s.Resources {
		if resource.Any(types...) {
			found = append(found, resource)
		}
	}
	return found
}

// Report reports what the stack as a whole lacks; the fix is added.
func (s *Stack) Report(wrong string) { s.report(fmt.Sprintf("%s. %s", wrong, s.rule.Fix), "") }

// Refers tells whether a property of one resource refers to another: because it comes from an output of it, as the
// engine knows before any value is known, or because it holds one of the names by which AWS knows it.
func (s *Stack) Refers(from *Resource, property string, to *Resource) bool {
	if slices.Contains(from.source.PropertyDependencies[property], to.URN) {
		return true
	}
	names := to.names()
	return holds(from.Get(property), names)
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
