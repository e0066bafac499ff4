package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"

	"stagecraft/internal/review/impact"
)

// label is a type in a program's words: ec2.Instance of aws:ec2/instance:Instance.
func label(of tokens.Type) string {
	module, _, _ := strings.Cut(string(of.Module().Name()), "/")
	name := string(of.Name())
	if module == "s3" && strings.HasPrefix(name, "Bucket") && !slices.Contains(bucketTypes, name) {
		name = "Bucket settings" // one bucket has half a dozen of them
	}
	return module + "." + name
}

// bucketTypes are the types of Amazon S3 that are no bucket's settings.
var bucketTypes = []string{"Bucket", "BucketV2", "BucketObject", "BucketObjectv2"}

func note(of impact.Change) string {
	switch {
	case of.Retained && of.Op != impact.Create:
		return "stays on AWS"
	case of.Protected && (of.Op == impact.Delete || of.Op == impact.Replace):
		return "protected: refused"
	default:
		return ""
	}
}

// change is a property's change in one line.
func change(of impact.Property) string {
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
func counts(of impact.Counts) string {
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
		return "nothing changes"
	}
	return strings.Join(parts, ", ")
}

// more are the lines about what a tier does not list.
func more(of impact.Tier) []string {
	var lines []string
	if of.Alarms.Changed() > 0 {
		lines = append(lines, "alarms: "+counts(of.Alarms))
	}
	if of.TagsOnly > 0 {
		lines = append(lines, fmt.Sprintf("in nothing but tags: %d updated", of.TagsOnly))
	}
	return lines
}

// meaning tells what a level of interruption means.
var meaning = map[impact.Level]string{
	impact.None:    "nobody notices",
	impact.Brief:   "what is open at the time breaks, and a retry succeeds",
	impact.Unknown: "some changes are not in the table of facts",
	impact.Minutes: "not served for minutes",
	impact.Closed:  "an address, a way or a store is gone for good",
}

// interruption is the verdict on interruptions in a line: the worst, and in which tiers.
func interruption(of impact.Report) string {
	worst := of.Verdict.Interruption
	if worst == impact.None {
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
func reason(of impact.Interruption) string {
	text := of.Reason
	if of.Lasts != "" {
		text += "; lasts " + of.Lasts
	}
	if of.When != "" {
		text += "; AWS does it " + of.When
	}
	return text
}
