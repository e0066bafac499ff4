package diagram

import (
	"slices"

	"oss.terrastruct.com/d2/d2graph"
	"oss.terrastruct.com/d2/lib/geo"
	"oss.terrastruct.com/d2/lib/label"
)

// corners are where the label of a container may be, the best first.
var corners = []label.Position{
	label.InsideTopLeft, label.InsideTopRight, label.InsideTopCenter,
	label.InsideBottomLeft, label.InsideBottomRight, label.InsideBottomCenter,
}

// moveLabels has the labels of containers where no edge goes through them, as far as there is such a corner.
func moveLabels(drawn *d2graph.Graph) {
	for _, each := range drawn.Objects {
		if len(each.ChildrenArray) == 0 || !each.HasLabel() {
			continue
		}
		free := slices.IndexFunc(corners, func(corner label.Position) bool { return !covered(drawn, each, corner) })
		position := corners[max(free, 0)].String()
		each.LabelPosition = &position
	}
}

// covered tells whether an edge, or what is in the container, is where the label would be.
func covered(drawn *d2graph.Graph, container *d2graph.Object, corner label.Position) bool {
	width, height := float64(container.LabelDimensions.Width), float64(container.LabelDimensions.Height)
	room := geo.NewBox(corner.GetPointOnBox(container.Box, label.PADDING, width, height), width, height)
	if slices.ContainsFunc(container.ChildrenArray, func(child *d2graph.Object) bool { return room.Overlaps(*child.Box) }) {
		return true
	}
	return slices.ContainsFunc(drawn.Edges, func(edge *d2graph.Edge) bool {
		for i := 1; i < len(edge.Route); i++ {
			if crosses(room, edge.Route[i-1], edge.Route[i]) {
				return true
			}
		}
		return false
	})
}

// crosses tells whether a line that goes straight across or straight down comes into a box.
func crosses(room *geo.Box, from, to *geo.Point) bool {
	left, right := min(from.X, to.X), max(from.X, to.X)
	top, bottom := min(from.Y, to.Y), max(from.Y, to.Y)
	return left <= room.TopLeft.X+room.Width && right >= room.TopLeft.X &&
		top <= room.TopLeft.Y+room.Height && bottom >= room.TopLeft.Y
}
