package diagram

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// arrow is an edge; one from nobody comes from the users.
type arrow struct {
	from, to *node
	kind     kind
	label    string
}

// kind is what goes along an edge.
type kind int

const (
	// requests go from a client to what answers.
	requests kind = iota
	// copying goes from data to its copy.
	copying
	// wayOut goes from private subnets to the internet.
	wayOut
)

func (p *picture) connect(made arrow) {
	if made.from == made.to || p.connected(made.from, made.to) {
		return
	}
	p.edges = append(p.edges, made)
}

func (p *picture) connected(from, to *node) bool {
	return slices.ContainsFunc(p.edges, func(each arrow) bool { return each.from == from && each.to == to })
}

// flows are where requests go on from each resource.
func (g graph) flows() map[resource.URN][]resource.URN {
	found := map[resource.URN][]resource.URN{}
	for _, each := range g.resources {
		how := drawings[string(each.Type)]
		for _, from := range g.refers(each, how.from...) {
			found[from] = append(found[from], each.URN)
		}
		if !lastResort(each) {
			found[each.URN] = append(found[each.URN], g.refers(each, how.to...)...)
		}
	}
	return found
}

// lastResort tells whether a record answers only while no other of its name does: its weight is 0.
func lastResort(of apitype.ResourceV3) bool {
	policies, _ := of.Inputs["weightedRoutingPolicies"].([]any)
	return slices.ContainsFunc(policies, func(each any) bool {
		policy, _ := each.(map[string]any)
		return fmt.Sprint(policy["weight"]) == "0"
	})
}

// reach gives the nodes that requests come to next, past everything that is folded.
func (p *picture) reach(from ...resource.URN) []*node {
	flows, seen := p.graph.flows(), map[resource.URN]bool{}
	var found []*node
	var follow func(resource.URN)
	follow = func(urn resource.URN) {
		for _, to := range flows[urn] {
			if seen[to] {
				continue
			}
			seen[to] = true
			if next := p.of[to]; next != nil {
				found = append(found, next)
				continue
			}
			follow(to)
		}
	}
	for _, urn := range from {
		follow(urn)
	}
	return found
}

// addTraffic connects nodes as their configuration says.
func (p *picture) addTraffic() {
	p.edges = nil
	for _, each := range p.nodes {
		for _, one := range each.resources {
			for _, to := range p.reach(one.URN) {
				p.connect(arrow{from: each, to: to})
			}
		}
	}
}

// addSecurityGroups connects nodes whose security groups let one reach the other, where configuration says nothing: an
// instance reads its settings when it runs. A private DNS name stands before what it leads to.
func (p *picture) addSecurityGroups() {
	said, behind := slices.Clone(p.edges), map[*node]*node{}
	for _, each := range said {
		if each.from.resources[0].Type == recordType && each.from.spot.where != edge {
			behind[each.to] = each.from
		}
	}
	ports := p.graph.ports()
	for _, from := range p.nodes {
		for _, to := range p.nodes {
			for _, pair := range p.pairs(from, to) {
				port, allowed := ports[pair]
				if !allowed {
					continue
				}
				if !p.says(said, from, pair[1]) {
					next := to
					if name := behind[to]; name != nil {
						next = name
					}
					p.connect(arrow{from: from, to: next})
				}
				p.label(from, to, behind[to], port)
			}
		}
	}
}

// label puts a port on the edge between two nodes, and on the one to the name before the second.
func (p *picture) label(from, to, name *node, port string) {
	for i, each := range p.edges {
		if each.from == from && (each.to == to || each.to == name && name != nil) {
			p.edges[i].label = port
		}
	}
}

// says tells whether configuration already has a node send requests to some node of a security group, or to its name.
func (p *picture) says(said []arrow, from *node, group resource.URN) bool {
	return slices.ContainsFunc(said, func(each arrow) bool {
		if each.from != from {
			return false
		}
		return slices.Contains(p.groups(each.to), group) || slices.ContainsFunc(said, func(next arrow) bool {
			return next.from == each.to && each.to.resources[0].Type == recordType && slices.Contains(p.groups(next.to), group)
		})
	})
}

