package rules

import (
	"fmt"

	"stagecraft/policy/rule"
)

// container is what rules read of an ECS container's definition.
type container struct {
	Name, User                         string
	Privileged, ReadonlyRootFilesystem bool
	Environment                        []struct{ Name, Value string }
}

func containersOf(r *rule.Resource) []container {
	var definitions []container
	if !r.Get("containerDefinitions").JSON(&definitions) {
		return nil
	}
	return definitions
}

// containers refuses the containers of a task that a function does.
func containers(wrong string, rejects func(container) bool) rule.Check {
	return func(r *rule.Resource) {
		for _, definition := range containersOf(r) {
			if rejects(definition) {
				r.Report(fmt.Sprintf("containerDefinitions: the container %q %s", definition.Name, wrong))
			}
		}
	}
}
