package report

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/lipgloss/table"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/term"

	"stagecraft/internal/review/impact"
)

// usual is the width where nothing tells it.
const usual = 100

func writeTable(out io.Writer, of Document) error {
	return newTerminal(out, width(out)).report(newView(of))
}

// width is that of the terminal, or what COLUMNS says.
func width(out io.Writer) int {
	if columns, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && columns > 0 {
		return columns
	}
	if file, isFile := out.(*os.File); isFile {
		if columns, _, err := term.GetSize(file.Fd()); err == nil && columns > 0 {
			return columns
		}
	}
	return usual
}

// terminal lays a review out in a width. Where it doesn't write to a terminal, or NO_COLOR is set, it has no colours.
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

func (t terminal) report(of view) error {
	lines := []string{
		t.title.Render(of.From + " → " + of.To), t.wrap(0, t.faint, of.Configuration), "",
		t.pair("Data at risk", t.risk(of.Verdict.DataAtRisk), of.DataAtRisk),
		t.pair("Interruption", t.level(of.Verdict.Interruption), of.Interruption),
		t.pair("Resources", t.plain, of.Resources),
	}
	if of.Cost != nil {
		lines = append(lines, t.pair("Cost a month", t.plain, of.Cost.Verdict()))
	}
	if of.Duration != nil {
		lines = append(lines, t.pair("Takes", t.plain, of.Duration.Verdict()))
	}
	if of.Verdict.Refused {
		lines = append(lines, t.pair("Refused", t.bad, of.Refused))
	}
	if len(of.Tiers) > 0 {
		lines = append(lines, "", t.tiers(of.Tiers))
	}
	for _, refusal := range of.Refusals {
		lines = append(lines, "", t.wrap(0, t.bad, "Refused: "+refusal))
	}
	for _, tier := range of.Tiers {
		lines = append(lines, "", t.tier(tier))
	}
	lines = append(lines, "", t.rollback(of))
	lines = append(lines, t.estimates(of)...)
	for _, warning := range of.Warnings {
		lines = append(lines, "", t.wrap(0, t.caution, "Warning: "+warning))
	}
	_, err := fmt.Fprintln(t.out, trimmed(strings.Join(lines, "\n")))
	return err
}

// trimmed leaves out the spaces that fill lines up to the width.
func trimmed(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " ")
	}
	return strings.Join(lines, "\n")
}

// tiers is the overview.
func (t terminal) tiers(of []tier) string {
	const interruptionColumn, dataColumn = 6, 5
	overview := table.New().Border(lipgloss.RoundedBorder()).BorderStyle(t.faint).
		Headers("tier", "created", "updated", "replaced", "deleted", "data", "interruption")
	for _, its := range of {
		data := "safe"
		if len(its.Risks) > 0 {
			data = "at risk"
		}
		overview.Row(its.Name, number(its.Counts.Create), number(its.Counts.Update), number(its.Counts.Replace),
			number(its.Counts.Delete), data, its.Interruption.String())
	}
	overview.StyleFunc(func(row, column int) lipgloss.Style {
		style := t.plain
		switch {
		case row == table.HeaderRow:
			style = t.title
		case column == dataColumn:
			style = t.risk(len(of[row].Risks) > 0)
		case column == interruptionColumn:
			style = t.level(of[row].Interruption)
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

// tier is what changes in a tier, and what follows from it.
func (t terminal) tier(of tier) string {
	lines := []string{t.title.Render(of.Name)}
	for _, row := range of.Rows {
		lines = append(lines, t.row(row))
	}
	for _, line := range of.More {
		lines = append(lines, t.wrap(2, t.faint, line))
	}
	for _, risk := range of.Risks {
		lines = append(lines, t.point("data at risk: ", t.bad, risk)...)
	}
	for _, its := range of.Interruptions {
		lines = append(lines, t.point(its.Level.String()+": ", t.level(its.Level), its)...)
	}
	return strings.Join(lines, "\n")
}

func (t terminal) point(kind string, style lipgloss.Style, of point) []string {
	text := of.Subject() + ": " + of.Text + "."
	if of.Source != "" {
		text += " [" + of.Source + "]"
	}
	lines := []string{t.wrap(2, style, kind+text)}
	for _, command := range of.Commands {
		lines = append(lines, "    "+command)
	}
	return lines
}

// row has the type in a column of its own.
func (t terminal) row(of row) string {
	typeWidth := min(32, t.width/3)
	style := map[impact.Op]lipgloss.Style{
		impact.Create: t.good, impact.Update: t.caution, impact.Replace: t.bad, impact.Delete: t.bad,
	}[of.Op]
	text := strings.Join(of.Names, ", ")
	if of.Note != "" {
		text += " (" + of.Note + ")"
	}
	for _, property := range of.Properties {
		text += "\n" + property
	}
	return lipgloss.JoinHorizontal(lipgloss.Top,
		style.Render("  "+of.Mark()+" "),
		style.Width(typeWidth).Render(ansi.Truncate(of.Type, typeWidth-1, "…")),
		t.plain.Width(t.width-typeWidth-4).Render(text))
}

func (t terminal) rollback(of view) string {
	lines := []string{t.title.Render("Going back")}
	for _, command := range of.Rollback.Commands {
		lines = append(lines, "  "+command)
	}
	for _, its := range of.Obstacles {
		lines = append(lines, t.point("", t.level(its.Level), its)...)
	}
	if len(of.Obstacles) == 0 && !of.Verdict.Incomplete {
		lines = append(lines, t.wrap(2, t.good, "Everything comes back as it was."))
	}
	return strings.Join(lines, "\n")
}

// estimates are what it costs, and what it waits for.
func (t terminal) estimates(of view) []string {
	var lines []string
	if of.Cost != nil {
		sums := table.New().Border(lipgloss.RoundedBorder()).BorderStyle(t.faint).Headers("USD a month", "before", "after", "change")
		sums.StyleFunc(func(_, column int) lipgloss.Style {
			if column > 0 {
				return t.plain.Padding(0, 1).Align(lipgloss.Right)
			}
			return t.plain.Padding(0, 1)
		})
		for _, row := range of.Cost.Rows() {
			sums.Row(row.Tier, row.Before, row.After, row.Change)
		}
		lines = append(lines, "", t.title.Render("Cost"), sums.Render())
		for _, remark := range of.Cost.Remarks() {
			lines = append(lines, t.wrap(2, t.faint, remark))
		}
	}
	if of.Duration != nil && len(of.Duration.Path) > 0 {
		lines = append(lines, "", t.title.Render("What it waits for"))
		for _, line := range of.Duration.Lines() {
			lines = append(lines, t.wrap(2, t.plain, line))
		}
	}
	return lines
}

// pair is a line of the verdict.
func (t terminal) pair(name string, style lipgloss.Style, text string) string {
	const nameWidth = 15
	return lipgloss.JoinHorizontal(lipgloss.Top, t.plain.Width(nameWidth).Render(name),
		style.Width(t.width-nameWidth).Render(text))
}

func (t terminal) wrap(indent int, style lipgloss.Style, text string) string {
	return style.Width(t.width).PaddingLeft(indent).Render(text)
}

func (t terminal) risk(atRisk bool) lipgloss.Style {
	if atRisk {
		return t.bad
	}
	return t.good
}

func (t terminal) level(of impact.Level) lipgloss.Style {
	switch of {
	case impact.None:
		return t.good
	case impact.Brief, impact.Unknown:
		return t.caution
	default:
		return t.bad
	}
}
