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

// illustrated is what the template prints.
type illustrated struct {
	view

	// Pictures are those that there are.
	Pictures []picture
}

type picture struct {
	Title string
	Image template.URL
}

// writeHTML writes one page that needs nothing but itself.
func writeHTML(out io.Writer, of Document) error {
	written := illustrated{view: newView(of)}
	for _, its := range []struct {
		title string
		svg   []byte
	}{{"Before: " + of.From, of.Before}, {"After: " + of.To, of.After}} {
		if len(its.svg) > 0 {
			written.Pictures = append(written.Pictures, picture{its.title, image(its.svg)})
		}
	}
	return page.Execute(out, written)
}

// image is a picture within the page. As an image, its styles and scripts stay its own.
func image(svg []byte) template.URL {
	return template.URL("data:image/svg+xml;base64," + base64.StdEncoding.EncodeToString(svg)) // #nosec G203 -- nothing but base64
}
