package report

import (
	"io"
	"stagecraft/internal/review"
)

func writeMarkdown(out io.Writer, of review.Report) error { return nil }
func writeHTML(out io.Writer, of review.Report) error     { return nil }
