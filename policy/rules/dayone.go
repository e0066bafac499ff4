package rules

import (
	"slices"

	"stagecraft/policy/rule"
)

// dayOne is the checklist for a service from its first day. Resources that a service needs once (a dashboard, a
// pipeline, a budget, GuardDuty) may be in another stack, so they are required only of stacks with a stage.
func dayOne() []rule.Rule {
	return slices.Concat(alarmsOfTiers(), alarms(), visibility(), fleet(), detection(), protectionPlans(), spending())
}
