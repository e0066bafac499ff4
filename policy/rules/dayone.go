package rules

import (
	"slices"

	"stagecraft/policy/rule"
)

// dayOne is the checklist of what a service has from its first day. What must exist once beside the service (a
// dashboard, a pipeline, a budget, GuardDuty) may be in another stack, so that it is demanded of stacks of a stage only.
func dayOne() []rule.Rule {
	return slices.Concat(alarmsOfTiers(), alarms(), visibility(), fleet(), detection(), protectionPlans(), spending())
}
