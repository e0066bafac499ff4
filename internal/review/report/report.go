// Package report prints a review: as a table in a terminal, as Markdown for a pull request, as JSON, or as a page.
package report

import (
	"encoding/json"
	"io"
	"slices"

	"stagecraft/internal/review/impact"
)

// Document is what is printed.
type Document struct {
	impact.Report

	// Cost and Duration may be missing: then nothing is said of them.
	Cost     *Cost     `json:"cost,omitempty"`
	Duration *Duration `json:"duration,omitempty"`
	// Before and After are pictures of the architecture, SVG, for the format that shows some; they may be missing.
	Before []byte `json:"-"`
	After  []byte `json:"-"`
}

// formats are the ways to print, in the order in which people are told of them.
var formats = []struct {
	name  string
	write func(io.Writer, Document) error
}{
	{"table", writeTable},
	{"markdown", writeMarkdown},
	{"json", writeJSON},
	{"html", writeHTML},
}

// Formats are the names of the formats.
func Formats() []string {
	names := make([]string, len(formats))
	for i, format := range formats {
		names[i] = format.name
	}
	return names
}

// Knows tells whether there is a format of the name.
func Knows(format string) bool { return slices.Contains(Formats(), format) }

// Shows tells whether a format has pictures.
func Shows(format string) bool { return format == "html" }

// Write prints a review in a format that it knows.
func Write(out io.Writer, format string, of Document) error {
	return formats[slices.Index(Formats(), format)].write(out, of)
}

// writeJSON writes what docs/diff.schema.json describes.
func writeJSON(out io.Writer, of Document) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(of)
}
