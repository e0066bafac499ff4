package diagram

import (
	"context"
	"slices"

	"oss.terrastruct.com/d2/d2graph"
	"oss.terrastruct.com/d2/d2layouts/d2elklayout"
	"oss.terrastruct.com/d2/lib/geo"
)

// layout is ELK's, with containers tight around what is in them. ELK puts what an edge leads to below where it comes
// from; a copy belongs beside its source, so that the edges of copies are left out there and drawn afterwards.
func layout(ctx context.Context, drawn *d2graph.Graph) error {
	options := d2elklayout.DefaultOpts
	options.NodeSpacing, options.EdgeNodeSpacing, options.Padding = 18, 14, "[top=36,left=14,bottom=28,right=14]"
	edges := drawn.Edges
	drawn.Edges = slices.DeleteFunc(slices.Clone(edges), copies)
	if err := d2elklayout.Layout(ctx, drawn, &options); err != nil {
		return err
	}
	drawn.Edges = edges
	lanes := map[*d2graph.Object]float64{}
	for _, each := range edges {
		if copies(each) {
			lanes[each.Src] = max(lanes[each.Src], bottom(each.Src), bottom(each.Dst))
		}
	}
	for _, each := range edges {
		if copies(each) {
			each.Route = below(each.Src, each.Dst, lanes[each.Src]+lane)
		}
	}
	moveLabels(drawn)
	return nil
}

func copies(edge *d2graph.Edge) bool { return slices.Contains(edge.Classes, copyClass) }

// lane is how far below the lowest copy the line to all copies runs: within the space at the bottom of a zone.
const lane = 14

func bottom(of *d2graph.Object) float64 { return of.TopLeft.Y + of.Height }

// below leads from the bottom of one node to that of another, along a lane that all copies share.
func below(from, to *d2graph.Object, y float64) []*geo.Point {
	start, end := from.TopLeft.X+from.Width/2, to.TopLeft.X+to.Width/2
	return []*geo.Point{{X: start, Y: bottom(from)}, {X: start, Y: y}, {X: end, Y: y}, {X: end, Y: bottom(to)}}
}
