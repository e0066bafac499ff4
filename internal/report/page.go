package report

import (
	_ "embed"
	"html/template"
	"io"

	"stagecraft/internal/review"
)

//go:embed page.tmpl
var pageText string

//go:embed page.css
var pageStyle string

var page = template.Must(template.New("page").Funcs(template.FuncMap{
	"style": func() template.CSS { return template.CSS(pageStyle) }, // #nosec G203 -- this package's own file
}).Parse(pageText))

// writeHTML writes one page that needs nothing but itself.
func writeHTML(out io.Writer, of review.Report) error {
	return page.Execute(out, newView(of))
}
