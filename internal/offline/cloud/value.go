package cloud

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Value validates a property: it returns what is wrong, or "".
type Value func(resource.PropertyValue) string

// OneOf allows the given strings.
func OneOf(allowed ...string) Value {
	return func(value resource.PropertyValue) string {
		if value.IsString() && slices.Contains(allowed, value.StringValue()) {
			return ""
		}
		return fmt.Sprintf("expected one of [%s], got %v", strings.Join(allowed, ", "), value)
	}
}

// Range allows numbers from least to most.
func Range(least, most float64) Value {
	return func(value resource.PropertyValue) string {
		if value.IsNumber() && value.NumberValue() >= least && value.NumberValue() <= most {
			return ""
		}
		return fmt.Sprintf("expected to be in the range (%v - %v), got %v", least, most, value)
	}
}

// NumberIn allows the given numbers.
func NumberIn(allowed ...float64) Value {
	return func(value resource.PropertyValue) string {
		if value.IsNumber() && slices.Contains(allowed, value.NumberValue()) {
			return ""
		}
		return fmt.Sprintf("expected one of %v, got %v", allowed, value)
	}
}

// Match allows strings that match a regular expression; want describes it in words.
func Match(pattern, want string) Value {
	expression := regexp.MustCompile(pattern)
	return func(value resource.PropertyValue) string {
		if value.IsString() && expression.MatchString(value.StringValue()) {
			return ""
		}
		return fmt.Sprintf("must be %s, got %v", want, value)
	}
}

// Length allows strings from least to most characters.
func Length(least, most int) Value {
	return func(value resource.PropertyValue) string {
		if value.IsString() && len(value.StringValue()) >= least && len(value.StringValue()) <= most {
			return ""
		}
		return fmt.Sprintf("expected length to be in the range (%d - %d), got %v", least, most, value)
	}
}

// Count allows lists and maps of least to most elements.
func Count(least, most int) Value {
	return func(value resource.PropertyValue) string {
		count := -1
		switch {
		case value.IsArray():
			count = len(value.ArrayValue())
		case value.IsObject():
			count = len(value.ObjectValue())
		}
		if count >= least && count <= most {
			return ""
		}
		return fmt.Sprintf("expected %d to %d elements, got %d", least, most, count)
	}
}

// NotSimulated rejects properties whose effect the offline cloud does not simulate; false has no effect.
func NotSimulated(value resource.PropertyValue) string {
	if value.IsBool() && !value.BoolValue() {
		return ""
	}
	return "is not simulated offline: declare its effect in internal/offline/aws (docs/offline.md says how)"
}

// CIDR allows network prefixes without host bits, such as "10.0.0.0/16".
func CIDR(value resource.PropertyValue) string {
	if value.IsString() {
		if prefix, err := netip.ParsePrefix(value.StringValue()); err == nil && prefix == prefix.Masked() {
			return ""
		}
	}
	return fmt.Sprintf("%v is not a valid CIDR block", value)
}

// PrefixBits allows network prefixes of least to most bits.
func PrefixBits(least, most int) Value {
	return func(value resource.PropertyValue) string {
		prefix, err := netip.ParsePrefix(plainText(value))
		if err != nil || prefix.Bits() < least || prefix.Bits() > most {
			return fmt.Sprintf("expected a prefix length from /%d to /%d, got %v", least, most, value)
		}
		return ""
	}
}

// All allows what each of the values allows.
func All(values ...Value) Value {
	return func(value resource.PropertyValue) string {
		for _, allowed := range values {
			if wrong := allowed(value); wrong != "" {
				return wrong
			}
		}
		return ""
	}
}

// JSON allows JSON objects.
func JSON(value resource.PropertyValue) string {
	var object map[string]any
	if !value.IsString() {
		return "must be a JSON document"
	}
	if err := json.Unmarshal([]byte(value.StringValue()), &object); err != nil {
		return fmt.Sprintf("contains an invalid JSON: %v", err)
	}
	return ""
}

// statements are the statements of a policy, which may have a single one without a list.
type statements []struct {
	Effect            string
	Action, NotAction any
}

func (s *statements) UnmarshalJSON(data []byte) error {
	if bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) {
		data = slices.Concat([]byte("["), data, []byte("]"))
	}
	type list statements
	return json.Unmarshal(data, (*list)(s))
}

// Policy allows IAM policy documents: a version, and statements with an effect and an action.
func Policy(value resource.PropertyValue) string {
	if wrong := JSON(value); wrong != "" {
		return wrong
	}
	var policy struct {
		Version   string
		Statement statements
	}
	if err := json.Unmarshal([]byte(value.StringValue()), &policy); err != nil {
		return fmt.Sprintf("MalformedPolicyDocument: %v", err)
	}
	if policy.Version != "2012-10-17" && policy.Version != "2008-10-17" || len(policy.Statement) == 0 {
		return "MalformedPolicyDocument: a policy needs a Version and a Statement"
	}
	for i, statement := range policy.Statement {
		if statement.Effect != "Allow" && statement.Effect != "Deny" ||
			(statement.Action == nil) == (statement.NotAction == nil) {
			return fmt.Sprintf("MalformedPolicyDocument: statement %d needs an Effect and an Action", i)
		}
	}
	return ""
}

// valuesAt returns the values at a path such as "a.b", "a[*]" or "a[*].b", with the path of each.
func valuesAt(values resource.PropertyMap, path string) map[string]resource.PropertyValue {
	matches := map[string]resource.PropertyValue{"": resource.NewProperty(values)}
	for _, step := range strings.Split(strings.ReplaceAll(path, "[*]", ".*"), ".") {
		next := map[string]resource.PropertyValue{}
		for prefix, value := range matches {
			for where, element := range childValues(value, step) {
				next[strings.TrimPrefix(prefix+where, ".")] = element
			}
		}
		matches = next
	}
	return matches
}

func childValues(value resource.PropertyValue, step string) map[string]resource.PropertyValue {
	children := map[string]resource.PropertyValue{}
	switch {
	case step == "*" && value.IsArray():
		for i, element := range value.ArrayValue() {
			children[fmt.Sprintf("[%d]", i)] = element
		}
	case step == "*" && value.IsObject():
		for key, element := range value.ObjectValue() {
			children["."+string(key)] = element
		}
	case value.IsObject():
		if element, ok := value.ObjectValue()[resource.PropertyKey(step)]; ok && !element.IsNull() {
			children["."+step] = element
		}
	}
	return children
}
