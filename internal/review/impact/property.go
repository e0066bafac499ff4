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
	// Path is its place in the inputs, up to the first list: an entry's number says little.
	Path string `json:"path"`
	// Old and New are for reading: long texts, lists and documents are told by their size.
	Old string `json:"old"`
	New string `json:"new"`
	// Replaces: this property is why the resource is replaced.
	Replaces bool `json:"replaces"`
}

// noise are properties that say nothing about the service: the provider's bookkeeping, and tags.
var noise = []string{"__defaults", "tags", "tagsAll"}

// properties are what the engine names as the reasons of a step.
func properties(step plan.Step) []Property {
	if step.Old == nil || step.New == nil {
		return nil
	}
	var found []Property
	for _, reason := range slices.Sorted(slices.Values(append(slices.Clone(step.DiffReasons), step.ReplaceReasons...))) {
		path := toList(reason)
		if len(path) == 0 || slices.Contains(noise, path[0]) {
			continue
		}
		its := Property{
			Path:     strings.Join(path, "."),
			Old:      text(lookUp(step.Old.Inputs, path)),
			New:      text(lookUp(step.New.Inputs, path)),
			Replaces: slices.ContainsFunc(step.ReplaceReasons, func(r string) bool { return slices.Equal(toList(r), path) }),
		}
		if !slices.Contains(found, its) {
			found = append(found, its)
		}
	}
	return found
}

// toList cuts a property path at its first list.
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

// longest is the longest text that is printed whole.
const longest = 48

// text is a value for people.
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
	case unknown(value):
		return "known after the update"
	case value == "[secret]": // so the engine prints it
		return "secret"
	case value == "":
		return "empty"
	case json.Valid([]byte(value)) && strings.HasPrefix(value, "{"):
		return "a document of " + counted(len(value), "byte", "bytes")
	case strings.Contains(value, "\n"), len(value) > longest:
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

// unknown tells a value that only the update itself finds out: the engine prints a sentinel.
func unknown(value string) bool {
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
