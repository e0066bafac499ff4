package diagram

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// picture is the content of the diagram.
type picture struct {
	graph  graph
	places places
	marks  map[resource.URN]apitype.OpType
	nodes  []*node
	edges  []arrow
	tiles  []tile
	// nodeOf is the node of a resource, for those that are drawn.
	nodeOf map[resource.URN]*node
}

// node is one box, for one resource or for several of the same kind.
type node struct {
	resources           []apitype.ResourceV3
	drawing             drawing
	key                 string
	title, name, detail string
	spot                spot
	change              change
}

// tile counts the resources of one service.
type tile struct {
	service string
	counts  []count
}

// count is the number of resources of a kind, and their changes.
type count struct {
	word    string
	total   int
	changes map[change]int
}

func newPicture(resources []apitype.ResourceV3, marks map[resource.URN]apitype.OpType) *picture {
	p := &picture{graph: newGraph(resources), marks: marks, nodeOf: map[resource.URN]*node{}}
	p.places = newPlaces(p.graph)
	p.addNodes()
	p.addNames()
	p.addTraffic()
	for p.dropUnreached() {
		p.addTraffic()
	}
	p.addSecurityGroups()
	p.addCopies()
	p.addUsers()
	p.addTiles()
	p.setKeys()
	return p
}

// addNodes adds a node for each resource whose type is drawn, and one for those of the same kind in one subnet.
func (p *picture) addNodes() {
	alike := map[string]*node{}
	for _, state := range p.graph.resources {
		drawing := drawings[string(state.Type)]
		if drawing.title == nil || state.Type == recordType {
			continue
		}
		n := &node{
			resources: []apitype.ResourceV3{state}, drawing: drawing, title: drawing.title(state), name: state.URN.Name(),
			spot: p.places.spot(state, drawing), change: changes[p.marks[state.URN]],
		}
		if drawing.detail != nil {
			n.detail = drawing.detail(state)
		}
		kind := fmt.Sprint(state.Type, state.Parent, n.spot, n.change, n.detail)
		if first := alike[kind]; first != nil && drawing.zonal && !drawing.cylinder {
			first.resources = append(first.resources, state)
			p.nodeOf[state.URN] = first
			continue
		}
		alike[kind] = n
		p.add(n)
	}
}

func (p *picture) add(n *node) {
	p.nodes = append(p.nodes, n)
	for _, state := range n.resources {
		p.nodeOf[state.URN] = n
	}
}

// addNames adds DNS names: public ones that have a target, and private ones with several targets.
func (p *picture) addNames() {
	records := map[string][]apitype.ResourceV3{}
	var names []string
	for _, state := range p.graph.resources {
		if state.Type == recordType {
			name := knownText(state, "name")
			if records[name] == nil {
				names = append(names, name)
			}
			records[name] = append(records[name], state)
		}
	}
	for _, name := range names {
		targets := map[*node]bool{}
		var last *node
		for _, record := range records[name] {
			for _, target := range p.nextNodes(record.URN) {
				targets[target], last = true, target
			}
		}
		first, minTargets := records[name][0], 1
		n := &node{resources: records[name], drawing: drawings[recordType], title: "Route 53 name", name: name, spot: spot{where: edgeNetwork}}
		if p.isPrivate(first) {
			minTargets = 2
			n.name, _, _ = strings.Cut(name, ".")
			n.drawing.entry = nil
			n.title = "Route 53 private name"
		}
		if len(targets) >= minTargets {
			if p.isPrivate(first) {
				n.spot = spot{where: last.spot.where, vpc: last.spot.vpc}
			}
			n.change = changes[p.marks[first.URN]]
			p.add(n)
		}
	}
}

// isPrivate reports whether a record's hosted zone is private.
func (p *picture) isPrivate(record apitype.ResourceV3) bool {
	for _, zone := range p.graph.references(record, "zoneId") {
		if _, isPrivate := p.graph.byURN[zone].Inputs["vpcs"]; isPrivate {
			return true
		}
	}
	return false
}

// dropUnreached removes nodes that are drawn only if traffic reaches them, and reports whether there were any.
func (p *picture) dropUnreached() bool {
	reached := map[*node]bool{}
	for _, edge := range p.edges {
		reached[edge.to] = true
	}
	before := len(p.nodes)
	p.nodes = slices.DeleteFunc(p.nodes, func(n *node) bool {
		drop := n.drawing.reached && !reached[n]
		if drop {
			for _, state := range n.resources {
				delete(p.nodeOf, state.URN)
			}
		}
		return drop
	})
	return len(p.nodes) < before
}

// addTiles counts the resources without nodes by service, sorted.
func (p *picture) addTiles() {
	tiles := map[string]map[string]*count{}
	for _, state := range p.graph.resources {
		drawing, inTable := drawings[string(state.Type)]
		service, word := drawing.tile, drawing.word
		if !inTable {
			service, word = "Other", plainType(string(state.Type))
		}
		if service == "" || p.nodeOf[state.URN] != nil {
			continue
		}
		if tiles[service] == nil {
			tiles[service] = map[string]*count{}
		}
		counted := tiles[service][word]
		if counted == nil {
			counted = &count{word: word, changes: map[change]int{}}
			tiles[service][word] = counted
		}
		counted.total++
		counted.changes[changes[p.marks[state.URN]]]++
	}
	for service, counts := range tiles {
		tile := tile{service: service}
		for _, counted := range counts {
			tile.counts = append(tile.counts, *counted)
		}
		slices.SortFunc(tile.counts, func(a, b count) int { return cmp.Or(b.total-a.total, strings.Compare(a.word, b.word)) })
		p.tiles = append(p.tiles, tile)
	}
	slices.SortFunc(p.tiles, func(a, b tile) int {
		return cmp.Or(rank(a.service)-rank(b.service), strings.Compare(a.service, b.service))
	})
}

// rank sorts "Other" last.
func rank(service string) int {
	if service == "Other" {
		return 1
	}
	return 0
}

// plainType returns a type's service and resource, such as "kinesis stream".
func plainType(token string) string {
	service, kind, _ := strings.Cut(token, ":")
	module, kind, inModule := strings.Cut(kind, ":")
	if service == "aws" {
		service, _, _ = strings.Cut(module, "/")
	}
	if !inModule {
		kind = module
	}
	return service + " " + kind
}

// setKeys sets the unique key of each node in D2's language.
func (p *picture) setKeys() {
	taken := map[string]int{}
	for _, n := range p.nodes {
		token := string(n.resources[0].Type)
		key := strings.ToLower(token[strings.LastIndex(token, ":")+1:]) + "-" + plainKey(n.resources[0].URN.Name())
		if n.title == standbyTitle {
			key += "-standby"
		}
		if taken[key]++; taken[key] > 1 {
			key = fmt.Sprint(key, "-", taken[key])
		}
		n.key = key
	}
}

// plainKey replaces characters that D2 does not allow in a plain key.
func plainKey(name string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r == '_' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' {
			return r
		}
		return '-'
	}, name)
}
