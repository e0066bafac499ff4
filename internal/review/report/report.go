// Package report prints a review: as a table in a terminal, as Markdown for a pull request, as JSON, or as a page.
package report

import (
	"encoding/json"
	"io"

	"stagecraft/internal/review/format"
	"stagecraft/internal/review/impact"
)

// Document is a review with its estimates and diagrams.
type Document struct {
	impact.Report

	// Cost and Duration are nil if they are not estimated.
	Cost     *Cost     `json:"cost,omitempty"`
	Duration *Duration `json:"duration,omitempty"`
	// Before and After are diagrams of the architecture, SVG, for formats that have diagrams; nil for none.
	Before []byte `json:"-"`
	After  []byte `json:"-"`
}

// Formats are the forms in which a review is printed.
var Formats = format.Formats[Document]{
	{Name: "table", Write: writeTable},
	{Name: "markdown", Write: writeMarkdown},
	{Name: "json", Write: writeJSON},
	{Name: "html", Write: writeHTML},
}

// HasDiagrams reports whether a format shows the diagrams of a document.
func HasDiagrams(format string) bool { return format == "html" }

// writeJSON writes the document that docs/diff.schema.json describes.
func writeJSON(out io.Writer, document Document) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(document)
}
