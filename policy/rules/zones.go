package rules

import (
	"cmp"
	"slices"
	"strings"

	"stagecraft/policy/rule"
)

// inOneZone reports whether instances are certainly in one zone. AWS may choose the zone at the update.
func inOneZone(instances []*rule.Resource) bool {
	zones := map[string]bool{}
	for _, instance := range instances {
		zone := instance.Get("availabilityZone").Text()
		if zone == "" && len(instances) > 1 {
			return false
		}
		zones[zone] = true
	}
	return len(zones) == 1
}

// oneZone reports whether the subnets in a list are certainly in one zone. field is the property of an element that
// contains its subnet, or "" if the element is the subnet.
func oneZone(s *rule.Stack, r *rule.Resource, path, field string) bool {
	if list := r.Get(path); !list.Unknown() && len(list.List()) < 2 {
		return len(list.List()) == 1
	}
	zones := map[string]bool{}
	for _, subnet := range subnetsOf(s, r, path, field) {
		zones[zoneOf(subnet)] = true
	}
	return len(zones) == 1 && !zones[""]
}

// subnetsOf returns the subnets in a property, or none if the stack does not contain all of them.
func subnetsOf(s *rule.Stack, r *rule.Resource, path, field string) []*rule.Resource {
	property, _, _ := strings.Cut(path, ".")
	subnets, _ := s.References(r, property, ec2Subnet)
	ids := map[string]bool{}
	for _, id := range r.Get(path).List() {
		if field != "" {
			id = id.Get(field)
		}
		if id.Unknown() && slices.ContainsFunc(s.Sources(r, property), mayHoldSubnets) {
			return nil
		}
		if !id.Unknown() {
			ids[id.Text()] = true
		}
	}
	if len(subnets) < len(ids) {
		return nil
	}
	return subnets
}

// mayHoldSubnets reports whether a source, such as a component, may output subnets that are not in the stack.
func mayHoldSubnets(source *rule.Resource) bool {
	return !source.IsType(ec2Subnet, ec2SecurityGroup, ec2Eip)
}

// zoneOf returns the zone of a subnet or instance, or "" if it is not known.
func zoneOf(r *rule.Resource) string {
	return cmp.Or(r.Get("availabilityZone").Text(), r.Get("availabilityZoneId").Text())
}
