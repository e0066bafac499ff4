package cloud

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
)

// nameSuffix is the number of random digits at the end of an automatic name.
const nameSuffix = 7

// CheckRequest holds the inputs of a resource before it is created or updated.
type CheckRequest struct {
	Name       string
	Olds, News resource.PropertyMap
	Seed       []byte
	Autonaming *plugin.AutonamingOptions
}

// Check returns the inputs, with an automatic name if they have none, and everything that is wrong with them.
func (r *Region) Check(token string, request CheckRequest) (resource.PropertyMap, []plugin.CheckFailure, error) {
	declared, err := r.cloud.lookup(token)
	if err != nil {
		return nil, nil, err
	}
	inputs := request.News.Copy()
	failures := declared.setName(inputs, request)
	properties := inputs.Copy()
	delete(properties, defaultsKey)
	for _, problem := range declared.inputs.Check(properties) {
		failures = append(failures, failure(problem.Path.String(), problem.Reason))
	}
	for _, required := range declared.Required {
		if !properties.HasValue(resource.PropertyKey(required)) {
			failures = append(failures, failure(required, "is required, and missing"))
		}
	}
	for _, group := range declared.OneOf {
		if count := countSet(properties, group); count != 1 {
			failures = append(failures, failure(group[0], fmt.Sprintf(
				"exactly one of [%s] must be specified, and %d are", strings.Join(group, ", "), count)))
		}
	}
	for _, group := range declared.Conflicts {
		if count := countSet(properties, group); count > 1 {
			failures = append(failures, failure(group[0], fmt.Sprintf(
				"at most one of [%s] may be specified, and %d are", strings.Join(group, ", "), count)))
		}
	}
	for path, allowed := range declared.Values {
		for where, value := range valuesAt(properties, path) {
			if value.IsComputed() {
				continue
			}
			if wrong := allowed(value); wrong != "" {
				failures = append(failures, failure(where, wrong))
			}
		}
	}
	slices.SortFunc(failures, func(a, b plugin.CheckFailure) int {
		return strings.Compare(string(a.Property)+a.Reason, string(b.Property)+b.Reason)
	})
	return inputs, failures, nil
}

func countSet(properties resource.PropertyMap, group []string) int {
	return len(slices.DeleteFunc(slices.Clone(group), func(name string) bool {
		return !properties.HasValue(resource.PropertyKey(name))
	}))
}

func failure(path, reason string) plugin.CheckFailure {
	return plugin.CheckFailure{Property: resource.PropertyKey(path), Reason: reason}
}

// defaultsKey lists the properties that the provider chose, as the AWS provider's bridge records them.
const defaultsKey resource.PropertyKey = "__defaults"

func (t *Type) setName(inputs resource.PropertyMap, request CheckRequest) []plugin.CheckFailure {
	if t.Name == nil {
		return nil
	}
	key := resource.PropertyKey(t.Name.Property)
	if !t.Name.Manual && !inputs.HasValue(key) && !inputs.HasValue(key+"Prefix") {
		name, err := t.Name.automaticName(request)
		if err != nil {
			return []plugin.CheckFailure{failure(string(key), err.Error())}
		}
		inputs[key] = resource.NewProperty(name)
		inputs[defaultsKey] = resource.NewProperty([]resource.PropertyValue{resource.NewProperty(string(key))})
	}
	name := inputs[key]
	switch {
	case !name.IsString():
		return nil
	case len(name.StringValue()) > t.Name.Max:
		return []plugin.CheckFailure{failure(string(key), fmt.Sprintf(
			"%q is %d characters long, and AWS allows %d", name.StringValue(), len(name.StringValue()), t.Name.Max))}
	case t.Name.Pattern != nil && !t.Name.Pattern.MatchString(name.StringValue()):
		return []plugin.CheckFailure{failure(string(key), fmt.Sprintf(
			"%q does not match %s", name.StringValue(), t.Name.Pattern))}
	default:
		return nil
	}
}

func (n *Name) automaticName(request CheckRequest) (string, error) {
	key := resource.PropertyKey(n.Property)
	if chosen := request.Olds[defaultsKey]; chosen.IsArray() && len(chosen.ArrayValue()) > 0 && request.Olds[key].IsString() {
		return request.Olds[key].StringValue(), nil
	}
	if options := request.Autonaming; options != nil && options.ProposedName != "" {
		return options.ProposedName, nil
	}
	prefix := request.Name
	if !n.NoHyphen {
		prefix += "-"
	}
	if n.Lower {
		prefix = strings.ToLower(prefix)
	}
	return resource.NewUniqueName(request.Seed, prefix, nameSuffix, cmp.Or(n.AutoMax, n.Max), nil)
}
