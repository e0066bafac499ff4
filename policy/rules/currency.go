package rules

import "stagecraft/policy/rule"

func currency() []rule.Rule { return nil }
