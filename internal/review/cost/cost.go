// Package cost estimates what a stack costs in a month, from its resources and a dated price table. It names what it
// cannot price: only the types in the table of free types cost nothing.
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

// leftOut lists what costs little in most stacks, and follows from no resource.
const leftOut = "left out, not free: traffic between zones, requests to S3, KMS, Secrets Manager and Systems Manager, snapshots, " +
	"CPU credits above the baseline"

// Breakdown is a month's cost in USD, by tier.
type Breakdown struct {
	Region string `json:"region"`
	// Tiers are all tiers of the stack, those that cost nothing included.
	Tiers  []Tier `json:"tiers"`
	Amount `json:"total"`
	// Unpriced lists what the estimate leaves out.
	Unpriced    []Unpriced   `json:"notPriced"`
	Assumptions []Assumption `json:"assumptions"`
	// Notes are the assumptions of the rules where the resources do not say.
	Notes []string `json:"notes"`
	// From and To are the days on which its prices were recorded.
	From string `json:"pricesFrom"`
	To   string `json:"pricesTo"`
	// Unverified are the keys of its prices that nobody has verified on AWS's pages.
	Unverified []string `json:"unverifiedPrices"`
}

// Amount is a sum: its fixed part, and the part that depends on usage.
type Amount struct {
	Fixed float64 `json:"fixed"`
	Usage float64 `json:"usage"`
}

// Total returns the sum of both parts.
func (a Amount) Total() float64 { return a.Fixed + a.Usage }

// Tier is the cost of a tier (plan.Tier).
type Tier struct {
	Name   string `json:"name"`
	Amount `json:"amount"`
	Lines  []Line `json:"lines"`
}

// Line is a tier's cost by one price.
type Line struct {
	Key      string  `json:"key"`
	Unit     string  `json:"unit"`
	Quantity float64 `json:"quantity"`
	USD      float64 `json:"usd"`
	Usage    bool    `json:"usage"`
}

// Unpriced is a type of resource without a price, the number of its resources, and the reason.
type Unpriced struct {
	Type   string `json:"type"`
	Count  int    `json:"count"`
	Reason string `json:"reason"`
}

// charge is a quantity at a price, which depends on usage or does not.
type charge struct {
	key      string
	quantity float64
	usage    bool
}

// pricedCharge is a charge with its tier and its price.
type pricedCharge struct {
	charge
	tier  string
	price Price
}

// Estimate returns the cost of resources, such as those of a state or of a preview. It rejects regions that are not in
// the price table.
func Estimate(resources []apitype.ResourceV3, region string, usage Usage) (Breakdown, error) {
	if _, err := priceList(region); err != nil {
		return Breakdown{}, err
	}
	freeTypes, err := free()
	if err != nil {
		return Breakdown{}, err
	}
	stack := newStack(resources, region, usage)
	stack.note(leftOut)
	unpriced, tiers := map[Unpriced]int{}, map[string]bool{}
	var charges []pricedCharge
	for i := range resources {
		state := &resources[i]
		if !isBilled(state) {
			continue
		}
		token, tier := string(state.Type), plan.Tier(state.URN)
		tiers[tier] = true
		rule, known := rules[token]
		if !known {
			if _, isFree := freeTypes[token]; !isFree {
				unpriced[Unpriced{Type: token, Reason: cmp.Or(reasons[token], "there is no rule for it")}]++
			}
			continue
		}
		resourceRegion := stack.regionOf(state)
		list, err := priceList(resourceRegion)
		if err != nil {
			return Breakdown{}, fmt.Errorf("%s: %w", state.URN.Name(), err)
		}
		for _, charge := range rule(resource{state.Inputs, state}, stack) {
			price, known := list[charge.key]
			if !known {
				unpriced[Unpriced{Type: token, Reason: "no price of " + charge.key + " in " + resourceRegion}]++
				continue
			}
			charges = append(charges, pricedCharge{charge, tier, price})
		}
	}
	breakdown := sum(slices.Sorted(maps.Keys(tiers)), charges, usage.FreeShare)
	breakdown.Region, breakdown.Assumptions = region, usage.Assumptions()
	breakdown.Notes = slices.Sorted(maps.Keys(stack.notes))
	breakdown.Unpriced = counted(unpriced)
	return breakdown, nil
}

// counted returns the unpriced types with their numbers, sorted.
func counted(unpriced map[Unpriced]int) []Unpriced {
	var list []Unpriced
	for resource, count := range unpriced {
		resource.Count = count
		list = append(list, resource)
	}
	slices.SortFunc(list, func(a, b Unpriced) int {
		return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.Reason, b.Reason))
	})
	return list
}

// sum adds the charges of each tier. Charges at the same price share the free allowance in proportion.
func sum(tiers []string, charges []pricedCharge, freeShare float64) Breakdown {
	quantities := map[string]float64{}
	for _, charge := range charges {
		quantities[charge.key] += charge.quantity
	}
	var breakdown Breakdown
	lines, unverified := map[string]map[Line]float64{}, map[string]bool{}
	for _, tier := range tiers {
		lines[tier] = map[Line]float64{}
	}
	for _, charge := range charges {
		price := charge.price
		billed := charge.quantity
		if whole := quantities[charge.key]; whole > 0 {
			billed *= max(0, whole-price.Free*freeShare) / whole
		}
		lines[charge.tier][Line{Key: charge.key, Unit: price.Unit, Usage: charge.usage, USD: price.USD}] += billed
		breakdown.To = max(breakdown.To, price.Recorded)
		breakdown.From = min(cmp.Or(breakdown.From, price.Recorded), price.Recorded)
		if price.VerifiedAt == "" {
			unverified[charge.key] = true
		}
	}
	for _, name := range tiers {
		tier := Tier{Name: name, Lines: []Line{}}
		for line, quantity := range lines[name] {
			line.Quantity, line.USD = quantity, quantity*line.USD
			tier.Lines = append(tier.Lines, line)
		}
		// The sum of floats depends on their order.
		slices.SortFunc(tier.Lines, func(a, b Line) int { return cmp.Compare(a.Key, b.Key) })
		for _, line := range tier.Lines {
			tier.add(line)
			breakdown.add(line)
		}
		breakdown.Tiers = append(breakdown.Tiers, tier)
	}
	breakdown.Unverified = slices.Sorted(maps.Keys(unverified))
	return breakdown
}

func (a *Amount) add(line Line) {
	if line.Usage {
		a.Usage += line.USD
	} else {
		a.Fixed += line.USD
	}
}

// Difference is the cost of a tier before and after an update.
type Difference struct {
	Tier   string `json:"tier"`
	Before Amount `json:"before"`
	After  Amount `json:"after"`
}

// Compare returns the costs of all tiers that are in either breakdown, sorted.
func Compare(before, after Breakdown) []Difference {
	tiers := map[string]Difference{}
	for _, tier := range before.Tiers {
		tiers[tier.Name] = Difference{Tier: tier.Name, Before: tier.Amount}
	}
	for _, tier := range after.Tiers {
		difference := tiers[tier.Name]
		difference.Tier, difference.After = tier.Name, tier.Amount
		tiers[tier.Name] = difference
	}
	var list []Difference
	for _, name := range slices.Sorted(maps.Keys(tiers)) {
		list = append(list, tiers[name])
	}
	return list
}
