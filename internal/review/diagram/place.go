package diagram

import (
	"slices"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// subnet is one subnet of a stack.
type subnet struct {
	resource apitype.ResourceV3
	vpc      resource.URN
	zone     string
	tier     where
}

// spot is the place of a node: a VPC, a tier of subnets, a zone. Empty fields are unknown or do not apply.
type spot struct {
	where where
	vpc   resource.URN
	zone  string
	// zones is the number of zones of a node that is in no single one.
	zones int
}

// places finds the spots of nodes.
type places struct {
	graph   graph
	subnets []subnet
}

func newPlaces(g graph) places {
	p := places{graph: g}
	for _, state := range g.resources {
		if state.Type != subnetType {
			continue
		}
		var vpc resource.URN
		if urns := g.references(state, "vpcId"); len(urns) > 0 {
			vpc = urns[0]
		}
		p.subnets = append(p.subnets, subnet{state, vpc, knownText(state, "availabilityZone"), tier(state)})
	}
	return p
}

// tier returns the tier of a subnet, by its usual name, as in awsx, or else by whether it assigns public addresses.
func tier(state apitype.ResourceV3) where {
	name := strings.ToLower(state.URN.Name())
	for _, named := range []struct {
		tier  where
		words []string
	}{
		{public, []string{"public", "dmz"}},
		{isolated, []string{"isolated", "intra", "database", "data"}},
		{private, []string{"private", "app"}},
	} {
		if slices.ContainsFunc(named.words, func(word string) bool { return strings.Contains(name, word) }) {
			return named.tier
		}
	}
	if equals(state, "mapPublicIpOnLaunch", "true") {
		return public
	}
	return private
}

// subnetProperties are the properties that refer to a node's subnets, or to a group of subnets.
var subnetProperties = []string{
	"subnetId", "subnetIds", "subnets", "vpcZoneIdentifiers", "networkConfiguration", "dbSubnetGroupName", "subnetGroupName",
}

func (p places) spot(state apitype.ResourceV3, drawing drawing) spot {
	switch drawing.where {
	case region, edgeNetwork:
		return spot{where: drawing.where}
	case gateway:
		return spot{where: gateway, vpc: p.vpc(state)}
	default:
		return p.spotInSubnets(state, drawing)
	}
}

// spotInSubnets returns the spot of a node in subnets.
func (p places) spotInSubnets(state apitype.ResourceV3, drawing drawing) spot {
	subnets := p.referencedSubnets(state)
	if len(subnets) == 0 {
		subnets = p.likelySubnets(state, drawing)
	}
	// A preview does not know the subnet itself, only all those that a component returns.
	if named := namedAfter(state, subnets); drawing.zonal && len(named) > 0 {
		subnets = named[:1]
	}
	if len(subnets) == 0 {
		return spot{where: region}
	}
	zones := zonesOf(subnets)
	s := spot{where: subnets[0].tier, vpc: subnets[0].vpc, zones: len(zones)}
	if limit, err := strconv.Atoi(knownText(state, drawing.maxZones)); err == nil {
		s.zones = min(s.zones, limit)
	}
	if drawing.zonal {
		s.zone, s.zones = zones[0], 0
		if zone := knownText(state, "availabilityZone"); zone != "" {
			s.zone = zone
		}
	}
	return s
}

// referencedSubnets returns the subnets that a resource itself refers to.
func (p places) referencedSubnets(state apitype.ResourceV3) []subnet {
	urns := p.graph.references(state, subnetProperties...)
	for _, urn := range urns {
		urns = append(urns, p.graph.references(p.graph.byURN[urn], "subnetIds")...) // a group of subnets
	}
	return slices.DeleteFunc(slices.Clone(p.subnets), func(s subnet) bool { return !slices.Contains(urns, s.resource.URN) })
}

// namedAfter returns the subnets that a resource is named after, such as network-private-1 for web-private-1-2.
func namedAfter(state apitype.ResourceV3, subnets []subnet) []subnet {
	return slices.DeleteFunc(slices.Clone(subnets), func(s subnet) bool {
		suffix := strings.TrimPrefix(s.resource.URN.Name(), s.vpc.Name()+"-")
		return suffix == "" || !strings.Contains(state.URN.Name()+"-", "-"+suffix+"-")
	})
}

// likelySubnets returns the usual subnets of a resource that refers to none.
func (p places) likelySubnets(state apitype.ResourceV3, drawing drawing) []subnet {
	if named := namedAfter(state, p.subnets); drawing.zonal && len(named) > 0 {
		return named[:1]
	}
	wanted := drawing.where
	if drawing.entry != nil && wanted != isolated {
		wanted = private
		if drawing.entry(state) {
			wanted = public
		}
	}
	for _, tier := range []where{wanted, isolated, private, public} {
		var subnets []subnet
		for _, s := range p.subnets {
			if s.tier == tier && s.vpc == p.subnets[0].vpc {
				subnets = append(subnets, s)
			}
		}
		if len(subnets) > 0 {
			return subnets
		}
	}
	return nil
}

func (p places) vpc(state apitype.ResourceV3) resource.URN {
	if urns := p.graph.references(state, "vpcId"); len(urns) > 0 {
		return urns[0]
	}
	if len(p.subnets) > 0 {
		return p.subnets[0].vpc
	}
	return ""
}

// zonesOf returns the zones of subnets, sorted, without duplicates.
func zonesOf(subnets []subnet) []string {
	var zones []string
	for _, s := range subnets {
		zones = append(zones, s.zone)
	}
	slices.Sort(zones)
	return slices.Compact(zones)
}

// standbyZone returns the zone of a standby: the next one in the tier of its primary.
func (p places) standbyZone(primary spot) string {
	var subnets []subnet
	for _, s := range p.subnets {
		if s.vpc == primary.vpc && s.tier == primary.where {
			subnets = append(subnets, s)
		}
	}
	zones := zonesOf(subnets)
	return zones[(slices.Index(zones, primary.zone)+1)%len(zones)]
}
