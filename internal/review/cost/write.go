package cost

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/charmbracelet/lipgloss"

	"stagecraft/internal/review/format"
)

// Formats are the forms in which an estimate is printed.
var Formats = format.Formats[Breakdown]{
	{Name: "table", Write: writeTable},
	{Name: "markdown", Write: writeMarkdown},
	{Name: "json", Write: writeJSON},
}

// writeTable writes the table, and wraps the remarks at the terminal's width.
func writeTable(out io.Writer, breakdown Breakdown) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, row := range breakdown.rows() {
		fmt.Fprintln(table, strings.Join(row, "\t"))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	style := lipgloss.NewStyle().Width(format.Width(out)).PaddingLeft(2)
	for _, section := range breakdown.remarks() {
		fmt.Fprintf(out, "\n%s:\n", section.title)
		for _, line := range section.lines {
			for wrapped := range strings.Lines(style.Render(line)) {
				fmt.Fprintln(out, strings.TrimRight(wrapped, " \n"))
			}
		}
	}
	return nil
}

func writeMarkdown(out io.Writer, breakdown Breakdown) error {
	_, err := io.WriteString(out, breakdown.MarkdownTable())
	for _, section := range breakdown.remarks() {
		fmt.Fprintf(out, "\n%s:\n\n", section.title)
		for _, line := range section.lines {
			fmt.Fprintln(out, "- "+line)
		}
	}
	return err
}

// MarkdownTable returns the amounts by tier as a Markdown table.
func (b Breakdown) MarkdownTable() string {
	var text strings.Builder
	for i, row := range b.rows() {
		fmt.Fprintln(&text, "| "+strings.Join(row, " | ")+" |")
		if i == 0 {
			fmt.Fprintln(&text, "|---|--:|--:|--:|")
		}
	}
	return text.String()
}

func writeJSON(out io.Writer, breakdown Breakdown) error {
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(breakdown)
}

func (b Breakdown) rows() [][]string {
	rows := [][]string{{"USD a month, " + b.Region, "fixed", "by usage", "total"}}
	for _, tier := range b.Tiers {
		rows = append(rows, tier.row(tier.Name))
	}
	return append(rows, b.row("total"))
}

func (a Amount) row(name string) []string {
	row := []string{name}
	for _, usd := range []float64{a.Fixed, a.Usage, a.Total()} {
		row = append(row, strconv.FormatFloat(usd, 'f', 2, 64))
	}
	return row
}

// section is a part of the remarks.
type section struct {
	title string
	lines []string
}

// remarks are the limits of the estimate: its assumptions, what it leaves out, and the origin of its prices.
func (b Breakdown) remarks() []section {
	var unpriced, assumptions, prices []string
	for _, resource := range b.Unpriced {
		unpriced = append(unpriced, fmt.Sprintf("%d × %s: %s", resource.Count, resource.Type, resource.Reason))
	}
	for _, assumption := range b.Assumptions {
		value := strconv.FormatFloat(assumption.Value, 'f', -1, 64)
		assumptions = append(assumptions, fmt.Sprintf("%s=%s: %s", assumption.Name, value, assumption.Meaning))
	}
	if b.To != "" {
		prices = append(prices, fmt.Sprintf("on demand, %d hours a month, without taxes; recorded from %s to %s",
			hours, b.From, b.To))
	}
	if len(b.Unverified) > 0 {
		prices = append(prices, fmt.Sprintf("%d of them were not verified on AWS's pages: "+
			"check them at aws.amazon.com before you rely on them: %s", len(b.Unverified), strings.Join(b.Unverified, ", ")))
	}
	var sections []section
	for _, part := range []section{
		{"Not priced", unpriced}, {"Assumed (--usage NAME=NUMBER)", assumptions}, {"Also assumed", b.Notes}, {"Prices", prices},
	} {
		if len(part.lines) > 0 {
			sections = append(sections, part)
		}
	}
	return sections
}
