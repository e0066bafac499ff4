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

// spot is where a node stands: in a VPC, one of its tiers, one zone of that. What is empty is not told.
type spot struct {
	where where
	vpc   resource.URN
	zone  string
	// zones is in how many zones a node stands that is in no single one.
	zones int
}

// places finds the spot of each node.
type places struct {
	graph   graph
	subnets []subnet
}

func newPlaces(from graph) places {
	found := places{graph: from}
	for _, each := range from.resources {
		if each.Type != subnetType {
			continue
		}
		var vpc resource.URN
		if refers := from.refers(each, "vpcId"); len(refers) > 0 {
			vpc = refers[0]
		}
		found.subnets = append(found.subnets, subnet{each, vpc, known(each, "availabilityZone"), tier(each)})
	}
	return found
}

// tier is what a subnet is for: by its name, as awsx and most people name them, else by whether what starts in it gets a
// public address.
func tier(of apitype.ResourceV3) where {
	name := strings.ToLower(of.URN.Name())
	for _, each := range []struct {
		tier  where
		words []string
	}{
		{public, []string{"public", "dmz"}},
		{isolated, []string{"isolated", "intra", "database", "data"}},
		{private, []string{"private", "app"}},
	} {
		if slices.ContainsFunc(each.words, func(word string) bool { return strings.Contains(name, word) }) {
			return each.tier
		}
	}
	if is(of, "mapPublicIpOnLaunch", "true") {
		return public
	}
	return private
}

// subnetProperties are how nodes name their subnets, or a group of subnets.
var subnetProperties = []string{
	"subnetId", "subnetIds", "subnets", "vpcZoneIdentifiers", "networkConfiguration", "dbSubnetGroupName", "subnetGroupName",
}

func (p places) spot(of apitype.ResourceV3, how drawing) spot {
	switch how.where {
	case region, edge:
		return spot{where: how.where}
	case gateway:
		return spot{where: gateway, vpc: p.vpc(of)}
	default:
		return p.within(of, how)
	}
}

// within finds the spot of what stands in subnets.
func (p places) within(of apitype.ResourceV3, how drawing) spot {
	subnets := p.named(of)
	if len(subnets) == 0 {
		subnets = p.likely(of, how)
	}
	if len(subnets) == 0 {
		return spot{where: region}
	}
	zones := zonesOf(subnets)
	found := spot{where: subnets[0].tier, vpc: subnets[0].vpc, zones: len(zones)}
	if most, err := strconv.Atoi(known(of, how.most)); err == nil {
		found.zones = min(found.zones, most)
	}
	if how.zonal {
		found.zone, found.zones = zones[0], 0
		if zone := known(of, "availabilityZone"); zone != "" {
			found.zone = zone
		}
	}
	return found
}

// named are the subnets that a resource itself names.
func (p places) named(of apitype.ResourceV3) []subnet {
	urns := p.graph.refers(of, subnetProperties...)
	for _, urn := range urns {
		urns = append(urns, p.graph.refers(p.graph.byURN[urn], "subnetIds")...) // a group of subnets
	}
	return slices.DeleteFunc(slices.Clone(p.subnets), func(each subnet) bool { return !slices.Contains(urns, each.resource.URN) })
}

// likely are the subnets in which a resource of its kind stands. A preview does not tell the subnets that a component
// hands out; a resource that is named after its subnet does.
func (p places) likely(of apitype.ResourceV3, how drawing) []subnet {
	if how.zonal {
		for _, each := range p.subnets {
			tail := strings.TrimPrefix(each.resource.URN.Name(), each.vpc.Name()+"-")
			if tail != "" && strings.Contains(of.URN.Name()+"-", "-"+tail+"-") {
				return []subnet{each}
			}
		}
	}
	wanted := how.where
	if how.entry != nil && wanted != isolated {
		wanted = private
		if how.entry(of) {
			wanted = public
		}
	}
	for _, tier := range []where{wanted, isolated, private, public} {
		var found []subnet
		for _, each := range p.subnets {
			if each.tier == tier && each.vpc == p.subnets[0].vpc {
				found = append(found, each)
			}
		}
		if len(found) > 0 {
			return found
		}
	}
	return nil
}

func (p places) vpc(of apitype.ResourceV3) resource.URN {
	if refers := p.graph.refers(of, "vpcId"); len(refers) > 0 {
		return refers[0]
	}
	if len(p.subnets) > 0 {
		return p.subnets[0].vpc
	}
	return ""
}

// zonesOf gives the zones of subnets, each once, in order.
func zonesOf(subnets []subnet) []string {
	var zones []string
	for _, each := range subnets {
		zones = append(zones, each.zone)
	}
	slices.Sort(zones)
	return slices.Compact(zones)
}

// other is the zone of a standby: the next one in its tier.
func (p places) other(than spot) string {
	var within []subnet
	for _, each := range p.subnets {
		if each.vpc == than.vpc && each.tier == than.where {
			within = append(within, each)
		}
	}
	zones := zonesOf(within)
	return zones[(slices.Index(zones, than.zone)+1)%len(zones)]
}
