package rules

import "stagecraft/policy/rule"

func exposure() []rule.Rule { return nil }
