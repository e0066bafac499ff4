package rules

import (
	"slices"

	"stagecraft/policy/rule"
)

func exposure() []rule.Rule {
	return slices.Concat(
		exposedPorts(), exposedNetworks(), exposedInstances(), exposedTasks(), exposedCode(), exposedImages(),
		exposedDatabases(), exposedBuckets(), exposedDistributions(), exposedEntries(),
		networkACLs(), networkInterfaces(),
	)
}

// without demands that a list is empty.
func without(path string) rule.Check {
	return rule.Want(path, "left out", func(list rule.Value) bool { return len(list.List()) == 0 })
}
