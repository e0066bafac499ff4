// Package diagram draws a stack's architecture from its resources: what serves users, in which zone and subnets, and where
// its traffic goes. The many resources that only describe others are folded into them, or counted.
package diagram

import (
	"context"
	"fmt"
	"io"
	"log/slog"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"oss.terrastruct.com/d2/d2graph"
	"oss.terrastruct.com/d2/d2lib"
	"oss.terrastruct.com/d2/d2renderers/d2svg"
	"oss.terrastruct.com/d2/lib/log"
	"oss.terrastruct.com/d2/lib/textmeasure"
)

// SVG returns the picture of a stack's resources. With marks it shows what an update does to each. The picture does not
// depend on the order of the resources.
func SVG(ctx context.Context, resources []apitype.ResourceV3, marks map[resource.URN]apitype.OpType) ([]byte, error) {
	ruler, err := textmeasure.NewRuler()
	if err != nil {
		return nil, fmt.Errorf("drawing: %w", err)
	}
	ctx = log.With(ctx, slog.New(slog.NewTextHandler(io.Discard, nil))) // D2 wants a logger
	padding := int64(8)
	rendering := &d2svg.RenderOpts{Pad: &padding}
	options := &d2lib.CompileOptions{
		Ruler:          ruler,
		LayoutResolver: func(string) (d2graph.LayoutGraph, error) { return layout, nil },
	}
	drawn, _, err := d2lib.Compile(ctx, Source(resources, marks), options, rendering)
	if err != nil {
		return nil, fmt.Errorf("drawing: %w", err)
	}
	return d2svg.Render(drawn, rendering)
}
