package diagram

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"oss.terrastruct.com/d2/d2graph"
	"oss.terrastruct.com/d2/d2lib"
	"oss.terrastruct.com/d2/d2renderers/d2svg"
	"oss.terrastruct.com/d2/lib/geo"
	"oss.terrastruct.com/d2/lib/log"
	"oss.terrastruct.com/d2/lib/textmeasure"
)

// TestLayout compares the places of nodes, labels and arrows with golden files, rounded: those of copies run below their
// nodes, and no label is under an arrow.
func TestLayout(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"network", "platform"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			source, err := os.ReadFile(filepath.Join("testdata", name+".d2"))
			require.NoError(t, err)
			text := placed(t, style()+string(source))
			path := filepath.Join("testdata", name+".layout.txt")
			if updating() {
				require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
			}
			want, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, string(want), text)
		})
	}
}

// placed lays out a source, and returns the places.
func placed(t *testing.T, source string) string {
	t.Helper()
	ruler, err := textmeasure.NewRuler()
	require.NoError(t, err)
	ctx := log.With(t.Context(), slog.New(slog.NewTextHandler(io.Discard, nil)))
	var text strings.Builder
	options := &d2lib.CompileOptions{Ruler: ruler, LayoutResolver: func(string) (d2graph.LayoutGraph, error) {
		return func(ctx context.Context, drawn *d2graph.Graph) error {
			if err := layout(ctx, drawn); err != nil {
				return err
			}
			for _, object := range drawn.Objects {
				fmt.Fprintf(&text, "%s at %.0f,%.0f size %.0f,%.0f", object.AbsID(),
					object.TopLeft.X, object.TopLeft.Y, object.Width, object.Height)
				if object.LabelPosition != nil {
					fmt.Fprintf(&text, " label %s", *object.LabelPosition)
				}
				text.WriteString("\n")
			}
			for _, edge := range drawn.Edges {
				fmt.Fprintf(&text, "%s", edge.AbsID())
				for _, point := range edge.Route {
					fmt.Fprintf(&text, " %.0f,%.0f", point.X, point.Y)
				}
				text.WriteString("\n")
			}
			return nil
		}, nil
	}}
	_, _, err = d2lib.Compile(ctx, source, options, &d2svg.RenderOpts{})
	require.NoError(t, err)
	return text.String()
}

func TestCrosses(t *testing.T) {
	t.Parallel()
	box := geo.NewBox(geo.NewPoint(10, 20), 30, 40) // to 40, 60
	for name, test := range map[string]struct {
		line [4]float64
		want bool
	}{
		"through, down":        {[4]float64{20, 0, 20, 100}, true},
		"through, up":          {[4]float64{20, 100, 20, 0}, true},
		"through, to the left": {[4]float64{100, 30, 0, 30}, true},
		"at the left edge":     {[4]float64{10, 0, 10, 100}, true},
		"at the right edge":    {[4]float64{40, 0, 40, 100}, true},
		"at the top":           {[4]float64{0, 20, 100, 20}, true},
		"at the bottom":        {[4]float64{0, 60, 100, 60}, true},
		"left of it":           {[4]float64{9, 0, 9, 100}, false},
		"right of it":          {[4]float64{41, 0, 41, 100}, false},
		"above":                {[4]float64{0, 19, 100, 19}, false},
		"below":                {[4]float64{0, 61, 100, 61}, false},
		"ends before it":       {[4]float64{20, 0, 20, 19}, false},
		"ends left of it":      {[4]float64{0, 30, 9, 30}, false},
		"starts in it":         {[4]float64{20, 30, 20, 100}, true},
	} {
		from, to := geo.NewPoint(test.line[0], test.line[1]), geo.NewPoint(test.line[2], test.line[3])
		require.Equal(t, test.want, crosses(box, from, to), name)
	}
}
