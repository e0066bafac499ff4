package impact

import "reflect"

// where tells by a resource's inputs, old and new, whether a fact holds for it.
type where func(before, after map[string]any) bool

// is holds if the property had the value, as JSON has it.
func is(property string, value any) where {
	return func(before, _ map[string]any) bool { return reflect.DeepEqual(before[property], value) }
}

// given holds if the property had a value other than false, zero or nothing.
func given(property string) where {
	return func(before, _ map[string]any) bool { return !zero(before[property]) }
}

// fromOrToZero holds if the property was zero or becomes zero.
func fromOrToZero(property string) where {
	return func(before, after map[string]any) bool { return zero(before[property]) != zero(after[property]) }
}

// lowered holds if the number becomes less. Some retentions call "for ever" zero or none.
func lowered(property string, zeroIsForEver bool) where {
	return func(before, after map[string]any) bool {
		from, to := number(before[property]), number(after[property])
		if zeroIsForEver {
			return to != 0 && (from == 0 || to < from)
		}
		return to < from
	}
}

// raised holds if the number becomes more.
func raised(property string) where {
	return func(before, after map[string]any) bool { return number(after[property]) > number(before[property]) }
}

func (w where) holds(its change) bool { return w == nil || w(its.old, its.new) }

// number reads what JSON has for a number; everything else is zero.
func number(value any) float64 {
	read, _ := value.(float64)
	return read
}

func zero(value any) bool {
	switch value := value.(type) {
	case []any:
		return len(value) == 0
	case map[string]any:
		return len(value) == 0
	default:
		return value == nil || reflect.ValueOf(value).IsZero()
	}
}
