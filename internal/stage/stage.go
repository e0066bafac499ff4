// Package stage is the table of the stages of growth: what each one turns on. Nobody else compares stage numbers.
package stage

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// NAT is how private subnets reach the internet.
type NAT string

// The ways of NAT, in awsx's words.
const (
	// NATNone gives no way out.
	NATNone NAT = "None"
	// NATSingle shares one gateway: its zone's failure takes the way out from all, but no request from users.
	NATSingle NAT = "Single"
)

// Topology is what a stage consists of. Every stage has the day-one tiers, a network and a database; they are not listed.
type Topology struct {
	// Name is the stage's name in the article.
	Name string
	// NAT is how private subnets reach the internet.
	NAT NAT
	// Web is the web tier.
	Web Web
	// LoadBalancer spreads requests over the web tier; without it the one web instance is the entry.
	LoadBalancer bool
	// StandbyDatabase keeps a synchronous copy of the database in a second zone.
	StandbyDatabase bool
}

// Web is how the web tier is spread.
type Web struct {
	// Zones is how many availability zones have web instances, and PerZone how many each of them has.
	Zones, PerZone int
}

var topologies = map[int]Topology{
	1: {
		Name: "early days",
		NAT:  NATNone,
		Web:  Web{Zones: 1, PerZone: 1},
	},
	2: {
		Name:            "better safe than sorry",
		NAT:             NATSingle,
		Web:             Web{Zones: 2, PerZone: 1},
		LoadBalancer:    true,
		StandbyDatabase: true,
	},
}

// For gives a stage's topology. A number that is no stage is an error that lists the stages there are.
func For(number int) (Topology, error) {
	topology, ok := topologies[number]
	if !ok {
		return Topology{}, fmt.Errorf("%d is not a stage: choose one of %s", number, list())
	}
	return topology, nil
}

func list() string {
	var known []string
	for _, number := range slices.Sorted(maps.Keys(topologies)) {
		known = append(known, fmt.Sprintf("%d (%s)", number, topologies[number].Name))
	}
	return strings.Join(known, ", ")
}
