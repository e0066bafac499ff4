package diagram

import "github.com/pulumi/pulumi/sdk/v3/go/common/apitype"

// drawing is how resources of a type are drawn.
type drawing struct {
	// title names a node, in AWS's words. A type without one is no node.
	title func(apitype.ResourceV3) string
	// detail is what a node tells beside its name, such as its size.
	detail func(apitype.ResourceV3) string
	// cylinder has the node drawn as a store of data.
	cylinder bool
	// where a node stands that says nothing more precise.
	where where
	// zonal nodes of a VPC stand in one availability zone, others in all zones of their subnets.
	zonal bool
	// most is the property that limits these: a cache of two nodes stands in two zones.
	most string
	// nameless nodes need no name: there is one of them in each place.
	nameless bool
	// entry tells whether users may reach the node from the internet.
	entry func(apitype.ResourceV3) bool
	// reached has a node drawn only if traffic reaches it; else it is counted.
	reached bool

	// from are properties that refer to what sends requests this way, and to those that refer to where they go on. Of a
	// type that is no node they carry the traffic on to the next node.
	from, to []string
	// copies are properties that refer to what the node is a copy of.
	copies []string

	// tile and word count what is no node: the AWS service, and one resource of the type in a word.
	tile, word string
}

// where is a container of the picture.
type where int

const (
	// region is the AWS region, outside of any VPC.
	region where = iota
	// edge is AWS's global network before the regions.
	edge
	// gateway is the VPC itself.
	gateway
	// public, private and isolated are tiers of subnets: with a way in and out, with a way out only, and with none.
	public
	private
	isolated
)

// counted are resources that are counted, by AWS service.
func counted(tile, word string) drawing { return drawing{tile: tile, word: word} }

// folded are resources that only say more about another, which is drawn or counted.
var folded = drawing{}

// passes are resources through which traffic goes on, and which are folded themselves.
func passes(from, to []string) drawing { return drawing{from: from, to: to} }

func titled(title string) func(apitype.ResourceV3) string {
	return func(apitype.ResourceV3) string { return title }
}

func showing(property string) func(apitype.ResourceV3) string {
	return func(of apitype.ResourceV3) string { return known(of, property) }
}

func always(apitype.ResourceV3) bool { return true }
