package rules

import "stagecraft/policy/rule"

func identity() []rule.Rule { return nil }
