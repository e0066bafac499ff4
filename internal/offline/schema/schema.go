// Package schema reads the inputs and outputs of resource types from the Go types of the Pulumi SDK. The offline cloud
// thus knows each property, its type and whether it is required from the same source as programs.
package schema

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Object is the properties of an object, by their Pulumi names.
type Object map[string]Property

// Property describes a property.
type Property struct {
	// Type is the plain Go type: no inputs or outputs, pointers for what is optional.
	Type reflect.Type
	// Optional is false for required inputs and for outputs that are always set. Lists, maps and values of any type count
	// as optional, since the SDK's types do not show it.
	Optional bool
}

// Problem is a reason why a value is invalid.
type Problem struct {
	Path   resource.PropertyPath
	Reason string
}

// Inputs reads the properties of an SDK args struct such as ec2.VpcArgs{}, or of the plain arguments of an invoke.
func Inputs(args any) Object {
	if input, ok := args.(pulumi.Input); ok {
		return plain(input.ElementType())
	}
	return plain(reflect.TypeOf(args))
}

// Outputs reads the properties of an SDK resource struct such as ec2.Vpc{}.
func Outputs(state any) Object {
	object := Object{}
	structure := reflect.TypeOf(state)
	for i := range structure.NumField() {
		field := structure.Field(i)
		name := field.Tag.Get("pulumi")
		output, ok := reflect.Zero(field.Type).Interface().(pulumi.Output)
		if name == "" || !ok {
			continue
		}
		object[name] = property(output.ElementType())
	}
	return object
}

func plain(structure reflect.Type) Object {
	object := Object{}
	for i := range structure.NumField() {
		field := structure.Field(i)
		if name := field.Tag.Get("pulumi"); name != "" {
			object[name] = property(field.Type)
		}
	}
	return object
}

func property(typ reflect.Type) Property {
	switch typ.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Interface:
		return Property{Type: typ, Optional: true}
	default:
		return Property{Type: typ}
	}
}

// Check returns every property that is unknown, of a wrong type, or required and missing. Values that are not known yet
// are always valid.
func (o Object) Check(values resource.PropertyMap) []Problem { return o.check(nil, values) }

// CheckOne returns what is wrong with a value for one property, "" if nothing is.
func (o Object) CheckOne(name string, value resource.PropertyValue) string {
	known, ok := o[name]
	if !ok {
		return "is not a property of this type"
	}
	if problems := checkValue(resource.PropertyPath{name}, value, known.Type); len(problems) > 0 {
		return problems[0].Reason
	}
	return ""
}

func (o Object) check(at resource.PropertyPath, values resource.PropertyMap) []Problem {
	var problems []Problem
	for _, key := range values.StableKeys() {
		path := child(at, string(key))
		known, ok := o[string(key)]
		if !ok {
			problems = append(problems, Problem{path, "is not a property of this type"})
			continue
		}
		problems = append(problems, checkValue(path, values[key], known.Type)...)
	}
	for _, name := range o.names() {
		if value, isSet := values[resource.PropertyKey(name)]; !o[name].Optional && (!isSet || value.IsNull()) {
			problems = append(problems, Problem{child(at, name), "is required, and missing"})
		}
	}
	return problems
}

func (o Object) names() []string {
	names := make([]string, 0, len(o))
	for name := range o {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func child(at resource.PropertyPath, element any) resource.PropertyPath {
	return append(slices.Clone(at), element)
}

func checkValue(path resource.PropertyPath, value resource.PropertyValue, typ reflect.Type) []Problem {
	if value.IsComputed() || value.IsNull() {
		return nil
	}
	switch typ.Kind() {
	case reflect.Pointer:
		return checkValue(path, value, typ.Elem())
	case reflect.Interface:
		return checkContents(path, value, typ)
	case reflect.Slice:
		if !value.IsArray() {
			return mismatch(path, value, "a list")
		}
		var problems []Problem
		for i, element := range value.ArrayValue() {
			problems = append(problems, checkValue(child(path, i), element, typ.Elem())...)
		}
		return problems
	case reflect.Map:
		if !value.IsObject() {
			return mismatch(path, value, "a map")
		}
		var problems []Problem
		for key, element := range value.ObjectValue() {
			problems = append(problems, checkValue(child(path, string(key)), element, typ.Elem())...)
		}
		return problems
	case reflect.Struct:
		if !value.IsObject() {
			return mismatch(path, value, "an object")
		}
		return plain(typ).check(path, value.ObjectValue())
	case reflect.Bool:
		return mismatchIf(!value.IsBool(), path, value, "a boolean")
	case reflect.Int:
		whole := value.IsNumber() && value.NumberValue() == float64(int64(value.NumberValue()))
		return mismatchIf(!whole, path, value, "a whole number")
	case reflect.Float64:
		return mismatchIf(!value.IsNumber(), path, value, "a number")
	case reflect.String:
		return mismatchIf(!value.IsString(), path, value, "a string")
	default:
		return mismatch(path, value, typ.String())
	}
}

// checkContents checks assets and archives; other interfaces allow any value.
func checkContents(path resource.PropertyPath, value resource.PropertyValue, typ reflect.Type) []Problem {
	switch typ {
	case reflect.TypeFor[pulumi.Archive]():
		return mismatchIf(!value.IsArchive(), path, value, "an archive")
	case reflect.TypeFor[pulumi.Asset]():
		return mismatchIf(!value.IsAsset(), path, value, "an asset")
	case reflect.TypeFor[pulumi.AssetOrArchive]():
		return mismatchIf(!value.IsAsset() && !value.IsArchive(), path, value, "an asset or an archive")
	default:
		return nil
	}
}

func mismatchIf(wrong bool, path resource.PropertyPath, value resource.PropertyValue, want string) []Problem {
	if !wrong {
		return nil
	}
	return mismatch(path, value, want)
}

func mismatch(path resource.PropertyPath, value resource.PropertyValue, want string) []Problem {
	return []Problem{{path, fmt.Sprintf("is %s, and must be %s", value.TypeString(), want)}}
}

// Zero returns the empty value of an output that is always set.
func (p Property) Zero() any {
	switch p.Type.Kind() {
	case reflect.Bool:
		return false
	case reflect.Int, reflect.Float64:
		return 0.0
	case reflect.Struct:
		return resource.PropertyMap{}
	default:
		return ""
	}
}
