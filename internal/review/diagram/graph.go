package diagram

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// graph is the resources of a stack and what they refer to, in the order of their URNs: the engine's order changes from
// one run to the next.
type graph struct {
	resources []apitype.ResourceV3
	byURN     map[resource.URN]apitype.ResourceV3
	// byID finds what an id that is known refers to, since a component may hand on ids of resources that it does not name.
	byID map[string]resource.URN
}

func newGraph(resources []apitype.ResourceV3) graph {
	read := graph{byURN: map[resource.URN]apitype.ResourceV3{}, byID: map[string]resource.URN{}}
	for _, each := range resources {
		if _, twice := read.byURN[each.URN]; twice || !each.Custom || strings.HasPrefix(string(each.Type), "pulumi:") {
			continue
		}
		read.byURN[each.URN] = each
		read.resources = append(read.resources, each)
		if each.ID != "" {
			read.byID[string(each.ID)] = each.URN
		}
	}
	slices.SortFunc(read.resources, func(a, b apitype.ResourceV3) int { return strings.Compare(string(a.URN), string(b.URN)) })
	return read
}

// refers gives the resources that a property refers to, whether its value is known or not.
func (g graph) refers(from apitype.ResourceV3, properties ...string) []resource.URN {
	var found []resource.URN
	for _, property := range properties {
		found = append(found, from.PropertyDependencies[resource.PropertyKey(property)]...)
		for _, text := range texts(from.Inputs[property]) {
			if urn, known := g.byID[text]; known {
				found = append(found, urn)
			}
		}
	}
	found = slices.DeleteFunc(found, func(urn resource.URN) bool { _, ours := g.byURN[urn]; return !ours })
	slices.Sort(found)
	return slices.Compact(found)
}

// texts are all strings within a value.
func texts(value any) []string {
	switch value := value.(type) {
	case string:
		return []string{value}
	case []any:
		var found []string
		for _, each := range value {
			found = append(found, texts(each)...)
		}
		return found
	case map[string]any:
		var found []string
		for _, each := range value {
			found = append(found, texts(each)...)
		}
		return found
	default:
		return nil
	}
}

// is tells whether an input is the given text; numbers and booleans count in their usual spelling.
func is(of apitype.ResourceV3, property, want string) bool {
	value, given := of.Inputs[property]
	return given && fmt.Sprint(value) == want
}

// known gives an input, or what AWS made of it, as text; "" where a preview does not know it.
func known(of apitype.ResourceV3, property string) string {
	for _, values := range []map[string]any{of.Inputs, of.Outputs} {
		switch value := values[property].(type) {
		case string:
			if value != unknown {
				return value
			}
		case float64, int, bool:
			return fmt.Sprint(value)
		}
	}
	return ""
}

// unknown is the text that the engine writes for a value that only an update can tell (UnknownStringValue of the SDK's
// package plugin).
const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
