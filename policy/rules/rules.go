// Package rules defines the rules of the pack, by theme.
package rules

import (
	"slices"

	"stagecraft/policy/rule"
)

// All returns all rules, by theme. Classic Load Balancers and account settings have their own files.
func All() []rule.Rule {
	return slices.Concat(
		dayOne(), reliability(), encryption(), exposure(), identity(), backup(), logging(), lifecycle(), cost(),
		classicBalancers(), accountSettings(),
	)
}
