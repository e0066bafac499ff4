// Package rules is what the pack demands, a file a theme.
package rules

import (
	"slices"

	"stagecraft/policy/rule"
)

// All are all rules, by theme; those of two rare kinds of resources have files of their own.
func All() []rule.Rule {
	return slices.Concat(
		dayOne(), reliability(), encryption(), exposure(), identity(), backup(), logging(), lifecycle(), cost(),
		classicBalancers(), accountSettings(),
	)
}
