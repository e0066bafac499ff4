package cost

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// global is the region of services that have one price everywhere.
const global = "global"

// Price is a row of the price table, prices.csv.
type Price struct {
	Key, Unit string
	USD       float64
	// Free is the account's monthly free allowance, in units.
	Free float64
	// Page is the title of AWS's pricing page, and Recorded the day on which the row was written.
	Page, Recorded string
	// VerifiedAt is the address at which the figure was read; "" for a figure that nobody has verified.
	VerifiedAt string
}

//go:embed prices.csv
var pricesCSV string

//go:embed free.csv
var freeCSV string

// prices returns the price table by region and key.
var prices = sync.OnceValues(func() (map[string]map[string]Price, error) {
	return parsePrices(pricesCSV)
})

// free maps the resource types that cost nothing by themselves to the pages that say so.
var free = sync.OnceValues(func() (map[string]string, error) {
	rows, err := table(freeCSV)
	types := map[string]string{}
	for _, row := range rows {
		types[row[0]] = row[1]
	}
	return types, err
})

func parsePrices(text string) (map[string]map[string]Price, error) {
	rows, err := table(text)
	if err != nil {
		return nil, err
	}
	prices := map[string]map[string]Price{}
	for _, row := range rows {
		usd, errUSD := strconv.ParseFloat(row[3], 64)
		allowance, errFree := strconv.ParseFloat(row[4], 64)
		if errUSD != nil || errFree != nil {
			return nil, fmt.Errorf("the price table: %s costs %q with %q free: both must be numbers", row[0], row[3], row[4])
		}
		for _, region := range strings.Fields(row[2]) {
			if prices[region] == nil {
				prices[region] = map[string]Price{}
			}
			if _, twice := prices[region][row[0]]; twice {
				return nil, fmt.Errorf("the price table: %s has two rows for %s", row[0], region)
			}
			prices[region][row[0]] = Price{row[0], row[1], usd, allowance, row[5], row[6], row[7]}
		}
	}
	return prices, nil
}

// table reads the rows below a heading. Each must have as many columns.
func table(text string) ([][]string, error) {
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		return nil, err
	}
	return rows[1:], nil
}

// priceList returns the prices of a region, and those that are the same everywhere.
func priceList(region string) (map[string]Price, error) {
	all, err := prices()
	if err != nil {
		return nil, err
	}
	regional, known := all[region]
	if !known || region == global {
		regions := slices.Sorted(maps.Keys(all))
		regions = slices.DeleteFunc(regions, func(name string) bool { return name == global })
		return nil, fmt.Errorf("there are no prices for the region %q: the price table has %s", region, strings.Join(regions, ", "))
	}
	list := maps.Clone(regional)
	maps.Copy(list, all[global])
	return list, nil
}
