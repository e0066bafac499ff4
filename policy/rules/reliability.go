package rules

import "stagecraft/policy/rule"

func reliability() []rule.Rule { return nil }
