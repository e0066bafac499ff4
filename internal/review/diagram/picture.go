package diagram

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// picture is what is drawn.
type picture struct {
	graph  graph
	places places
	marks  map[resource.URN]apitype.OpType
	nodes  []*node
	edges  []arrow
	tiles  []tile
	// of is the node that draws a resource, if one does.
	of map[resource.URN]*node
}

// node is one box, which stands for one resource or for several of a kind.
type node struct {
	resources           []apitype.ResourceV3
	how                 drawing
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

// count is how many resources there are of a kind, and what happens to them.
type count struct {
	word    string
	total   int
	changes map[change]int
}

func newPicture(resources []apitype.ResourceV3, marks map[resource.URN]apitype.OpType) *picture {
	drawn := &picture{graph: newGraph(resources), marks: marks, of: map[resource.URN]*node{}}
	drawn.places = newPlaces(drawn.graph)
	drawn.addNodes()
	drawn.addNames()
	drawn.addTraffic()
	for drawn.dropUnreached() {
		drawn.addTraffic()
	}
	drawn.addSecurityGroups()
	drawn.addCopies()
	drawn.addUsers()
	drawn.count()
	drawn.nameKeys()
	return drawn
}

// addNodes draws each resource that is a node by itself, and those of a kind in one subnet as one.
func (p *picture) addNodes() {
	alike := map[string]*node{}
	for _, each := range p.graph.resources {
		how := drawings[string(each.Type)]
		if how.title == nil || each.Type == recordType {
			continue
		}
		drawn := &node{
			resources: []apitype.ResourceV3{each}, how: how, title: how.title(each), name: each.URN.Name(),
			spot: p.places.spot(each, how), change: changes[p.marks[each.URN]],
		}
		if how.detail != nil {
			drawn.detail = how.detail(each)
		}
		kind := fmt.Sprint(each.Type, each.Parent, drawn.spot, drawn.change, drawn.detail)
		if first := alike[kind]; first != nil && how.zonal && !how.cylinder {
			first.resources = append(first.resources, each)
			p.of[each.URN] = first
			continue
		}
		alike[kind] = drawn
		p.add(drawn)
	}
}

func (p *picture) add(drawn *node) {
	p.nodes = append(p.nodes, drawn)
	for _, each := range drawn.resources {
		p.of[each.URN] = drawn
	}
}

// addNames draws DNS names: public ones that lead somewhere, and private ones that spread over several.
func (p *picture) addNames() {
	records := map[string][]apitype.ResourceV3{}
	var names []string
	for _, each := range p.graph.resources {
		if each.Type == recordType {
			name := known(each, "name")
			if records[name] == nil {
				names = append(names, name)
			}
			records[name] = append(records[name], each)
		}
	}
	for _, name := range names {
		behind := map[*node]bool{}
		var last *node
		for _, each := range records[name] {
			for _, to := range p.reach(each.URN) {
				behind[to], last = true, to
			}
		}
		first, least := records[name][0], 1
		drawn := &node{resources: records[name], how: drawings[recordType], title: "Route 53 name", name: name, spot: spot{where: edge}}
		if p.private(first) {
			least = 2
			drawn.name, _, _ = strings.Cut(name, ".")
			drawn.how.entry = nil
			drawn.title = "Route 53 private name"
		}
		if len(behind) >= least {
			if p.private(first) {
				drawn.spot = spot{where: last.spot.where, vpc: last.spot.vpc}
			}
			drawn.change = changes[p.marks[first.URN]]
			p.add(drawn)
		}
	}
}

// private tells whether a record's zone answers VPCs only.
func (p *picture) private(record apitype.ResourceV3) bool {
	for _, zone := range p.graph.refers(record, "zoneId") {
		if _, answers := p.graph.byURN[zone].Inputs["vpcs"]; answers {
			return true
		}
	}
	return false
}

// dropUnreached takes out the nodes that are drawn only if traffic reaches them, and tells whether there were any.
func (p *picture) dropUnreached() bool {
	reached := map[*node]bool{}
	for _, each := range p.edges {
		reached[each.to] = true
	}
	before := len(p.nodes)
	p.nodes = slices.DeleteFunc(p.nodes, func(each *node) bool {
		drop := each.how.reached && !reached[each]
		if drop {
			for _, one := range each.resources {
				delete(p.of, one.URN)
			}
		}
		return drop
	})
	return len(p.nodes) < before
}

// count counts what is no node, by service in the order of the names.
func (p *picture) count() {
	tiles := map[string]map[string]*count{}
	for _, each := range p.graph.resources {
		how, inTable := drawings[string(each.Type)]
		service, word := how.tile, how.word
		if !inTable {
			service, word = "Other", plain(string(each.Type))
		}
		if service == "" || p.of[each.URN] != nil {
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
		counted.changes[changes[p.marks[each.URN]]]++
	}
	for service, counts := range tiles {
		made := tile{service: service}
		for _, each := range counts {
			made.counts = append(made.counts, *each)
		}
		slices.SortFunc(made.counts, func(a, b count) int { return cmp.Or(b.total-a.total, strings.Compare(a.word, b.word)) })
		p.tiles = append(p.tiles, made)
	}
	slices.SortFunc(p.tiles, func(a, b tile) int {
		return cmp.Or(rank(a.service)-rank(b.service), strings.Compare(a.service, b.service))
	})
}

// rank has "Other" come last.
func rank(service string) int {
	if service == "Other" {
		return 1
	}
	return 0
}

// plain is a type's service and resource in words, such as "kinesis stream".
func plain(token string) string {
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

// nameKeys gives each node a name that D2 takes and no other node has.
func (p *picture) nameKeys() {
	taken := map[string]int{}
	for _, each := range p.nodes {
		kind := strings.ToLower(string(each.resources[0].Type[strings.LastIndex(string(each.resources[0].Type), ":")+1:]))
		key := kind + "-" + plainKey(each.resources[0].URN.Name())
		if each.title == standbyTitle {
			key += "-standby"
		}
		if taken[key]++; taken[key] > 1 {
			key = fmt.Sprint(key, "-", taken[key])
		}
		each.key = key
	}
}

// plainKey leaves only what D2 reads as a plain word.
func plainKey(name string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r == '_' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' {
			return r
		}
		return '-'
	}, name)
}
