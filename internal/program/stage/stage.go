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
	// NATNone returns no way out.
	NATNone NAT = "None"
	// NATSingle shares one gateway: its zone's failure takes the way out from all, but no request from users.
	NATSingle NAT = "Single"
	// NATPerZone has a gateway in each zone, so that a zone's failure takes nothing from the others.
	NATPerZone NAT = "OnePerAz"
)

// Entry is where users' requests come in.
type Entry string

// The entries, in the order in which a growing service takes them.
const (
	// EntryInstance is the Elastic IP of the one public instance.
	EntryInstance Entry = "instance"
	// EntryLoadBalancer answers everybody.
	EntryLoadBalancer Entry = "load balancer"
	// EntryFrontend is CloudFront for the page, and the load balancer for what the page asks.
	EntryFrontend Entry = "frontend"
	// EntryEdge is CloudFront for everything.
	EntryEdge Entry = "edge"
)

// Topology is what a stage consists of. Every stage has the day-one tiers, a network and a database; they are not listed.
type Topology struct {
	// Name is the stage's name in the article.
	Name string
	// NAT is how private subnets reach the internet.
	NAT NAT
	// Entry is where users' requests arrive.
	Entry Entry
	// PublicInstance is the one web instance that serves the internet by itself.
	PublicInstance bool
	// Instances are web instances behind the load balancer, and ScalingGroup is a group of them over all zones.
	Instances    Instances
	ScalingGroup bool
	// PublicLoadBalancer spreads requests of everybody, and EdgeLoadBalancer those that come through CloudFront; both are
	// one load balancer.
	PublicLoadBalancer, EdgeLoadBalancer bool
	// StandbyDatabase keeps a synchronous copy of the database in a second zone.
	StandbyDatabase bool
	// ReplicaZones is in how many zones the database has a replica to read from.
	ReplicaZones int
	// Cache keeps what is read often before the database.
	Cache bool
	// Frontend serves static content from S3 through CloudFront.
	Frontend bool
	// Services run as containers, each for itself, in the place of the web tier.
	Services bool
	// Functions take over simple operations that are executed often, with tables of their own.
	Functions bool
}

// Instances is how web instances are spread: how many zones have some, and how many each of them has.
type Instances struct{ Zones, PerZone int }

// Web reports whether the topology has web servers, of any kind.
func (t Topology) Web() bool { return t.PublicInstance || t.Instances.Zones > 0 || t.ScalingGroup }

// LoadBalancer reports whether the topology has one.
func (t Topology) LoadBalancer() bool { return t.PublicLoadBalancer || t.EdgeLoadBalancer }

// Union returns the topology with all tiers of another one, too. Users reach its own entry.
func (t Topology) Union(kept Topology) Topology {
	return Topology{
		Name:           t.Name,
		NAT:            natStrategies[max(slices.Index(natStrategies, t.NAT), slices.Index(natStrategies, kept.NAT))],
		Entry:          t.Entry,
		PublicInstance: t.PublicInstance || kept.PublicInstance,
		Instances: Instances{
			Zones:   max(t.Instances.Zones, kept.Instances.Zones),
			PerZone: max(t.Instances.PerZone, kept.Instances.PerZone),
		},
		ScalingGroup:       t.ScalingGroup || kept.ScalingGroup,
		PublicLoadBalancer: t.PublicLoadBalancer || kept.PublicLoadBalancer,
		EdgeLoadBalancer:   t.EdgeLoadBalancer || kept.EdgeLoadBalancer,
		StandbyDatabase:    t.StandbyDatabase || kept.StandbyDatabase,
		ReplicaZones:       max(t.ReplicaZones, kept.ReplicaZones),
		Cache:              t.Cache || kept.Cache,
		Frontend:           t.Frontend || kept.Frontend,
		Services:           t.Services || kept.Services,
		Functions:          t.Functions || kept.Functions,
	}
}

// natStrategies are ordered from the one that reaches least to the one that reaches most.
var natStrategies = []NAT{NATNone, NATSingle, NATPerZone}

var topologies = map[int]Topology{
	1: {
		Name:           "early days",
		NAT:            NATNone,
		Entry:          EntryInstance,
		PublicInstance: true,
	},
	2: {
		Name:               "better safe than sorry",
		NAT:                NATSingle,
		Entry:              EntryLoadBalancer,
		Instances:          Instances{Zones: 2, PerZone: 1},
		PublicLoadBalancer: true,
		StandbyDatabase:    true,
	},
	3: {
		Name:               "the bookworm",
		NAT:                NATSingle,
		Entry:              EntryLoadBalancer,
		Instances:          Instances{Zones: 2, PerZone: 2},
		PublicLoadBalancer: true,
		StandbyDatabase:    true,
		ReplicaZones:       2,
	},
	4: {
		Name:               "the great expansion",
		NAT:                NATPerZone,
		Entry:              EntryFrontend,
		ScalingGroup:       true,
		PublicLoadBalancer: true,
		StandbyDatabase:    true,
		ReplicaZones:       2,
		Cache:              true,
		Frontend:           true,
	},
	5: {
		Name:             "the front page",
		NAT:              NATPerZone,
		Entry:            EntryEdge,
		EdgeLoadBalancer: true,
		StandbyDatabase:  true,
		ReplicaZones:     2,
		Cache:            true,
		Frontend:         true,
		Services:         true,
		Functions:        true,
	},
}

// For returns a stage's topology. It rejects a number that is no stage, and lists the stages.
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
