package report

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/lipgloss/table"
	"github.com/charmbracelet/x/ansi"

	"stagecraft/internal/review/format"
	"stagecraft/internal/review/impact"
)

func writeTable(out io.Writer, document Document) error {
	return newTerminal(out, format.Width(out)).report(newView(document))
}

// terminal lays out a review in a width. It has no colours if it does not write to a terminal, or if NO_COLOR is set.
type terminal struct {
	out   io.Writer
	width int

	title, plain, faint, good, caution, bad lipgloss.Style
}

func newTerminal(out io.Writer, width int) terminal {
	renderer := lipgloss.NewRenderer(out)
	color := func(number string) lipgloss.Style { return renderer.NewStyle().Foreground(lipgloss.Color(number)) }
	return terminal{
		out: out, width: width,
		title: renderer.NewStyle().Bold(true), plain: renderer.NewStyle(), faint: renderer.NewStyle().Faint(true),
		good: color("2"), caution: color("3"), bad: color("1"),
	}
}

func (t terminal) report(review view) error {
	lines := []string{
		t.title.Render(review.From + " → " + review.To), t.wrap(0, t.faint, review.Configuration), "",
		t.pair("Data at risk", t.verdict(review.Verdict), review.DataAtRisk),
		t.pair("Interruption", t.level(review.Verdict.Interruption), review.Interruption),
		t.pair("Resources", t.plain, review.Resources),
	}
	if review.Cost != nil {
		lines = append(lines, t.pair("Cost a month", t.plain, review.Cost.Verdict()))
	}
	if review.Duration != nil {
		lines = append(lines, t.pair("Takes", t.plain, review.Duration.Verdict()))
	}
	if review.Verdict.Refused {
		lines = append(lines, t.pair("Refused", t.bad, review.Refused))
	}
	if len(review.Tiers) > 0 {
		lines = append(lines, "", t.tiers(review.Tiers))
	}
	for _, refusal := range review.Refusals {
		lines = append(lines, "", t.wrap(0, t.bad, "Refused: "+refusal))
	}
	for _, tier := range review.Tiers {
		lines = append(lines, "", t.tier(tier))
	}
	if review.HasRollback() {
		lines = append(lines, "", t.rollback(review))
	}
	lines = append(lines, t.estimates(review)...)
	for _, warning := range review.Warnings {
		lines = append(lines, "", t.wrap(0, t.caution, "Warning: "+warning))
	}
	_, err := fmt.Fprintln(t.out, trimmed(strings.Join(lines, "\n")))
	return err
}

// trimmed removes the spaces that fill lines up to the width.
func trimmed(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " ")
	}
	return strings.Join(lines, "\n")
}

// tiers returns the overview.
func (t terminal) tiers(tiers []tier) string {
	const interruptionColumn, dataColumn = 6, 5
	overview := table.New().Border(lipgloss.RoundedBorder()).BorderStyle(t.faint).
		Headers("tier", "created", "updated", "replaced", "deleted", "data", "interruption")
	for _, tier := range tiers {
		data := "safe"
		if len(tier.Risks) > 0 {
			data = "at risk"
		}
		overview.Row(tier.Name, number(tier.Counts.Create), number(tier.Counts.Update), number(tier.Counts.Replace),
			number(tier.Counts.Delete), data, tier.Interruption.String())
	}
	overview.StyleFunc(func(row, column int) lipgloss.Style {
		style := t.plain
		switch {
		case row == table.HeaderRow:
			style = t.title
		case column == dataColumn:
			style = t.risk(len(tiers[row].Risks) > 0)
		case column == interruptionColumn:
			style = t.level(tiers[row].Interruption)
		}
		if column >= 1 && column < dataColumn {
			style = style.Align(lipgloss.Right)
		}
		return style.Padding(0, 1)
	})
	if lipgloss.Width(overview.Render()) > t.width {
		overview.Width(t.width)
	}
	return overview.Render()
}

func number(count int) string {
	if count == 0 {
		return ""
	}
	return strconv.Itoa(count)
}

