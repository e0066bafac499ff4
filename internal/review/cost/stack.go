package cost

import (
	"strconv"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	sdk "github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// stack is what rules ask about the other resources.
type stack struct {
	region string
	usage  Usage
	byURN  map[sdk.URN]*apitype.ResourceV3
	counts map[string]int
	// zones are the Availability Zones that have subnets.
	zones map[string]bool
	notes map[string]bool
}

func newStack(resources []apitype.ResourceV3, region string, usage Usage) *stack {
	in := &stack{region, usage, map[sdk.URN]*apitype.ResourceV3{}, map[string]int{}, map[string]bool{}, map[string]bool{}}
	for i := range resources {
		its := &resources[i]
		in.byURN[its.URN] = its
		in.counts[string(its.Type)]++
		if its.Type == "aws:ec2/subnet:Subnet" {
			if zone := (resource{its.Inputs, its}).text("availabilityZone"); zone != "" {
				in.zones[zone] = true
			}
		}
	}
	return in
}

func isProvider(its *apitype.ResourceV3) bool {
	return strings.HasPrefix(string(its.Type), "pulumi:providers:")
}

// regionOf is the region of the resource's own provider, or the stack's.
func (s *stack) regionOf(its *apitype.ResourceV3) string {
	cut := strings.LastIndex(its.Provider, "::")
	if cut < 0 {
		return s.region
	}
	if provider := s.byURN[sdk.URN(its.Provider[:cut])]; provider != nil {
		if region := (resource{provider.Inputs, provider}).text("region"); region != "" {
			return region
		}
	}
	return s.region
}

// requests are the month's requests that reach the servers behind the entry, in millions.
func (s *stack) requests() float64 {
	all := s.usage.RequestsPerMonth / 1e6
	if s.counts["aws:cloudfront/distribution:Distribution"] > 0 {
		return all * (1 - s.usage.CacheShare)
	}
	return all
}

// responses are the GB that go to users in a month.
func (s *stack) responses() float64 {
	return s.usage.RequestsPerMonth * s.usage.KilobytesPerResponse / 1e6
}

func (s *stack) note(text string) { s.notes[text] = true }

// share divides what the whole stack uses among the resources of a type.
func (s *stack) share(whole float64, of resource) float64 {
	return whole / float64(max(1, s.counts[string(of.its.Type)]))
}

// resource is a resource, or an object inside it, as rules read it.
type resource struct {
	inputs map[string]any
	its    *apitype.ResourceV3
}

// text is a property as text; "" where there is none, or where a preview does not know it yet.
func (r resource) text(name string) string {
	text, _ := r.inputs[name].(string)
	if text == unknown {
		return ""
	}
	return text
}

// unknown stands in a preview for what only the update will tell.
const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"

// number is a property as a number; AWS takes some as texts.
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

func (r resource) is(name string) bool {
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
	return resource{object, r.its}
}

// referred is the resource that a property refers to.
func (s *stack) referred(from resource, name string) (resource, bool) {
	for _, urn := range from.its.PropertyDependencies[sdk.PropertyKey(name)] {
		if its := s.byURN[urn]; its != nil && its.Custom {
			return resource{its.Inputs, its}, true
		}
	}
	return resource{}, false
}
