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
	// NATPerZone has a gateway in each zone, so that a zone's failure takes nothing from the others.
	NATPerZone NAT = "OnePerAz"
)

// Topology is what a stage consists of. Every stage has the day-one tiers, a network and a database; they are not listed.
type Topology struct {
	// Name is the stage's name in the article.
	Name string
	// NAT is how private subnets reach the internet.
	NAT NAT
	// Web is the web tier.
	Web Web
	// LoadBalancer spreads requests over what serves; without it the one web instance is the entry.
	LoadBalancer bool
	// StandbyDatabase keeps a synchronous copy of the database in a second zone.
	StandbyDatabase bool
	// ReplicaZones is in how many zones the database has a replica to read from.
	ReplicaZones int
	// Cache keeps what is read often before the database.
	Cache bool
	// Frontend serves static content from S3 through CloudFront.
	Frontend bool
	// EdgeOnly has dynamic content come through CloudFront too, and nobody else reach the load balancer.
	EdgeOnly bool
	// Services run as containers, each for itself, in the place of the web tier.
	Services bool
	// Functions take over simple operations that are executed often, with tables of their own.
	Functions bool
}

// Web is how the web tier is spread. A stage without Zones has none.
type Web struct {
	// Zones is how many availability zones have web instances, and PerZone how many instances each of them has.
	Zones, PerZone int
	// AutoScaling has a group of instances, over all zones of the network, in the place of PerZone.
	AutoScaling bool
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
	3: {
		Name:            "the bookworm",
		NAT:             NATSingle,
		Web:             Web{Zones: 2, PerZone: 2},
		LoadBalancer:    true,
		StandbyDatabase: true,
		ReplicaZones:    2,
	},
	4: {
		Name:            "the great expansion",
		NAT:             NATPerZone,
		Web:             Web{Zones: 3, AutoScaling: true},
		LoadBalancer:    true,
		StandbyDatabase: true,
		ReplicaZones:    2,
		Cache:           true,
		Frontend:        true,
	},
	5: {
		Name:            "the front page",
		NAT:             NATPerZone,
		LoadBalancer:    true,
		StandbyDatabase: true,
		ReplicaZones:    2,
		Cache:           true,
		Frontend:        true,
		EdgeOnly:        true,
		Services:        true,
		Functions:       true,
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
