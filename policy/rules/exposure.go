package rules

import (
	"slices"

	"stagecraft/policy/rule"
)

func exposure() []rule.Rule {
	return slices.Concat(
		exposedPorts(), exposedNetworks(), exposedInstances(), exposedTasks(), exposedCode(), exposedImages(),
		exposedDatabases(), exposedBuckets(), exposedDistributions(), exposedEntries(),
	)
}

// inEach checks every element of a list, or the one object in its place.
func inEach(path string, check func(*rule.Resource, rule.Value)) rule.Check {
	return func(r *rule.Resource) {
		for _, element := range r.Get(path).List() {
			check(r, element)
		}
	}
}

// without demands that a list is empty.
func without(path string) rule.Check {
	return rule.Want(path, "left out", func(list rule.Value) bool { return len(list.List()) == 0 })
}
