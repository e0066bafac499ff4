package report

import (
	"fmt"
	"slices"
	"strings"

	"stagecraft/internal/review/impact"
)

// view is a review in the words that the table, Markdown and HTML share.
type view struct {
	Document

	// DataAtRisk, Interruption, Resources and Refused are the verdict, each in one line.
	DataAtRisk, Interruption, Resources, Refused string
	Tiers                                        []tier
	// Refusals are the engine's messages, each in one line.
	Refusals  []string
	Obstacles []point
}

// tier is a tier with similar changes grouped.
type tier struct {
	impact.Tier

	Rows []row
	// More are lines about changes that the rows do not list.
	More          []string
	Risks         []point
	Interruptions []point
}

// row is a change of resources of one type.
type row struct {
	Op         impact.Op
	Type       string
	Names      []string
	Properties []string
	Note       string
}

// point is a risk, an interruption or an obstacle, of resources of one type.
type point struct {
	Level impact.Level
	Type  string
	Names []string
	// Properties are those that cause it; none for the whole resource.
	Properties []string
	Text       string
	Source     string
	// Commands end the engine's protection.
	Commands []string
}

func newView(document Document) view {
	v := view{
		Document:     document,
		DataAtRisk:   "none",
		Interruption: interruptionLine(document.Report),
		Resources:    fmt.Sprintf("%s; %d unchanged", countsLine(document.Counts), document.Counts.Same),
		Refused:      refused,
		Obstacles:    obstacles(document.Rollback.Obstacles),
	}
	if document.Verdict.Incomplete {
		v.DataAtRisk, v.Refused = "unknown: "+incomplete, stopped
		v.Resources = fmt.Sprintf("unknown: %s, after %d resources", incomplete, document.Counts.Changed()+document.Counts.Same)
	}
	var atRisk []point
	for _, reviewed := range document.Tiers {
		tier := tier{
			Tier: reviewed, Rows: rows(reviewed.Changes), More: unlisted(reviewed), Risks: risks(reviewed.Risks),
			Interruptions: interruptions(reviewed.Interruptions),
		}
		v.Tiers = append(v.Tiers, tier)
		for _, risk := range tier.Risks {
			atRisk = join(atRisk, point{Type: risk.Type, Names: risk.Names})
		}
	}
	if len(atRisk) > 0 {
		v.DataAtRisk = strings.Join(subjects(atRisk), "; ")
	}
	for _, refusal := range document.Refusals {
		v.Refusals = append(v.Refusals, strings.Join(strings.Fields(refusal), " "))
	}
	return v
}

// HasRollback reports whether there is anything to undo, or known to be in the way.
func (v view) HasRollback() bool { return len(v.Rollback.Commands) > 0 || len(v.Obstacles) > 0 }

// rows groups changes of the same type that have the same operation and the same property changes.
func rows(changes []impact.Change) []row {
	var rows []row
	for _, change := range changes {
		next := row{Op: change.Op, Type: label(change.Type), Names: []string{change.Name}, Note: note(change)}
		for _, property := range change.Properties {
			next.Properties = append(next.Properties, propertyLine(property))
		}
		at := slices.IndexFunc(rows, func(known row) bool { return known.sameChange(next) })
		if at < 0 {
			rows = append(rows, next)
		} else {
			rows[at].Names = union(rows[at].Names, next.Names)
		}
	}
	slices.SortStableFunc(rows, func(a, b row) int { return slices.Index(order, a.Op) - slices.Index(order, b.Op) })
	return rows
}

// order is the order of a tier's rows: readers look for deletions first.
var order = []impact.Op{impact.Delete, impact.Replace, impact.Update, impact.Create}

func (r row) sameChange(other row) bool {
	return r.Op == other.Op && r.Type == other.Type && r.Note == other.Note && slices.Equal(r.Properties, other.Properties)
}

// Mark returns the sign that Pulumi's own previews use.
func (r row) Mark() string { return marks[r.Op] }

var marks = map[impact.Op]string{impact.Create: "+", impact.Update: "~", impact.Replace: "±", impact.Delete: "-"}

// Subject returns the resources and properties of a point.
func (p point) Subject() string {
	text := p.Type + " " + strings.Join(p.Names, ", ")
	if len(p.Properties) > 0 {
		text += " (" + strings.Join(p.Properties, ", ") + ")"
	}
	return text
}

func subjects(points []point) []string {
	texts := make([]string, len(points))
	for i, point := range points {
		texts[i] = point.Subject()
	}
	return texts
}

// join adds a point, or its resources to the point that says the same.
func join(points []point, next point) []point {
	for i := range points {
		known := &points[i]
		if known.Level == next.Level && known.Type == next.Type && known.Text == next.Text &&
			slices.Equal(known.Properties, next.Properties) {
			known.Names = union(known.Names, next.Names)
			known.Commands = append(known.Commands, next.Commands...)
			return points
		}
	}
	return append(points, next)
}

// union appends those names that are not in the list yet. Resources of different types may share a name and a label.
func union(known, names []string) []string {
	for _, name := range names {
		if !slices.Contains(known, name) {
			known = append(known, name)
		}
	}
	return known
}

func risks(all []impact.Risk) []point {
	var points []point
	for _, risk := range all {
		points = join(points, point{
			Level: impact.Permanent, Type: label(risk.Type), Names: []string{risk.Name}, Commands: commands(risk.Command), Source: risk.Source,
			Text: fmt.Sprintf("%s; what is left: %s; first %s", risk.What, risk.Left, risk.First),
		})
	}
	return points
}

func obstacles(all []impact.Obstacle) []point {
	var points []point
	for _, obstacle := range all {
		level := impact.Brief
		if obstacle.Refused {
			level = impact.Permanent
		}
		points = join(points, point{
			Level: level, Type: label(obstacle.Type), Names: []string{obstacle.Name}, Commands: commands(obstacle.Command),
			Source: obstacle.Source, Text: obstacle.Reason,
		})
	}
	return points
}

func interruptions(all []impact.Interruption) []point {
	var points []point
	for _, interruption := range all {
		points = append(points, point{
			Level: interruption.Level, Type: label(interruption.Type), Names: interruption.Resources, Properties: interruption.Properties,
			Text: reason(interruption), Source: interruption.Source,
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
