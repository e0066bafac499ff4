package diagram

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// arrow is an edge; one without a start comes from the users.
type arrow struct {
	from, to *node
	kind     kind
	label    string
}

// kind is what an edge shows.
type kind int

const (
	// requests go from a client to a server.
	requests kind = iota
	// copying goes from data to its copy.
	copying
	// wayOut goes from private subnets to the internet.
	wayOut
)

func (p *picture) connect(edge arrow) {
	if edge.from != edge.to && !p.connected(edge.from, edge.to) {
		p.edges = append(p.edges, edge)
	}
}

func (p *picture) connected(from, to *node) bool {
	return slices.ContainsFunc(p.edges, func(edge arrow) bool { return edge.from == from && edge.to == to })
}

// flows returns the next receivers of requests for each resource.
func (g graph) flows() map[resource.URN][]resource.URN {
	flows := map[resource.URN][]resource.URN{}
	for _, state := range g.resources {
		drawing := drawings[string(state.Type)]
		for _, from := range g.references(state, drawing.from...) {
			flows[from] = append(flows[from], state.URN)
		}
		if !isLastResort(state) {
			flows[state.URN] = append(flows[state.URN], g.references(state, drawing.to...)...)
		}
	}
	return flows
}

// isLastResort reports whether a record is used only if no other of its name answers: its weight is 0.
func isLastResort(state apitype.ResourceV3) bool {
	policies, _ := state.Inputs["weightedRoutingPolicies"].([]any)
	return slices.ContainsFunc(policies, func(entry any) bool {
		policy, _ := entry.(map[string]any)
		return fmt.Sprint(policy["weight"]) == "0"
	})
}

// nextNodes returns the nodes that requests from the resources reach next, past everything that is folded.
func (p *picture) nextNodes(from ...resource.URN) []*node {
	flows, seen := p.graph.flows(), map[resource.URN]bool{}
	var nodes []*node
	var follow func(resource.URN)
	follow = func(urn resource.URN) {
		for _, to := range flows[urn] {
			if seen[to] {
				continue
			}
			seen[to] = true
			if next := p.nodeOf[to]; next != nil {
				nodes = append(nodes, next)
				continue
			}
			follow(to)
		}
	}
	for _, urn := range from {
		follow(urn)
	}
	return nodes
}

// addTraffic connects nodes by their configuration.
func (p *picture) addTraffic() {
	p.edges = nil
	for _, n := range p.nodes {
		for _, state := range n.resources {
			for _, to := range p.nextNodes(state.URN) {
				p.connect(arrow{from: n, to: to})
			}
		}
	}
}

// addSecurityGroups connects nodes by the rules of their security groups if their configuration does not: an instance
// reads its settings when it runs. A private DNS name is in front of its targets.
func (p *picture) addSecurityGroups() {
	configured, nameOf := slices.Clone(p.edges), map[*node]*node{}
	for _, edge := range configured {
		if edge.from.resources[0].Type == recordType && edge.from.spot.where != edgeNetwork {
			nameOf[edge.to] = edge.from
		}
	}
	ports := p.graph.ports()
	for _, from := range p.nodes {
		for _, to := range p.nodes {
			for _, pair := range p.groupPairs(from, to) {
				port, allowed := ports[pair]
				if !allowed {
					continue
				}
				if !p.sendsTo(configured, from, pair[1]) {
					next := to
					if name := nameOf[to]; name != nil {
						next = name
					}
					p.connect(arrow{from: from, to: next})
				}
				p.label(from, to, nameOf[to], port)
			}
		}
	}
}

// label puts a port on the edge between two nodes, and on the one to the name in front of the second.
func (p *picture) label(from, to, name *node, port string) {
	for i, edge := range p.edges {
		if edge.from == from && (edge.to == to || edge.to == name && name != nil) {
			p.edges[i].label = port
		}
	}
}

// sendsTo reports whether the configuration connects a node with a node of a security group, or with its name.
func (p *picture) sendsTo(configured []arrow, from *node, group resource.URN) bool {
	return slices.ContainsFunc(configured, func(edge arrow) bool {
		if edge.from != from {
			return false
		}
		return slices.Contains(p.groups(edge.to), group) || slices.ContainsFunc(configured, func(next arrow) bool {
			return next.from == edge.to && edge.to.resources[0].Type == recordType && slices.Contains(p.groups(next.to), group)
		})
	})
}

