package report

import (
	_ "embed"
	"encoding/base64"
	"html/template"
	"io"
)

//go:embed page.tmpl
var pageText string

//go:embed page.css
var pageStyle string

var page = template.Must(template.New("page").Funcs(template.FuncMap{
	"style": func() template.CSS { return template.CSS(pageStyle) }, // #nosec G203 -- this package's own file
}).Parse(pageText))

// illustrated is the template's data.
type illustrated struct {
	view

	Pictures []picture
}

type picture struct {
	Title string
	Image template.URL
}

// writeHTML writes one page that loads no other file.
func writeHTML(out io.Writer, document Document) error {
	data := illustrated{view: newView(document)}
	for _, diagram := range []struct {
		title string
		svg   []byte
	}{{"Before: " + document.From, document.Before}, {"After: " + document.To, document.After}} {
		if len(diagram.svg) > 0 {
			data.Pictures = append(data.Pictures, picture{diagram.title, dataURL(diagram.svg)})
		}
	}
	return page.Execute(out, data)
}

// dataURL returns the URL of an image within the page. The styles and scripts of an image do not reach the page.
func dataURL(svg []byte) template.URL {
	return template.URL("data:image/svg+xml;base64," + base64.StdEncoding.EncodeToString(svg)) // #nosec G203 -- nothing but base64
}
