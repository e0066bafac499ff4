// Package cost estimates what a stack costs in a month, from its resources and a dated price table. What it can't price
// it names: nothing counts as zero unless the table of free types has it.
package cost

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"

	"stagecraft/internal/review/plan"
)

// hours are the hours of a month, as AWS counts them.
const hours = 730

// leftOut is what costs little in most stacks, and what no resource tells of.
const leftOut = "left out, not free: traffic between zones, requests to S3, KMS, Secrets Manager and Systems Manager, snapshots, " +
	"CPU credits above the baseline"

// Estimate is a month's cost in USD.
type Estimate struct {
	Region string `json:"region"`
	Tiers  []Tier `json:"tiers"`
	Amount `json:"total"`
	// Unpriced are what the estimate leaves out.
	Unpriced    []Unpriced   `json:"notPriced"`
	Assumptions []Assumption `json:"assumptions"`
	// Notes are what the rules assume where the resources do not tell.
	Notes []string `json:"notes"`
	// From and To are the days on which the prices in it were recorded.
	From string `json:"pricesFrom"`
	To   string `json:"pricesTo"`
	// Unseen are the keys of the prices in it that were not held against a page.
	Unseen []string `json:"unverifiedPrices"`
}

// Amount is the fixed part, and what depends on usage.
type Amount struct {
	Fixed float64 `json:"fixed"`
	Usage float64 `json:"usage"`
}

// Total is both parts.
func (a Amount) Total() float64 { return a.Fixed + a.Usage }

// Tier is what a component of the stack costs (package plan, Tier).
type Tier struct {
	Name   string `json:"name"`
	Amount `json:"amount"`
	Lines  []Line `json:"lines"`
}

// Line is one price's part of a tier.
type Line struct {
	Key      string  `json:"key"`
	Unit     string  `json:"unit"`
	Quantity float64 `json:"quantity"`
	USD      float64 `json:"usd"`
	Usage    bool    `json:"usage"`
}

// Unpriced is what has no price, how many of it there are, and why.
type Unpriced struct {
	Type   string `json:"type"`
	Count  int    `json:"count"`
	Reason string `json:"reason"`
}

// charge is a quantity of what a price is for.
type charge struct {
	key      string
	quantity float64
	usage    bool
}

// priced is a charge with its tier and its price.
type priced struct {
	charge
	tier  string
	price Price
}

// Of estimates resources, such as those of a state or of a preview; a region whose prices are not in the table is an
// error.
func Of(resources []apitype.ResourceV3, region string, usage Usage) (Estimate, error) {
	if _, err := priceList(region); err != nil {
		return Estimate{}, err
	}
	in := newStack(resources, region, usage)
	in.note(leftOut)
	freeTypes, err := free()
	if err != nil {
		return Estimate{}, err
	}
	unpriced := map[Unpriced]int{}
	var found []priced
	for i := range resources {
		its := &resources[i]
		if !its.Custom || its.Delete || its.External || isProvider(its) {
			continue
		}
		kind := string(its.Type)
		rule, ruled := rules[kind]
		if !ruled {
			if _, costless := freeTypes[kind]; !costless {
				unpriced[Unpriced{Type: kind, Reason: cmp.Or(reasons[kind], "there is no rule for it")}]++
			}
			continue
		}
		list, err := priceList(in.regionOf(its))
		if err != nil {
			return Estimate{}, fmt.Errorf("%s: %w", its.URN.Name(), err)
		}
		for _, charged := range rule(resource{its.Inputs, its}, in) {
			price, known := list[charged.key]
			if !known {
				unpriced[Unpriced{Type: kind, Reason: "no price of " + charged.key + " in " + in.regionOf(its)}]++
				continue
			}
			found = append(found, priced{charged, plan.Tier(its.URN), price})
		}
	}
	estimate := sum(found, usage.FreeShare)
	estimate.Region, estimate.Assumptions = region, usage.Assumptions()
	estimate.Notes = slices.Sorted(maps.Keys(in.notes))
	for what, count := range unpriced {
		what.Count = count
		estimate.Unpriced = append(estimate.Unpriced, what)
	}
	slices.SortFunc(estimate.Unpriced, func(a, b Unpriced) int {
		return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.Reason, b.Reason))
	})
	return estimate, nil
}

// sum adds charges up. What an account has for nothing is taken off each charge alike.
func sum(charges []priced, freeShare float64) Estimate {
	quantities := map[string]float64{}
	for _, charged := range charges {
		quantities[charged.key] += charged.quantity
	}
	var estimate Estimate
	tiers, unseen := map[string]map[Line]float64{}, map[string]bool{}
	for _, charged := range charges {
		price := charged.price
		billed := charged.quantity
		if whole := quantities[charged.key]; whole > 0 {
			billed *= max(0, whole-price.Free*freeShare) / whole
		}
		if tiers[charged.tier] == nil {
			tiers[charged.tier] = map[Line]float64{}
		}
		line := Line{Key: charged.key, Unit: price.Unit, Usage: charged.usage, USD: price.USD}
		tiers[charged.tier][line] += billed
		estimate.To = max(estimate.To, price.Recorded)
		estimate.From = min(cmp.Or(estimate.From, price.Recorded), price.Recorded)
		if price.Seen == "" {
			unseen[charged.key] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(tiers)) {
		tier := Tier{Name: name}
		for line, quantity := range tiers[name] {
			line.Quantity, line.USD = quantity, quantity*line.USD
			tier.Lines = append(tier.Lines, line)
			tier.add(line)
			estimate.add(line)
		}
		slices.SortFunc(tier.Lines, func(a, b Line) int { return cmp.Compare(a.Key, b.Key) })
		estimate.Tiers = append(estimate.Tiers, tier)
	}
	estimate.Unseen = slices.Sorted(maps.Keys(unseen))
	return estimate
}

func (a *Amount) add(line Line) {
	if line.Usage {
		a.Usage += line.USD
	} else {
		a.Fixed += line.USD
	}
}

// Difference is a tier, or the whole, before and after.
type Difference struct {
	Tier   string `json:"tier"`
	Before Amount `json:"before"`
	After  Amount `json:"after"`
}

// Compare sets two estimates side by side, by tier.
func Compare(before, after Estimate) []Difference {
	tiers := map[string]Difference{}
	for _, tier := range before.Tiers {
		tiers[tier.Name] = Difference{Tier: tier.Name, Before: tier.Amount}
	}
	for _, tier := range after.Tiers {
		both := tiers[tier.Name]
		both.Tier, both.After = tier.Name, tier.Amount
		tiers[tier.Name] = both
	}
	var list []Difference
	for _, name := range slices.Sorted(maps.Keys(tiers)) {
		list = append(list, tiers[name])
	}
	return list
}
