// Package stage is the table of the stages of growth: what each one turns on. No other package compares stage numbers.
package stage

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// NAT is how private subnets reach the internet.
type NAT string

// The NAT strategies, by their names in awsx.
const (
	// NATNone does not connect private subnets to the internet.
	NATNone NAT = "None"
	// NATSingle shares one gateway: if its zone fails, no private subnet reaches the internet, but users are still served.
	NATSingle NAT = "Single"
	// NATPerZone has a gateway in each zone, so that the failure of a zone does not affect the others.
	NATPerZone NAT = "OnePerAz"
)

// Entry is where users' requests come in.
type Entry string

// The entries, in the order in which a growing service uses them.
const (
	// EntryInstance is the Elastic IP of the one public instance.
	EntryInstance Entry = "instance"
	// EntryLoadBalancer is a load balancer that is open to the internet.
	EntryLoadBalancer Entry = "load balancer"
	// EntryFrontend is CloudFront for the page, and the load balancer for the requests of the page.
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
	// PublicInstance is a single web instance that is open to the internet.
	PublicInstance bool
	// Instances are web instances behind the load balancer, and ScalingGroup is a group of them over all zones.
	Instances    Instances
	ScalingGroup bool
	// PublicLoadBalancer routes requests from the internet, and EdgeLoadBalancer those from CloudFront. With both, one load
	// balancer has two listeners.
	PublicLoadBalancer, EdgeLoadBalancer bool
	// StandbyDatabase keeps a synchronous copy of the database in a second zone.
	StandbyDatabase bool
	// ReplicaZones is the number of zones in which the database has a read replica.
	ReplicaZones int
	// Cache is in front of the database, for data that is read often.
	Cache bool
	// Frontend serves static content from S3 through CloudFront.
	Frontend bool
	// Services run as containers and replace the web tier.
	Services bool
	// Functions execute simple, frequent operations, with their own tables.
	Functions bool
}

// Instances is the number of zones that have web instances, and the number of instances in each.
type Instances struct{ Zones, PerZone int }

// Web reports whether the topology has web servers, of any kind.
func (t Topology) Web() bool { return t.PublicInstance || t.Instances.Zones > 0 || t.ScalingGroup }

// LoadBalancer reports whether the topology has a load balancer.
func (t Topology) LoadBalancer() bool { return t.PublicLoadBalancer || t.EdgeLoadBalancer }

// Union returns the topology with all tiers of another one, too. The entry stays the same.
func (t Topology) Union(other Topology) Topology {
	return Topology{
		Name:           t.Name,
		NAT:            natStrategies[max(slices.Index(natStrategies, t.NAT), slices.Index(natStrategies, other.NAT))],
		Entry:          t.Entry,
		PublicInstance: t.PublicInstance || other.PublicInstance,
		Instances: Instances{
			Zones:   max(t.Instances.Zones, other.Instances.Zones),
			PerZone: max(t.Instances.PerZone, other.Instances.PerZone),
		},
		ScalingGroup:       t.ScalingGroup || other.ScalingGroup,
		PublicLoadBalancer: t.PublicLoadBalancer || other.PublicLoadBalancer,
		EdgeLoadBalancer:   t.EdgeLoadBalancer || other.EdgeLoadBalancer,
		StandbyDatabase:    t.StandbyDatabase || other.StandbyDatabase,
		ReplicaZones:       max(t.ReplicaZones, other.ReplicaZones),
		Cache:              t.Cache || other.Cache,
		Frontend:           t.Frontend || other.Frontend,
		Services:           t.Services || other.Services,
		Functions:          t.Functions || other.Functions,
	}
}

// natStrategies are in ascending order of availability.
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
