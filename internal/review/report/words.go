package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"

	"stagecraft/internal/review/impact"
)

// label shortens a type to a program's notation, such as aws:ec2/instance:Instance to ec2.Instance.
func label(token tokens.Type) string {
	module, _, _ := strings.Cut(string(token.Module().Name()), "/")
	name := string(token.Name())
	if module == "s3" && strings.HasPrefix(name, "Bucket") && !slices.Contains(bucketTypes, name) {
		name = "Bucket settings" // one bucket has half a dozen of them
	}
	return module + "." + name
}

// bucketTypes are the types of Amazon S3 that are not a bucket's settings.
var bucketTypes = []string{"Bucket", "BucketV2", "BucketObject", "BucketObjectv2"}

func note(change impact.Change) string {
	switch {
	case change.Retained && change.Op != impact.Create:
		return "stays on AWS"
	case change.Protected && (change.Op == impact.Delete || change.Op == impact.Replace):
		return "protected: refused"
	default:
		return ""
	}
}

// propertyLine returns a property's change in one line.
func propertyLine(property impact.Property) string {
	text := fmt.Sprintf("%s: %s → %s", property.Path, property.Old, property.New)
	if property.Old == property.New {
		text = property.Path + " changes"
	}
	if property.Replaces {
		text += " (replaces)"
	}
	return text
}

// countsLine returns the counts of a tier or of the whole update without those that are zero.
func countsLine(counts impact.Counts) string {
	var parts []string
	for _, part := range []struct {
		count int
		verb  string
	}{{counts.Create, "created"}, {counts.Update, "updated"}, {counts.Replace, "replaced"}, {counts.Delete, "deleted"}} {
		if part.count > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", part.count, part.verb))
		}
	}
	if len(parts) == 0 {
		return "nothing changes"
	}
	return strings.Join(parts, ", ")
}

// unlisted returns the lines about changes that a tier does not list.
func unlisted(tier impact.Tier) []string {
	var lines []string
	if tier.Alarms.Changed() > 0 {
		lines = append(lines, "alarms: "+countsLine(tier.Alarms))
	}
	if tier.TagsOnly > 0 {
		lines = append(lines, fmt.Sprintf("tags only: %d updated", tier.TagsOnly))
	}
	return lines
}

// meanings explain the levels of interruption.
var meanings = map[impact.Level]string{
	impact.None:      "nobody notices",
	impact.Brief:     "requests under way fail, and a retry succeeds",
	impact.Unknown:   "some changes are not in the table of facts",
	impact.Minutes:   "not served for minutes",
	impact.Permanent: "an address, an entry or a store is gone for good",
}

// What an error of the engine or the program means.
const (
	refused    = "nothing changes on AWS before the errors are resolved"
	incomplete = "the preview stopped before its end"
	stopped    = incomplete + ": there may be more than this report shows"
)

// interruptionLine returns the worst level and its tiers in one line.
func interruptionLine(review impact.Report) string {
	worst := review.Verdict.Interruption
	var tiers []string
	for _, tier := range review.Tiers {
		if tier.Interruption == worst {
			tiers = append(tiers, tier.Name)
		}
	}
	switch {
	case worst == impact.None:
		return "none: " + meanings[worst]
	case len(tiers) == 0:
		return fmt.Sprintf("%s: %s", worst, incomplete)
	default:
		return fmt.Sprintf("%s in %s: %s", worst, strings.Join(tiers, ", "), meanings[worst])
	}
}

// reason returns an interruption in one sentence.
func reason(interruption impact.Interruption) string {
	text := interruption.Reason
	if interruption.Lasts != "" {
		text += "; lasts " + interruption.Lasts
	}
	if interruption.When != "" {
		text += "; AWS does it " + interruption.When
	}
	return text
}
