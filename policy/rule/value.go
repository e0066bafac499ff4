package rule

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

// Value is a rule's view of a property. Secrets are evaluated by their content, and never printed.
type Value struct {
	// Path is the path of the property, such as "metadataOptions.httpTokens".
	Path string

	value property.Value
}

// Unknown reports whether the value is known only at the update.
func (v Value) Unknown() bool { return v.value.IsComputed() }

// Absent reports whether the program leaves the property unset or null.
func (v Value) Absent() bool { return v.value.IsNull() }

// empty reports whether the value is unset, or an empty text, list or object.
func (v Value) empty() bool {
	switch {
	case v.value.IsString():
		return v.value.AsString() == ""
	case v.value.IsArray():
		return v.value.AsArray().Len() == 0
	case v.value.IsMap():
		return v.value.AsMap().Len() == 0
	default:
		return v.Absent()
	}
}

// Is reports whether the value is the given boolean, or its text.
func (v Value) Is(wanted bool) bool {
	if v.value.IsBool() {
		return v.value.AsBool() == wanted
	}
	return v.value.IsString() && strings.EqualFold(v.value.AsString(), strconv.FormatBool(wanted))
}

// Text returns the value as text, or "" if it is a list, an object or unset.
func (v Value) Text() string {
	switch {
	case v.value.IsString():
		return v.value.AsString()
	case v.value.IsBool():
		return strconv.FormatBool(v.value.AsBool())
	case v.value.IsNumber():
		return strconv.FormatFloat(v.value.AsNumber(), 'f', -1, 64)
	default:
		return ""
	}
}

// Number returns the value as a number, and whether it is one.
func (v Value) Number() (float64, bool) {
	if v.value.IsNumber() {
		return v.value.AsNumber(), true
	}
	number, err := strconv.ParseFloat(v.Text(), 64)
	return number, err == nil
}

// Get returns the property at a path below the value. Every property below an unknown value is unknown.
func (v Value) Get(path string) Value {
	below := v
	for _, step := range strings.Split(path, ".") {
		below = below.step(step)
	}
	return below
}

func (v Value) step(name string) Value {
	var value property.Value
	switch {
	case v.Unknown():
		value = v.value
	case v.value.IsMap():
		value = v.value.AsMap().Get(name)
	}
	return v.below(strings.TrimPrefix(v.Path+"."+name, "."), value)
}

// below returns a part of the value. Every part of a secret is a secret.
func (v Value) below(path string, value property.Value) Value {
	return Value{Path: path, value: value.WithSecret(value.Secret() || v.value.Secret())}
}

// List returns the elements of a list. A single value counts as a list of one, and an unknown list has one unknown
// element.
func (v Value) List() []Value {
	switch {
	case v.Absent():
		return nil
	case !v.value.IsArray():
		return []Value{v}
	}
	var elements []Value
	for i, element := range v.value.AsArray().All {
		elements = append(elements, v.below(fmt.Sprintf("%s[%d]", v.Path, i), element))
	}
	return elements
}

// Keys returns the sorted names in a map, or nil if the value is no map.
func (v Value) Keys() []string {
	if !v.value.IsMap() {
		return nil
	}
	var keys []string
	for key := range v.value.AsMap().AllStable {
		keys = append(keys, key)
	}
	return keys
}

// JSON decodes a text that contains JSON. It reports false if the value is unknown or not JSON.
func (v Value) JSON(into any) bool {
	return v.value.IsString() && json.Unmarshal([]byte(v.value.AsString()), into) == nil
}

// String returns the value as violations show it.
func (v Value) String() string {
	switch {
	case v.value.Secret():
		return "a secret"
	case v.Absent():
		return "not set"
	case v.Unknown():
		return "not known yet"
	case v.value.IsString():
		return strconv.Quote(v.Text())
	case v.value.IsArray():
		return fmt.Sprintf("a list of %d", v.value.AsArray().Len())
	case v.value.IsBool() || v.value.IsNumber():
		return v.Text()
	default:
		return "an object"
	}
}
