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
