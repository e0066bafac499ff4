package rules

var reliabilityExamples = map[string]examples{}

var reliabilityStacks = map[string]stacks{}
