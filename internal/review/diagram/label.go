package diagram

import (
	"slices"

	"oss.terrastruct.com/d2/d2graph"
	"oss.terrastruct.com/d2/lib/geo"
	"oss.terrastruct.com/d2/lib/label"
)

// corners are the possible places of a container's label, the best first.
var corners = []label.Position{
	label.InsideTopLeft, label.InsideTopRight, label.InsideTopCenter,
	label.InsideBottomLeft, label.InsideBottomRight, label.InsideBottomCenter,
}

// moveLabels moves the labels of containers to corners without edges, if there are any.
func moveLabels(drawn *d2graph.Graph) {
	for _, container := range drawn.Objects {
		if len(container.ChildrenArray) == 0 || !container.HasLabel() {
			continue
		}
		free := slices.IndexFunc(corners, func(corner label.Position) bool { return !covered(drawn, container, corner) })
		position := corners[max(free, 0)].String()
		container.LabelPosition = &position
	}
}

// covered reports whether an edge or a child of the container overlaps a label in the corner.
func covered(drawn *d2graph.Graph, container *d2graph.Object, corner label.Position) bool {
	width, height := float64(container.LabelDimensions.Width), float64(container.LabelDimensions.Height)
	box := geo.NewBox(corner.GetPointOnBox(container.Box, label.PADDING, width, height), width, height)
	if slices.ContainsFunc(container.ChildrenArray, func(child *d2graph.Object) bool { return box.Overlaps(*child.Box) }) {
		return true
	}
	return slices.ContainsFunc(drawn.Edges, func(edge *d2graph.Edge) bool {
		for i := 1; i < len(edge.Route); i++ {
			if crosses(box, edge.Route[i-1], edge.Route[i]) {
				return true
			}
		}
		return false
	})
}

// crosses reports whether a horizontal or vertical line crosses a box.
func crosses(box *geo.Box, from, to *geo.Point) bool {
	left, right := min(from.X, to.X), max(from.X, to.X)
	top, bottom := min(from.Y, to.Y), max(from.Y, to.Y)
	return left <= box.TopLeft.X+box.Width && right >= box.TopLeft.X &&
		top <= box.TopLeft.Y+box.Height && bottom >= box.TopLeft.Y
}
