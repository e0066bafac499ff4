package rule

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

// Value is a property as a rule sees it: secrets are judged as what they hold, and never printed.
type Value struct {
	// Path is where it is, such as "metadataOptions.httpTokens".
	Path string

	value property.Value
}

// Unknown tells that the value will be known at the update only.
func (v Value) Unknown() bool { return v.value.IsComputed() }

// Absent tells that the program says nothing: the property is missing, or null.
func (v Value) Absent() bool { return v.value.IsNull() }

// empty tells that nothing is said, or no more than an empty text, list or object.
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

// Is tells whether the value is a boolean, or its text.
func (v Value) Is(wanted bool) bool {
	if v.value.IsBool() {
		return v.value.AsBool() == wanted
	}
	return v.value.IsString() && strings.EqualFold(v.value.AsString(), strconv.FormatBool(wanted))
}

// Text is the value as text, "" for what has none.
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

// Number is the value as a number; false for what is none.
func (v Value) Number() (float64, bool) {
	if v.value.IsNumber() {
		return v.value.AsNumber(), true
	}
	number, err := strconv.ParseFloat(v.Text(), 64)
	return number, err == nil
}

// Get is a property below the value. Below what is unknown, everything is.
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

// below is a value that is part of another: of a secret, every part is one.
func (v Value) below(path string, value property.Value) Value {
	return Value{Path: path, value: value.WithSecret(value.Secret() || v.value.Secret())}
}

// List are the elements of a list. A single value is a list of itself, and a list that is unknown has one unknown
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

// Keys are the names in a map, sorted; nil for what is none.
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

// JSON reads a text that holds JSON. It is false for what is unknown or is none.
func (v Value) JSON(into any) bool {
	return v.value.IsString() && json.Unmarshal([]byte(v.value.AsString()), into) == nil
}

// String is how messages show the value.
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
