package diagram

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Source is the picture of a stack's resources in D2's language. With marks it shows what happens to each.
func Source(resources []apitype.ResourceV3, marks map[resource.URN]apitype.OpType) string {
	drawn := newPicture(resources, marks)
	written := &writer{picture: drawn, paths: map[*node]string{nil: "users"}}
	written.text.WriteString(style())
	written.users()
	written.account()
	written.arrows()
	written.below(marks != nil)
	return written.text.String()
}

// writer writes a picture in D2's language.
type writer struct {
	*picture

	text  strings.Builder
	depth int
	// paths are where in D2's containers each node is.
	paths map[*node]string
	path  []string
}

func (w *writer) line(format string, args ...any) {
	w.text.WriteString(strings.Repeat("  ", w.depth) + fmt.Sprintf(format, args...) + "\n")
}

// container writes a container with what is in it.
func (w *writer) container(key, label, class string, content func()) {
	w.line("%s: %q {", key, label)
	w.depth++
	w.path = append(w.path, key)
	w.line("class: %s", class)
	content()
	w.path = w.path[:len(w.path)-1]
	w.depth--
	w.line("}")
}

// nodesAt writes the nodes of one spot.
func (w *writer) nodesAt(at func(spot) bool) {
	for _, each := range w.nodes {
		if at(each.spot) {
			w.paths[each] = strings.Join(append(slices.Clone(w.path), each.key), ".")
			w.line("%s: %q {class: %s}", each.key, each.label(), each.classes())
		}
	}
}

func (n *node) label() string {
	title := n.title
	if len(n.resources) > 1 && n.how.zonal {
		title = fmt.Sprintf("%d × %s", len(n.resources), title)
	}
	if n.change.sign != "" {
		title = n.change.sign + " " + title
	}
	lines := []string{title}
	if !n.how.nameless {
		lines = append(lines, n.shownName())
	}
	if n.detail != "" {
		lines = append(lines, n.detail)
	}
	if n.spot.zones > 1 {
		lines = append(lines, fmt.Sprintf("over %d zones", n.spot.zones))
	}
	return strings.Join(lines, "\n")
}

// shownName is the name of one resource, or what is before the numbers of several.
func (n *node) shownName() string {
	if parent := n.resources[0].Parent; len(n.resources) > 1 && n.how.zonal && parent != "" {
		return parent.Name()
	}
	return n.name
}

func (n *node) classes() string {
	classes := []string{"node"}
	if n.how.cylinder {
		classes = append(classes, "data")
	}
	if n.change.class != "" {
		classes = append(classes, n.change.class)
	}
	return "[" + strings.Join(classes, "; ") + "]"
}

func (w *writer) users() {
	if slices.ContainsFunc(w.edges, func(each arrow) bool { return each.from == nil }) {
		w.line("users: Users {class: users}")
	}
}

func (w *writer) account() {
	if len(w.nodes) == 0 {
		return
	}
	w.container("account", "AWS account", "account", func() {
		w.nodesAt(func(at spot) bool { return at.where == edge })
		w.container("region", w.region(), "region", func() {
			w.regional()
			for _, each := range w.graph.resources {
				if each.Type == vpcType {
					w.vpc(each)
				}
			}
			w.nodesAt(func(at spot) bool { return at.where > edge && w.graph.byURN[at.vpc].Type != vpcType })
		})
	})
}

// regional writes what stands in no VPC as a column of its own, beside the VPC.
func (w *writer) regional() {
	outside := func(at spot) bool { return at.where == region }
	if slices.ContainsFunc(w.nodes, func(each *node) bool { return outside(each.spot) }) {
		w.container("regional", "regional services", "regional", func() { w.nodesAt(outside) })
	}
}

// region is the region's name as far as its zones tell it.
func (w *writer) region() string {
	for _, each := range w.places.subnets {
		if each.zone != "" {
			return strings.TrimRight(each.zone, "abcdefgh")
		}
	}
	return "Region"
}

func (w *writer) vpc(of apitype.ResourceV3) {
	label := strings.TrimSpace(changes[w.marks[of.URN]].sign + " VPC " + known(of, "cidrBlock"))
	w.container("vpc-"+plainKey(of.URN.Name()), label, "vpc", func() {
		w.nodesAt(func(at spot) bool { return at.vpc == of.URN && at.where == gateway })
		for _, each := range []struct {
			tier       where
			key, label string
		}{{public, "public", "public subnets"}, {private, "private", "private subnets"}, {isolated, "isolated", "isolated subnets"}} {
			inTier := func(at spot) bool { return at.vpc == of.URN && at.where == each.tier }
			if slices.ContainsFunc(w.nodes, func(one *node) bool { return inTier(one.spot) }) {
				w.container(each.key, each.label, "tier", func() {
					w.nodesAt(func(at spot) bool { return inTier(at) && at.zone == "" })
					w.zones(inTier)
				})
			}
		}
	})
}

// zones writes the zones of a tier that have nodes of their own.
func (w *writer) zones(inTier func(spot) bool) {
	var zones []string
	for _, each := range w.nodes {
		if inTier(each.spot) && each.spot.zone != "" {
			zones = append(zones, each.spot.zone)
		}
	}
	slices.Sort(zones)
	for _, zone := range slices.Compact(zones) {
		w.container(plainKey(zone), zone, "zone", func() {
			w.nodesAt(func(at spot) bool { return inTier(at) && at.zone == zone })
		})
	}
}

func (w *writer) arrows() {
	for _, each := range w.edges {
		switch each.kind {
		case requests:
			w.line("%s -> %s: %q {class: requests}", w.paths[each.from], w.paths[each.to], each.label)
		case copying:
			w.line("%s -> %s {class: %s}", w.paths[each.from], w.paths[each.to], copyClass)
		case wayOut:
			w.line("%s <- %s {class: way-out}", w.paths[each.to], w.paths[each.from])
		}
	}
}

// columns is how many tiles are side by side.
const columns = 5

// below writes what is counted, and the legend.
func (w *writer) below(marked bool) {
	if len(w.tiles) > 0 || marked {
		w.container("beside", "", "beside", func() {
			w.container("counted", "also in this stack", "counted", func() {
				w.line("grid-rows: %d", (len(w.tiles)+columns-1)/columns)
				w.line("grid-columns: %d", columns)
				for _, each := range w.tiles {
					w.line("%s: %q {class: tile}", strings.ToLower(plainKey(each.service)), each.label())
				}
			})
			if marked {
				w.container("legend", "", "legend", func() {
					for _, each := range legend {
						w.line("%s: %q {class: [key; %s]}", each.class, each.sign+" "+each.word, each.class)
					}
				})
			}
		})
	}
}

func (t tile) label() string {
	lines := []string{t.service}
	for _, each := range t.counts {
		line := fmt.Sprint(each.total, " ", plural(each.word, each.total))
		var signs []string
		for _, change := range legend {
			if of := each.changes[change]; of > 0 {
				signs = append(signs, fmt.Sprint(change.sign, of))
			}
		}
		if len(signs) > 0 {
			line += " (" + strings.Join(signs, " ") + ")"
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func plural(word string, total int) string {
	switch {
	case total == 1:
		return word
	case strings.HasSuffix(word, "y"):
		return strings.TrimSuffix(word, "y") + "ies"
	default:
		return word + "s"
	}
}
