package rule

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

// True requires a property to be true. An unset property counts as false.
func True(path string) Check { return Bool(path, true, false) }

// False requires a property to be false. otherwise is AWS's default for an unset property.
func False(path string, otherwise bool) Check { return Bool(path, false, otherwise) }

// Bool requires a boolean. otherwise is AWS's default for an unset property.
func Bool(path string, wanted, otherwise bool) Check {
	return Want(path, fmt.Sprint(wanted), func(value Value) bool {
		return value.Is(wanted) || value.Absent() && wanted == otherwise
	})
}

// Set requires a property to be set and not empty.
func Set(path string) Check {
	return Want(path, "set", func(value Value) bool { return !value.empty() })
}

// OneOf requires one of the allowed texts. otherwise is AWS's default for an unset property.
func OneOf(path, otherwise string, allowed ...string) Check {
	return Want(path, strings.Join(allowed, " or "), func(value Value) bool {
		return slices.Contains(allowed, value.Text()) || value.Absent() && slices.Contains(allowed, otherwise)
	})
}

// AtLeast requires a number of at least a parameter of the rule. otherwise is AWS's default for an unset property.
func AtLeast(path, parameter string, otherwise float64) Check {
	return func(r *Resource) {
		least := r.Parameter(parameter)
		Want(path, fmt.Sprintf("%v or more", least), func(value Value) bool {
			number, ok := value.Number()
			return ok && number >= least || value.Absent() && otherwise >= least
		})(r)
	}
}

// Want requires a known value to satisfy a function. wanted describes the requirement in the violation.
func Want(path, wanted string, fits func(Value) bool) Check {
	return func(r *Resource) {
		if value := r.Get(path); !value.Unknown() && !fits(value) {
			r.ReportValue(value, wanted)
		}
	}
}

// All combines checks.
func All(checks ...Check) Check {
	return func(r *Resource) {
		for _, check := range checks {
			check(r)
		}
	}
}

// When limits a check to the resources that a function selects.
func When(chosen func(*Resource) bool, check Check) Check {
	return func(r *Resource) {
		if chosen(r) {
			check(r)
		}
	}
}

// ByType runs the check for the resource's type.
func ByType(checks map[string]Check) Check {
	return func(r *Resource) {
		if check := checks[r.Type]; check != nil {
			check(r)
		}
	}
}

// Set changes a property of the resource for a remediation. It adds missing objects on the path, and changes nothing
// below an object that is not known yet.
func (r *Resource) Set(path string, value property.Value) {
	r.properties.value = withValue(r.properties.value, strings.Split(path, "."), value)
}

// Properties returns the resource's properties, with the changes that Set made.
func (r *Resource) Properties() property.Map { return r.properties.value.AsMap() }

func withValue(current property.Value, path []string, value property.Value) property.Value {
	if len(path) == 0 {
		return value
	}
	if current.IsComputed() {
		return current
	}
	object := property.Map{}
	if current.IsMap() {
		object = current.AsMap()
	}
	// A secret stays a secret.
	return property.WithGoValue(current, object.Set(path[0], withValue(object.Get(path[0]), path[1:], value)))
}
