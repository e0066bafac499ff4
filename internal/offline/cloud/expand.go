package cloud

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// charsets are the kinds of random characters in AWS's identifiers.
var charsets = map[string]string{
	"hex":      "0123456789abcdef",
	"digits":   "0123456789",
	"letters":  "abcdefghijklmnopqrstuvwxyz0123456789",
	"capitals": "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
}

// expander expands the ${…} in a declaration's texts.
type expander struct {
	cloud    *Cloud
	resource *Resource
	computed map[string]any
	extra    map[string]string
	targets  map[string]*Resource
}

// reference matches what is expanded; a $ alone belongs to AWS's text.
var reference = regexp.MustCompile(`\$\{[^}]+\}`)

func (e expander) text(template string) string {
	return reference.ReplaceAllStringFunc(template, func(match string) string { return e.lookup(match[2 : len(match)-1]) })
}

func (e expander) lookup(name string) string {
	if value, ok := e.extra[name]; ok {
		return value
	}
	switch name {
	case "id":
		return e.resource.ID
	case "region":
		return e.resource.Region
	case "account":
		return e.cloud.Account
	case "zone":
		return e.cloud.Zones[e.resource.Region][0]
	case "now":
		return time.Now().UTC().Format(time.RFC3339)
	}
	for prefix, charset := range charsets {
		if count, err := strconv.Atoi(strings.TrimPrefix(name, prefix)); err == nil {
			return random(count, charset)
		}
	}
	if dot := strings.LastIndex(name, "."); dot > 0 {
		if target := e.targets[name[:dot]]; target != nil {
			if name[dot+1:] == "id" {
				return target.ID
			}
			return target.Text(name[dot+1:])
		}
		return ""
	}
	if property, optional := strings.CutPrefix(name, "_"); optional {
		if text := plainText(e.property(property)); text != "" {
			return "_" + text
		}
		return ""
	}
	return plainText(e.property(name))
}

// property returns a property, which it computes at the first call.
func (e expander) property(name string) resource.PropertyValue {
	key := resource.PropertyKey(name)
	if value, ok := e.resource.Outputs[key]; ok {
		return value
	}
	template, ok := e.computed[name]
	if !ok {
		return resource.NewNullProperty()
	}
	value := e.value(template)
	e.resource.Outputs[key] = value
	return value
}

func (e expander) value(template any) resource.PropertyValue {
	switch template := template.(type) {
	case string:
		return resource.NewProperty(e.text(template))
	case []any:
		elements := make([]resource.PropertyValue, len(template))
		for i, element := range template {
			elements[i] = e.value(element)
		}
		return resource.NewProperty(elements)
	case map[string]any:
		object := resource.PropertyMap{}
		for key, element := range template {
			object[resource.PropertyKey(key)] = e.value(element)
		}
		return resource.NewProperty(object)
	default:
		return resource.NewPropertyValue(template)
	}
}

func plainText(value resource.PropertyValue) string {
	switch {
	case value.IsString():
		return value.StringValue()
	case value.IsNumber():
		return strconv.FormatFloat(value.NumberValue(), 'f', -1, 64)
	case value.IsBool():
		return strconv.FormatBool(value.BoolValue())
	default:
		return ""
	}
}

func random(count int, charset string) string {
	text, _ := resource.NewUniqueName(nil, "", count, 0, []rune(charset)) // errs only above a maximum length
	return text
}
