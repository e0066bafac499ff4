package impact

import "reflect"

// condition limits a fact to resources with certain inputs before and after the update. Nil holds for all.
type condition func(before, after map[string]any) bool

func (c condition) holds(change change) bool { return c == nil || c(change.old, change.new) }

// equals holds if the property had the value, in its JSON form.
func equals(property string, value any) condition {
	return func(before, _ map[string]any) bool { return reflect.DeepEqual(before[property], value) }
}

// isSet holds if the property had a value other than false, zero or empty.
func isSet(property string) condition {
	return func(before, _ map[string]any) bool { return !isZero(before[property]) }
}

// turnsOnOrOff holds if the property was zero or becomes zero.
func turnsOnOrOff(property string) condition {
	return func(before, after map[string]any) bool { return isZero(before[property]) != isZero(after[property]) }
}

// lowered holds if the number decreases. For some retentions, zero or none means for ever.
func lowered(property string, zeroIsForEver bool) condition {
	return func(before, after map[string]any) bool {
		from, to := number(before[property]), number(after[property])
		if zeroIsForEver {
			return to != 0 && (from == 0 || to < from)
		}
		return to < from
	}
}

// raised holds if the number increases.
func raised(property string) condition {
	return func(before, after map[string]any) bool { return number(after[property]) > number(before[property]) }
}

// number returns the value of a JSON number, and zero for everything else.
func number(value any) float64 {
	number, _ := value.(float64)
	return number
}

func isZero(value any) bool {
	switch value := value.(type) {
	case []any:
		return len(value) == 0
	case map[string]any:
		return len(value) == 0
	default:
		return value == nil || reflect.ValueOf(value).IsZero()
	}
}
