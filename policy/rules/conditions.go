package rules

import (
	"slices"

	"stagecraft/policy/rule"
)

// each makes a check of every element of a list, or of the one object in its place.
func forEach(list string, check func(*rule.Resource, rule.Value)) rule.Check {
	return func(r *rule.Resource) {
		for _, element := range r.Get(list).List() {
			check(r, element)
		}
	}
}

// demand is rule.Want for a value that has been found already.
func requireValue(r *rule.Resource, value rule.Value, wanted string, fits func(rule.Value) bool) {
	if !value.Unknown() && !fits(value) {
		r.ReportValue(value, wanted)
	}
}

func isTrue(value rule.Value) bool { return value.Is(true) }

// isFalse takes what is not said for false.
func isFalse(value rule.Value) bool { return value.Absent() || value.Is(false) }

// given tells whether a value says something, be it known yet or not.
func isSet(value rule.Value) bool { return value.Unknown() || value.Text() != "" }

// lacks tells whether a property says nothing.
func isUnset(path string) func(*rule.Resource) bool {
	return func(r *rule.Resource) bool { return !isSet(r.Get(path)) }
}

// says tells whether a property is known to be one of some texts. otherwise is what it is where the program says nothing.
func isOneOf(path, otherwise string, texts ...string) func(*rule.Resource) bool {
	return func(r *rule.Resource) bool {
		value := r.Get(path)
		return slices.Contains(texts, value.Text()) || value.Absent() && slices.Contains(texts, otherwise)
	}
}

// noReplica leaves out read replicas, which can be made anew from their source.
func notReplica(r *rule.Resource) bool { return isUnset("replicateSourceDb")(r) }

// without demands that a list is empty.
func without(path string) rule.Check {
	return rule.Want(path, "unset", func(list rule.Value) bool { return len(list.List()) == 0 })
}