func (p *picture) pairs(from, to *node) [][2]resource.URN {
	var found [][2]resource.URN
	for _, client := range p.groups(from) {
		for _, server := range p.groups(to) {
			found = append(found, [2]resource.URN{client, server})
		}
	}
	return found
}

// groups are a node's security groups, those of its launch template included.
func (p *picture) groups(of *node) []resource.URN {
	found := p.graph.refers(of.resources[0], securityGroups...)
	for _, urn := range found {
		if of := p.graph.byURN[urn]; of.Type == "aws:ec2/launchTemplate:LaunchTemplate" {
			found = append(found, p.graph.refers(of, "vpcSecurityGroupIds", "networkInterfaces")...)
		}
	}
	return found
}

// ports are between which security groups there is a way, and at which port.
func (g graph) ports() map[[2]resource.URN]string {
	found := map[[2]resource.URN]string{}
	for _, each := range g.resources {
		own, others, inward := g.refers(each, "securityGroupId"), g.refers(each, "referencedSecurityGroupId", "sourceSecurityGroupId"), false
		switch string(each.Type) {
		case "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule":
			inward = true
		case "aws:ec2/securityGroupRule:SecurityGroupRule":
			inward = is(each, "type", "ingress")
		case "aws:ec2/securityGroup:SecurityGroup":
			own, others, inward = []resource.URN{each.URN}, g.refers(each, "ingress"), true
		}
		for _, one := range own {
			for _, other := range others {
				pair := [2]resource.URN{one, other}
				if inward {
					pair = [2]resource.URN{other, one}
				}
				found[pair] = port(each)
			}
		}
	}
	return found
}

// port is the one port of a rule, if it is one.
func port(of apitype.ResourceV3) string {
	if from := known(of, "fromPort"); from == known(of, "toPort") {
		return from
	}
	return ""
}

const standbyTitle = "RDS standby"

// addCopies draws the copies of data: replicas, and the standby of each instance that has one.
func (p *picture) addCopies() {
	for _, each := range slices.Clone(p.nodes) {
		for _, urn := range p.graph.refers(each.resources[0], each.how.copies...) {
			if source := p.of[urn]; source != nil {
				p.connect(arrow{from: source, to: each, kind: copying})
			}
		}
		if !is(each.resources[0], "multiAz", "true") || each.spot.zone == "" {
			continue
		}
		standby := *each
		standby.title, standby.spot.zone = standbyTitle, p.places.other(each.spot)
		p.nodes = append(p.nodes, &standby)
		p.connect(arrow{from: each, to: &standby, kind: copying})
	}
}

// addUsers connects users with what they may reach first, by way of the internet gateway where there is one, and has the
// NAT gateways lead out there.
func (p *picture) addUsers() {
	asked := map[*node]bool{}
	for _, each := range p.edges {
		asked[each.to] = true
	}
	gateways := map[resource.URN]*node{}
	for _, each := range p.nodes {
		if each.resources[0].Type == gatewayType {
			gateways[each.spot.vpc] = each
		}
		if each.how.entry != nil && !asked[each] && each.how.entry(each.resources[0]) {
			p.connect(arrow{to: each})
		}
	}
	inward := p.edges
	p.edges = nil
	for _, each := range inward {
		gateway := gateways[each.to.spot.vpc]
		if each.kind == requests && gateway != nil && (each.from == nil || each.from.spot.where == edge) && each.to.spot.vpc != "" {
			p.connect(arrow{from: each.from, to: gateway})
			each.from = gateway
		}
		p.connect(each)
	}
	for _, each := range p.nodes {
		if gateway := gateways[each.spot.vpc]; gateway != nil && each.resources[0].Type == natType {
			p.connect(arrow{from: each, to: gateway, kind: wayOut})
		}
	}
}
