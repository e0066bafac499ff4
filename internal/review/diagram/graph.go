package diagram

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
)

// graph is the resources of a stack and their references, in the order of their URNs: the engine's order differs each
// time.
type graph struct {
	resources []apitype.ResourceV3
	byURN     map[resource.URN]apitype.ResourceV3
	// byID finds resources by their ids: a component may pass on ids of resources that it does not name.
	byID map[string]resource.URN
}

func newGraph(resources []apitype.ResourceV3) graph {
	g := graph{byURN: map[resource.URN]apitype.ResourceV3{}, byID: map[string]resource.URN{}}
	for _, state := range resources {
		if _, twice := g.byURN[state.URN]; twice || !state.Custom || strings.HasPrefix(string(state.Type), "pulumi:") {
			continue
		}
		g.byURN[state.URN] = state
		g.resources = append(g.resources, state)
		if state.ID != "" {
			g.byID[string(state.ID)] = state.URN
		}
	}
	slices.SortFunc(g.resources, func(a, b apitype.ResourceV3) int { return strings.Compare(string(a.URN), string(b.URN)) })
	return g
}

// references returns the resources that properties refer to, whether their values are known or not.
func (g graph) references(from apitype.ResourceV3, properties ...string) []resource.URN {
	var urns []resource.URN
	for _, property := range properties {
		urns = append(urns, from.PropertyDependencies[resource.PropertyKey(property)]...)
		for _, text := range texts(from.Inputs[property]) {
			if urn, known := g.byID[text]; known {
				urns = append(urns, urn)
			}
		}
	}
	urns = slices.DeleteFunc(urns, func(urn resource.URN) bool { _, known := g.byURN[urn]; return !known })
	slices.Sort(urns)
	return slices.Compact(urns)
}

// texts returns all strings within a value.
func texts(value any) []string {
	switch value := value.(type) {
	case string:
		return []string{value}
	case []any:
		var all []string
		for _, entry := range value {
			all = append(all, texts(entry)...)
		}
		return all
	case map[string]any:
		var all []string
		for _, entry := range value {
			all = append(all, texts(entry)...)
		}
		return all
	default:
		return nil
	}
}

// equals reports whether an input, formatted as text, is the given one.
func equals(state apitype.ResourceV3, property, want string) bool {
	value, isSet := state.Inputs[property]
	return isSet && fmt.Sprint(value) == want
}

// knownText returns an input, or else an output, as text; "" if a preview does not know it.
func knownText(state apitype.ResourceV3, property string) string {
	for _, values := range []map[string]any{state.Inputs, state.Outputs} {
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

// unknown is what the engine prints for a value that only the update finds out.
const unknown = plugin.UnknownStringValue
