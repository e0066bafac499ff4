package pulumitest

import "reflect"

// Changes returns what differs between two runs of a program that declare the same resources: for each resource whose
// inputs differ, by its type and logical name, the inputs that differ, with their values in after; nil means that after
// lacks the input. A resource that only one run declares counts as one with all of its inputs.
func Changes(before, after Resources) map[string]map[string]any {
	type id struct{ token, name string }
	old, changes := map[id]map[string]any{}, map[string]map[string]any{}
	add := func(resource id, input string, value any) {
		key := resource.token + " " + resource.name
		if changes[key] == nil {
			changes[key] = map[string]any{}
		}
		changes[key][input] = value
	}
	for _, resource := range before {
		old[id{resource.Type, resource.Name}] = resource.Inputs
	}
	for _, resource := range after {
		key := id{resource.Type, resource.Name}
		for input, value := range resource.Inputs {
			if !reflect.DeepEqual(old[key][input], value) {
				add(key, input, value)
			}
		}
		for input := range old[key] {
			if _, present := resource.Inputs[input]; !present {
				add(key, input, nil)
			}
		}
		delete(old, key)
	}
	for key, inputs := range old {
		for input := range inputs {
			add(key, input, nil)
		}
	}
	return changes
}
