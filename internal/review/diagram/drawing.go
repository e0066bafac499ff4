package diagram

import "github.com/pulumi/pulumi/sdk/v3/go/common/apitype"

// drawing is how resources of a type are drawn.
type drawing struct {
	// title names a node, in AWS's words. A type without one is no node.
	title func(apitype.ResourceV3) string
	// detail is shown beside a node's name, such as its size.
	detail func(apitype.ResourceV3) string
	// cylinder: the node is drawn as a data store.
	cylinder bool
	// where is the place of a node without a more precise one.
	where where
	// zonal: the node is in one Availability Zone; others are in all zones of their subnets.
	zonal bool
	// maxZones is the property that limits these: a cache of two nodes is in two zones.
	maxZones string
	// nameless: the node has no name, as there is one in each place.
	nameless bool
	// entry reports whether users may reach the node from the internet.
	entry func(apitype.ResourceV3) bool
	// reached: the node is drawn only if traffic reaches it, and else counted.
	reached bool

	// from are properties that refer to senders of requests, and to those that refer to receivers. A type that is not a
	// node passes the traffic on to the next node.
	from, to []string
	// copies are properties that refer to the source of the node's data.
	copies []string

	// tile and word are for types that are counted: the AWS service, and the singular of the type.
	tile, word string
}

// where is a container of the picture.
type where int

const (
	// region is the AWS region, outside of any VPC.
	region where = iota
	// edgeNetwork is AWS's global network in front of the regions.
	edgeNetwork
	// gateway is the VPC itself.
	gateway
	// public, private and isolated are tiers of subnets: with access from and to the internet, only to it, and without.
	public
	private
	isolated
)

// counted returns the drawing of a type that is counted by AWS service.
func counted(tile, word string) drawing { return drawing{tile: tile, word: word} }

// folded is the drawing of a type that only describes another, which is drawn or counted.
var folded = drawing{}

// passes returns the drawing of a type that passes traffic on and is folded itself.
func passes(from, to []string) drawing { return drawing{from: from, to: to} }

func titled(title string) func(apitype.ResourceV3) string {
	return func(apitype.ResourceV3) string { return title }
}

func showing(property string) func(apitype.ResourceV3) string {
	return func(state apitype.ResourceV3) string { return knownText(state, property) }
}

func always(apitype.ResourceV3) bool { return true }
