// Package impact reviews an update before it happens: what changes in which tier, which data is at risk, who notices,
// and how to undo it. It reads the engine's plan, and the tables of facts about AWS in this package.
package impact

import (
	"cmp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"stagecraft/internal/review/plan"
)

// Report is the review of one update.
type Report struct {
	Subject
	// Counts count all resources on AWS.
	Counts  Counts  `json:"counts"`
	Verdict Verdict `json:"verdict"`
	// Tiers are the tiers with changes.
	Tiers    []Tier   `json:"tiers"`
	Rollback Rollback `json:"rollback"`
	// Refusals are the errors of the engine or the program, in their own words. With any, nothing of the update happens.
	Refusals []string `json:"refusals"`
	// Warnings are the program's warnings.
	Warnings []string `json:"warnings"`
}

// Subject is what is compared.
type Subject struct {
	// From and To are names, such as stage2 or a stack's name.
	From string `json:"from"`
	To   string `json:"to"`
	// Configuration describes the previewed configuration.
	Configuration string `json:"configuration"`
	// Back are the commands that undo the update.
	Back []string `json:"-"`
}

// Counts are numbers of resources by operation.
type Counts struct {
	Create  int `json:"create"`
	Update  int `json:"update"`
	Replace int `json:"replace"`
	Delete  int `json:"delete"`
	Same    int `json:"same"`
}

// Verdict is the summary of the report.
type Verdict struct {
	// DataAtRisk: the plan deletes or replaces data stores. The engine rejects it while they are protected.
	DataAtRisk bool `json:"dataAtRisk"`
	// Refused: the engine or the program rejects the update.
	Refused bool `json:"refused"`
	// Incomplete: the preview stopped before its end, so there may be more than the report shows.
	Incomplete bool `json:"incomplete"`
	// Interruption is the worst of all tiers; of an incomplete preview, at least Unknown.
	Interruption Level `json:"interruption"`
}

// Tier is a part of the service, such as the database.
type Tier struct {
	Name   string `json:"name"`
	Counts Counts `json:"counts"`
	// Alarms are counted here and not listed among the changes.
	Alarms  Counts   `json:"alarms"`
	Changes []Change `json:"changes"`
	// TagsOnly is the number of resources whose tags alone change; they are not listed either.
	TagsOnly      int            `json:"tagsOnly"`
	Risks         []Risk         `json:"risks"`
	Interruption  Level          `json:"interruption"`
	Interruptions []Interruption `json:"interruptions"`
}

// New reviews an update.
func New(subject Subject, update plan.Plan) Report {
	report := Report{
		Subject:  subject,
		Tiers:    []Tier{},
		Refusals: sorted(update.Errors()),
		Warnings: sorted(update.Warnings()),
	}
	report.Verdict.Refused = len(report.Refusals) > 0
	changes := changesOf(update)
	serving := servingAfter(update)
	for _, name := range tierNames(changes) {
		tier := newTier(name, changes, serving)
		report.Tiers = append(report.Tiers, tier)
		report.Counts.add(tier.Counts)
		report.Verdict.DataAtRisk = report.Verdict.DataAtRisk || len(tier.Risks) > 0
		report.Verdict.Interruption = max(report.Verdict.Interruption, tier.Interruption)
	}
	slices.SortStableFunc(report.Tiers, worseFirst)
	report.Counts.Same = unchanged(update)
	commands := subject.Back
	if slices.ContainsFunc(report.Refusals, stopsPreview) {
		report.Verdict.Incomplete = true
		report.Verdict.Interruption = max(report.Verdict.Interruption, Unknown)
		commands = nil // an update that does not start needs no rollback
	}
	report.Rollback = newRollback(commands, changes)
	return report
}

func newTier(name string, changes []change, serving int) Tier {
	tier := Tier{Name: name, Changes: []Change{}, Risks: []Risk{}, Interruptions: []Interruption{}}
	for _, change := range changes {
		if change.tier() != name {
			continue
		}
		tier.Counts.count(change.Op)
		tier.Risks = append(tier.Risks, change.risks()...)
		for _, interruption := range change.interruptions(serving) {
			tier.Interruption = max(tier.Interruption, interruption.Level)
			tier.Interruptions = merge(tier.Interruptions, interruption)
		}
		switch {
		case isAlarm(change.Change):
			tier.Alarms.count(change.Op)
		case change.Op == Update && len(change.Properties) == 0:
			tier.TagsOnly++
		default:
			tier.Changes = append(tier.Changes, change.Change)
		}
	}
	slices.SortStableFunc(tier.Interruptions, func(a, b Interruption) int { return int(b.Level) - int(a.Level) })
	return tier
}

// worseFirst sorts tiers that lose data before those that are interrupted, and these before the others.
func worseFirst(a, b Tier) int {
	return cmp.Or(
		cmp.Compare(min(len(b.Risks), 1), min(len(a.Risks), 1)),
		cmp.Compare(b.Interruption, a.Interruption),
	)
}

func tierNames(changes []change) []string {
	names := make([]string, len(changes))
	for i, change := range changes {
		names[i] = change.tier()
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func unchanged(update plan.Plan) int {
	count := 0
	for _, step := range update.Steps {
		if step.Op == apitype.OpSame && onAWS(step.URN, step.Old) {
			count++
		}
	}
	return count
}

// stopsPreview reports whether an error ends the preview. The engine continues after protected resources.
func stopsPreview(refusal string) bool {
	return !strings.Contains(strings.Join(strings.Fields(refusal), " "), "because it is protected")
}

// onAWS reports whether a resource exists on AWS, unlike components and providers.
func onAWS(urn resource.URN, state *apitype.ResourceV3) bool {
	return state != nil && state.Custom && !strings.HasPrefix(string(urn.Type()), "pulumi:")
}

func isAlarm(change Change) bool {
	return change.Type == "aws:cloudwatch/metricAlarm:MetricAlarm" || change.Type == "aws:cloudwatch/compositeAlarm:CompositeAlarm"
}

func (c *Counts) count(op Op) {
	switch op {
	case Create:
		c.Create++
	case Update:
		c.Update++
	case Replace:
		c.Replace++
	case Delete:
		c.Delete++
	}
}

func (c *Counts) add(more Counts) {
	c.Create += more.Create
	c.Update += more.Update
	c.Replace += more.Replace
	c.Delete += more.Delete
}

// Changed returns the number of resources that change.
func (c Counts) Changed() int { return c.Create + c.Update + c.Replace + c.Delete }

// sorted sorts messages, whose order differs each time.
func sorted(messages []string) []string { return orEmpty(slices.Sorted(slices.Values(messages))) }

// orEmpty returns an empty list for nil: the JSON has no null lists.
func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
