// Package rules is what the pack demands, a file a theme.
package rules

import (
	"slices"

	"stagecraft/policy/rule"
)

// All are all rules, by theme.
func All() []rule.Rule {
	return slices.Concat(
		dayOne(), reliability(), encryption(), exposure(), identity(), backup(), logging(), currency(), cost(),
	)
}
