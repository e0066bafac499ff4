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

// Cost is what the stack costs in a month, before and after the update, in USD.
type Cost struct {
	Region string            `json:"region"`
	Before cost.Amount       `json:"before"`
	After  cost.Amount       `json:"after"`
	Tiers  []cost.Difference `json:"tiers"`
	// NotPriced are what neither sum contains.
	NotPriced   []cost.Unpriced   `json:"notPriced"`
	Assumptions []cost.Assumption `json:"assumptions"`
	Notes       []string          `json:"notes"`
	// From and To are the days on which the prices were recorded.
	From string `json:"pricesFrom"`
	To   string `json:"pricesTo"`
	// Unverified are the keys of prices that were not held against AWS's pages.
	Unverified []string `json:"unverifiedPrices"`
}

// NewCost sets two estimates side by side.
func NewCost(before, after cost.Estimate) *Cost {
	return &Cost{
		Region: after.Region, Before: before.Amount, After: after.Amount, Tiers: cost.Compare(before, after),
		NotPriced: append([]cost.Unpriced{}, after.Unpriced...), Assumptions: after.Assumptions,
		Notes: union(before.Notes, after.Notes), From: earlier(before.From, after.From), To: max(before.To, after.To),
		Unverified: union(before.Unseen, after.Unseen),
	}
}

func earlier(a, b string) string {
	if a == "" || b == "" {
		return max(a, b)
	}
	return min(a, b)
}

func union(a, b []string) []string {
	all := slices.Concat([]string{}, a, b)
	slices.Sort(all)
	return slices.Compact(all)
}

// Duration is how long the update takes, and what it waits for.
type Duration struct {
	Seconds float64 `json:"seconds"`
	Path    []Wait  `json:"path"`
}

// Wait is a resource of the chain that takes longest.
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

// CostRow is a tier's line, or the last one, of the whole.
type CostRow struct{ Tier, Before, After, Change string }

// Rows are the tiers, and their sum.
func (c Cost) Rows() []CostRow {
	var rows []CostRow
	for _, its := range append(slices.Clone(c.Tiers), cost.Difference{Tier: "total", Before: c.Before, After: c.After}) {
		rows = append(rows, CostRow{
			its.Tier, usd(its.Before.Total()), usd(its.After.Total()), fmt.Sprintf("%+.2f", its.After.Total()-its.Before.Total()),
		})
	}
	return rows
}

func usd(amount float64) string { return strconv.FormatFloat(amount, 'f', 2, 64) }

// Verdict is the whole in a line.
func (c Cost) Verdict() string {
	text := fmt.Sprintf("USD %s → %s", usd(c.Before.Total()), usd(c.After.Total()))
	if len(c.NotPriced) > 0 {
		text += ", without what is not priced"
	}
	return text
}

// Remarks are what the sums are worth.
func (c Cost) Remarks() []string {
	var assumed, missing []string
	for _, its := range c.Assumptions {
		assumed = append(assumed, its.Name+"="+strconv.FormatFloat(its.Value, 'f', -1, 64))
	}
	for _, its := range c.NotPriced {
		missing = append(missing, fmt.Sprintf("%d × %s (%s)", its.Count, its.Type, its.Reason))
	}
	var lines []string
	if len(missing) > 0 {
		lines = append(lines, "Not priced: "+strings.Join(missing, "; ")+".")
	}
	lines = append(lines, "Assumed a month, to be changed with --usage NAME=NUMBER: "+strings.Join(assumed, ", ")+".")
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
		lines = append(lines, fmt.Sprintf("%d of the prices were not held against AWS's pages: %s.",
			len(c.Unverified), strings.Join(c.Unverified, ", ")))
	}
	return lines
}

// Verdict is the whole in a line.
func (d Duration) Verdict() string { return "about " + round(d.Seconds) }

// Lines are the chain.
func (d Duration) Lines() []string {
	lines := make([]string, len(d.Path))
	for i, its := range d.Path {
		lines[i] = fmt.Sprintf("after %s: %s %s %s takes %s",
			round(its.From), its.Op, label(its.URN.Type()), its.URN.Name(), round(its.Takes))
	}
	return lines
}

// round is a time as people say it.
func round(seconds float64) string {
	taken := time.Duration(seconds * float64(time.Second))
	if taken < 2*time.Minute {
		return fmt.Sprintf("%.0f s", taken.Seconds())
	}
	return fmt.Sprintf("%.0f min", taken.Minutes())
}
