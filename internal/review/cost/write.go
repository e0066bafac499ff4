package cost

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
)

// Formats are those of Write.
func Formats() []string { return []string{"table", "markdown", "json"} }

// Write prints an estimate.
func Write(out io.Writer, format string, of Estimate) error {
	switch format {
	case "table":
		table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
		for _, row := range of.rows() {
			fmt.Fprintln(table, strings.Join(row, "\t"))
		}
		if err := table.Flush(); err != nil {
			return err
		}
		return of.remarks(out, "")
	case "markdown":
		for i, row := range of.rows() {
			fmt.Fprintln(out, "| "+strings.Join(row, " | ")+" |")
			if i == 0 {
				fmt.Fprintln(out, "|---|--:|--:|--:|")
			}
		}
		return of.remarks(out, "- ")
	case "json":
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		return encoder.Encode(of)
	default:
		return fmt.Errorf("%q is not a format: choose one of %s", format, strings.Join(Formats(), ", "))
	}
}

func (e Estimate) rows() [][]string {
	rows := [][]string{{"USD a month, " + e.Region, "fixed", "by usage", "total"}}
	for _, tier := range e.Tiers {
		rows = append(rows, tier.row(tier.Name))
	}
	return append(rows, e.row("total"))
}

func (a Amount) row(name string) []string {
	row := []string{name}
	for _, usd := range []float64{a.Fixed, a.Usage, a.Total()} {
		row = append(row, strconv.FormatFloat(usd, 'f', 2, 64))
	}
	return row
}

// remarks are what an estimate is worth: what it assumes, leaves out, and where its prices are from.
func (e Estimate) remarks(out io.Writer, bullet string) error {
	sections := []struct {
		title string
		lines []string
	}{{title: "Not priced"}, {title: "Assumed (--usage NAME=NUMBER)"}, {"Also assumed", e.Notes}, {title: "Prices"}}
	for _, what := range e.Unpriced {
		sections[0].lines = append(sections[0].lines, fmt.Sprintf("%d × %s: %s", what.Count, what.Type, what.Reason))
	}
	for _, what := range e.Assumptions {
		value := strconv.FormatFloat(what.Value, 'f', -1, 64)
		sections[1].lines = append(sections[1].lines, fmt.Sprintf("%s=%s: %s", what.Name, value, what.Meaning))
	}
	if e.To != "" {
		sections[3].lines = []string{fmt.Sprintf("on demand, %d hours a month, without taxes; recorded from %s to %s", hours, e.From, e.To)}
	}
	if len(e.Unseen) > 0 {
		sections[3].lines = append(sections[3].lines, fmt.Sprintf("%d of them were not held against AWS's pages: "+
			"look at aws.amazon.com before you decide by them: %s", len(e.Unseen), strings.Join(e.Unseen, ", ")))
	}
	var text strings.Builder
	for _, section := range sections {
		if len(section.lines) == 0 {
			continue
		}
		fmt.Fprintf(&text, "\n%s:\n", section.title)
		if bullet != "" {
			fmt.Fprintln(&text)
		}
		for _, line := range section.lines {
			fmt.Fprintln(&text, cmp.Or(bullet, "  ")+line)
		}
	}
	_, err := io.WriteString(out, text.String())
	return err
}

// Knows tells whether there is such a format.
func Knows(format string) bool { return slices.Contains(Formats(), format) }
