package rules

import "stagecraft/policy/rule"

func backup() []rule.Rule { return nil }
