package rules

import (
	"slices"

	"stagecraft/policy/rule"
)

// forEach checks each element of a list, or a single object in its place.
func forEach(list string, check func(*rule.Resource, rule.Value)) rule.Check {
	return func(r *rule.Resource) {
		for _, element := range r.Get(list).List() {
			check(r, element)
		}
	}
}

// requireValue is rule.Want for a value that the caller has already read.
func requireValue(r *rule.Resource, value rule.Value, wanted string, fits func(rule.Value) bool) {
	if !value.Unknown() && !fits(value) {
		r.ReportValue(value, wanted)
	}
}

func isTrue(value rule.Value) bool { return value.Is(true) }

// isFalse reports true for an unset value.
func isFalse(value rule.Value) bool { return value.Absent() || value.Is(false) }

// isSet reports whether a value is set, even if it is not known yet.
func isSet(value rule.Value) bool { return value.Unknown() || value.Text() != "" }

// isUnset reports whether a property is unset or empty.
func isUnset(path string) func(*rule.Resource) bool {
	return func(r *rule.Resource) bool { return !isSet(r.Get(path)) }
}

// isOneOf reports whether a property is known to be one of the texts. otherwise is AWS's default for an unset property.
func isOneOf(path, otherwise string, texts ...string) func(*rule.Resource) bool {
	return func(r *rule.Resource) bool {
		value := r.Get(path)
		return slices.Contains(texts, value.Text()) || value.Absent() && slices.Contains(texts, otherwise)
	}
}

// notReplica reports false for read replicas, which can be recreated from their source.
func notReplica(r *rule.Resource) bool { return isUnset("replicateSourceDb")(r) }

// without requires a list to be empty.
func without(path string) rule.Check {
	return rule.Want(path, "unset", func(list rule.Value) bool { return len(list.List()) == 0 })
}
