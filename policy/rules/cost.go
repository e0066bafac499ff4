package rules

import "stagecraft/policy/rule"

func cost() []rule.Rule { return nil }
