package cost

import (
	"strconv"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	sdk "github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
)

// stack answers the rules' questions about the other resources.
type stack struct {
	region string
	usage  Usage
	byURN  map[sdk.URN]*apitype.ResourceV3
	// counts are the numbers of resources that are billed, by type.
	counts map[string]int
	// zones are the Availability Zones that have subnets.
	zones map[string]bool
	notes map[string]bool
}

func newStack(resources []apitype.ResourceV3, region string, usage Usage) *stack {
	s := &stack{region, usage, map[sdk.URN]*apitype.ResourceV3{}, map[string]int{}, map[string]bool{}, map[string]bool{}}
	for i := range resources {
		state := &resources[i]
		s.byURN[state.URN] = state
		if isBilled(state) {
			s.counts[string(state.Type)]++
		}
		if state.Type == "aws:ec2/subnet:Subnet" {
			if zone := (resource{state.Inputs, state}).text("availabilityZone"); zone != "" {
				s.zones[zone] = true
			}
		}
	}
	return s
}

// isBilled reports whether a resource is an existing one of the stack's own, and no component or provider.
func isBilled(state *apitype.ResourceV3) bool {
	return state.Custom && !state.Delete && !state.External && !strings.HasPrefix(string(state.Type), "pulumi:providers:")
}

// regionOf returns the region of the resource's own provider, or the stack's.
func (s *stack) regionOf(state *apitype.ResourceV3) string {
	cut := strings.LastIndex(state.Provider, "::")
	if cut < 0 {
		return s.region
	}
	if provider := s.byURN[sdk.URN(state.Provider[:cut])]; provider != nil {
		if region := (resource{provider.Inputs, provider}).text("region"); region != "" {
			return region
		}
	}
	return s.region
}

// requests returns the month's requests that reach the servers behind the entry, in millions.
func (s *stack) requests() float64 {
	total := s.usage.RequestsPerMonth / 1e6
	if s.counts["aws:cloudfront/distribution:Distribution"] > 0 {
		return total * (1 - s.usage.CacheShare)
	}
	return total
}

// responses returns the GB that the stack sends to users in a month.
func (s *stack) responses() float64 {
	return s.usage.RequestsPerMonth * s.usage.KilobytesPerResponse / 1e6
}

func (s *stack) note(text string) { s.notes[text] = true }

// share divides the whole stack's usage among the resources of a type.
func (s *stack) share(whole float64, r resource) float64 {
	return whole / float64(max(1, s.counts[string(r.state.Type)]))
}

// resource is a resource, or an object within it.
type resource struct {
	inputs map[string]any
	state  *apitype.ResourceV3
}

// text returns a property as text, "" if it is missing or a preview does not know it yet.
func (r resource) text(name string) string {
	text, _ := r.inputs[name].(string)
	if text == unknown {
		return ""
	}
	return text
}

// unknown is what a preview has in the place of values that only the update finds out.
const unknown = plugin.UnknownStringValue

// number returns a property as a number; AWS takes some as texts.
func (r resource) number(name string) float64 {
	switch value := r.inputs[name].(type) {
	case float64:
		return value
	case string:
		number, _ := strconv.ParseFloat(value, 64)
		return number
	default:
		return 0
	}
}

// isTrue reports whether a property is true; AWS takes some as texts.
func (r resource) isTrue(name string) bool {
	text, _ := r.inputs[name].(string)
	value, _ := r.inputs[name].(bool)
	return value || text == "true"
}

func (r resource) list(name string) []any {
	list, _ := r.inputs[name].([]any)
	return list
}

func (r resource) object(name string) resource {
	object, _ := r.inputs[name].(map[string]any)
	return resource{object, r.state}
}

// reference returns the resource that a property refers to.
func (s *stack) reference(from resource, name string) (resource, bool) {
	for _, urn := range from.state.PropertyDependencies[sdk.PropertyKey(name)] {
		if state := s.byURN[urn]; state != nil && state.Custom {
			return resource{state.Inputs, state}, true
		}
	}
	return resource{}, false
}
