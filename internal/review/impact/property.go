package impact

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"

	"stagecraft/internal/review/plan"
)

// Property is a property that changes.
type Property struct {
	// Path is its path in the inputs up to the first list: the number of an entry says little.
	Path string `json:"path"`
	// Old and New are for readers: of long texts, lists and documents, they have the size.
	Old string `json:"old"`
	New string `json:"new"`
	// Replaces: this property is why the resource is replaced.
	Replaces bool `json:"replaces"`
}

// ignored are properties that do not affect the service: the provider's bookkeeping, and tags.
var ignored = []string{"__defaults", "tags", "tagsAll"}

// properties returns the properties that the engine gives as reasons of a step.
func properties(step plan.Step) []Property {
	if step.Old == nil || step.New == nil {
		return nil
	}
	var changed []Property
	for _, reason := range slices.Sorted(slices.Values(append(slices.Clone(step.DiffReasons), step.ReplaceReasons...))) {
		path := toList(reason)
		if len(path) == 0 || slices.Contains(ignored, path[0]) {
			continue
		}
		property := Property{
			Path:     strings.Join(path, "."),
			Old:      text(lookUp(step.Old.Inputs, path)),
			New:      text(lookUp(step.New.Inputs, path)),
			Replaces: slices.ContainsFunc(step.ReplaceReasons, func(r string) bool { return slices.Equal(toList(r), path) }),
		}
		if !slices.Contains(changed, property) {
			changed = append(changed, property)
		}
	}
	return changed
}

// toList returns the part of a property path before its first list.
func toList(reason string) []string {
	parsed, err := resource.ParsePropertyPath(reason)
	if err != nil {
		return []string{reason}
	}
	var path []string
	for _, part := range parsed {
		key, isKey := part.(string)
		if !isKey {
			break
		}
		path = append(path, key)
	}
	return path
}

func lookUp(inputs map[string]any, path []string) any {
	var value any = inputs
	for _, key := range path {
		object, isObject := value.(map[string]any)
		if !isObject {
			return nil
		}
		value = object[key]
	}
	return value
}

// longestText is the length of the longest text that is printed whole.
const longestText = 48

// text formats a value for readers.
func text(value any) string {
	switch value := value.(type) {
	case nil:
		return "none"
	case string:
		return quoted(value)
	case bool:
		return strconv.FormatBool(value)
	case []any:
		return counted(len(value), "entry", "entries")
	case map[string]any:
		return object(value)
	default:
		return fmt.Sprint(value)
	}
}

func quoted(value string) string {
	switch {
	case isUnknown(value):
		return "known after the update"
	case value == "[secret]": // as the engine prints it
		return "secret"
	case value == "":
		return "empty"
	case json.Valid([]byte(value)) && strings.HasPrefix(value, "{"):
		return "a document of " + counted(len(value), "byte", "bytes")
	case strings.Contains(value, "\n"), len(value) > longestText:
		return "a text of " + counted(len(value), "byte", "bytes")
	default:
		return value
	}
}

func object(value map[string]any) string {
	switch value[resource.SigKey] {
	case resource.SecretSig:
		return "secret"
	case resource.AssetSig, resource.ArchiveSig:
		hash := fmt.Sprint(value["hash"])
		return "file " + hash[:min(len(hash), 8)]
	default:
		return counted(len(value), "property", "properties")
	}
}

// isUnknown reports whether only the update finds out the value: the engine prints a sentinel.
func isUnknown(value string) bool {
	return slices.Contains([]string{
		plugin.UnknownBoolValue, plugin.UnknownNumberValue, plugin.UnknownStringValue, plugin.UnknownArrayValue,
		plugin.UnknownObjectValue, plugin.UnknownAssetValue, plugin.UnknownArchiveValue,
	}, value)
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}
