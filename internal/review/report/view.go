package report

import (
	"fmt"
	"slices"
	"strings"

	"stagecraft/internal/review/impact"
)

// view is a review in the words that all formats for people share.
type view struct {
	Document

	// DataAtRisk, Interruption, Resources and Refused are the verdict, each in a line.
	DataAtRisk, Interruption, Resources, Refused string
	Tiers                                        []tier
	// Refusals are the engine's messages, each in one line.
	Refusals  []string
	Obstacles []point
}

// tier is one of the tiers, with what belongs together put together.
type tier struct {
	impact.Tier

	Rows []row
	// More are lines about what is not listed.
	More          []string
	Risks         []point
	Interruptions []point
}

// row is what happens to the resources of a type.
type row struct {
	Op         impact.Op
	Type       string
	Names      []string
	Properties []string
	Note       string
}

// point is something to know about resources of a type.
type point struct {
	// Level says how bad it is.
	Level impact.Level
	Type  string
	Names []string
	// Properties are those that it is about; none for the whole resource.
	Properties []string
	Text       string
	Source     string
	// Commands let go what the engine keeps.
	Commands []string
}

// What a refusal means.
const (
	refused = "nothing of this happens before what the engine says is done"
	stopped = "the preview stopped before its end: there may be more than is told here"
)

func newView(of Document) view {
	seen := view{
		Document:     of,
		DataAtRisk:   "none",
		Interruption: interruption(of.Report),
		Resources:    fmt.Sprintf("%s; %d unchanged", counts(of.Counts), of.Counts.Same),
		Obstacles:    obstacles(of.Rollback.Obstacles),
	}
	var risky []point
	for _, its := range of.Tiers {
		next := tier{
			Tier: its, Rows: rows(its.Changes), More: more(its), Risks: risks(its.Risks), Interruptions: interruptions(its.Interruptions),
		}
		seen.Tiers = append(seen.Tiers, next)
		for _, risk := range next.Risks {
			risky = join(risky, point{Type: risk.Type, Names: risk.Names})
		}
	}
	if len(risky) > 0 {
		seen.DataAtRisk = strings.Join(subjects(risky), "; ")
	}
	seen.Refused = refused
	if of.Verdict.Incomplete {
		seen.Refused = stopped
	}
	for _, refusal := range of.Refusals {
		seen.Refusals = append(seen.Refusals, strings.Join(strings.Fields(refusal), " "))
	}
	return seen
}

// rows puts together what is made or deleted of the same type. What is updated or replaced has its own properties.
func rows(changes []impact.Change) []row {
	var found []row
	for _, its := range changes {
		next := row{Op: its.Op, Type: label(its.Type), Names: []string{its.Name}, Note: note(its)}
		for _, property := range its.Properties {
			next.Properties = append(next.Properties, change(property))
		}
		at := slices.IndexFunc(found, func(known row) bool { return known.takes(next) })
		switch {
		case at < 0:
			found = append(found, next)
		case !slices.Contains(found[at].Names, its.Name):
			found[at].Names = append(found[at].Names, its.Name)
		}
	}
	slices.SortStableFunc(found, func(a, b row) int { return slices.Index(order, a.Op) - slices.Index(order, b.Op) })
	return found
}

// order is that of a tier's lines: what people look for first.
var order = []impact.Op{impact.Delete, impact.Replace, impact.Update, impact.Create}

func (r row) takes(next row) bool {
	return r.Op == next.Op && r.Type == next.Type && r.Note == next.Note && slices.Equal(r.Properties, next.Properties)
}

// Mark is the sign that Pulumi's own previews use.
func (r row) Mark() string { return marks[r.Op] }

var marks = map[impact.Op]string{impact.Create: "+", impact.Update: "~", impact.Replace: "±", impact.Delete: "-"}

// Subject is what a point is about.
func (p point) Subject() string {
	text := p.Type + " " + strings.Join(p.Names, ", ")
	if len(p.Properties) > 0 {
		text += " (" + strings.Join(p.Properties, ", ") + ")"
	}
	return text
}

func subjects(of []point) []string {
	found := make([]string, len(of))
	for i, point := range of {
		found[i] = point.Subject()
	}
	return found
}

// join adds a point to those that say the same of other resources.
func join(points []point, next point) []point {
	for i := range points {
		known := &points[i]
		if known.Type == next.Type && known.Text == next.Text && slices.Equal(known.Properties, next.Properties) {
			known.Names = append(known.Names, next.Names...)
			known.Commands = append(known.Commands, next.Commands...)
			return points
		}
	}
	return append(points, next)
}

func risks(of []impact.Risk) []point {
	var points []point
	for _, risk := range of {
		points = join(points, point{
			Level: impact.Closed, Type: label(risk.Type), Names: []string{risk.Name}, Commands: commands(risk.Command), Source: risk.Source,
			Text: fmt.Sprintf("%s; what is left: %s; first %s", risk.What, risk.Left, risk.First),
		})
	}
	return points
}

func obstacles(of []impact.Obstacle) []point {
	var points []point
	for _, its := range of {
		level := impact.Brief
		if its.Refused {
			level = impact.Closed
		}
		points = join(points, point{
			Level: level, Type: label(its.Type), Names: []string{its.Name}, Commands: commands(its.Command), Source: its.Source,
			Text: its.Reason,
		})
	}
	return points
}

func interruptions(of []impact.Interruption) []point {
	var points []point
	for _, its := range of {
		points = append(points, point{
			Level: its.Level, Type: label(its.Type), Names: its.Resources, Properties: its.Properties, Text: reason(its), Source: its.Source,
		})
	}
	return points
}

func commands(command string) []string {
	if command == "" {
		return nil
	}
	return []string{command}
}
