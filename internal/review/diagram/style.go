package diagram

import "fmt"

// copyClass is the class of edges to copies.
const copyClass = "copying"

// style returns the style of the picture. Its own background makes it readable on a dark page, too.
func style() string {
	text := `direction: down
classes: {
  users: {shape: oval; style: {fill: "#232f3e"; stroke: "#232f3e"; font-color: "#ffffff"}}
  account: {style: {fill: "#ffffff"; stroke: "#232f3e"; font-size: 16}}
  region: {style: {fill: "#f4f8fb"; stroke: "#00a4a6"; stroke-dash: 4; font-size: 16}}
  vpc: {style: {fill: "#f7f3fc"; stroke: "#8c4fff"; font-size: 16}}
  tier: {width: 260; style: {fill: "#eef5ec"; stroke: "#7aa116"; font-size: 14}}
  zone: {style: {fill: "#ffffff"; stroke: "#879196"; stroke-dash: 4; font-size: 14}}
  regional: {style: {fill: "#ffffff"; stroke: "#00a4a6"; font-size: 16}}
  node: {style: {fill: "#ffffff"; stroke: "#5b6b7b"; font-size: 15; bold: false; border-radius: 4}}
  data: {shape: cylinder}
  requests: {style: {stroke: "#232f3e"; font-size: 14; italic: false}}
  copying: {style: {stroke: "#3355cc"; stroke-dash: 4}}
  way-out: {style: {stroke: "#879196"; stroke-dash: 2}}
  beside: {near: bottom-center; grid-columns: 1; grid-gap: 12; style: {fill: "#ffffff"; stroke: "#ffffff"}}
  counted: {grid-gap: 10; style: {fill: "#ffffff"; stroke: "#ffffff"; font-size: 16}}
  tile: {style: {fill: "#f6f8fa"; stroke: "#c3cad2"; font-size: 15; bold: false}}
  legend: {grid-rows: 1; grid-gap: 10; style: {fill: "#ffffff"; stroke: "#ffffff"}}
  key: {style: {font-size: 15; bold: false}}
`
	for _, change := range legend {
		dash := 0
		if change == deleted {
			dash = 5
		}
		text += fmt.Sprintf("  %s: {style: {fill: %q; stroke: %q; stroke-width: 3; stroke-dash: %d}}\n",
			change.class, change.fill, change.stroke, dash)
	}
	return text + "}\n"
}
