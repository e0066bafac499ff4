package rules

import (
	"fmt"

	"stagecraft/policy/rule"
)

// container is the part of an ECS container definition that rules read.
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

// containers reports the containers of a task that a function rejects.
func containers(wrong string, rejects func(container) bool) rule.Check {
	return func(r *rule.Resource) {
		for _, definition := range containersOf(r) {
			if rejects(definition) {
				r.Report(fmt.Sprintf("containerDefinitions: the container %q %s", definition.Name, wrong))
			}
		}
	}
}
