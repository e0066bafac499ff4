package rules

var dayOneStacks = map[string]stacks{}
