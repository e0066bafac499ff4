package diagram

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Source returns the picture of a stack's resources in D2's language. With marks it shows the change of each.
func Source(resources []apitype.ResourceV3, marks map[resource.URN]apitype.OpType) string {
	w := &writer{picture: newPicture(resources, marks), paths: map[*node]string{nil: "users"}}
	w.text.WriteString(style())
	w.users()
	w.account()
	w.arrows()
	w.below(marks != nil)
	return w.text.String()
}

// writer writes a picture in D2's language.
type writer struct {
	*picture

	text  strings.Builder
	depth int
	// paths are the nodes' paths in D2's containers.
	paths map[*node]string
	path  []string
}

func (w *writer) line(format string, args ...any) {
	w.text.WriteString(strings.Repeat("  ", w.depth) + fmt.Sprintf(format, args...) + "\n")
}

// container writes a container and its content.
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

// nodesAt writes the nodes whose spots match.
func (w *writer) nodesAt(match func(spot) bool) {
	for _, n := range w.nodes {
		if match(n.spot) {
			w.paths[n] = strings.Join(append(slices.Clone(w.path), n.key), ".")
			w.line("%s: %q {class: %s}", n.key, n.label(), n.classes())
		}
	}
}

func (n *node) label() string {
	title := n.title
	if len(n.resources) > 1 && n.drawing.zonal {
		title = fmt.Sprintf("%d × %s", len(n.resources), title)
	}
	if n.change.sign != "" {
		title = n.change.sign + " " + title
	}
	lines := []string{title}
	if !n.drawing.nameless {
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

// shownName returns the name of one resource, or of the parent of several.
func (n *node) shownName() string {
	if parent := n.resources[0].Parent; len(n.resources) > 1 && n.drawing.zonal && parent != "" {
		return parent.Name()
	}
	return n.name
}

func (n *node) classes() string {
	classes := []string{"node"}
	if n.drawing.cylinder {
		classes = append(classes, "data")
	}
	if n.change.class != "" {
		classes = append(classes, n.change.class)
	}
	return "[" + strings.Join(classes, "; ") + "]"
}

func (w *writer) users() {
	if slices.ContainsFunc(w.edges, func(edge arrow) bool { return edge.from == nil }) {
		w.line("users: Users {class: users}")
	}
}

func (w *writer) account() {
	if len(w.nodes)+len(w.tiles) == 0 {
		w.line("empty: %q {class: node}", "no resources")
	}
	if len(w.nodes) == 0 {
		return
	}
	w.container("account", "AWS account", "account", func() {
		w.nodesAt(func(at spot) bool { return at.where == edgeNetwork })
		w.container("region", w.region(), "region", func() {
			w.regional()
			for _, state := range w.graph.resources {
				if state.Type == vpcType {
					w.vpc(state)
				}
			}
			w.nodesAt(func(at spot) bool { return at.where > edgeNetwork && w.graph.byURN[at.vpc].Type != vpcType })
		})
	})
}

// regional writes the nodes outside of VPCs as a column beside the VPC.
func (w *writer) regional() {
	outside := func(at spot) bool { return at.where == region }
	if slices.ContainsFunc(w.nodes, func(n *node) bool { return outside(n.spot) }) {
		w.container("regional", "regional services", "regional", func() { w.nodesAt(outside) })
	}
}

// region returns the region's name by its zones, or "Region".
func (w *writer) region() string {
	for _, subnet := range w.places.subnets {
		if subnet.zone != "" {
			return strings.TrimRight(subnet.zone, "abcdefgh")
		}
	}
	return "Region"
}

func (w *writer) vpc(vpc apitype.ResourceV3) {
	label := strings.TrimSpace(changes[w.marks[vpc.URN]].sign + " VPC " + knownText(vpc, "cidrBlock"))
	w.container("vpc-"+plainKey(vpc.URN.Name()), label, "vpc", func() {
		w.nodesAt(func(at spot) bool { return at.vpc == vpc.URN && at.where == gateway })
		for _, container := range []struct {
			tier       where
			key, label string
		}{{public, "public", "public subnets"}, {private, "private", "private subnets"}, {isolated, "isolated", "isolated subnets"}} {
			inTier := func(at spot) bool { return at.vpc == vpc.URN && at.where == container.tier }
			if slices.ContainsFunc(w.nodes, func(n *node) bool { return inTier(n.spot) }) {
				w.container(container.key, container.label, "tier", func() {
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
	for _, n := range w.nodes {
		if inTier(n.spot) && n.spot.zone != "" {
			zones = append(zones, n.spot.zone)
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
	for _, edge := range w.edges {
		switch edge.kind {
		case requests:
			w.line("%s -> %s: %q {class: requests}", w.paths[edge.from], w.paths[edge.to], edge.label)
		case copying:
			w.line("%s -> %s {class: %s}", w.paths[edge.from], w.paths[edge.to], copyClass)
		case wayOut:
			w.line("%s <- %s {class: way-out}", w.paths[edge.to], w.paths[edge.from])
		}
	}
}

// columns is the number of tiles in a row.
const columns = 5

// below writes the tiles and the legend.
func (w *writer) below(marked bool) {
	if len(w.tiles) > 0 || marked {
		w.container("beside", "", "beside", func() {
			w.counted()
			if marked {
				w.container("legend", "", "legend", func() {
					for _, change := range legend {
						w.line("%s: %q {class: [key; %s]}", change.class, change.sign+" "+change.word, change.class)
					}
				})
			}
		})
	}
}

// counted writes the tiles in rows; D2 rejects a grid without rows.
func (w *writer) counted() {
	if len(w.tiles) == 0 {
		return
	}
	w.container("counted", "also in this stack", "counted", func() {
		w.line("grid-rows: %d", (len(w.tiles)+columns-1)/columns)
		w.line("grid-columns: %d", columns)
		for _, tile := range w.tiles {
			w.line("%s: %q {class: tile}", strings.ToLower(plainKey(tile.service)), tile.label())
		}
	})
}

func (t tile) label() string {
	lines := []string{t.service}
	for _, count := range t.counts {
		line := fmt.Sprint(count.total, " ", plural(count.word, count.total))
		var signs []string
		for _, change := range legend {
			if changed := count.changes[change]; changed > 0 {
				signs = append(signs, fmt.Sprint(change.sign, changed))
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