// tier returns the changes of a tier, and what follows from them.
func (t terminal) tier(tier tier) string {
	lines := []string{t.title.Render(tier.Name)}
	for _, row := range tier.Rows {
		lines = append(lines, t.row(row))
	}
	for _, line := range tier.More {
		lines = append(lines, t.wrap(2, t.faint, line))
	}
	for _, risk := range tier.Risks {
		lines = append(lines, t.point("data at risk: ", t.bad, risk)...)
	}
	for _, interruption := range tier.Interruptions {
		lines = append(lines, t.point(interruption.Level.String()+": ", t.level(interruption.Level), interruption)...)
	}
	return strings.Join(lines, "\n")
}

func (t terminal) point(kind string, style lipgloss.Style, point point) []string {
	text := point.Subject() + ": " + point.Text + "."
	if point.Source != "" {
		text += " [" + point.Source + "]"
	}
	lines := []string{t.wrap(2, style, kind+text)}
	for _, command := range point.Commands {
		lines = append(lines, "    "+command)
	}
	return lines
}

// row returns the lines of a row, with the type in a column of its own.
func (t terminal) row(row row) string {
	typeWidth := min(32, t.width/3)
	style := map[impact.Op]lipgloss.Style{
		impact.Create: t.good, impact.Update: t.caution, impact.Replace: t.bad, impact.Delete: t.bad,
	}[row.Op]
	text := strings.Join(row.Names, ", ")
	if row.Note != "" {
		text += " (" + row.Note + ")"
	}
	for _, property := range row.Properties {
		text += "\n" + property
	}
	return lipgloss.JoinHorizontal(lipgloss.Top,
		style.Render("  "+row.Mark()+" "),
		style.Width(typeWidth).Render(ansi.Truncate(row.Type, typeWidth-1, "…")),
		t.plain.Width(t.width-typeWidth-4).Render(text))
}

func (t terminal) rollback(review view) string {
	lines := []string{t.title.Render("Going back")}
	for _, command := range review.Rollback.Commands {
		lines = append(lines, "  "+command)
	}
	for _, obstacle := range review.Obstacles {
		lines = append(lines, t.point("", t.level(obstacle.Level), obstacle)...)
	}
	if len(review.Obstacles) == 0 {
		lines = append(lines, t.wrap(2, t.good, "Everything comes back as it was."))
	}
	return strings.Join(lines, "\n")
}

// estimates returns the cost, and the chain that the update waits for.
func (t terminal) estimates(review view) []string {
	var lines []string
	if review.Cost != nil {
		sums := table.New().Border(lipgloss.RoundedBorder()).BorderStyle(t.faint).Headers("USD a month", "before", "after", "change")
		sums.StyleFunc(func(_, column int) lipgloss.Style {
			if column > 0 {
				return t.plain.Padding(0, 1).Align(lipgloss.Right)
			}
			return t.plain.Padding(0, 1)
		})
		for _, row := range review.Cost.Rows() {
			sums.Row(row.Tier, row.Before, row.After, row.Change)
		}
		lines = append(lines, "", t.title.Render("Cost"), sums.Render())
		for _, remark := range review.Cost.Remarks() {
			lines = append(lines, t.wrap(2, t.faint, remark))
		}
	}
	if review.Duration != nil && len(review.Duration.Path) > 0 {
		lines = append(lines, "", t.title.Render("What it waits for"))
		for _, line := range review.Duration.Lines() {
			lines = append(lines, t.wrap(2, t.plain, line))
		}
	}
	return lines
}

// pair returns a line of the verdict.
func (t terminal) pair(name string, style lipgloss.Style, text string) string {
	const nameWidth = 15
	return lipgloss.JoinHorizontal(lipgloss.Top, t.plain.Width(nameWidth).Render(name),
		style.Width(t.width-nameWidth).Render(text))
}

func (t terminal) wrap(indent int, style lipgloss.Style, text string) string {
	return style.Width(t.width).PaddingLeft(indent).Render(text)
}

// verdict returns the style of the verdict on data.
func (t terminal) verdict(verdict impact.Verdict) lipgloss.Style {
	if verdict.Incomplete && !verdict.DataAtRisk {
		return t.caution
	}
	return t.risk(verdict.DataAtRisk)
}

func (t terminal) risk(atRisk bool) lipgloss.Style {
	if atRisk {
		return t.bad
	}
	return t.good
}

func (t terminal) level(level impact.Level) lipgloss.Style {
	switch level {
	case impact.None:
		return t.good
	case impact.Brief, impact.Unknown:
		return t.caution
	default:
		return t.bad
	}
}
