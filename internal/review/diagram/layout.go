package diagram

import (
	"context"
	"slices"

	"oss.terrastruct.com/d2/d2graph"
	"oss.terrastruct.com/d2/d2layouts/d2elklayout"
	"oss.terrastruct.com/d2/lib/geo"
)

// layout is ELK's, with tight containers. ELK puts the end of an edge below its start, but a copy belongs beside its
// source: layout leaves out the edges of copies and draws them afterwards.
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
	for _, edge := range edges {
		if copies(edge) {
			lanes[edge.Src] = max(lanes[edge.Src], bottom(edge.Src), bottom(edge.Dst))
		}
	}
	for _, edge := range edges {
		if copies(edge) {
			edge.Route = routeBelow(edge.Src, edge.Dst, lanes[edge.Src]+laneDistance)
		}
	}
	moveLabels(drawn)
	return nil
}

func copies(edge *d2graph.Edge) bool { return slices.Contains(edge.Classes, copyClass) }

// laneDistance is the distance between the lowest copy and the line to all copies, within the bottom padding of a zone.
const laneDistance = 14

func bottom(object *d2graph.Object) float64 { return object.TopLeft.Y + object.Height }

// routeBelow returns the route from the bottom of one node to that of another, along a lane that all copies share.
func routeBelow(from, to *d2graph.Object, y float64) []*geo.Point {
	start, end := from.TopLeft.X+from.Width/2, to.TopLeft.X+to.Width/2
	return []*geo.Point{{X: start, Y: bottom(from)}, {X: start, Y: y}, {X: end, Y: y}, {X: end, Y: bottom(to)}}
}