// groupPairs returns the pairs of the security groups of two nodes.
func (p *picture) groupPairs(from, to *node) [][2]resource.URN {
	var pairs [][2]resource.URN
	for _, client := range p.groups(from) {
		for _, server := range p.groups(to) {
			pairs = append(pairs, [2]resource.URN{client, server})
		}
	}
	return pairs
}

// groups returns a node's security groups, including those of its launch template.
func (p *picture) groups(n *node) []resource.URN {
	urns := p.graph.references(n.resources[0], securityGroups...)
	for _, urn := range urns {
		if template := p.graph.byURN[urn]; template.Type == "aws:ec2/launchTemplate:LaunchTemplate" {
			urns = append(urns, p.graph.references(template, "vpcSecurityGroupIds", "networkInterfaces")...)
		}
	}
	return urns
}

// ports returns the pairs of security groups between which rules allow traffic, and its port.
func (g graph) ports() map[[2]resource.URN]string {
	ports := map[[2]resource.URN]string{}
	for _, state := range g.resources {
		own, peers := g.references(state, "securityGroupId"), g.references(state, "referencedSecurityGroupId", "sourceSecurityGroupId")
		inward := false
		switch string(state.Type) {
		case "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule":
			inward = true
		case "aws:ec2/securityGroupRule:SecurityGroupRule":
			inward = equals(state, "type", "ingress")
		case "aws:ec2/securityGroup:SecurityGroup":
			own, peers, inward = []resource.URN{state.URN}, g.references(state, "ingress"), true
		}
		for _, group := range own {
			for _, peer := range peers {
				pair := [2]resource.URN{group, peer}
				if inward {
					pair = [2]resource.URN{peer, group}
				}
				ports[pair] = port(state)
			}
		}
	}
	return ports
}

// port returns the port of a rule, or "" for a range.
func port(state apitype.ResourceV3) string {
	if from := knownText(state, "fromPort"); from == knownText(state, "toPort") {
		return from
	}
	return ""
}

const standbyTitle = "RDS standby"

// addCopies adds the copies of data: the edges to replicas, and the standby of each instance that has one.
func (p *picture) addCopies() {
	for _, n := range slices.Clone(p.nodes) {
		for _, urn := range p.graph.references(n.resources[0], n.drawing.copies...) {
			if source := p.nodeOf[urn]; source != nil {
				p.connect(arrow{from: source, to: n, kind: copying})
			}
		}
		if !equals(n.resources[0], "multiAz", "true") || n.spot.zone == "" {
			continue
		}
		standby := *n
		standby.title, standby.spot.zone = standbyTitle, p.places.standbyZone(n.spot)
		p.nodes = append(p.nodes, &standby)
		p.connect(arrow{from: n, to: &standby, kind: copying})
	}
}

// addUsers connects users with the nodes that they reach first, through the internet gateway if there is one, and the
// NAT gateways with the internet gateway.
func (p *picture) addUsers() {
	asked := map[*node]bool{}
	for _, edge := range p.edges {
		asked[edge.to] = true
	}
	gateways := map[resource.URN]*node{}
	for _, n := range p.nodes {
		if n.resources[0].Type == gatewayType {
			gateways[n.spot.vpc] = n
		}
		if n.drawing.entry != nil && !asked[n] && n.drawing.entry(n.resources[0]) {
			p.connect(arrow{to: n})
		}
	}
	edges := p.edges
	p.edges = nil
	for _, edge := range edges {
		gateway := gateways[edge.to.spot.vpc]
		fromOutside := edge.from == nil || edge.from.spot.where == edgeNetwork
		if edge.kind == requests && gateway != nil && fromOutside && edge.to.spot.vpc != "" {
			p.connect(arrow{from: edge.from, to: gateway})
			edge.from = gateway
		}
		p.connect(edge)
	}
	for _, n := range p.nodes {
		if gateway := gateways[n.spot.vpc]; gateway != nil && n.resources[0].Type == natType {
			p.connect(arrow{from: n, to: gateway, kind: wayOut})
		}
	}
}
