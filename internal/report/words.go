package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"

	"stagecraft/internal/review"
)

// row is one line of a tier: what happens to the resources of a type.
type row struct {
	Op         review.Op
	Type       string
	Names      []string
	Properties []review.Property
	Note       string
}

// rows puts together what is made or deleted of the same type. What is updated or replaced has its own properties.
func rows(changes []review.Change) []row {
	var found []row
	for _, its := range changes {
		next := row{Op: its.Op, Type: label(its.Type), Names: []string{its.Name}, Properties: its.Properties, Note: note(its)}
		at := slices.IndexFunc(found, func(known row) bool { return known.takes(next) })
		if at < 0 {
			found = append(found, next)
		} else if !slices.Contains(found[at].Names, its.Name) {
			found[at].Names = append(found[at].Names, its.Name)
		}
	}
	slices.SortStableFunc(found, func(a, b row) int { return slices.Index(order, a.Op) - slices.Index(order, b.Op) })
	return found
}

// order is that of a tier's lines: what people look for first.
var order = []review.Op{review.Delete, review.Replace, review.Update, review.Create}

func (r row) takes(next row) bool {
	return r.Op == next.Op && r.Type == next.Type && r.Note == next.Note && slices.Equal(r.Properties, next.Properties)
}

// Mark is the sign that Pulumi's own previews use.
func (r row) Mark() string { return marks[r.Op] }

var marks = map[review.Op]string{review.Create: "+", review.Update: "~", review.Replace: "±", review.Delete: "-"}

func note(of review.Change) string {
	switch {
	case of.Retained && of.Op != review.Create:
		return "stays on AWS"
	case of.Protected && (of.Op == review.Delete || of.Op == review.Replace):
		return "protected: refused"
	default:
		return ""
	}
}

// label is a type in a program's words: ec2.Instance of aws:ec2/instance:Instance.
func label(of tokens.Type) string {
	module, _, _ := strings.Cut(string(of.Module().Name()), "/")
	name := string(of.Name())
	if module == "s3" && strings.HasPrefix(name, "Bucket") && !slices.Contains([]string{"Bucket", "BucketV2"}, name) &&
		!strings.HasPrefix(name, "BucketObject") {
		name = "Bucket settings" // one bucket has half a dozen of them
	}
	return module + "." + name
}

// change is a property's change in one line.
func change(of review.Property) string {
	text := fmt.Sprintf("%s: %s → %s", of.Path, of.Old, of.New)
	if of.Old == of.New {
		text = of.Path + " changes"
	}
	if of.Replaces {
		text += " (replaces)"
	}
	return text
}

// counts is a tier's or the whole update's numbers in words, those that are zero left out.
func counts(of review.Counts) string {
	var parts []string
	for _, part := range []struct {
		count int
		word  string
	}{{of.Create, "created"}, {of.Update, "updated"}, {of.Replace, "replaced"}, {of.Delete, "deleted"}} {
		if part.count > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", part.count, part.word))
		}
	}
	if len(parts) == 0 {
		return "none"
	}
	return strings.Join(parts, ", ")
}

// more are the lines about what a tier does not list.
func more(of review.Tier) []string {
	var lines []string
	if of.Alarms.Changed() > 0 {
		lines = append(lines, "alarms: "+counts(of.Alarms))
	}
	if of.TagsOnly > 0 {
		lines = append(lines, fmt.Sprintf("in nothing but tags: %d updated", of.TagsOnly))
	}
	return lines
}

// dataAtRisk is the verdict on data in a line.
func dataAtRisk(of review.Report) string {
	var names []string
	for _, tier := range of.Tiers {
		names = append(names, risky(tier)...)
	}
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// risky are the resources of a tier whose data is at risk, each once.
func risky(of review.Tier) []string {
	var names []string
	for _, risk := range of.Risks {
		if name := label(risk.Type) + " " + risk.Name; !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// meaning tells what a level of interruption means.
var meaning = map[review.Level]string{
	review.None:    "nobody notices",
	review.Brief:   "what is open at the time breaks, and a retry succeeds",
	review.Unknown: "some changes are not in the table of facts",
	review.Minutes: "not served for minutes",
	review.Closed:  "an address or a way in is gone for good",
}

// interruption is the verdict on interruptions in a line: the worst, and in which tiers.
func interruption(of review.Report) string {
	worst := of.Verdict.Interruption
	if worst == review.None {
		return "none: " + meaning[worst]
	}
	var tiers []string
	for _, tier := range of.Tiers {
		if tier.Interruption == worst {
			tiers = append(tiers, tier.Name)
		}
	}
	return fmt.Sprintf("%s in %s: %s", worst, strings.Join(tiers, ", "), meaning[worst])
}

// reason is an interruption in one sentence.
func reason(of review.Interruption) string {
	text := of.Reason
	if of.Lasts != "" {
		text += "; lasts " + of.Lasts
	}
	if of.When != "" {
		text += "; AWS does it " + of.When
	}
	return text
}

// cause is what an interruption comes from.
func cause(of review.Interruption) string {
	text := label(of.Type) + " " + strings.Join(of.Resources, ", ")
	if len(of.Properties) > 0 {
		text += " (" + strings.Join(of.Properties, ", ") + ")"
	}
	return text
}
