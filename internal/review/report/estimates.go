package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"stagecraft/internal/review/cost"
	"stagecraft/internal/review/duration"
)

// Cost is the stack's monthly cost before and after the update, in USD.
type Cost struct {
	Region string            `json:"region"`
	Before cost.Amount       `json:"before"`
	After  cost.Amount       `json:"after"`
	Tiers  []cost.Difference `json:"tiers"`
	// NotPriced lists what neither sum contains.
	NotPriced   []cost.Unpriced   `json:"notPriced"`
	Assumptions []cost.Assumption `json:"assumptions"`
	Notes       []string          `json:"notes"`
	// From and To are the days on which the prices were recorded.
	From string `json:"pricesFrom"`
	To   string `json:"pricesTo"`
	// Unverified are the keys of prices that nobody has verified on AWS's pages.
	Unverified []string `json:"unverifiedPrices"`
}

// NewCost compares two estimates.
func NewCost(before, after cost.Breakdown) *Cost {
	return &Cost{
		Region: after.Region, Before: before.Amount, After: after.Amount, Tiers: cost.Compare(before, after),
		NotPriced: append([]cost.Unpriced{}, after.Unpriced...), Assumptions: after.Assumptions,
		Notes: sortedUnion(before.Notes, after.Notes), From: earlier(before.From, after.From), To: max(before.To, after.To),
		Unverified: sortedUnion(before.Unverified, after.Unverified),
	}
}

func earlier(a, b string) string {
	if a == "" || b == "" {
		return max(a, b)
	}
	return min(a, b)
}

func sortedUnion(a, b []string) []string {
	all := slices.Concat([]string{}, a, b)
	slices.Sort(all)
	return slices.Compact(all)
}

// Duration is how long the update takes, and the chain that it waits for.
type Duration struct {
	Seconds float64 `json:"seconds"`
	Path    []Wait  `json:"path"`
}

// Wait is a step of the chain.
type Wait struct {
	URN   resource.URN   `json:"urn"`
	Op    apitype.OpType `json:"op"`
	From  float64        `json:"fromSeconds"`
	Takes float64        `json:"takesSeconds"`
}

// NewDuration converts an estimate to seconds.
func NewDuration(chain duration.Chain) *Duration {
	converted := &Duration{Seconds: chain.Total.Seconds(), Path: []Wait{}}
	for _, step := range chain.Path {
		converted.Path = append(converted.Path, Wait{step.URN, step.Op, step.Start.Seconds(), step.Duration.Seconds()})
	}
	return converted
}

// CostRow is the line of a tier, or the total.
type CostRow struct{ Tier, Before, After, Change string }

// Rows returns the lines of the tiers, and the total.
func (c Cost) Rows() []CostRow {
	var rows []CostRow
	for _, line := range append(slices.Clone(c.Tiers), cost.Difference{Tier: "total", Before: c.Before, After: c.After}) {
		before, after := line.Before.Total(), line.After.Total()
		rows = append(rows, CostRow{line.Tier, usd(before), usd(after), fmt.Sprintf("%+.2f", after-before)})
	}
	return rows
}

func usd(amount float64) string { return strconv.FormatFloat(amount, 'f', 2, 64) }

// Verdict returns the sums in one line.
func (c Cost) Verdict() string {
	text := fmt.Sprintf("USD %s → %s", usd(c.Before.Total()), usd(c.After.Total()))
	if len(c.NotPriced) > 0 {
		text += ", without what is not priced"
	}
	return text
}

// Remarks returns the limits of the sums: what they leave out and assume, and the origin of the prices.
func (c Cost) Remarks() []string {
	var assumed, missing []string
	for _, assumption := range c.Assumptions {
		assumed = append(assumed, assumption.Name+"="+strconv.FormatFloat(assumption.Value, 'f', -1, 64))
	}
	for _, unpriced := range c.NotPriced {
		missing = append(missing, fmt.Sprintf("%d × %s (%s)", unpriced.Count, unpriced.Type, unpriced.Reason))
	}
	var lines []string
	if len(missing) > 0 {
		lines = append(lines, "Not priced: "+strings.Join(missing, "; ")+".")
	}
	lines = append(lines, "Assumed per month (change with --usage NAME=NUMBER): "+strings.Join(assumed, ", ")+".")
	for _, note := range c.Notes {
		lines = append(lines, "Also: "+note+".")
	}
	if c.To != "" {
		recorded := "on " + c.From
		if c.From != c.To {
			recorded = "from " + c.From + " to " + c.To
		}
		lines = append(lines, fmt.Sprintf("Prices of %s on demand, without taxes, recorded %s.", c.Region, recorded))
	}
	if len(c.Unverified) > 0 {
		lines = append(lines, fmt.Sprintf("%d of the prices were not verified on AWS's pages: %s.",
			len(c.Unverified), strings.Join(c.Unverified, ", ")))
	}
	return lines
}

// Verdict returns the time in one line.
func (d Duration) Verdict() string { return "about " + round(d.Seconds) }

// Lines returns the steps of the chain, each in one line.
func (d Duration) Lines() []string {
	lines := make([]string, len(d.Path))
	for i, wait := range d.Path {
		lines[i] = fmt.Sprintf("after %s: %s %s %s takes %s",
			round(wait.From), wait.Op, label(wait.URN.Type()), wait.URN.Name(), round(wait.Takes))
	}
	return lines
}

// round formats a time in seconds, or from two minutes on in minutes.
func round(seconds float64) string {
	duration := time.Duration(seconds * float64(time.Second))
	if duration < 2*time.Minute {
		return fmt.Sprintf("%.0f s", duration.Seconds())
	}
	return fmt.Sprintf("%.0f min", duration.Minutes())
}
