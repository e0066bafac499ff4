// Package review is what people decide on before an update: what changes in which tier, which data is at risk, who
// notices, and what leads back. It reads the engine's plan, and the tables of facts about AWS in this package.
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
	// Counts are over all resources that AWS knows.
	Counts Counts `json:"counts"`
	// Verdict says in short what follows.
	Verdict Verdict `json:"verdict"`
	// Tiers are those in which something changes.
	Tiers []Tier `json:"tiers"`
	// Rollback is what leads back, and what doesn't come back.
	Rollback Rollback `json:"rollback"`
	// Refusals are why the engine or the program refuses the update, in their own words: then nothing of it happens.
	Refusals []string `json:"refusals"`
	// Warnings are what the program wants people to know.
	Warnings []string `json:"warnings"`
}

// Subject is what is compared.
type Subject struct {
	// From and To are what people call the two: stage2, a stack's name.
	From string `json:"from"`
	To   string `json:"to"`
	// Configuration tells what was previewed.
	Configuration string `json:"configuration"`
	// Back is what a person types to undo the update.
	Back []string `json:"-"`
}

// Counts is how many resources an update touches.
type Counts struct {
	Create  int `json:"create"`
	Update  int `json:"update"`
	Replace int `json:"replace"`
	Delete  int `json:"delete"`
	Same    int `json:"same"`
}

// Verdict is the report in three words.
type Verdict struct {
	// DataAtRisk: the plan deletes or replaces what holds data. The engine refuses it while that is protected.
	DataAtRisk bool `json:"dataAtRisk"`
	// Refused: the engine or the program refuses the update.
	Refused bool `json:"refused"`
	// Incomplete: the preview stopped before its end, so that there may be more than the report tells.
	Incomplete bool `json:"incomplete"`
	// Interruption is the worst of all tiers'.
	Interruption Level `json:"interruption"`
}

// Tier is a part of the service, such as the database.
type Tier struct {
	Name   string `json:"name"`
	Counts Counts `json:"counts"`
	// Alarms are counted here and not listed among the changes.
	Alarms  Counts   `json:"alarms"`
	Changes []Change `json:"changes"`
	// TagsOnly is how many resources change in nothing but tags; they are not listed either.
	TagsOnly      int            `json:"tagsOnly"`
	Risks         []Risk         `json:"risks"`
	Interruption  Level          `json:"interruption"`
	Interruptions []Interruption `json:"interruptions"`
}

// New reviews a plan.
func New(subject Subject, of plan.Plan) Report {
	report := Report{
		Subject:  subject,
		Tiers:    []Tier{},
		Refusals: sorted(of.Errors()),
		Warnings: sorted(of.Warnings()),
	}
	report.Verdict.Refused = len(report.Refusals) > 0
	report.Verdict.Incomplete = slices.ContainsFunc(report.Refusals, stops)
	changes := changesOf(of)
	serving := servingAfter(of)
	for _, name := range tierNames(changes) {
		tier := newTier(name, changes, serving)
		report.Tiers = append(report.Tiers, tier)
		report.Counts.add(tier.Counts)
		report.Verdict.DataAtRisk = report.Verdict.DataAtRisk || len(tier.Risks) > 0
		report.Verdict.Interruption = max(report.Verdict.Interruption, tier.Interruption)
	}
	slices.SortStableFunc(report.Tiers, worseFirst)
	report.Counts.Same = same(of)
	report.Rollback = newRollback(subject.Back, changes)
	return report
}

func newTier(name string, all []change, serving int) Tier {
	tier := Tier{Name: name, Changes: []Change{}, Risks: []Risk{}, Interruptions: []Interruption{}}
	for _, its := range all {
		if its.tier() != name {
			continue
		}
		tier.Counts.count(its.Op)
		tier.Risks = append(tier.Risks, its.risks()...)
		for _, found := range its.interruptions(serving) {
			tier.Interruption = max(tier.Interruption, found.Level)
			tier.Interruptions = merge(tier.Interruptions, found)
		}
		switch {
		case isAlarm(its.Change):
			tier.Alarms.count(its.Op)
		case its.Op == Update && len(its.Properties) == 0:
			tier.TagsOnly++
		default:
			tier.Changes = append(tier.Changes, its.Change)
		}
	}
	slices.SortStableFunc(tier.Interruptions, func(a, b Interruption) int { return int(b.Level) - int(a.Level) })
	return tier
}

// worseFirst puts tiers that lose data before those that are interrupted, and these before the others.
func worseFirst(a, b Tier) int {
	return cmp.Or(
		cmp.Compare(min(len(b.Risks), 1), min(len(a.Risks), 1)),
		cmp.Compare(b.Interruption, a.Interruption),
	)
}

func tierNames(changes []change) []string {
	names := make([]string, len(changes))
	for i, its := range changes {
		names[i] = its.tier()
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func same(of plan.Plan) int {
	count := 0
	for _, step := range of.Steps {
		if step.Op == apitype.OpSame && onAWS(step.URN, step.Old) {
			count++
		}
	}
	return count
}

// stops tells an error that ends a preview. About a protected resource the engine complains, and goes on.
func stops(refusal string) bool {
	return !strings.Contains(strings.Join(strings.Fields(refusal), " "), "because it is protected")
}

// onAWS leaves out components and providers, which exist for Pulumi only.
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

// Changed is how many resources are not left as they are.
func (c Counts) Changed() int { return c.Create + c.Update + c.Replace + c.Delete }

// sorted is for messages, which come in another order each time.
func sorted(messages []string) []string { return orEmpty(slices.Sorted(slices.Values(messages))) }

// orEmpty is for JSON, in which a list is never null.
func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
