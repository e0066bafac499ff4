package cloud

import (
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
)

// Diff returns what a change of inputs does to a resource: nothing, an update in place, or a replacement.
func (r *Region) Diff(token string, olds, news resource.PropertyMap) (plugin.DiffResult, error) {
	declared, err := r.cloud.lookup(token)
	if err != nil {
		return plugin.DiffResult{}, err
	}
	diff := olds.Diff(news, resource.IsInternalPropertyKey)
	if diff == nil {
		return plugin.DiffResult{Changes: plugin.DiffNone}, nil
	}
	result := plugin.DiffResult{
		Changes:      plugin.DiffSome,
		ChangedKeys:  diff.ChangedKeys(),
		DetailedDiff: plugin.NewDetailedDiffFromObjectDiff(diff, true),
	}
	for path, change := range result.DetailedDiff {
		if declared.replaces(path, olds, news) {
			result.DetailedDiff[path] = change.ToReplace()
			result.ReplaceKeys = append(result.ReplaceKeys, resource.PropertyKey(path))
		}
	}
	slices.Sort(result.ReplaceKeys)
	result.DeleteBeforeReplace = len(result.ReplaceKeys) > 0 && declared.collides(olds, news)
	return result, nil
}

// replaces reports whether a changed path, such as "subnetIds[1]", lies in a property whose change replaces.
func (t *Type) replaces(path string, olds, news resource.PropertyMap) bool {
	for property, condition := range t.ReplaceIf {
		wanted := news[resource.PropertyKey(condition)]
		if pathWithin(path, property) && wanted.IsBool() && wanted.BoolValue() {
			return true
		}
	}
	return slices.ContainsFunc(t.Replace, func(property string) bool {
		// An added or removed object may contain the property.
		return pathWithin(path, property) || pathWithin(property, path) &&
			!maps.EqualFunc(valuesAt(olds, property), valuesAt(news, property), resource.PropertyValue.DeepEquals)
	})
}

func pathWithin(path, property string) bool {
	rest, ok := strings.CutPrefix(path, property)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

// collides reports whether a replacement would have the old resource's unique properties, so that the old one must be
// deleted first.
func (t *Type) collides(olds, news resource.PropertyMap) bool {
	return slices.ContainsFunc(t.Unique, func(group []string) bool {
		return equalProperties(&Resource{Outputs: news}, &Resource{Outputs: olds}, group)
	})
}
